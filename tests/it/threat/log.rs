//! Whoever holds the log's key or the clocks: no second history, no earlier day.

use onevisit::app::log::{Fault, Round, round_now};
use onevisit::app::{App, Call, Clock, access, cosign, fsck, proofs};
use onevisit::certificate::verify::verify;
use onevisit::certificate::{Certificate, Step, Trust, Wrong};
use onevisit::domain::caller::{Caller, Role};
use onevisit::ledger::checkpoint::Checkpoint;
use onevisit::ledger::note::{Note, NoteKey, NoteSigner, Purpose};
use onevisit::ledger::quorum::Policy;
use onevisit::rpc::pb;
use onevisit::rpc::pb::ledger_service_client::LedgerServiceClient;

use super::{drawn, settle};
use crate::harness::client::Service;
use crate::harness::joint::Joint;
use crate::harness::python::Python;
use crate::harness::{Engine, Hands, NOW_US, TestDb, app_by, on_every_engine};
use crate::rpc::reason;

on_every_engine! {
    t10_two_notes_of_one_key_prove_a_fork,
    t24_a_clock_off_the_databases_stops_the_log,
    t24_a_clock_that_goes_back_stops_the_log,
    t24_an_event_of_an_earlier_day_is_not_signed,
    t24_a_witness_tells_that_a_freeze_was_backdated,
}

const MONTH_MINUTES: i64 = 30 * 24 * 60;

async fn t10_two_notes_of_one_key_prove_a_fork(engine: Engine) {
    let joint = drawn(engine).await;
    settle(&joint).await;
    let (_, bytes) = joint.service.get("/campaigns/c1/draws/1/certificate.json").await;
    let kept: Certificate = serde_json::from_slice(&bytes).expect("json");
    let key = NoteKey::parse(&kept.log.key).expect("key");
    let old = Checkpoint::open(&kept.log.checkpoint, &key).expect("signed");
    // Whoever holds the key writes another history of the same length, and signs it.
    let other = Service::start(engine).await;
    for nth in 1..old.size {
        let office = format!("办公室 {nth}");
        access::create_local(&other.app, Role::Office, "", &office).await.expect("key");
    }
    while round_now(&other.app).await.expect("round") != Round::Idle {}
    let mut ledger = LedgerServiceClient::new(other.channel.clone());
    let head = ledger.get_checkpoint(pb::GetCheckpointRequest {}).await.expect("head");
    let note = head.into_inner().note;
    let new = Checkpoint::open(&note, &key).expect("signed by the same key");
    assert_eq!(new.size, old.size);
    assert_ne!(new.root, old.root, "these two notes are the proof");
    let mut forked = kept;
    forked.log.checkpoint = note;
    let forked = forked.to_bytes().expect("canonical");
    let wrong = verify(&forked, &Trust::default()).expect_err("a fork");
    let Wrong::Log(Step::Checkpoint, why) = wrong else { panic!("{wrong:?}") };
    assert!(why.contains("a fork"), "{why}");
    assert_eq!(Python::start().verdict(&forked), "L2");
}

/// Whether a write is refused because the log stands.
async fn refused(service: &Service, id: &str) -> bool {
    let request = pb::PutJurisdictionRequest {
        request_id: id.into(),
        jurisdiction: Some(pb::Jurisdiction {
            code: "990001".into(),
            name: "测试区".into(),
            level: pb::Level::County.into(),
            ..Default::default()
        }),
    };
    let reply = service.office().registry().put_jurisdiction(request).await;
    reply.map_err(|status| assert_eq!(reason(&status), "LOG_STOPPED", "{status:?}")).is_err()
}

/// What the log says of itself, to anybody.
async fn said(service: &Service) -> String {
    let mut ledger = LedgerServiceClient::new(service.channel.clone());
    let head = ledger.get_checkpoint(pb::GetCheckpointRequest {}).await.expect("reads go on");
    head.into_inner().fault
}

async fn quiet(app: &App) -> Round {
    loop {
        match round_now(app).await.expect("round") {
            Round::Signed(_) => {}
            other => return other,
        }
    }
}

async fn t24_a_clock_off_the_databases_stops_the_log(engine: Engine) {
    let (system, off) = (Clock::system(), Hands::at(0));
    let hands = off.clock();
    let clock = Clock::new(move || system.now_us() + hands.now_us()).compared();
    let service = Service::start_with(engine, clock).await;
    assert_eq!(quiet(&service.app).await, Round::Idle);
    for (nth, minutes) in [1, -1, -MONTH_MINUTES].into_iter().enumerate() {
        off.forward(minutes);
        assert_eq!(quiet(&service.app).await, Round::Stopped(Fault::Clock));
        assert!(refused(&service, &format!("off-{nth}")).await);
        assert!(said(&service).await.contains("off the database's"));
        // It ends by itself when the clock is right again.
        off.forward(-minutes);
        assert_eq!(quiet(&service.app).await, Round::Idle);
        assert!(!refused(&service, &format!("on-{nth}")).await);
    }
}

