//! Assessments, shares of random checks and the fairness of a year, without a database.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::date;
use onevisit::domain::annual_plan::{AnnualPlan, Budget, PlanTask, TaskForm, TaskOrigin};
use onevisit::domain::campaign::{Scope, State};
use onevisit::domain::department::Level;
use onevisit::domain::inspector::{Inspector, InspectorKind};
use onevisit::domain::policy::{Policy, PolicyValue, TRAINING_REQUIRED};
use onevisit::domain::quota::QuotaRule;
use onevisit::domain::training::{Trained, Training};
use onevisit::domain::visit::{Section, Visit};
use onevisit::oversight::assessment::{Fulfilment, Measure, Share, Sources, assess, fulfilment};
use onevisit::oversight::fairness::{Chance, Met, companions, furthest, returns, rows};
use onevisit::oversight::share::by_month;
use onevisit::oversight::training;
use onevisit::oversight::warning::WarningKind;

use crate::rpc::schedulers::{rule, template};

fn policy(values: &[(&str, &str)]) -> Policy {
    let value = |(key, value): &(&str, &str)| PolicyValue {
        key: (*key).to_owned(),
        value: (*value).to_owned(),
        level: Level::County,
        effective_from: date(2020, 1, 1),
        jurisdiction: "990001".into(),
        source: "测试".into(),
    };
    let issued: Vec<PolicyValue> = values.iter().map(value).collect();
    Policy::resolve("990001", &issued, date(2026, 6, 15))
}

fn visit(rank: i64, month: i8, departments: &[&str]) -> Visit {
    let section = |d: &&str| Section {
        department: (*d).to_owned(),
        drawn: true,
        rank,
        item_list_version: 1,
        items: vec![],
        team: vec![],
    };
    Visit {
        campaign: "c".into(),
        attempt: 1,
        rank,
        unit: String::new(),
        subject: String::new(),
        name: String::new(),
        address: String::new(),
        district: String::new(),
        ticket: String::new(),
        lot: String::new(),
        stratum: String::new(),
        first_day: date(2026, month, 10),
        last_day: date(2026, month, 20),
        sections: departments.iter().map(section).collect(),
        dropped: 0,
        stands_for: 0,
    }
}

fn person(id: &str) -> Inspector {
    Inspector {
        id: id.into(),
        kind: InspectorKind::Inspector,
        certificate_number: "ZF".into(),
        certificate_valid_until: Some(date(2030, 1, 1)),
        tags: vec![],
        may_lead: true,
        cap: 0,
        away: vec![],
        active: true,
    }
}

fn trained(stretches: &[(&str, (i8, i8), bool)]) -> Trained {
    let training = |(id, (from, until), passed): &(&str, (i8, i8), bool)| Training {
        inspector: (*id).to_owned(),
        course: "联合抽查".into(),
        held_on: date(2026, *from, 1),
        valid_until: date(2026, *until, 28),
        passed: *passed,
        document: String::new(),
    };
    let all: Vec<_> = stretches.iter().map(|s| ("fire".to_owned(), training(s))).collect();
    Trained::of(&all)
}

