//! Eight replicas race over a year of ticks, with clocks that differ and jump, and with restarts:
//! each due campaign comes exactly once.

use std::collections::BTreeSet;

use jiff::civil::{Date, date};
use onevisit::app::clock::Clock;
use onevisit::app::log::{self, Fault, Round};
use onevisit::app::{App, AppError, Call, schedule, templates};
use onevisit::demo::Random;
use onevisit::domain::calendar::Calendar;
use onevisit::domain::caller::{Caller, Role};
use onevisit::domain::campaign::{Answer, Campaign, Mode, Participant, Scope, State, StratumQuota};
use onevisit::domain::profile::{DEFAULT, Join};
use onevisit::domain::quota::QuotaRule;
use onevisit::domain::schedule::{Rule, SlotState, Template, TemplateState};
use onevisit::rpc::pb;
use onevisit::store::Page;

use crate::harness::client::{DISTRICT, Service};
use crate::harness::data::{entry, inspector, item_list};
use crate::harness::joint::{Joint, OFFICES, Rows};
use crate::harness::{Engine, Hands, app_by, on_every_engine, scaled};

on_every_engine! { each_due_campaign_comes_once_whoever_races }

const REPLICAS: usize = 8;
const MINUTE_US: i64 = 60_000_000;
const HOUR: i64 = 60;
/// 2025-01-01 00:00 in China.
const YEAR_US: i64 = 1_735_660_800_000_000;
/// Longest step between two ticks, in hours.
const STEP_HOURS: [usize; 2] = [150, 40];

pub fn rule(months: &[i8], days: &[i8], weekdays: &[i8]) -> Rule {
    Rule {
        months: months.to_vec(),
        days: days.to_vec(),
        weekdays: weekdays.to_vec(),
        hour: 9,
        minute: 30,
        working_days: true,
    }
}

pub fn template(id: &str, rule: Rule) -> Template {
    let all = QuotaRule { basis_points: Some(1_000), count: None, min: None, max: None };
    Template {
        campaign: Campaign {
            id: id.into(),
            title: "测试联合抽查".into(),
            jurisdiction: DISTRICT.into(),
            mode: Mode::Comprehensive,
            lead: "market".into(),
            participants: vec![Participant {
                department: "market".into(),
                items: vec![],
                quotas: vec![StratumQuota { stratum: "*".into(), rule: all }],
                profile: DEFAULT.into(),
                answer: Answer::Invited,
            }],
            scope: Scope::default(),
            join: Join::DrawnOnly,
            profiles: vec![],
            first_day: date(2025, 1, 1),
            last_day: date(2025, 1, 1),
            contributors: OFFICES.map(str::to_owned).to_vec(),
            ceremony: Default::default(),
            state: State::Proposed,
            attempts: 0,
            proposed_by: String::new(),
            approved_by: String::new(),
            proposals: vec![],
            plan: String::new(),
            plan_task: String::new(),
            scheme: String::new(),
            scheme_version: 0,
            override_reason: String::new(),
            answer_by: None,
            silent: vec![],
            supplement: None,
            master_s: String::new(),
            local_mode: String::new(),
            local_mode_version: 0,
            asks: None,
            outside_joint_list: Vec::new(),
            version: 0,
        },
        rule,
        freeze_minutes: 20 * 24 * HOUR,
        lead_days: 5,
        visit_days: 10,
        late_hours: 96,
        state: TemplateState::Proposed,
        approved_us: 0,
        version: 0,
    }
}

fn call(role: Role, department: &str, office: &str, id: &str) -> Call {
    let caller = Caller::holder(role, department, office, "");
    Call { caller, request_id: id.into(), method: "Test", payload: [0; 32], signature: None }
}

/// Proposed by its lead and approved on the first of January.
async fn approved(app: &App, template: Template) {
    let id = template.id().to_owned();
    let lead = call(Role::Department, "market", "", &format!("create-{id}"));
    templates::create(app, &lead, template).await.expect("create");
    let office = call(Role::Office, "", "领导小组", &format!("approve-{id}"));
    templates::approve(app, &office, &id, 1).await.expect("approve");
}

/// The slots of a year, counted in another way: each day that suits goes to its working day, and of
/// those that go to one day the first stays.
fn slots(suits: impl Fn(Date) -> bool, until: Date) -> BTreeSet<String> {
    let calendar = Calendar::of(Calendar::built_in(), &[String::new()]);
    let mut taken = BTreeSet::new();
    let mut at = date(2025, 1, 1);
    let mut out = BTreeSet::new();
    while at <= until {
        if suits(at) {
            let on = calendar.on_or_after(at).expect("known");
            if taken.insert(on) && on <= until {
                out.insert(format!("{at}T09:30:00"));
            }
        }
        at = at.tomorrow().expect("day");
    }
    out
}

async fn recorded(app: &App, template: &str) -> Vec<onevisit::domain::schedule::Slot> {
    let page = Page { after: "", limit: 1_000 };
    app.db.read().await.expect("read").slots(template, &page).await.expect("slots")
}

async fn count(app: &App, sql: &'static str) -> usize {
    let mut tx = app.db.read().await.expect("read");
    let rows: Vec<(String,)> = tx.query(sql).fetch_all().await.expect("rows");
    rows.len()
}

