//! One year of a district: planned, drawn, visited, published, objected to, followed up, archived.

mod after;
mod before;
mod end;
mod visits;

use onevisit::rpc::pb;

use crate::harness::client::Service;
use crate::harness::joint::Joint;
use crate::harness::{Engine, Hands, NOW_US, on_every_engine};
use crate::rpc::annual_plans::Plans;
use crate::rpc::check::Site;

on_every_engine! { a_year_from_plan_to_archive }

const DAY_MINUTES: i64 = 24 * 60;
/// From 2 February to 15 June 2026.
const BEFORE_DAYS: i64 = 133;
/// The campaign that carries out the plan, the scheduled one, the one that both departments begin.
const PLANNED: &str = "c1";
const SCHEDULED: &str = "weekly-20260626-0900";
const JOINT: &str = "c3";

/// Moves the clock by days.
fn pass(hands: &Hands, days: i64) {
    hands.forward(days * DAY_MINUTES);
}

async fn a_year_from_plan_to_archive(engine: Engine) {
    let hands = Hands::at(NOW_US - BEFORE_DAYS * DAY_MINUTES * 60_000_000);
    let service = Service::start_by(engine, &hands).await;
    let lists = [("fire", (1..=40).collect()), ("market", (1..=40).collect())];
    let plans = Plans::on(Joint::of(service, &lists).await).await;
    before::plan(&plans).await;
    pass(&hands, BEFORE_DAYS);
    before::campaigns(&plans, &hands).await;
    let (visit, joint) = (pb::Visit::default(), plans.joint);
    let mut site = Site { joint, hands, visit, team: Vec::new(), code: String::new() };
    let visited = visits::all(&mut site).await;
    let corrected = after::results(&mut site, &visited).await;
    after::follow_ups(&site, &visited).await;
    after::credit(&site).await;
    end::archives(&mut site, &corrected).await;
    end::assess(&site).await;
    end::assessments(&site).await;
    end::order(&site).await;
}