#[test]
fn a_score_weighs_what_there_is_and_nothing_else() {
    let policy = policy(&[("assess_joint_weight", "0"), ("assess_training_weight", "20")]);
    let campaigns = BTreeMap::new();
    let sources = Sources {
        policy: &policy,
        year: 2026,
        today: date(2026, 6, 15),
        plans: vec![],
        campaigns: &campaigns,
        visits: vec![
            visit(1, 3, &["fire", "market"]),
            visit(2, 3, &["fire"]),
            visit(3, 4, &["tax"]),
        ],
        over: BTreeMap::from([(("c".into(), 1, 1), false)]),
        results: vec![],
        late: BTreeSet::new(),
        objections: vec![("fire".into(), true), ("fire".into(), false), ("tax".into(), true)],
        liabilities: vec![],
        people: ["a", "b", "c"].map(|id| ("fire".to_owned(), person(id))).to_vec(),
        trained: trained(&[("a", (1, 12), true), ("b", (1, 12), false), ("c", (1, 5), true)]),
    };
    let task = Fulfilment {
        plan: "p".into(),
        task: "t".into(),
        lead: "market".into(),
        departments: ["fire", "market"].map(str::to_owned).into(),
        drawn: Share { part: 1, whole: 2 },
        budget_fen: 0,
        spent_fen: 0,
    };
    let of = assess(&sources, &[task], "fire");
    let share = |m: Measure| {
        let found = of.measures.iter().find(|(found, ..)| *found == m).expect("measure");
        (found.1.part, found.1.whole)
    };
    assert_eq!(share(Measure::PlanFulfilment), (1, 2));
    assert_eq!(share(Measure::Completion), (1, 2));
    assert_eq!(share(Measure::Publication), (0, 0));
    assert_eq!(share(Measure::JointParticipation), (1, 2));
    assert_eq!(share(Measure::Objections), (1, 2));
    assert_eq!(share(Measure::Liability), (2, 2));
    assert_eq!(share(Measure::Training), (1, 3), "not passed and lapsed are not trained");
    // 20 × 5,000 + 20 × 5,000 + 5 × 5,000 + 15 × 10,000 + 20 × 3,333, over 80.
    assert_eq!(of.score, Some((100_000 + 100_000 + 25_000 + 150_000 + 66_660) / 80));
    let nothing = assess(&sources, &[], "nobody");
    assert_eq!(nothing.score, None);
}

/// A task that is planned three times for 1,000 fen and 200 for each visit.
fn planned() -> AnnualPlan {
    let task = PlanTask {
        id: "t".into(),
        title: "t".into(),
        origin: TaskOrigin::Planned,
        form: TaskForm::Random,
        reason: String::new(),
        override_reason: String::new(),
        lead: "fire".into(),
        participants: vec!["market".into()],
        mode: None,
        items: vec![],
        scope: Scope::default(),
        subjects: 100,
        rule: QuotaRule::share(500),
        times: 3,
        first_day: date(2026, 1, 1),
        last_day: date(2026, 12, 31),
        budget: Budget { fixed_fen: 1_000, per_subject_fen: 200 },
        jurisdictions: vec![],
        superior: None,
        dispatch: String::new(),
    };
    AnnualPlan { title: "p".into(), source: String::new(), tasks: vec![task], adjustments: vec![] }
}

#[test]
fn a_plan_is_fulfilled_by_what_was_drawn_for_it() {
    let campaign = |id: &str, state: State| {
        let mut campaign = template(id, rule(&[], &[], &[1])).campaign;
        campaign.state = state;
        (campaign.plan, campaign.plan_task) = ("p".into(), "t".into());
        (id.to_owned(), campaign)
    };
    let campaigns = BTreeMap::from([
        campaign("c", State::Closed),
        campaign("d", State::Drawn),
        campaign("e", State::Approved),
    ]);
    let dropped = Visit { dropped: 1, ..visit(3, 3, &["fire"]) };
    let visits = [visit(1, 3, &["fire"]), visit(2, 3, &["fire"]), dropped];
    let of = &fulfilment(&[("p".into(), planned())], &campaigns, &visits)[0];
    assert_eq!((of.drawn.part, of.drawn.whole), (2, 3), "what is only approved is not drawn");
    // Fixed once, and 200 for each of two visits that take place; planned are five times three.
    assert_eq!((of.spent_fen, of.budget_fen), (1_400, 1_000 + 200 * 15));
    assert!(of.departments.contains("market"));
    let none = &fulfilment(&[("q".into(), planned())], &campaigns, &visits)[0];
    assert_eq!((none.drawn.part, none.spent_fen), (0, 0), "campaigns of another plan");
}

#[test]
fn random_checks_are_counted_by_month() {
    let recorded = [(date(2026, 3, 5), true), (date(2026, 3, 6), false), (date(2025, 3, 6), true)];
    let over = BTreeSet::from([("c".to_owned(), 1, 1)]);
    let visits = [visit(1, 4, &["fire", "market"]), visit(2, 4, &["fire"])];
    let months = by_month(2026, recorded, &visits, &over);
    assert_eq!(months.len(), 12);
    assert_eq!((months[2].random, months[2].all, months[2].basis_points()), (1, 2, Some(5_000)));
    assert_eq!((months[3].random, months[3].all), (2, 2), "a check that is not over is none");
    assert_eq!(months[0].basis_points(), None);
}

