//! Working days with swapped days, and years that nobody has announced.

use jiff::civil::{Date, date};
use onevisit::domain::Violations;
use onevisit::domain::calendar::{Calendar, Counted, Holiday, UnknownYear, YearTable};

use crate::harness::real_data;

fn national() -> Calendar {
    Calendar::of(Calendar::built_in(), &[String::new()])
}

fn rules(table: &YearTable) -> Vec<String> {
    let mut violations = Violations::default();
    table.check(&mut violations, "t");
    violations.into_vec().into_iter().map(|v| v.rule).collect()
}

#[test]
fn the_built_in_years_are_sound() {
    let tables = Calendar::built_in();
    let years: Vec<(i16, i64)> = tables.iter().map(|t| (t.year, t.version)).collect();
    assert_eq!(years, [(2024, 1), (2025, 1), (2026, 1)]);
    for table in &tables {
        assert_eq!(rules(table), [""; 0], "{}", table.year);
    }
    // Days off and worked weekends of the three notices.
    let count = |t: &YearTable| {
        let off = |h: &Holiday| h.last.since(h.first).expect("span").get_days() + 1;
        (t.holidays.iter().map(off).sum::<i32>(), t.swapped.len())
    };
    assert_eq!(tables.iter().map(count).collect::<Vec<_>>(), [(28, 8), (28, 5), (33, 6)]);
    let calendar = national();
    let worked = |year| {
        calendar.working_days_between(date(year - 1, 12, 31), date(year, 12, 31)).expect("known")
    };
    assert_eq!([worked(2024), worked(2025), worked(2026)], [251, 248, 248]);
}

#[test]
fn every_day_agrees_with_the_kept_list() {
    let Some(folder) = real_data() else { return };
    let path = folder.join("reference/cn_holidays_2004_2026.csv");
    let mut reader = csv::Reader::from_path(path).expect("list");
    let calendar = national();
    let mut compared = 0;
    for row in reader.records() {
        let row = row.expect("row");
        let day: Date = row[0].parse().expect("day");
        if day.year() < 2024 {
            continue;
        }
        let worked = &row[1] == "makeup_workday";
        assert_eq!(calendar.is_working_day(day), Ok(worked), "{day}");
        compared += 1;
    }
    assert_eq!(compared, 36 + 33 + 39);
}

#[test]
fn deadlines_step_over_holidays_and_onto_swapped_days() {
    let calendar = national();
    let after = |day, n| calendar.add_working_days(day, n).expect("known");
    // Monday 2026-02-09: the Saturday before the Spring Festival is worked, nine days are not.
    assert_eq!(after(date(2026, 2, 9), 5), date(2026, 2, 14));
    assert_eq!(after(date(2026, 2, 9), 6), date(2026, 2, 24));
    assert_eq!(after(date(2026, 2, 9), 20), date(2026, 3, 13));
    // 15 working days over the National Day of 2025, with two worked weekend days.
    assert_eq!(after(date(2025, 9, 26), 15), date(2025, 10, 23));
    // Over the turn of the year.
    assert_eq!(after(date(2025, 12, 31), 1), date(2026, 1, 4), "a worked Sunday");
    // None: the day itself, or the next that is worked.
    assert_eq!(after(date(2026, 2, 14), 0), date(2026, 2, 14));
    assert_eq!(after(date(2026, 2, 15), 0), date(2026, 2, 24));
    assert_eq!(calendar.working_days_between(date(2026, 2, 9), date(2026, 2, 24)), Ok(6));
    assert_eq!(calendar.working_days_between(date(2026, 2, 24), date(2026, 2, 9)), Ok(-6));
    assert_eq!(calendar.working_days_between(date(2026, 2, 9), date(2026, 2, 9)), Ok(0));
}

#[test]
fn adding_and_counting_are_inverse_on_every_day_of_three_years() {
    let calendar = national();
    let mut day = date(2024, 1, 1);
    while day < date(2026, 11, 1) {
        for n in [1, 15, 20] {
            let due = calendar.add_working_days(day, n).expect("known");
            assert_eq!(calendar.is_working_day(due), Ok(true));
            assert_eq!(calendar.working_days_between(day, due), Ok(n), "{day} + {n}");
        }
        day = day.tomorrow().expect("day");
    }
}

