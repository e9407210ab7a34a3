//! Commit, then reveal: nobody sees, copies, changes or repeats.

use tonic::Code;

use super::fsck::{run, unguard};
use super::{quota, reason, violations};
use crate::harness::joint::Joint;
use crate::harness::{Engine, on_every_engine};
use onevisit::app::pack;
use onevisit::draw::pool::Pool;
use onevisit::rpc::pb;

on_every_engine! {
    the_order_of_the_ceremony_is_kept, one_draw_is_open_at_a_time, racing_draws_give_one_outcome,
    what_was_changed_since_the_freeze_is_not_drawn,
}

async fn the_order_of_the_ceremony_is_kept(engine: Engine) {
    let (joint, frozen) = Joint::frozen(engine).await;
    let malformed = joint.commit("c1", 0, "xx-not-hex").await.expect_err("malformed");
    assert_eq!(violations(&malformed), [("commitment".into(), "HEX_32_BYTES".into())]);
    let own = joint.commitment(&frozen, 0);
    joint.commit("c1", 0, &own).await.expect("commit");
    let early = joint.reveal("c1", 0, &joint.number(0)).await.expect_err("not all have committed");
    assert_eq!(reason(&early), "NOT_ALL_HAVE_COMMITTED");
    let copied = joint.commit("c1", 1, &own).await.expect_err("another's commitment");
    assert_eq!(reason(&copied), "COMMITTED_OR_COPIED");
    joint.commit("c1", 1, &joint.commitment(&frozen, 1)).await.expect("commit");
    let second = joint.commit("c1", 0, &"ab".repeat(32)).await.expect_err("a second commitment");
    assert_eq!(reason(&second), "COMMITTED_OR_COPIED");
    let other = joint.reveal("c1", 0, &[9; 32]).await.expect_err("another number");
    assert_eq!(reason(&other), "REVEAL_DOES_NOT_OPEN_COMMITMENT");
    joint.reveal("c1", 0, &joint.number(0)).await.expect("reveal");
    let missing = joint.execute("c1", "d1").await.expect_err("one has not revealed");
    assert_eq!(reason(&missing), "NOT_ALL_HAVE_REVEALED");
    joint.reveal("c1", 1, &joint.number(1)).await.expect("reveal");
    let department = joint.service.with(&joint.keys["fire"]);
    let request = pb::CommitNumberRequest {
        request_id: "x".into(),
        campaign_id: "c1".into(),
        commitment: own,
    };
    let status = department.campaigns().commit_number(request).await.expect_err("no contributor");
    assert_eq!(reason(&status), "CONTRIBUTORS_ONLY");
    joint.execute("c1", "d2").await.expect("draw");
}

async fn one_draw_is_open_at_a_time(engine: Engine) {
    let (joint, _) = Joint::frozen(engine).await;
    let mut second = joint.campaign(|_| vec![quota("*", 500)]);
    second.campaign_id = "c2".into();
    joint.create(second).await.expect("create");
    joint.accept("c2", &["fire", "market"]).await;
    let etag = joint.read("c2").await.etag;
    joint.approve(&joint.approver, "c2", &etag).await.expect("approve");
    let status = joint.freeze("c2", "f2").await.expect_err("another draw is open");
    assert_eq!(reason(&status), "ANOTHER_DRAW_IS_OPEN");
}

async fn racing_draws_give_one_outcome(engine: Engine) {
    let (joint, frozen) = Joint::frozen(engine).await;
    joint.contribute(&frozen).await;
    let joint = std::sync::Arc::new(joint);
    let mut calls = Vec::new();
    for n in 0..8 {
        let joint = joint.clone();
        calls.push(tokio::spawn(async move { joint.execute("c1", &format!("d{n}")).await }));
    }
    let mut roots = Vec::new();
    for call in calls {
        match call.await.expect("call") {
            Ok(draw) => roots.push(draw.result_root),
            Err(status) => assert_eq!(status.code(), Code::Aborted, "{status:?}"),
        }
    }
    roots.dedup();
    assert_eq!(roots.len(), 1, "{roots:?}");
    let visits = joint.visits(&joint.service.office, "c1").await.expect("visits");
    let ranks: Vec<i64> = visits.iter().map(|v| v.rank).collect();
    assert_eq!(ranks, (1..=i64::try_from(visits.len()).expect("few")).collect::<Vec<_>>());
}

/// Writes to the frozen draw as somebody does who first took the second wall away.
async fn write(joint: &Joint, column: &str, value: &str) {
    let mut tx = joint.service.app.db.begin().await.expect("begin");
    unguard(&mut tx, "draws").await;
    let rows = run(&mut tx, &format!("UPDATE draws SET {column} = {value}"), 0, 0).await;
    assert_eq!(rows, 1);
    tx.commit().await.expect("commit");
}

/// Bytes as a literal of an engine.
fn literal(engine: Engine, bytes: &[u8]) -> String {
    match engine {
        Engine::Sqlite => format!("X'{}'", hex::encode(bytes)),
        Engine::Postgres => format!("decode('{}', 'hex')", hex::encode(bytes)),
    }
}

async fn what_was_changed_since_the_freeze_is_not_drawn(engine: Engine) {
    let (joint, frozen) = Joint::frozen(engine).await;
    joint.contribute(&frozen).await;
    let stored = joint.service.app.db.read().await.expect("read").draw("c1", 0).await;
    let stored = stored.expect("draw").expect("frozen");
    let pool: Pool = pack::unpack(&stored.pool).expect("pool");
    let mut fewer = pool.clone();
    fewer.inspectors.pop().expect("somebody");
    let mut higher = pool.clone();
    higher.inspectors[0].cap += 1;
    let mut kept = pool.clone();
    kept.keep.push((pool.units.ticket(0), pool.inspectors[0].ticket));
    let mut other = serde_json::to_value(&pool).expect("json");
    other["units"] = serde_json::to_value(onevisit::draw::units::Units::default()).expect("json");
    let other: Pool = serde_json::from_value(other).expect("pool");
    for (n, changed) in [fewer, higher, kept, other].iter().enumerate() {
        let bytes = pack::pack(changed).expect("bytes");
        write(&joint, "pool", &literal(engine, &bytes)).await;
        let status = joint.execute("c1", &format!("x{n}")).await.expect_err("changed lists");
        assert_eq!(reason(&status), "NOT_AS_FROZEN", "{n}");
    }
    write(&joint, "pool", &literal(engine, &stored.pool)).await;
    let statement = String::from_utf8(stored.freeze_bytes.clone()).expect("text");
    let changed = statement.replacen("\"attempt\":1", "\"attempt\":2", 1);
    assert_ne!(changed, statement);
    write(&joint, "freeze_bytes", &literal(engine, changed.as_bytes())).await;
    let status = joint.execute("c1", "x9").await.expect_err("changed statement");
    assert_eq!(reason(&status), "NOT_AS_FROZEN");
    write(&joint, "freeze_bytes", &literal(engine, &stored.freeze_bytes)).await;
    joint.execute("c1", "d1").await.expect("draws what was frozen");
}
