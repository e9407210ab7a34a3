//! Campaigns that come by themselves: announced and frozen when due, late once, missed by name.

use onevisit::app::schedule::round;
use onevisit::app::{fsck, log};
use onevisit::domain::caller::Role;
use onevisit::rpc::pb;
use onevisit::rpc::pb::campaign_slot::State;
use tonic::{Code, Status};

use super::{quota, reason, violations};
use crate::harness::client::Service;
use crate::harness::joint::{Joint, OFFICES};
use crate::harness::{Engine, Hands, NOW_US, on_every_engine};

on_every_engine! {
    a_template_is_approved_once_and_its_campaigns_are_drawn, an_outage_is_caught_up_or_recorded,
    a_slot_waits_for_its_year, a_template_is_checked_and_approved_by_another,
    a_freeze_that_cannot_be_made_is_left_to_the_offices,
}

const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;

async fn district(engine: Engine) -> (Joint, Hands) {
    let hands = Hands::at(NOW_US);
    let service = Service::start_by(engine, &hands).await;
    let lists = [("fire", (1..=40).collect()), ("market", (1..=80).collect())];
    (Joint::of(service, &lists).await, hands)
}

/// Every Friday at nine, or the next working day.
pub fn weekly(joint: &Joint) -> pb::CampaignTemplate {
    let mut campaign = joint.campaign(|_| vec![quota("*", 1_000)]);
    campaign.campaign_id = "weekly".into();
    (campaign.first_day, campaign.last_day) = Default::default();
    pb::CampaignTemplate {
        campaign: Some(campaign),
        rule: Some(pb::ScheduleRule {
            weekdays: vec![5],
            hour: 9,
            working_days: true,
            ..Default::default()
        }),
        freeze_minutes: 60,
        lead_working_days: 5,
        visit_working_days: 10,
        late_hours: 48,
        ..Default::default()
    }
}

async fn create(joint: &Joint, template: pb::CampaignTemplate) -> Result<(), Status> {
    let request = pb::CreateCampaignTemplateRequest {
        request_id: "create".into(),
        campaign_template: Some(template),
    };
    joint.service.office().schedules().create_campaign_template(request).await.map(|_| ())
}

async fn answer(joint: &Joint, department: &str, accept: bool) -> Result<(), Status> {
    let request = pb::AnswerCampaignTemplateRequest {
        request_id: "answer".into(),
        template_id: "weekly".into(),
        accept,
    };
    let caller = joint.service.with(&joint.keys[department]);
    caller.schedules().answer_campaign_template(request).await.map(|_| ())
}

async fn approve(joint: &Joint, secret: &str, etag: &str) -> Result<pb::CampaignTemplate, Status> {
    let request = pb::ApproveCampaignTemplateRequest {
        request_id: format!("approve-{etag}"),
        template_id: "weekly".into(),
        etag: etag.into(),
    };
    let reply = joint.service.with(secret).schedules().approve_campaign_template(request).await?;
    Ok(reply.into_inner().campaign_template.expect("template"))
}

pub async fn in_use(joint: &Joint, template: pb::CampaignTemplate) {
    create(joint, template).await.expect("create");
    answer(joint, "fire", true).await.expect("answer");
    answer(joint, "market", true).await.expect("answer");
    approve(joint, &joint.approver, "3").await.expect("approve");
}

async fn slots(joint: &Joint) -> Vec<(String, State, String)> {
    let mut page_token = String::new();
    let mut found = Vec::new();
    loop {
        let template_id = "weekly".into();
        let request = pb::ListCampaignSlotsRequest { template_id, page_size: 2, page_token };
        let reply = joint.service.office().schedules().list_campaign_slots(request).await;
        let reply = reply.expect("slots").into_inner();
        found.extend(
            reply.campaign_slots.iter().map(|s| (s.slot.clone(), s.state(), s.reason.clone())),
        );
        page_token = reply.next_page_token;
        if page_token.is_empty() {
            return found;
        }
    }
}

fn slot(day: &str, state: State, reason: &str) -> (String, State, String) {
    (format!("{day}T09:00:00"), state, reason.to_owned())
}

/// What is due now is done; the service does rounds by itself too, and may be in one.
pub async fn tick(joint: &Joint) -> Vec<String> {
    loop {
        if let Some(round) = round(&joint.service.app).await.expect("round") {
            return round.refused;
        }
        tokio::task::yield_now().await;
    }
}

