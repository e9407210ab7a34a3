//! A peer that sends what no client sends is sent away, and the others go on (T23).

use std::io::Read as _;
use std::net::TcpStream;

use onevisit::rpc::client::connect;
use onevisit::rpc::pb;
use onevisit::rpc::pb::ledger_service_client::LedgerServiceClient;
use onevisit::server::{CONNECTIONS_MAX, GREETING_MAX, HEADER_BYTES_MAX, STREAMS_MAX};

use super::frames::{
    CONTINUATION, END_HEADERS, END_STREAM, ENHANCE_YOUR_CALM, GOAWAY, HEADERS, Peer, RST_STREAM,
    SETTINGS, call, fields, frame,
};
use crate::harness::process::Served;
use crate::harness::{Engine, TestDb};

const PATH: &str = "/onevisit.v1.LedgerService/GetCheckpoint";
/// What a broken peer sends; a service without a limit takes all of it.
const FRAMES: u32 = 20_000;

/// A service that somebody attacks, on a thread where one may wait.
async fn attacked(attack: impl FnOnce(&str) + Send + 'static) {
    let db = TestDb::new(Engine::Sqlite).await;
    let served = Served::start(&db, &db.folder.path().join("key"));
    let address = served.address.clone();
    tokio::task::spawn_blocking(move || attack(&address)).await.expect("the attack");
    let mut ledger = LedgerServiceClient::new(connect(&served.address).await.expect("connect"));
    ledger.get_checkpoint(pb::GetCheckpointRequest {}).await.expect("an honest call is answered");
}

/// What the service says when it has had enough; it may hang up before that is read.
fn sent_away(mut peer: Peer, sent: u32) {
    assert!(sent < FRAMES, "everything was taken");
    if let Some(away) = peer.until(GOAWAY) {
        let reason = u32::from_be_bytes(away.payload[4..8].try_into().expect("a reason"));
        assert_eq!(reason, ENHANCE_YOUR_CALM, "{}", String::from_utf8_lossy(&away.payload[8..]));
    }
}

/// Sends frames until the service hangs up; says how many it took.
fn flood(peer: &mut Peer, next: impl Fn(u32) -> Vec<u8>) -> u32 {
    let refused = (0..FRAMES).position(|nth| peer.send(&next(2 * nth + 1)).is_err());
    refused.map_or(FRAMES, |sent| u32::try_from(sent).expect("few"))
}

#[tokio::test(flavor = "multi_thread")]
async fn threat_t23_the_limits_are_told_to_every_peer() {
    attacked(|address| {
        let settings = Peer::connect(address).until(SETTINGS).expect("settings").payload;
        let of = |id: u8| {
            let found = settings.chunks(6).find(|s| s[..2] == [0, id])?;
            Some(u32::from_be_bytes(found[2..].try_into().expect("four bytes")))
        };
        assert_eq!(of(3), Some(STREAMS_MAX), "SETTINGS_MAX_CONCURRENT_STREAMS");
        assert_eq!(of(6), Some(HEADER_BYTES_MAX), "SETTINGS_MAX_HEADER_LIST_SIZE");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn threat_t23_malformed_headers_end_the_connection() {
    attacked(|address| {
        let mut peer = Peer::connect(address);
        // Without a path it is no request.
        let bad = fields(&[(":method", "POST"), (":scheme", "http")]);
        let sent =
            flood(&mut peer, |stream| frame(HEADERS, END_HEADERS | END_STREAM, stream, &bad));
        sent_away(peer, sent);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn threat_t23_opening_and_resetting_ends_the_connection() {
    attacked(|address| {
        let mut peer = Peer::connect(address);
        let good = call(PATH);
        let sent = flood(&mut peer, |stream| {
            let open = frame(HEADERS, END_HEADERS, stream, &good);
            [open, frame(RST_STREAM, 0, stream, &8_u32.to_be_bytes())].concat()
        });
        sent_away(peer, sent);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn threat_t23_headers_without_end_end_the_connection() {
    attacked(|address| {
        let mut peer = Peer::connect(address);
        let piece = fields(&[("x-more", &"y".repeat(100))]);
        peer.send(&frame(HEADERS, 0, 1, &call(PATH))).expect("sent");
        let sent = flood(&mut peer, |_| frame(CONTINUATION, 0, 1, &piece));
        sent_away(peer, sent);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn threat_t23_who_says_nothing_is_hung_up_on() {
    attacked(|address| {
        let mut silent = TcpStream::connect(address.trim_start_matches("http://")).expect("tcp");
        silent.set_read_timeout(Some(crate::harness::WAIT_MAX)).expect("timeout");
        assert_eq!(silent.read(&mut [0]).expect("hung up"), 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn threat_t23_connections_beyond_the_limit_are_closed_at_once() {
    attacked(|address| {
        let peers: Vec<Peer> = (0..CONNECTIONS_MAX).map(|_| greeted(address)).collect();
        let further = TcpStream::connect(address.trim_start_matches("http://"));
        let closed = further.and_then(|mut stream| {
            stream.set_read_timeout(Some(GREETING_MAX / 2))?;
            stream.read(&mut [0])
        });
        let reset = std::io::ErrorKind::ConnectionReset;
        assert!(closed.as_ref().map_or_else(|e| e.kind() == reset, |n| *n == 0), "{closed:?}");
        drop(peers);
        // Their places are free again, if not within the same moment.
        while Peer::connect(address).until(SETTINGS).is_none() {}
    })
    .await;
}

/// A peer that has its place: it was answered.
fn greeted(address: &str) -> Peer {
    let mut peer = Peer::connect(address);
    peer.until(SETTINGS).expect("settings");
    peer
}
