//! What somebody decides bears their own signature, which nobody else can make (T07).

use std::collections::BTreeMap;

use onevisit::app::clock::Entropy;
use onevisit::app::log::{self, Round};
use onevisit::app::signing::{self, CRITICAL, CallSignature, CallSigner, HEADER, SALT_BYTES};
use onevisit::app::{App, Event, Signatures, fsck};
use onevisit::domain::caller::{Caller, Role};
use onevisit::rpc::client::signed;
use onevisit::rpc::pb;
use prost::Message;
use serde_json::Value;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::{Code, Request, Status};

use super::fsck::{run as sql, unguard};
use super::{reason, violations};
use crate::harness::client::Service;
use crate::harness::joint::Joint;
use crate::harness::process::{ended, run, said, succeed};
use crate::harness::{Engine, NOW_US, on_every_engine};

on_every_engine! {
    threat_t07_a_signature_is_checked_and_kept,
    threat_t07_critical_calls_need_a_signature,
    threat_t07_a_forged_signature_is_found,
    an_office_contributes_with_its_own_signature,
    a_python_client_signs_what_it_decides,
}

fn signer(n: u8) -> CallSigner {
    CallSigner::new(&[n; 32])
}

async fn who(service: &Service, secret: &str) -> pb::WhoAmIResponse {
    let reply = service.with(secret).access().who_am_i(pb::WhoAmIRequest {}).await;
    reply.expect("who").into_inner()
}

/// Asks for the registration of a key; signed by another one where there is one.
async fn register(
    service: &Service,
    secret: &str,
    key: &CallSigner,
    by: Option<&CallSigner>,
) -> Result<pb::SigningKey, Status> {
    let credential = who(service, secret).await.api_key.expect("key").key_id;
    let id = format!("r-{}", &key.public().to_string()[..16]);
    let request = pb::RegisterSigningKeyRequest {
        request_id: id.clone(),
        public_key: key.public().bytes().to_vec(),
        proof: key.give(&credential),
    };
    let request = match by {
        Some(by) => sign(by, ["RegisterSigningKey", &id], request),
        None => Request::new(request),
    };
    let reply = service.with(secret).access().register_signing_key(request).await?;
    Ok(reply.into_inner().signing_key.expect("key"))
}

fn sign<T: Message>(by: &CallSigner, what: [&str; 2], message: T) -> Request<T> {
    signed(by, &Entropy::system(), what, message).expect("signed")
}

fn auditor(id: &str) -> pb::CreateApiKeyRequest {
    pb::CreateApiKeyRequest {
        request_id: id.into(),
        role: pb::Role::Auditor.into(),
        office: "审计科".into(),
        ..Default::default()
    }
}

async fn create(
    service: &Service,
    request: Request<pb::CreateApiKeyRequest>,
) -> Result<String, Status> {
    let reply = service.office().access().create_api_key(request).await?.into_inner();
    Ok(reply.api_key.expect("key").key_id)
}

async fn settle(app: &App) {
    while log::round_now(app).await.expect("round") != Round::Idle {}
}

/// Entries by the request they came from.
async fn events(app: &App) -> BTreeMap<String, Value> {
    settle(app).await;
    let entries = app.db.read().await.expect("read").log_entries(0, 1_000).await.expect("read");
    let value = |body: &[u8]| -> Value { serde_json::from_slice(body).expect("json") };
    let all = entries.iter().map(|e| value(&e.body));
    all.map(|e| (e["request_id"].as_str().expect("text").to_owned(), e)).collect()
}

fn kept(event: &Value) -> CallSignature {
    serde_json::from_value(event["actor_sig"].clone()).expect("a signature")
}

