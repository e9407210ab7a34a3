//! Rules, slots and the state machines of templates and slots.

use jiff::civil::{Date, date};
use onevisit::domain::Violations;
use onevisit::domain::calendar::{Calendar, UnknownYear};
use onevisit::domain::day;
use onevisit::domain::schedule::{Rule, SlotState, TemplateAction, TemplateState, campaign_id};

fn rule(months: &[i8], days: &[i8], weekdays: &[i8], working_days: bool) -> Rule {
    let (months, days, weekdays) = (months.to_vec(), days.to_vec(), weekdays.to_vec());
    Rule { months, days, weekdays, hour: 9, minute: 5, working_days }
}

fn calendar() -> Calendar {
    Calendar::of(Calendar::built_in(), &[String::new()])
}

/// (day of the slot, day it is due on) of a stretch of days.
fn slots(rule: &Rule, first: Date, last: Date) -> Vec<(Date, Date)> {
    let calendar = calendar();
    let mut at = first;
    let mut out = Vec::new();
    while at <= last {
        if rule.comes_on(at, &calendar).expect("known") {
            let due = rule.due_us(at, &calendar).expect("known");
            assert!(day::instant_text(due).ends_with("T09:05:00+08:00"));
            out.push((at, day::of_instant(due)));
        }
        at = day::next(at);
    }
    out
}

#[test]
fn slots_move_to_working_days_and_never_together() {
    // Wednesdays and Thursdays around the National Day of 2026: the Thursday and both of the week
    // after, in the holiday, become one.
    let often = rule(&[], &[], &[3, 4], true);
    let found = slots(&often, date(2026, 9, 28), date(2026, 10, 9));
    let day = |d| date(2026, 10, d);
    assert_eq!(found, [(date(2026, 9, 30), date(2026, 9, 30)), (day(1), day(8))]);
    // The same without regard to working days.
    let plain = rule(&[], &[], &[3, 4], false);
    let found = slots(&plain, date(2026, 9, 28), date(2026, 10, 9));
    assert!(found.iter().all(|(slot, due)| slot == due));
    assert_eq!(found.len(), 4);
    // A Saturday that is worked stays where it is.
    let saturdays = rule(&[10], &[], &[6], true);
    let found = slots(&saturdays, day(1), day(31));
    assert_eq!(
        found,
        [
            (day(3), day(8)),
            (day(10), day(10)),
            (day(17), day(19)),
            (day(24), day(26)),
            (day(31), date(2026, 11, 2))
        ]
    );
}

#[test]
fn all_three_lists_have_to_suit() {
    let last = rule(&[2, 12], &[-1], &[], false);
    let days = |rule: &Rule| -> Vec<Date> {
        let found = slots(rule, date(2024, 1, 1), date(2026, 12, 31));
        found.into_iter().map(|(slot, _)| slot).collect()
    };
    let want = [
        (2024, 2, 29),
        (2024, 12, 31),
        (2025, 2, 28),
        (2025, 12, 31),
        (2026, 2, 28),
        (2026, 12, 31),
    ];
    assert_eq!(days(&last), want.map(|(y, m, d)| date(y, m, d)));
    // Friday the thirteenth.
    let friday = rule(&[], &[13], &[5], false);
    let want = [(2024, 9), (2024, 12), (2025, 6), (2026, 2), (2026, 3), (2026, 11)];
    assert_eq!(days(&friday), want.map(|(y, m)| date(y, m, 13)));
}

#[test]
fn a_slot_of_an_unknown_year_has_no_day() {
    let rule = rule(&[], &[1], &[], true);
    let unknown = Err(UnknownYear { year: 2027 });
    assert_eq!(rule.due_us(date(2027, 1, 1), &calendar()), unknown);
    assert_eq!(rule.comes_on(date(2027, 2, 1), &calendar()), Err(UnknownYear { year: 2027 }));
    assert_eq!(
        rule.comes_on(date(2027, 2, 2), &calendar()),
        Ok(false),
        "no slot needs no calendar"
    );
}

#[test]
fn rules_are_bounded() {
    let rules = |rule: &Rule| -> Vec<String> {
        let mut violations = Violations::default();
        rule.check(&mut violations, "r");
        violations.into_vec().into_iter().map(|v| v.rule).collect()
    };
    assert_eq!(rules(&rule(&[1, 12], &[-1, 1, 31], &[1, 7], true)), [""; 0]);
    assert_eq!(rules(&rule(&[1], &[], &[], true)), ["DAYS_OR_WEEKDAYS"]);
    assert_eq!(rules(&rule(&[0], &[32], &[8], true)), ["RANGE"; 3]);
    assert_eq!(rules(&rule(&[3, 2], &[5, 5], &[], true)), ["NOT_IN_ORDER"; 2]);
}

#[test]
fn every_transition_that_is_not_listed_is_refused() {
    use TemplateAction::{Answer, Approve, Stop};
    use TemplateState::{Approved, Proposed, Stopped};
    let listed = [
        (Proposed, Answer, Proposed),
        (Proposed, Approve, Approved),
        (Proposed, Stop, Stopped),
        (Approved, Stop, Stopped),
    ];
    for state in TemplateState::ALL {
        for action in [Answer, Approve, Stop] {
            let found = listed.iter().find(|(s, a, _)| *s == state && *a == action);
            assert_eq!(state.after(action), found.map(|(_, _, next)| *next));
        }
    }
    for from in SlotState::ALL {
        for to in SlotState::ALL {
            let may = from == SlotState::Announced
                && matches!(to, SlotState::Frozen | SlotState::Unfrozen);
            assert_eq!(from.may_become(to), may, "{from:?} to {to:?}");
        }
    }
}

#[test]
fn a_campaign_is_named_by_its_slot() {
    let rule = rule(&[], &[1], &[], true);
    let id = campaign_id("joint", rule.slot(date(2026, 10, 1)));
    assert_eq!(id, "joint-20261001-0905");
}
