//! The calendar of working days: what comes with the program, what an office imports over it.

use onevisit::rpc::pb;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::{reason, violations};
use crate::harness::client::{DISTRICT, Service};
use crate::harness::{Engine, on_every_engine};

on_every_engine! {
    working_days_are_counted_with_the_years_in_force, an_unknown_year_is_refused_until_imported,
    a_later_version_supersedes_and_a_nearer_scope_goes_first, a_year_is_checked_and_once_imported,
}

async fn count(
    service: &Service,
    jurisdiction: &str,
    from: &str,
    working_days: i64,
) -> Result<pb::CountWorkingDaysResponse, Status> {
    let request = pb::CountWorkingDaysRequest {
        jurisdiction: jurisdiction.into(),
        from: from.into(),
        working_days,
    };
    Ok(service.office().calendar().count_working_days(request).await?.into_inner())
}

pub fn year(year: i32, jurisdiction: &str, off: [&str; 2], swapped: &[&str]) -> pb::CalendarYear {
    pb::CalendarYear {
        year,
        jurisdiction: jurisdiction.into(),
        source: "测试通知".into(),
        published_on: "2026-11-04".into(),
        holidays: vec![pb::CalendarHoliday {
            name: "元旦".into(),
            first_day: off[0].into(),
            last_day: off[1].into(),
        }],
        swapped_days: swapped.iter().map(|s| (*s).to_owned()).collect(),
        ..Default::default()
    }
}

pub async fn import(
    service: &Service,
    id: &str,
    year: pb::CalendarYear,
) -> Result<pb::CalendarYear, Status> {
    let request =
        pb::ImportCalendarYearRequest { request_id: id.into(), calendar_year: Some(year) };
    let reply = service.office().calendar().import_calendar_year(request).await?.into_inner();
    Ok(reply.calendar_year.expect("year"))
}

async fn list(service: &Service, show_superseded: bool) -> Vec<(i32, i64)> {
    let mut page_token = String::new();
    let mut found = Vec::new();
    loop {
        let request = pb::ListCalendarYearsRequest {
            show_superseded,
            page_size: 2,
            page_token,
            ..Default::default()
        };
        let reply = service.office().calendar().list_calendar_years(request).await.expect("list");
        let reply = reply.into_inner();
        found.extend(reply.calendar_years.iter().map(|y| (y.year, y.version)));
        page_token = reply.next_page_token;
        if page_token.is_empty() {
            return found;
        }
    }
}

async fn working_days_are_counted_with_the_years_in_force(engine: Engine) {
    let service = Service::start(engine).await;
    // 20 working days to review an objection handed in before the National Day of 2026.
    let found = count(&service, "", "2026-09-18", 20).await.expect("count");
    assert_eq!(found.day, "2026-10-22");
    let with = pb::CalendarVersion { year: 2026, jurisdiction: String::new(), version: 1 };
    assert_eq!(found.counted_with, [with]);
    // From today, 2026-06-15: the Dragon Boat Festival lies between.
    assert_eq!(count(&service, "", "", 5).await.expect("count").day, "2026-06-23");
    let status = count(&service, "", "2026-6-1", -1).await.expect_err("form");
    assert_eq!(violations(&status), [("from".into(), "DATE_FORM".into())]);
    let status = count(&service, "", "2026-06-01", -1).await.expect_err("range");
    assert_eq!(violations(&status), [("working_days".into(), "COUNT_RANGE".into())]);
}

async fn an_unknown_year_is_refused_until_imported(engine: Engine) {
    let service = Service::start(engine).await;
    let status = count(&service, "", "2026-12-25", 20).await.expect_err("unknown");
    assert_eq!(status.code(), Code::FailedPrecondition);
    let info = status.get_details_error_info().expect("info");
    assert_eq!(
        (info.reason.as_str(), info.metadata["year"].as_str()),
        ("CALENDAR_YEAR_UNKNOWN", "2027")
    );
    let new = year(2027, "", ["2027-01-01", "2027-01-03"], &["2027-01-09"]);
    let stored = import(&service, "i1", new).await.expect("import");
    assert_eq!((stored.version, stored.etag.as_str()), (1, "1"));
    // Four days of 2026, then from Monday 4 to Saturday 9, and so on to Monday 25.
    let found = count(&service, "", "2026-12-25", 20).await.expect("count");
    assert_eq!(found.day, "2027-01-22");
    assert_eq!(found.counted_with.iter().map(|c| c.year).collect::<Vec<_>>(), [2026, 2027]);
}

