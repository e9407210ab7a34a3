//! HTTP/2 by hand (RFC 9113), to send what no library sends.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use crate::harness::WAIT_MAX;

pub const HEADERS: u8 = 1;
pub const RST_STREAM: u8 = 3;
pub const SETTINGS: u8 = 4;
pub const GOAWAY: u8 = 7;
pub const CONTINUATION: u8 = 9;
pub const END_STREAM: u8 = 1;
pub const END_HEADERS: u8 = 4;
/// The reason of a GOAWAY to a peer that asks too much.
pub const ENHANCE_YOUR_CALM: u32 = 0xb;

pub struct Frame {
    pub kind: u8,
    pub payload: Vec<u8>,
}

pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("short").to_be_bytes();
    let mut out = length[1..].to_vec();
    out.extend([kind, flags]);
    out.extend(stream.to_be_bytes());
    out.extend(payload);
    out
}

/// Header fields as literals that are not indexed (RFC 7541, 6.2.2).
pub fn fields(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, value) in fields {
        out.push(0);
        for text in [name, value] {
            out.push(u8::try_from(text.len()).expect("short"));
            out.extend(text.as_bytes());
        }
    }
    out
}

/// The fields of a call.
pub fn call(path: &str) -> Vec<u8> {
    fields(&[
        (":method", "POST"),
        (":scheme", "http"),
        (":path", path),
        (":authority", "localhost"),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    ])
}

/// A connection that has greeted.
pub struct Peer(pub TcpStream);

impl Peer {
    pub fn connect(address: &str) -> Self {
        let stream = TcpStream::connect(address.trim_start_matches("http://")).expect("connect");
        stream.set_read_timeout(Some(WAIT_MAX)).expect("timeout");
        stream.set_write_timeout(Some(WAIT_MAX)).expect("timeout");
        let mut peer = Self(stream);
        peer.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").expect("greeted");
        peer.send(&frame(SETTINGS, 0, 0, &[])).expect("settings");
        peer
    }

    pub fn send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.0.write_all(bytes)
    }

    /// The next frame; `None` when the other end has hung up.
    pub fn next(&mut self) -> Option<Frame> {
        let mut head = [0; 9];
        self.0.read_exact(&mut head).ok()?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; length as usize];
        self.0.read_exact(&mut payload).ok()?;
        Some(Frame { kind: head[3], payload })
    }

    /// The first frame of a kind; `None` when the connection ends before it.
    pub fn until(&mut self, kind: u8) -> Option<Frame> {
        loop {
            let frame = self.next()?;
            if frame.kind == kind {
                return Some(frame);
            }
        }
    }
}
