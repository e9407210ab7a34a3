//! A year in figures.

use jiff::civil::date;
use onevisit::domain::visit::{Member, Section, Visit};
use onevisit::oversight::year::Year;

fn visit(rank: i64, month: i8, teams: &[(&str, &[&str])]) -> Visit {
    let member = |ticket: &&str| Member {
        ticket: (*ticket).to_owned(),
        inspector: String::new(),
        leader: false,
    };
    let section = |(department, team): &(&str, &[&str])| Section {
        department: (*department).to_owned(),
        drawn: true,
        rank,
        item_list_version: 1,
        items: Vec::new(),
        team: team.iter().map(member).collect(),
    };
    Visit {
        campaign: "c1".into(),
        attempt: 1,
        rank,
        unit: String::new(),
        subject: String::new(),
        name: String::new(),
        address: String::new(),
        district: String::new(),
        ticket: format!("t{rank}"),
        lot: String::new(),
        stratum: "risk:U".into(),
        first_day: date(2026, month, 1),
        last_day: date(2026, month, 20),
        sections: teams.iter().map(section).collect(),
        dropped: 0,
        stands_for: 0,
    }
}

#[test]
fn a_year_is_counted_with_its_idle_departments() {
    let mut gone = visit(4, 6, &[("fire", &["f1"]), ("market", &["m1"])]);
    gone.dropped = 1;
    let visits = [
        visit(1, 3, &[("fire", &["f1", ""]), ("market", &["m1"])]),
        visit(2, 6, &[("fire", &["f1"])]),
        visit(3, 6, &[("market", &["m2"])]),
        gone,
    ];
    let departments = ["fire", "idle", "market"].map(str::to_owned);
    let year = Year::of(&visits, &departments, 8_000);
    let rate = year.rate;
    assert_eq!((rate.checks, rate.joint_checks, rate.visits, rate.joint_visits), (4, 2, 3, 1));
    assert_eq!((year.saved(), year.dropped), (1, 1));
    // 80 % of four checks are 3.2: two more have to share a visit.
    assert_eq!(year.missing(), 2);
    let months: Vec<u64> = year.months.iter().map(|m| m.checks).collect();
    assert_eq!(months, [0, 0, 2, 0, 0, 2, 0, 0, 0, 0, 0, 0]);
    let load = |d: &str| {
        let l = &year.loads[d];
        (l.checks, l.joint, l.people, l.most, l.short)
    };
    assert_eq!(load("fire"), (2, 1, 1, 2, 1));
    assert_eq!(load("market"), (2, 1, 2, 1, 0));
    assert_eq!(load("idle"), (0, 0, 0, 0, 0), "idle is zero, not absent");
    assert_eq!(Year::of(&[], &departments, 8_000).missing(), 0);
}