#[test]
fn trainings_are_asked_for_where_the_policy_says_so() {
    let trained = trained(&[("a", (1, 12), true), ("b", (1, 6), true), ("c", (1, 5), true)]);
    let people: Vec<_> = ["a", "b", "c"].map(|id| ("fire".to_owned(), person(id))).to_vec();
    let said = |word: &str| -> Vec<(WarningKind, String)> {
        let policy = policy(&[(TRAINING_REQUIRED, word)]);
        let found = training::warnings(&policy, date(2026, 6, 15), &people, &trained);
        found.into_iter().map(|w| (w.kind, w.detail)).collect()
    };
    assert_eq!(said("OFF"), []);
    let lapses = (WarningKind::TrainingLapses, "b until 2026-06-28".to_owned());
    assert_eq!(said("WARN"), [lapses, (WarningKind::TrainingMissing, "c".to_owned())]);
    assert!(trained.during("fire", "b", date(2026, 6, 1), date(2026, 6, 28)));
    assert!(!trained.during("fire", "b", date(2026, 6, 1), date(2026, 6, 29)));
    assert!(!trained.on("market", "a", date(2026, 6, 1)), "another's person of the same id");
}

/// Ten draws of one among ten; `drawn` says which one each time.
fn draws(drawn: impl Fn(usize) -> usize) -> Vec<Chance> {
    let chance = |nth: usize, subject: usize| Chance {
        department: "fire".into(),
        stratum: "risk:U".into(),
        subject: format!("s{subject}"),
        draw: 1,
        eligible: 10,
        drawn: drawn(nth) == subject,
    };
    (0..10).flat_map(|nth| (0..10).map(move |s| (nth, s))).map(|(n, s)| chance(n, s)).collect()
}

#[test]
fn who_is_drawn_again_and_again_stands_out() {
    let of = |chances: &[Chance]| {
        let all = rows(chances);
        all[&("fire".to_owned(), "risk:U".to_owned())].clone()
    };
    let same = of(&draws(|_| 3));
    assert_eq!((same.subjects, same.drawn, same.expected), (10, 10, 10_000_000));
    // (10 - 1)² + 9 × (0 - 1)² against 100 × 0.1 × 0.9.
    assert_eq!((same.deviation, same.variance), (90_000_000, 9_000_000));
    assert_eq!(same.dispersion(), Some(10_000));
    let turns = of(&draws(|nth| nth));
    assert_eq!(turns.dispersion(), Some(0), "taking turns is no chance either");
    let first = &furthest(&draws(|_| 3))[0];
    assert_eq!((&*first.subject, first.drawn, first.expected), ("s3", 10, 1_000_000));
    let all = Chance { draw: 10, ..draws(|_| 0).remove(0) };
    assert_eq!(of(&[all]).dispersion(), None, "nothing was left to chance");
}

#[test]
fn who_meets_again_is_counted() {
    let met = |subject: &str, team: &[&str]| Met {
        subject: subject.into(),
        team: team.iter().map(|p| (*p).to_owned()).collect(),
    };
    let visits = [met("s1", &["a", "b"]), met("s1", &["a", "b", "c"]), met("s2", &["b", "c", "d"])];
    let pairs = companions(&visits);
    assert_eq!((pairs.pairs, pairs.again), (5, 2));
    let told: Vec<_> = pairs.told.iter().map(|m| (&*m.person, &*m.with, m.times)).collect();
    assert_eq!(told, [("a", "b", 2), ("b", "c", 2)]);
    let back = returns(&visits);
    let told: Vec<_> = back.told.iter().map(|m| (&*m.person, &*m.with, m.times)).collect();
    assert_eq!((back.pairs, told), (6, vec![("a", "s1", 2), ("b", "s1", 2)]));
}