async fn replica(joint: &Joint, hands: &Hands, skew_us: i64) -> App {
    let clock = hands.clock();
    app_by(&joint.service.db, Clock::new(move || clock.now_us() + skew_us)).await
}

/// What a replica does by itself. One whose clock stands behind the log's last entry does nothing.
async fn work(app: &App) {
    if let Ok(Round::Stopped(fault)) = log::round_now(app).await {
        assert!(matches!(fault, Fault::Back(_)), "{fault}");
        return;
    }
    match schedule::work(app).await {
        Ok(_) | Err(AppError::LogStopped(Fault::Back(_))) => {}
        other => panic!("a round: {other:?}"),
    }
}

async fn each_due_campaign_comes_once_whoever_races(engine: Engine) {
    let hands = Hands::at(YEAR_US);
    let rows = Rows {
        department: "market".into(),
        entries: (1..=40).map(entry).collect(),
        people: (1..=4).map(|n| inspector(&format!("p{n}"))).collect(),
        items: pb::ItemList { effective_from: "2024-01-01".into(), ..item_list(&["A1"]) },
    };
    // The service itself is the ninth.
    let joint = Joint::of_rows(Service::start_by(engine, &hands).await, vec![rows]).await;
    let first = replica(&joint, &hands, 0).await;
    approved(&first, template("often", rule(&[], &[], &[1, 4]))).await;
    approved(&first, template("monthly", rule(&[], &[-1, 15], &[]))).await;
    approved(&first, template("quarterly", rule(&[1, 4, 7, 10], &[1], &[]))).await;
    let mut random = Random::new(20_261_125);
    let mut below = |n: u64| i64::try_from(random.below(n)).expect("small");
    let mut apps = Vec::new();
    for n in 0..REPLICAS {
        let skew = (i64::try_from(n).expect("small") - 4) * MINUTE_US / 2;
        apps.push(replica(&joint, &hands, skew).await);
    }
    let end = YEAR_US + 365 * 24 * HOUR * MINUTE_US;
    let step = u64::try_from(scaled(STEP_HOURS[0], STEP_HOURS[1])).expect("small");
    let now = || hands.clock().now_us();
    while now() < end {
        let jump = match below(12) {
            0 => -2 * 24 * HOUR,
            1 => 14 * 24 * HOUR,
            _ => 0,
        };
        hands.forward((jump + (1 + below(step)) * HOUR).min((end - now()) / MINUTE_US + 1));
        if below(3) == 0 {
            let n = usize::try_from(below(8)).expect("small");
            apps[n].db.close().await;
            apps[n] = replica(&joint, &hands, below(5) * MINUTE_US / 2).await;
        }
        // Without taking turns: what is shown here must not hang on a lock.
        let rounds: Vec<_> =
            apps.iter().cloned().map(|app| tokio::spawn(async move { work(&app).await })).collect();
        for round in rounds {
            round.await.expect("no panic");
        }
    }
    hands.forward(HOUR);
    assert!(!matches!(log::round_now(&first).await, Ok(Round::Stopped(_))), "the log goes on");
    // The last word has a replica whose clock is true.
    while schedule::round(&first).await.expect("round").is_none() {
        tokio::task::yield_now().await;
    }
    judge(&first).await;
}

/// Every slot of the year stands once, and campaigns and events are as many.
async fn judge(first: &App) {
    let until = date(2025, 12, 31);
    let weekday = |d: Date, n: i8| d.weekday().to_monday_one_offset() == n;
    let wanted = [
        ("often", slots(|d| weekday(d, 1) || weekday(d, 4), until)),
        ("monthly", slots(|d| d.day() == 15 || d.day() == d.days_in_month(), until)),
        ("quarterly", slots(|d| d.day() == 1 && d.month() % 3 == 1, until)),
    ];
    let (mut announced, mut missed) = (0, 0);
    for (id, wanted) in wanted {
        let found = recorded(first, id).await;
        let names: Vec<String> = found.iter().map(|s| s.slot.to_string()).collect();
        assert_eq!(names, wanted.into_iter().collect::<Vec<_>>(), "{id}");
        let lost = found.iter().filter(|s| s.state == SlotState::Missed).count();
        (announced, missed) = (announced + found.len() - lost, missed + lost);
    }
    assert!(announced > 40 && missed > 5, "{announced} announced, {missed} missed");
    assert_eq!(count(first, "SELECT id FROM campaigns").await, announced);
    let proposed = "SELECT kind FROM events WHERE kind = 'campaign.propose'";
    assert_eq!(count(first, proposed).await, announced);
    assert_eq!(count(first, "SELECT kind FROM events WHERE kind = 'slot.miss'").await, missed);
    // One is frozen and waits for its offices; the others were left to them, each once.
    let frozen = "SELECT kind FROM events WHERE kind = 'campaign.freeze'";
    assert_eq!(count(first, frozen).await, 1);
    let ends = "SELECT kind FROM events WHERE kind = 'slot.end'";
    let ended = "SELECT slot FROM campaign_slots WHERE state IN ('FROZEN', 'UNFROZEN')";
    assert_eq!(count(first, ends).await, count(first, ended).await);
}