async fn threat_t07_a_signature_is_checked_and_kept(engine: Engine) {
    let service = Service::start(engine).await;
    let (own, other) = (signer(1), signer(2));
    let what = |id| ["CreateApiKey", id];
    let refused = create(&service, sign(&own, what("a0"), auditor("a0"))).await;
    let refused = refused.expect_err("nobody knows the key");
    assert_eq!((refused.code(), &*reason(&refused)), (Code::Unauthenticated, "NO_SIGNING_KEY"));
    let key = register(&service, &service.office, &own, None).await.expect("registered");
    assert_eq!(key.nth, 1);
    assert_eq!(who(&service, &service.office).await.signing_key, own.public().bytes());

    let salt = [3; SALT_BYTES];
    let mut request = Request::new(auditor("a1"));
    let header = own.header("CreateApiKey", "a1", &auditor("a1").encode_to_vec(), salt);
    request.metadata_mut().insert(HEADER, header.parse().expect("header"));
    create(&service, request).await.expect("signed");
    create(&service, Request::new(auditor("a2"))).await.expect("not signed");
    // Another key, another id, another method, another message, and what is no signature.
    let mut wrong = vec![
        sign(&other, what("a3"), auditor("a3")),
        sign(&own, what("a4"), auditor("a3")),
        sign(&own, ["RevokeApiKey", "a3"], auditor("a3")),
    ];
    let moved = sign(&own, what("a3"), auditor("a3")).metadata().clone();
    let other_role = pb::CreateApiKeyRequest { role: pb::Role::Office.into(), ..auditor("a3") };
    let mut changed = Request::new(other_role);
    *changed.metadata_mut() = moved;
    wrong.push(changed);
    for text in ["", "x", "AAAA", &header[..header.len() - 4]] {
        let mut broken = Request::new(auditor("a3"));
        broken.metadata_mut().insert(HEADER, text.parse().expect("header"));
        wrong.push(broken);
    }
    for request in wrong {
        let refused = create(&service, request).await.expect_err("not its signature");
        assert_eq!(refused.code(), Code::Unauthenticated);
        assert_eq!(reason(&refused), "SIGNATURE_IS_WRONG");
    }
    // The public log keeps what anybody with request and salt can check, and nobody can guess from.
    let log = events(&service.app).await;
    let event = kept(&log["a1"]);
    assert!(event.holds("a1") && event.is_of(&salt, &auditor("a1").encode_to_vec()));
    assert!(!event.holds("a2") && !event.is_of(&[4; SALT_BYTES], &auditor("a1").encode_to_vec()));
    assert_eq!((&*event.key, &*event.method), (&*own.public().to_string(), "CreateApiKey"));
    assert!(log["a2"].get("actor_sig").is_none() && !log.contains_key("a3"));
    replaced(&service, &own, &other).await;
    settle(&service.app).await;
    assert_eq!(fsck::check(&service.app).await.expect("check").findings, []);
}

/// A key is replaced by a call that it signs itself, belongs to one credential, and proves itself.
async fn replaced(service: &Service, own: &CallSigner, other: &CallSigner) {
    let refused = register(service, &service.office, other, None).await.expect_err("not signed");
    assert_eq!(reason(&refused), "SIGN_WITH_THE_KEY_IN_USE");
    let refused = register(service, &service.office, other, Some(other)).await;
    assert_eq!(reason(&refused.expect_err("by itself")), "SIGNATURE_IS_WRONG");
    let second = service.key(Role::Office, "", "领导小组").await;
    let refused = register(service, &second, own, None).await.expect_err("another's key");
    assert_eq!(refused.code(), Code::AlreadyExists);
    let request = pb::RegisterSigningKeyRequest {
        request_id: "stolen".into(),
        public_key: signer(5).public().bytes().to_vec(),
        proof: signer(5).give("key-of-somebody-else"),
    };
    let refused = service.with(&second).access().register_signing_key(request).await;
    let wrong = violations(&refused.expect_err("no proof"));
    assert_eq!(wrong, [("proof".to_owned(), "SIGNED_BY_THE_KEY".to_owned())]);
    let key = register(service, &service.office, other, Some(own)).await.expect("replaced");
    assert_eq!(key.nth, 2);
    let id = ["CreateApiKey", "b1"];
    let refused = create(service, sign(own, id, auditor("b1"))).await.expect_err("replaced");
    assert_eq!(reason(&refused), "SIGNATURE_IS_WRONG");
    create(service, sign(other, id, auditor("b1"))).await.expect("the key in use");
}

/// Only the id of a request: what is behind it is not read before the signature is.
#[derive(Clone, PartialEq, Message)]
struct OnlyId {
    #[prost(string, tag = "1")]
    request_id: String,
}

#[derive(Clone, PartialEq, Message)]
struct Nothing {}

