//! Matching of plans: the fewest visits, none outside a window, no task lost.

use jiff::civil::{Date, date};
use onevisit::domain::inspector::DateRange;
use onevisit::domain::plan::{Task, TaskState, Unmerged};
use onevisit::merge::stab::place;
use proptest::prelude::*;

fn day(n: i8) -> Date {
    date(2026, 6, 1).checked_add(jiff::Span::new().days(n)).expect("day")
}

fn task(department: &str, id: usize, subject: &str, first: i8, last: i8) -> Task {
    Task {
        id: format!("t{id}"),
        department: department.into(),
        subject_id: subject.into(),
        items: vec!["A1".into()],
        window: DateRange { first: day(first), last: day(last) },
        state: TaskState::Open,
        unmerged: None,
    }
}

#[test]
fn overlapping_windows_share_a_visit_and_reasons_are_given() {
    let tasks = vec![
        task("fire", 1, "s1", 0, 10),
        task("health", 2, "s1", 5, 15),
        task("market", 3, "s1", 20, 25),
        task("market", 4, "s2", 0, 5),
    ];
    let out = place(tasks, &[], |_| 10);
    let sizes: Vec<(String, usize)> =
        out.stops.iter().map(|s| (s.subject.clone(), s.tasks.len())).collect();
    assert_eq!(sizes, [("s1".into(), 2), ("s1".into(), 1), ("s2".into(), 1)]);
    let window = out.stops[0].window;
    assert_eq!((window.first, window.last), (day(5), day(10)));
    let why: Vec<_> = out.unmerged.iter().map(|t| (t.id.clone(), t.unmerged)).collect();
    assert_eq!(
        why,
        [("t3".into(), Some(Unmerged::WindowsApart)), ("t4".into(), Some(Unmerged::OnlyTask))]
    );
}

#[test]
fn caps_and_blackouts_are_kept() {
    let tasks = vec![
        task("fire", 1, "s1", 0, 2),
        task("health", 2, "s1", 0, 2),
        task("market", 3, "s1", 9, 9),
    ];
    let out = place(tasks.clone(), &[], |_| 1);
    assert_eq!(out.stops.len(), 1, "the visit that serves two tasks is kept");
    assert_eq!(out.unmerged[0].unmerged, Some(Unmerged::AnnualCap));
    let black = [DateRange { first: day(8), last: day(10) }];
    let out = place(tasks, &black, |_| 9);
    assert_eq!(out.unmerged[0].unmerged, Some(Unmerged::Blackout));
}

/// The fewest days that stab all windows, by trying every set of days.
fn fewest(windows: &[(i8, i8)]) -> u32 {
    let days: u32 = 12;
    (0u32..1 << days)
        .filter(|set| windows.iter().all(|(a, b)| (*a..=*b).any(|d| set & (1 << d) != 0)))
        .map(u32::count_ones)
        .min()
        .unwrap_or(0)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_choice_of_days_needs_fewer(windows in prop::collection::vec((0..12i8, 0..6i8), 1..7)) {
        let windows: Vec<(i8, i8)> = windows.into_iter().map(|(a, n)| (a, (a + n).min(11))).collect();
        let tasks: Vec<Task> = windows.iter().enumerate()
            .map(|(i, (a, b))| task(["fire", "health", "market"][i % 3], i, "s", *a, *b)).collect();
        let out = place(tasks, &[], |_| 100);
        prop_assert_eq!(u32::try_from(out.stops.len()).expect("few"), fewest(&windows));
        let placed: usize = out.stops.iter().map(|s| s.tasks.len()).sum();
        prop_assert_eq!(placed, windows.len());
        for stop in &out.stops {
            prop_assert!(stop.window.first <= stop.window.last);
            for t in &stop.tasks {
                prop_assert!(t.window.first <= stop.window.first && stop.window.last <= t.window.last);
            }
        }
    }
}
