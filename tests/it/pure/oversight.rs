//! Rules of oversight: contacts too close, the cap, the next lawful day.

use std::collections::BTreeSet;

use jiff::civil::{Date, date};
use onevisit::domain::policy::{ANNUAL_CAP, CAP_EXEMPT_RISK, Policy, PolicyValue};
use onevisit::domain::subject::RiskClass;
use onevisit::oversight::burden::{
    Contact, Known, Source, cap_left, next_lawful, random_visits, warnings,
};
use onevisit::oversight::warning::WarningKind;

fn policy(values: &[(&str, &str)]) -> Policy {
    let value = |(key, value): &(&str, &str)| PolicyValue {
        key: (*key).to_owned(),
        value: (*value).to_owned(),
        level: onevisit::domain::department::Level::County,
        effective_from: date(2020, 1, 1),
        jurisdiction: "990001".into(),
        source: "测试".into(),
    };
    let issued: Vec<PolicyValue> = values.iter().map(value).collect();
    Policy::resolve("990001", &issued, date(2026, 1, 1))
}

fn departments(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|n| (*n).to_owned()).collect()
}

fn inspection(on: Date, department: &str, superior: bool) -> Contact {
    let source = Source::Inspection { random: true, superior, clean: true };
    Contact { on, source, departments: departments(&[department]) }
}

fn task(on: Date, department: &str) -> Contact {
    Contact { on, source: Source::Task("t1".into()), departments: departments(&[department]) }
}

fn repeated(contacts: Vec<Contact>) -> usize {
    let known = Known { contacts, ..Known::default() };
    let found = warnings(&policy(&[]), date(2026, 6, 15), "s", &known);
    found.iter().filter(|w| w.kind == WarningKind::RepeatedVisit).count()
}

#[test]
fn contacts_within_sixty_days_are_told_and_a_joint_day_is_not() {
    let first = date(2026, 3, 1);
    let days = |n: i64| first.checked_add(jiff::Span::new().days(n)).expect("a day");
    let pair =
        |n: i64| vec![inspection(first, "fire", false), inspection(days(n), "market", false)];
    assert_eq!([0, 1, 60, 61].map(|n| repeated(pair(n))), [0, 1, 1, 0]);
    // A plan for the same day is another visit until it is joined.
    assert_eq!(repeated(vec![inspection(first, "fire", false), task(first, "market")]), 1);
    // What is long over is not told again.
    let old =
        vec![inspection(date(2025, 3, 1), "f", false), inspection(date(2025, 3, 9), "m", false)];
    assert_eq!(repeated(old), 0);
}

#[test]
fn the_cap_counts_a_day_once_and_exempts_by_class() {
    let (day, other) = (date(2026, 3, 1), date(2026, 4, 1));
    let visit = Contact {
        on: other,
        source: Source::Visit("c1".into(), 1, 3),
        departments: departments(&["fire", "market"]),
    };
    let contacts = vec![
        inspection(date(2025, 12, 31), "fire", false),
        inspection(day, "fire", false),
        inspection(day, "market", false),
        visit,
        task(date(2026, 9, 1), "fire"),
    ];
    assert_eq!(random_visits(&contacts, 2026), 2);
    let usual = policy(&[]);
    assert_eq!(cap_left(&usual, Some(RiskClass::D), 2), Some(0));
    let exempt = policy(&[(CAP_EXEMPT_RISK, "D"), (ANNUAL_CAP, "3")]);
    assert_eq!(cap_left(&exempt, Some(RiskClass::D), 2), None);
    assert_eq!(cap_left(&exempt, Some(RiskClass::C), 2), Some(1));
    let near = |contacts: &[Contact], policy: &Policy| {
        let known = Known { contacts: contacts.to_vec(), ..Known::default() };
        let found = warnings(policy, date(2026, 6, 15), "s", &known);
        found.into_iter().find(|w| w.kind == WarningKind::AnnualCapNear).map(|w| w.since)
    };
    assert_eq!(near(&contacts, &usual), Some(other));
    assert_eq!(near(&contacts[..2], &usual), Some(day));
    assert_eq!(near(&contacts[..1], &usual), None);
    assert_eq!(near(&contacts[..2], &policy(&[(ANNUAL_CAP, "3")])), None);
}

#[test]
fn the_next_lawful_day_is_the_first_that_no_rule_forbids() {
    let today = date(2026, 9, 1);
    let both = departments(&["fire", "market"]);
    let next = |contacts: &[Contact]| {
        let found = next_lawful(&policy(&[]), (today, None), contacts, &both);
        found.into_iter().map(|n| (n.day, n.rules.join(","))).collect::<Vec<_>>()
    };
    let free = (today, String::new());
    assert_eq!(next(&[]), [free.clone(), free.clone()]);
    // Six months before 28 February is 28 August: the 31st is out of reach on 1 March only.
    let superior = inspection(date(2026, 8, 31), "fire", true);
    let kept = (date(2027, 3, 1), "SUPERIOR_CLEAN_6M".to_owned());
    assert_eq!(next(std::slice::from_ref(&superior)), [kept, free]);
    let other = inspection(date(2026, 5, 5), "market", false);
    let capped = next(&[other, superior]);
    assert_eq!(capped[0], (date(2027, 3, 1), "ANNUAL_CAP,SUPERIOR_CLEAN_6M".to_owned()));
    assert_eq!(capped[1], (date(2027, 1, 1), "ANNUAL_CAP".to_owned()));
}