async fn t24_a_clock_that_goes_back_stops_the_log(engine: Engine) {
    let hands = Hands::at(NOW_US);
    let service = Service::start_by(engine, &hands).await;
    assert_eq!(quiet(&service.app).await, Round::Idle);
    // Both clocks are set back together, so that neither betrays the other.
    hands.forward(-MONTH_MINUTES);
    assert_eq!(quiet(&service.app).await, Round::Stopped(Fault::Back(0)));
    assert!(refused(&service, "back").await);
    assert!(said(&service).await.contains("time goes back behind entry 0"));
    hands.forward(MONTH_MINUTES);
    assert_eq!(quiet(&service.app).await, Round::Idle);
    assert!(!refused(&service, "again").await);
}

async fn t24_an_event_of_an_earlier_day_is_not_signed(engine: Engine) {
    let hands = Hands::at(NOW_US);
    let db = TestDb::new(engine).await;
    let app = app_by(&db, hands.clock()).await;
    let key = |office: &'static str| access::create_local(&app, Role::Office, "", office);
    key("甲").await.expect("key");
    assert_eq!(quiet(&app).await, Round::Idle);
    // Written while no round looked: the clock is right again when one does.
    hands.forward(-MONTH_MINUTES);
    key("乙").await.expect("key");
    hands.forward(MONTH_MINUTES);
    let fault = Fault::Back(0);
    assert_eq!(quiet(&app).await, Round::Stopped(fault.clone()));
    for (office, request_id) in [("甲", "a1"), ("丙", "a2")] {
        let call = Call {
            caller: Caller::holder(Role::Office, "", office, ""),
            request_id: request_id.into(),
            method: "AcknowledgeFault",
            payload: [0; 32],
            signature: None,
        };
        assert_eq!(quiet(&app).await, Round::Stopped(fault.clone()), "not by one office alone");
        let why = "the clock of the machine was wrong on Monday";
        proofs::acknowledge(&app, &call, &fault.to_string(), why).await.expect("acknowledged");
    }
    assert_eq!(quiet(&app).await, Round::Idle);
    key("丁").await.expect("key");
    assert_eq!(quiet(&app).await, Round::Idle);
    assert_eq!(fsck::check(&app).await.expect("check").findings, []);
}

/// Seconds of three days, which a checkpoint carried by hand may take, and of thirty.
const LAGS_S: [u64; 2] = [3 * 24 * 3_600, 30 * 24 * 3_600];

async fn t24_a_witness_tells_that_a_freeze_was_backdated(engine: Engine) {
    let witness = NoteSigner::new("witness.test/jiancha", Purpose::Witness, &[3; 32]);
    let policy = format!("witness 监察室 {}\nquorum 监察室\n", witness.public());
    let policy = Policy::parse(&policy).expect("policy");
    let now_s = u64::try_from(NOW_US / 1_000_000).expect("a time");
    for (lag_s, verdict) in LAGS_S.into_iter().zip(["ok", "L8"]) {
        // The service says it is NOW; the witness's own clock is later by the lag.
        let service = Service::start_under(engine, policy.clone()).await;
        let (joint, frozen) = Joint::frozen_of(service).await;
        let app = &joint.service.app;
        let cosign = async || {
            let (size, request) = cosign::request(app, 0).await.expect("request").expect("signed");
            let text = Note::parse(&request.note).expect("note").text;
            cosign::add(app, size, &witness.line(text, now_s + lag_s)).await.expect("kept");
        };
        cosign().await;
        joint.contribute(&frozen).await;
        joint.execute("c1", "d1").await.expect("draw");
        settle(&joint).await;
        cosign().await;
        let (status, file) = joint.service.get("/campaigns/c1/draws/1/certificate.json").await;
        assert_eq!(status, 200);
        let found = match verify(&file, &Trust::default()) {
            Err(Wrong::Log(step, _)) => step.to_string()[..2].to_owned(),
            Ok(_) => "ok".to_owned(),
            other => format!("{other:?}"),
        };
        assert_eq!(found, verdict, "{lag_s} s");
        assert_eq!(Python::start().verdict(&file), verdict, "{lag_s} s");
    }
}