#[test]
fn an_unknown_year_is_named() {
    let calendar = national();
    let unknown = Err(UnknownYear { year: 2027 });
    assert_eq!(calendar.add_working_days(date(2026, 12, 25), 20), unknown);
    assert_eq!(calendar.is_working_day(date(2027, 1, 2)).map(|_| date(2027, 1, 2)), unknown);
    assert_eq!(calendar.on_or_after(date(2027, 1, 4)), unknown);
    assert_eq!(
        calendar.working_days_between(date(2026, 12, 30), date(2027, 1, 4)),
        Err(UnknownYear { year: 2027 })
    );
    assert!(UnknownYear { year: 2027 }.to_string().contains("2027"));
    // The last deadline that does not need the year.
    assert_eq!(calendar.add_working_days(date(2026, 12, 25), 4), Ok(date(2026, 12, 31)));
}

#[test]
fn the_nearest_scope_and_then_the_latest_version_holds() {
    let table = |scope: &str, version, day| YearTable {
        scope: scope.into(),
        version,
        holidays: vec![Holiday { name: "节".into(), first: day, last: day }],
        swapped: vec![],
        ..Calendar::built_in()[2].clone()
    };
    let tables = vec![
        table("", 2, date(2026, 3, 2)),
        table("990000", 1, date(2026, 3, 3)),
        table("", 1, date(2026, 3, 4)),
        table("990000", 2, date(2026, 3, 5)),
        table("880000", 9, date(2026, 3, 6)),
    ];
    let off = |scopes: &[&str]| {
        let scopes: Vec<String> = scopes.iter().map(|s| (*s).to_owned()).collect();
        let calendar = Calendar::of(tables.clone(), &scopes);
        let due = calendar.due(date(2026, 3, 1), 1).expect("known");
        let march = (2..=6).map(|d| date(2026, 3, d));
        let off = march.filter(|d| calendar.is_working_day(*d) == Ok(false)).collect::<Vec<_>>();
        (off, due.counted_with)
    };
    let by = |scope: &str, version| vec![Counted { year: 2026, scope: scope.into(), version }];
    assert_eq!(off(&[""]), (vec![date(2026, 3, 2)], by("", 2)));
    assert_eq!(off(&["990001", "990000", ""]), (vec![date(2026, 3, 5)], by("990000", 2)));
}

#[test]
fn a_deadline_says_which_years_it_was_counted_with() {
    let due = national().due(date(2025, 12, 31), 1).expect("known");
    assert_eq!(due.day, date(2026, 1, 4));
    assert_eq!(due.counted_with.iter().map(|c| c.year).collect::<Vec<_>>(), [2026]);
    let due = national().due(date(2025, 12, 20), 20).expect("known");
    assert_eq!(due.counted_with.iter().map(|c| c.year).collect::<Vec<_>>(), [2025, 2026]);
}

#[test]
fn a_table_is_checked_all_at_once() {
    let good = Calendar::built_in()[2].clone();
    let mut bad = good.clone();
    bad.source = String::new();
    bad.holidays[2].first = date(2026, 4, 7);
    bad.holidays[6].last = date(2027, 1, 3);
    bad.swapped[0] = date(2026, 1, 5);
    bad.swapped[1] = date(2026, 2, 15);
    bad.swapped[3] = date(2026, 2, 28);
    assert_eq!(
        rules(&bad),
        [
            "REQUIRED",
            "BEFORE_FIRST_DAY",
            "OUTSIDE_YEAR",
            "TOO_LONG",
            "SWAPPED_DAY_IS_A_WEEKDAY",
            "SWAPPED_DAY_IS_A_HOLIDAY",
            "NOT_IN_ORDER",
            "SWAPPED_DAY_IS_A_HOLIDAY",
        ]
    );
}