/// Calls a method of the contract by its bare name.
async fn call(service: &Service, method: &str) -> Status {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/proto/onevisit/v1");
    let files = std::fs::read_dir(folder).expect("proto").flatten();
    let texts = files.map(|f| std::fs::read_to_string(f.path()).expect("proto"));
    let text = texts.into_iter().find(|t| t.contains(&format!("rpc {method}("))).expect("a method");
    let name = text.lines().find_map(|l| l.strip_prefix("service ")).expect("a service");
    let path = format!("/onevisit.v1.{}/{method}", name.trim_end_matches(" {"));
    let mut client = tonic::client::Grpc::new(service.channel.clone());
    client.ready().await.expect("ready");
    let mut request = Request::new(OnlyId { request_id: "x1".into() });
    let bearer = format!("Bearer {}", service.office);
    request.metadata_mut().insert("authorization", bearer.parse().expect("header"));
    let path = PathAndQuery::try_from(path).expect("a path");
    let codec = tonic_prost::ProstCodec::<OnlyId, Nothing>::default();
    client.unary(request, path, codec).await.expect_err("not signed")
}

async fn threat_t07_critical_calls_need_a_signature(engine: Engine) {
    let mut service = Service::start(engine).await;
    service.app.signatures = Signatures::Required;
    service.go_on_at(NOW_US).await;
    for method in CRITICAL {
        let refused = call(&service, method).await;
        assert_eq!(refused.code(), Code::Unauthenticated, "{method}: {refused:?}");
        assert_eq!(reason(&refused), "SIGNATURE_IS_MISSING", "{method}");
    }
    // The rest goes on, and a first key is registered without one.
    service.district(&["market"]).await;
    let own = signer(1);
    register(&service, &service.office, &own, None).await.expect("registered");
    create(&service, sign(&own, ["CreateApiKey", "a1"], auditor("a1"))).await.expect("signed");
    assert!(kept(&events(&service.app).await["a1"]).holds("a1"));
    service.app.signatures = Signatures::Off;
    service.go_on_at(NOW_US).await;
    let ignored = sign(&signer(9), ["CreateApiKey", "a2"], auditor("a2"));
    create(&service, ignored).await.expect("not looked at");
    assert!(events(&service.app).await["a2"].get("actor_sig").is_none());
}

async fn threat_t07_a_forged_signature_is_found(engine: Engine) {
    let service = Service::start(engine).await;
    let (own, app) = (signer(1), &service.app);
    register(&service, &service.office, &own, None).await.expect("registered");
    create(&service, sign(&own, ["CreateApiKey", "a1"], auditor("a1"))).await.expect("signed");
    let true_one = kept(&events(app).await["a1"]);
    let credential = who(&service, &service.office).await.api_key.expect("key").key_id;
    let office = Caller {
        key_id: credential,
        ..Caller::holder(Role::Office, "", "领导小组办公室", "")
    };
    let header = signer(2).header("ApproveCampaign", "f2", b"", [0; SALT_BYTES]);
    let what = ["ApproveCampaign", "f2"];
    let strange = CallSignature::read(&header, &signer(2).public(), what, b"").expect("its own");
    let moved = CallSignature { method: "ApproveCampaign".into(), ..true_one.clone() };
    // Who has the service's own mark writes approvals that nobody signed: by a signature of another call,
    // by a key that nobody registered, by a key of somebody else.
    let other = Caller { key_id: "key-0".into(), ..office.clone() };
    let forged = [
        ("f1", &office, &true_one),
        ("f2", &office, &strange),
        ("a1", &office, &moved),
        ("a1", &other, &true_one),
    ];
    for (request_id, caller, signature) in forged {
        let mut tx = app.db.begin().await.expect("begin");
        let body = serde_json::json!({});
        let kind = "campaign.approve";
        let event = Event { kind, caller, request_id, body, signature: Some(signature) };
        app.record(&mut tx, &event, NOW_US).await.expect("recorded");
        let found = fsck::check_in(app, &mut tx).await.expect("check").findings;
        assert!(found.iter().any(|f| f.kind == fsck::Kind::Signature), "{request_id}: {found:?}");
    }
    for change in [
        "UPDATE signing_keys SET public_key = substr(public_key, 2)",
        "UPDATE signing_keys SET nth = nth + 1",
        "UPDATE signing_keys SET credential = 'key-0'",
        "DELETE FROM signing_keys",
    ] {
        let mut tx = app.db.begin().await.expect("begin");
        unguard(&mut tx, "signing_keys").await;
        assert!(sql(&mut tx, change, 0, 0).await > 0);
        let found = fsck::check_in(app, &mut tx).await.expect("check").findings;
        assert!(found.iter().any(|f| f.kind == fsck::Kind::SigningKey), "{change}: {found:?}");
    }
    // A registration that the key before it has not signed.
    let body = serde_json::json!({
        "credential": office.key_id, "key": signer(2).public().to_string(), "nth": 2,
        "proof": hex::encode(signer(2).give(&office.key_id)),
    });
    let (kind, request_id) = (signing::KIND, "f3");
    let event = Event { kind, caller: &office, request_id, body, signature: None };
    let mut tx = app.db.begin().await.expect("begin");
    app.record(&mut tx, &event, NOW_US).await.expect("recorded");
    let found = fsck::check_in(app, &mut tx).await.expect("check").findings;
    assert!(found.iter().any(|f| f.kind == fsck::Kind::SigningKey), "{found:?}");
    drop(tx);
    settle(app).await;
    assert_eq!(fsck::check(app).await.expect("check").findings, []);
}