async fn a_later_version_supersedes_and_a_nearer_scope_goes_first(engine: Engine) {
    let service = Service::start(engine).await;
    service.district(&["fire"]).await;
    let second = |etag: &str| pb::CalendarYear {
        etag: etag.into(),
        ..year(2026, "", ["2026-06-16", "2026-06-16"], &[])
    };
    let stale = import(&service, "i1", second("2")).await.expect_err("not the latest");
    assert_eq!(reason(&stale), "CHANGED_MEANWHILE");
    assert_eq!(import(&service, "i2", second("1")).await.expect("import").version, 2);
    assert_eq!(list(&service, false).await, [(2024, 1), (2025, 1), (2026, 2)]);
    assert_eq!(list(&service, true).await, [(2024, 1), (2025, 1), (2026, 1), (2026, 2)]);
    assert_eq!(count(&service, "", "2026-06-15", 1).await.expect("count").day, "2026-06-17");
    let own = year(2026, DISTRICT, ["2026-06-16", "2026-06-17"], &[]);
    assert_eq!(import(&service, "i3", own).await.expect("import").version, 1);
    let here = count(&service, DISTRICT, "2026-06-15", 1).await.expect("count");
    assert_eq!(here.day, "2026-06-18");
    let with = pb::CalendarVersion { year: 2026, jurisdiction: DISTRICT.into(), version: 1 };
    assert_eq!(here.counted_with, [with]);
    assert_eq!(count(&service, "", "2026-06-15", 1).await.expect("count").day, "2026-06-17");
    // A jurisdiction that nobody has registered follows the country.
    assert_eq!(count(&service, "880001", "2026-06-15", 1).await.expect("count").day, "2026-06-17");
}

async fn a_year_is_checked_and_once_imported(engine: Engine) {
    let service = Service::start(engine).await;
    let keys = service.district(&["fire"]).await;
    let bad = year(2027, "", ["2026-12-31", "2027-01-03"], &["2027-01-08", "2027-01-02"]);
    let status = import(&service, "i1", bad).await.expect_err("bad");
    let found: Vec<String> = violations(&status).into_iter().map(|(_, rule)| rule).collect();
    assert_eq!(
        found,
        ["OUTSIDE_YEAR", "SWAPPED_DAY_IS_A_WEEKDAY", "SWAPPED_DAY_IS_A_HOLIDAY", "NOT_IN_ORDER"]
    );
    let good = year(2027, "", ["2027-01-01", "2027-01-03"], &[]);
    let once = import(&service, "i2", good.clone()).await.expect("import");
    assert_eq!(import(&service, "i2", good.clone()).await.expect("again"), once);
    assert_eq!(list(&service, true).await.last(), Some(&(2027, 1)));
    let nowhere = pb::CalendarYear { jurisdiction: "880001".into(), ..good.clone() };
    let status = import(&service, "i3", nowhere).await.expect_err("unknown jurisdiction");
    assert_eq!(status.code(), Code::NotFound);
    let request =
        pb::ImportCalendarYearRequest { request_id: "i4".into(), calendar_year: Some(good) };
    let fire = service.with(&keys["fire"]);
    let status = fire.calendar().import_calendar_year(request).await.expect_err("a department");
    assert_eq!(reason(&status), "OFFICE_ONLY");
    let mut tx = service.app.db.begin().await.expect("begin");
    let sql = "UPDATE calendar_years SET version = 7 WHERE scope = ''";
    assert!(tx.query(sql).execute().await.is_err(), "a stored year does not change");
}
