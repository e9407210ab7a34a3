//! Days of a visit from calendars, and when its names open.

use std::collections::BTreeSet;

use jiff::civil::{Date, date};
use onevisit::domain::Violations;
use onevisit::domain::appointment::{Blackout, Hours};
use onevisit::domain::calendar::{Calendar, UnknownYear};
use onevisit::domain::department::Level;
use onevisit::domain::inspector::DateRange;
use onevisit::domain::policy::{self, Policy, PolicyValue};
use onevisit::domain::release;
use onevisit::merge::dates::{Against, Slot, against, propose};

const WINDOW: DateRange = DateRange { first: date(2026, 6, 15), last: date(2026, 6, 30) };

fn hours(from: i64, until: i64) -> Hours {
    Hours { from: from * 60, until: until * 60 }
}

fn blackout(day: Date, hours: Hours) -> Blackout {
    Blackout { days: DateRange { first: day, last: day }, hours, reason: "盘点".into() }
}

fn full() -> Against {
    Against {
        busy: BTreeSet::from([date(2026, 6, 15)]),
        taken: vec![(date(2026, 6, 18), hours(9, 12))],
        blackouts: vec![
            blackout(date(2026, 6, 16), hours(0, 24)),
            blackout(date(2026, 6, 17), hours(11, 13)),
            blackout(date(2026, 6, 18), hours(13, 16)),
        ],
    }
}

/// The years that come with the program, for the whole country.
fn calendar() -> Calendar {
    Calendar::of(Calendar::built_in(), &[String::new()])
}

#[test]
fn the_first_days_free_for_everybody_are_proposed() {
    let calendar = calendar();
    let propose = |against: &Against, most| propose(WINDOW, against, &calendar, most);
    let found = propose(&full(), 3).expect("a known year");
    // The 19th is a Friday, and the first day of the Dragon Boat holiday.
    let wanted = [
        Slot { day: date(2026, 6, 17), hours: hours(13, 17) },
        Slot { day: date(2026, 6, 22), hours: hours(9, 17) },
        Slot { day: date(2026, 6, 23), hours: hours(9, 17) },
    ];
    assert_eq!(found, wanted);
    assert_eq!(propose(&full(), 3).as_ref(), Ok(&found), "always the same");
    let mut turned = full();
    turned.blackouts.reverse();
    assert_eq!(propose(&turned, 3).as_ref(), Ok(&found), "whatever the order");
    assert_eq!(propose(&Against::default(), 99).expect("a known year").len(), 11);
    for slot in propose(&full(), 99).expect("a known year") {
        assert_eq!(against(WINDOW, slot, &full()), None, "what is proposed can be fixed");
    }
}

#[test]
fn days_are_working_days_and_never_guessed() {
    let days = |first, last| {
        let window = DateRange { first, last };
        let found = propose(window, &Against::default(), &calendar(), 99)?;
        Ok::<Vec<Date>, UnknownYear>(found.into_iter().map(|slot| slot.day).collect())
    };
    let swapped = days(date(2025, 10, 8), date(2025, 10, 11)).expect("a known year");
    let wanted = [date(2025, 10, 9), date(2025, 10, 10), date(2025, 10, 11)];
    assert_eq!(swapped, wanted, "a Saturday that is worked");
    let unknown = days(date(2031, 6, 2), date(2031, 6, 3));
    assert_eq!(unknown, Err(UnknownYear { year: 2031 }));
}

#[test]
fn a_day_is_refused_for_its_first_reason() {
    let on = |day, hours| against(WINDOW, Slot { day, hours }, &full());
    assert_eq!(on(date(2026, 7, 1), hours(9, 11)), Some("OUTSIDE_THE_WINDOW"));
    assert_eq!(on(date(2026, 6, 15), hours(9, 11)), Some("MEMBER_BUSY"));
    assert_eq!(on(date(2026, 6, 17), hours(9, 12)), Some("BLACKOUT"));
    assert_eq!(on(date(2026, 6, 17), hours(13, 15)), None, "an hour that only touches is free");
    assert_eq!(on(date(2026, 6, 18), hours(11, 13)), Some("MEMBER_AT_ANOTHER_DOOR"));
}

#[test]
fn hours_have_a_form_and_an_order() {
    let read = |from, until| {
        let mut v = Violations::default();
        let hours = Hours::parse(&mut v, "hours", from, until);
        let rules: Vec<String> = v.into_vec().into_iter().map(|v| v.rule).collect();
        (hours, rules)
    };
    assert_eq!(read("09:00", "24:00"), (hours(9, 24), Vec::new()));
    assert_eq!(read("9:00", "24:01").1, ["HOURS_FORM", "HOURS_FORM", "HOURS_ORDER"]);
    assert_eq!(read("12:60", "13:00").1, ["HOURS_FORM"]);
    assert_eq!(read("12:00", "12:00").1, ["HOURS_ORDER"]);
    assert_eq!(Hours::text(545), "09:05");
}

#[test]
fn names_open_when_the_policy_says_and_never_before_the_first_day() {
    let first = date(2026, 6, 15);
    let from = |word: &str, fixed| {
        let value = PolicyValue {
            key: policy::NAMES_RELEASE.into(),
            value: word.into(),
            level: Level::County,
            effective_from: date(2026, 1, 1),
            jurisdiction: "990001".into(),
            source: "试行办法".into(),
        };
        release::from(&Policy::resolve("990001", &[value], first), first, fixed)
    };
    let fixed = Some(date(2026, 6, 17));
    assert_eq!(from("FIRST_DAY", None), Some(first));
    assert_eq!(from("FIRST_DAY", fixed), Some(first));
    assert_eq!((from("VISIT_DAY", None), from("VISIT_DAY", fixed)), (None, fixed));
    assert_eq!(from("DAY_BEFORE", None), None);
    assert_eq!(from("DAY_BEFORE", fixed), Some(date(2026, 6, 16)));
    assert_eq!(from("DAY_BEFORE", Some(first)), Some(first), "an outcome may be voided till then");
    let default = Policy::resolve("990001", &[], first);
    assert_eq!(release::from(&default, first, fixed), Some(first));
    assert!(!release::to_leader_only(&default) && !release::to_departments(&default));
}