async fn an_office_contributes_with_its_own_signature(engine: Engine) {
    let (mut joint, _) = Joint::frozen(engine).await;
    settle(&joint.service.app).await;
    joint.service.app.signatures = Signatures::Required;
    joint.service.go_on_at(NOW_US).await;
    let folder = tempfile::TempDir::new().expect("folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let server = joint.service.address.clone();
    tokio::task::block_in_place(|| {
        for (office, key) in &joint.supervisors {
            let (sign, number) =
                (path(&format!("{office}.key")), path(&format!("{office}.number")));
            let at = ["--server", &server, "--key", key];
            let campaign = ["--campaign", "c1", "--office", office, "--file", &number];
            let commit = [&["contribute"], &at[..], &campaign[..]].concat();
            let bare = run(&[&commit[..], &["commit"]].concat());
            assert!(said(&bare).contains("SIGNATURE_IS_MISSING"), "{}", said(&bare));
            let register = [&["signing-key"], &at[..], &["--file", &sign]].concat();
            let text = succeed(&register);
            assert!(text.contains("from now on, as its key 1"), "{text}");
            assert!(succeed(&register).contains("already"));
            succeed(&[&commit[..], &["--signing-key", &sign, "commit"]].concat());
        }
        let (office, key) = &joint.supervisors[0];
        let (old, new) = (path(&format!("{office}.key")), path("new.key"));
        let at = ["--server", &server, "--key", key];
        let next = [&["signing-key"], &at[..], &["--file", &new, "--signing-key", &old]].concat();
        assert!(succeed(&next).contains("as its key 2"));
    });
    let log = events(&joint.service.app).await;
    let commits: Vec<_> = log.values().filter(|e| e["type"] == "number.commit").collect();
    assert_eq!(commits.len(), 2);
    for event in commits {
        assert!(kept(event).holds(event["request_id"].as_str().expect("text")));
    }
    assert_eq!(fsck::check(&joint.service.app).await.expect("check").findings, []);
}

async fn a_python_client_signs_what_it_decides(engine: Engine) {
    let service = Service::start(engine).await;
    let root = env!("CARGO_MANIFEST_DIR");
    let host = service.address.replace("http://", "");
    let secret = hex::encode([8; 32]);
    let python = std::process::Command::new(format!("{root}/.tools/venv/bin/python"))
        .args(["tests/clients/sign.py", &host, &service.office, "proto", &secret])
        .current_dir(root)
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("python, which tests/run installs into .tools");
    let end = || ended("the client has not ended", python);
    let output = tokio::task::spawn_blocking(end).await.expect("join");
    assert!(output.status.success(), "the client failed");
    let said: Value = serde_json::from_slice(&output.stdout).expect("json");
    assert_eq!(said["key"], signer(8).public().to_string());
    settle(&service.app).await;
    assert_eq!(fsck::check(&service.app).await.expect("check").findings, []);
}