async fn a_template_is_approved_once_and_its_campaigns_are_drawn(engine: Engine) {
    let (joint, hands) = district(engine).await;
    in_use(&joint, weekly(&joint)).await;
    tick(&joint).await;
    // Friday is the Dragon Boat Festival; the slot moves to Monday.
    hands.forward(4 * DAY);
    tick(&joint).await;
    assert_eq!(slots(&joint).await, []);
    hands.forward(3 * DAY);
    tick(&joint).await;
    tick(&joint).await;
    assert_eq!(slots(&joint).await, [slot("2026-06-19", State::Announced, "")]);
    let id = "weekly-20260619-0900";
    let campaign = joint.read(id).await;
    assert_eq!(campaign.state(), pb::campaign::State::Approved);
    assert_eq!(campaign.title, "测试联合抽查（2026-06-19）");
    assert_eq!((&*campaign.first_day, &*campaign.last_day), ("2026-06-29", "2026-07-10"));
    assert_eq!((&*campaign.proposed_by, &*campaign.approved_by), ("领导小组办公室", "领导小组"));
    let accepted = pb::participant::Answer::Accepted;
    assert!(campaign.participants.iter().all(|p| p.answer() == accepted));
    // An hour later it is frozen, once, and waits for the offices.
    hands.forward(HOUR);
    tick(&joint).await;
    tick(&joint).await;
    assert_eq!(slots(&joint).await, [slot("2026-06-19", State::Frozen, "")]);
    let request = pb::GetDrawRequest { campaign_id: id.into(), attempt: 0 };
    let draw = joint.service.office().campaigns().get_draw(request).await.expect("draw");
    let frozen = draw.into_inner().draw.expect("draw");
    assert_eq!((frozen.attempt, &*frozen.frozen_by), (1, "SCHEDULE"));
    joint.contribute(&frozen).await;
    joint.execute(id, "d1").await.expect("draw");
    assert!(!joint.visits(&joint.service.office, id).await.expect("visits").is_empty());
    // What it stored is what the log says.
    let app = &joint.service.app;
    while log::round_now(app).await.expect("round") != log::Round::Idle {}
    let report = fsck::check(app).await.expect("check");
    assert_eq!(report.findings, []);
    // Stopped, it announces nothing more.
    let request_id = "stop".into();
    let request = pb::StopCampaignTemplateRequest { request_id, template_id: "weekly".into() };
    joint.service.office().schedules().stop_campaign_template(request).await.expect("stop");
    hands.forward(8 * DAY);
    tick(&joint).await;
    assert_eq!(slots(&joint).await.len(), 1);
}

async fn an_outage_is_caught_up_or_recorded(engine: Engine) {
    let (joint, hands) = district(engine).await;
    in_use(&joint, weekly(&joint)).await;
    // Nobody was there from 15 June to Saturday 11 July, 10:00.
    hands.forward(26 * DAY);
    tick(&joint).await;
    let want = [
        slot("2026-06-19", State::Missed, "TOO_LATE"),
        slot("2026-06-26", State::Missed, "TOO_LATE"),
        slot("2026-07-03", State::Missed, "TOO_LATE"),
        slot("2026-07-10", State::Announced, ""),
    ];
    assert_eq!(slots(&joint).await, want);
    // A clock that is set back does not undo or repeat anything, nor does one set forward again.
    for minutes in [-20 * DAY, 20 * DAY] {
        hands.forward(minutes);
        tick(&joint).await;
        assert_eq!(slots(&joint).await, want);
    }
    let mut tx = joint.service.app.db.read().await.expect("read");
    let sql = "SELECT kind FROM events WHERE kind IN ('slot.miss', 'campaign.approve')";
    let mut kinds: Vec<(String,)> = tx.query(sql).fetch_all().await.expect("events");
    kinds.sort();
    let kinds: Vec<&str> = kinds.iter().map(|(kind,)| kind.as_str()).collect();
    assert_eq!(kinds, ["campaign.approve", "slot.miss", "slot.miss", "slot.miss"]);
}

async fn a_slot_waits_for_its_year(engine: Engine) {
    let (joint, hands) = district(engine).await;
    let mut yearly = weekly(&joint);
    yearly.rule = Some(pb::ScheduleRule {
        months: vec![1],
        days: vec![1, 4, 29],
        hour: 9,
        working_days: true,
        ..Default::default()
    });
    in_use(&joint, yearly).await;
    // 2027-01-02 10:00: nobody knows when the first working day is.
    hands.forward(201 * DAY);
    let refused = tick(&joint).await;
    assert!(refused.iter().any(|r| r.contains("the calendar of 2027 is not known")), "{refused:?}");
    assert_eq!(slots(&joint).await, []);
    let year = pb::CalendarYear {
        year: 2027,
        source: "测试通知".into(),
        published_on: "2027-01-02".into(),
        holidays: vec![pb::CalendarHoliday {
            name: "元旦".into(),
            first_day: "2027-01-01".into(),
            last_day: "2027-01-03".into(),
        }],
        ..Default::default()
    };
    let request =
        pb::ImportCalendarYearRequest { request_id: "y".into(), calendar_year: Some(year) };
    joint.service.office().calendar().import_calendar_year(request).await.expect("import");
    tick(&joint).await;
    assert_eq!(slots(&joint).await, []);
    // Monday 4 January is the day to which the first slot moves; the slot of the day itself falls
    // together with it.
    hands.forward(2 * DAY);
    tick(&joint).await;
    assert_eq!(slots(&joint).await, [slot("2027-01-01", State::Announced, "")]);
    // A year that nobody imports in time is the reason by which its slots are missed.
    hands.forward(364 * DAY);
    tick(&joint).await;
    let want = [
        slot("2027-01-01", State::Announced, ""),
        slot("2027-01-29", State::Missed, "TOO_LATE"),
        slot("2028-01-01", State::Missed, "CALENDAR_YEAR_UNKNOWN"),
    ];
    let found: Vec<_> = slots(&joint).await.into_iter().collect();
    assert_eq!(found[1..], want[1..]);
}

