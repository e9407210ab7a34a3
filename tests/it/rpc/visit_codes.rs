//! A visit code outlives the key that signed it.

use onevisit::app::log::{self, Older, Round};
use onevisit::app::{Log, succession};
use onevisit::domain::caller::Role;
use onevisit::ledger::note::{NoteSigner, Purpose};
use onevisit::ledger::quorum::Policy;
use onevisit::ledger::succession::OVERLAP_DAYS;
use onevisit::rpc::pb;
use serde_json::json;

use crate::harness::browser::Browser;
use crate::harness::joint::Joint;
use crate::harness::process::{run, said};
use crate::harness::{Engine, LOG_NAME, LOG_SEED, NOW_US, on_every_engine};

on_every_engine! { a_visit_code_outlives_the_key_that_signed_it }

const DAY_US: i64 = 24 * 3_600 * 1_000_000;

fn signer(seed: [u8; 32]) -> NoteSigner {
    NoteSigner::new(LOG_NAME, Purpose::Log, &seed)
}

async fn code(joint: &Joint, auditor: &str, id: &str) -> String {
    let request = pb::OpenVisitRequest {
        request_id: id.into(),
        campaign_id: "c1".into(),
        rank: 1,
        case_number: "审2026-1".into(),
    };
    let opened = joint.service.with(auditor).visits().open_visit(request).await.expect("opened");
    opened.into_inner().visit_code
}

async fn a_visit_code_outlives_the_key_that_signed_it(engine: Engine) {
    let (mut joint, frozen) = Joint::frozen(engine).await;
    joint.contribute(&frozen).await;
    joint.execute("c1", "d1").await.expect("draw");
    let auditor = joint.service.key(Role::Auditor, "", "审计科").await;
    let before = code(&joint, &auditor, "before").await;
    while log::round_now(&joint.service.app).await.expect("round") != Round::Idle {}

    let (old, new) = (signer(LOG_SEED), signer([10; 32]));
    let pin = joint.service.db.folder.path().join("pin");
    let log_of = |older: Older| {
        Log::new(new.clone(), pin.clone(), Policy::default()).with_older(vec![older])
    };
    joint.service.app.log = log_of(Older::signing(old.clone()));
    succession::announce(&joint.service.app, "网信办").await.expect("announced").expect("new");
    joint.service.go_on_at(NOW_US + (OVERLAP_DAYS + 1) * DAY_US).await;
    let after = code(&joint, &auditor, "after").await;
    let own = old.derive("visits").public().clone();
    let put_away = Older { public: old.public().clone(), signer: None, visits: Some(own.clone()) };
    let forgotten = Older { visits: None, ..put_away.clone() };
    for (older, known) in
        [(Older::signing(old.clone()), true), (put_away, true), (forgotten, false)]
    {
        let log = log_of(older);
        assert_eq!(log.read_visit_code(&before).is_some(), known);
        assert!(log.read_visit_code(&after).is_some());
    }
    let head = joint.service.office().ledger().get_checkpoint(pb::GetCheckpointRequest {}).await;
    let head = head.expect("head").into_inner();
    assert_eq!(head.older_visit_keys, [own.to_string()]);
    let (address, folder) = (&joint.service.address, joint.service.db.folder.path());
    tokio::task::block_in_place(|| {
        let file = folder.join("code");
        std::fs::write(&file, &before).expect("written");
        let file = file.to_str().expect("path");
        let alone = run(&["verify", "--visit-key", &head.visit_key, file]);
        assert!(!alone.status.success(), "{}", said(&alone));
        let older = &head.older_visit_keys[0];
        let both = ["verify", "--visit-key", &head.visit_key, "--visit-key", older, file];
        assert!(said(&run(&both)).contains("VERIFIED visit 1 of campaign c1"));
        let browser = Browser::start();
        browser.open(&format!("{address}/verify/visit"));
        let put = "const box = document.getElementById('code'); box.value = given;
            box.dispatchEvent(new Event('input')); done(document.getElementById('verdict').className);";
        for code in [&before, &after] {
            assert_ne!(browser.run(put, &json!(code)), "fails");
        }
        let forged = before.replacen("2026-07-15", "2026-12-31", 1);
        assert_eq!(browser.run(put, &json!(forged)), "fails");
    });
}
