//! The threats of `src/THREATS.md`, by their numbers, as far as no other test takes them on whole.

mod attempts;
mod draw;
mod frame;
mod lists;
mod log;
mod opening;
mod secrecy;

use onevisit::app::log::{Round, round_now};

use crate::harness::joint::Joint;

/// Everything that happened stands under a checkpoint.
async fn settle(joint: &Joint) {
    while round_now(&joint.service.app).await.expect("round") != Round::Idle {}
}

/// A drawn campaign of two departments.
async fn drawn(engine: crate::harness::Engine) -> Joint {
    let (joint, frozen) = Joint::frozen(engine).await;
    joint.contribute(&frozen).await;
    joint.execute("c1", "d1").await.expect("draw");
    joint
}

/// How many events of a kind there are.
async fn events(joint: &Joint, kind: &str) -> usize {
    let mut tx = joint.service.app.db.read().await.expect("read");
    tx.events_of(kind, i64::MAX).await.expect("events").len()
}