async fn a_template_is_checked_and_approved_by_another(engine: Engine) {
    let (joint, _) = district(engine).await;
    let mut bad = weekly(&joint);
    bad.rule =
        Some(pb::ScheduleRule { months: vec![13], hour: 24, minute: 400, ..Default::default() });
    (bad.freeze_minutes, bad.visit_working_days, bad.late_hours) = (-1, 0, 745);
    let campaign = bad.campaign.as_mut().expect("campaign");
    campaign.mode = pb::JointMode::MatchedPlans.into();
    campaign.proposals = vec!["p-1".into()];
    campaign.campaign_id = "a".repeat(45);
    let status = create(&joint, bad.clone()).await.expect_err("bad");
    let rules: Vec<String> = violations(&status).into_iter().map(|(_, rule)| rule).collect();
    let want = ["TOO_LONG", "NOT_IN_A_TEMPLATE", "RANGE", "DAYS_OR_WEEKDAYS"];
    assert_eq!(rules, [&want[..], &["RANGE"; 5]].concat());
    bad.campaign.as_mut().expect("campaign").first_day = "2026-06-15".into();
    let status = create(&joint, bad).await.expect_err("a day");
    let field = "campaign_template.campaign.first_day".to_owned();
    assert_eq!(violations(&status), [(field, "SET_PER_SLOT".into())]);

    create(&joint, weekly(&joint)).await.expect("create");
    let office = &joint.service.office;
    let own = approve(&joint, office, "1").await.expect_err("the proposer");
    assert_eq!(reason(&own), "APPROVER_IS_PROPOSER");
    let early = approve(&joint, &joint.approver, "1").await.expect_err("no lead");
    assert_eq!(reason(&early), "LEAD_HAS_NOT_ACCEPTED");
    let lead = answer(&joint, "market", false).await.expect_err("the lead");
    assert_eq!(reason(&lead), "LEAD_TAKES_PART");
    answer(&joint, "market", true).await.expect("answer");
    let stale = approve(&joint, &joint.approver, "1").await.expect_err("not as read");
    assert_eq!(stale.code(), Code::Aborted);
    let watcher = joint.service.key(Role::Office, "", OFFICES[0]).await;
    let watching = approve(&joint, &watcher, "2").await.expect_err("a supervisor");
    assert_eq!(reason(&watching), "EXECUTOR_SUPERVISES");
    let approved = approve(&joint, &joint.approver, "2").await.expect("approve");
    assert_eq!(approved.state(), pb::campaign_template::State::Approved);
    // Who has not answered does not take part, and cannot any more.
    let parts = approved.campaign.expect("campaign").participants;
    let fire = parts.iter().find(|p| p.department == "fire").expect("fire");
    assert_eq!(fire.answer(), pb::participant::Answer::Declined);
    let late = answer(&joint, "fire", true).await.expect_err("approved already");
    assert_eq!(reason(&late), "TEMPLATE_STATE");
}

async fn a_freeze_that_cannot_be_made_is_left_to_the_offices(engine: Engine) {
    let (joint, hands) = district(engine).await;
    in_use(&joint, weekly(&joint)).await;
    hands.forward(7 * DAY);
    tick(&joint).await;
    hands.forward(HOUR);
    tick(&joint).await;
    // The first is frozen and nobody contributes: the second cannot be.
    hands.forward(4 * DAY);
    tick(&joint).await;
    hands.forward(2 * HOUR);
    let refused = tick(&joint).await;
    assert!(refused.iter().any(|r| r.contains("ANOTHER_DRAW_IS_OPEN")), "{refused:?}");
    hands.forward(2 * DAY);
    tick(&joint).await;
    let want =
        [slot("2026-06-19", State::Frozen, ""), slot("2026-06-26", State::Unfrozen, "TOO_LATE")];
    assert_eq!(slots(&joint).await, want);
    let second = joint.read("weekly-20260626-0900").await;
    assert_eq!(second.state(), pb::campaign::State::Approved, "an office may still freeze it");
    let mut tx = joint.service.app.db.begin().await.expect("begin");
    let sql = "UPDATE campaign_slots SET state = 'FROZEN'";
    assert!(tx.query(sql).execute().await.is_err(), "what became of a slot stays");
}
