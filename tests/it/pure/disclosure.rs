//! Results, deadlines and exported cells, without a database.

use jiff::civil::date;
use onevisit::domain::Violations;
use onevisit::domain::calendar::Calendar;
use onevisit::domain::check::{Check, CheckSection, CheckState, ResultCode};
use onevisit::domain::correction::Erratum;
use onevisit::domain::csv_cell::line;
use onevisit::domain::deadline::Deadline;
use onevisit::domain::publication::{
    Publication, ResultAction, ResultItem, ResultState, publisher, result_text,
};

#[test]
fn every_move_of_a_result_that_is_not_listed_is_refused() {
    use ResultAction as Do;
    use ResultState as Is;
    let listed = [
        (Is::Pending, Do::Submit, Is::InReview),
        (Is::Pending, Do::Publish, Is::Published),
        (Is::Pending, Do::Withhold, Is::Withheld),
        (Is::InReview, Do::Return, Is::Pending),
        (Is::InReview, Do::ReturnWithheld, Is::Withheld),
        (Is::InReview, Do::Publish, Is::Published),
        (Is::InReview, Do::Withhold, Is::Withheld),
        (Is::Withheld, Do::Submit, Is::InReview),
        (Is::Withheld, Do::Publish, Is::Published),
    ];
    let mut allowed = 0;
    for from in ResultState::ALL {
        for action in [Do::Submit, Do::Return, Do::ReturnWithheld, Do::Publish, Do::Withhold] {
            let wanted = listed.iter().find(|(s, a, _)| *s == from && *a == action);
            assert_eq!(from.after(action), wanted.map(|(.., to)| *to), "{from:?} {action:?}");
            allowed += usize::from(wanted.is_some());
        }
    }
    assert_eq!(allowed, listed.len());
}

#[test]
fn a_deadline_counts_swapped_days_and_says_nothing_of_unknown_years() {
    let calendar = Calendar::of(Calendar::built_in(), &[String::new()]);
    // Before the Spring Festival of 2026: Saturday 14 February is worked, 15 to 23 February are off.
    let deadline = Deadline::set(&calendar, date(2026, 2, 12), 3);
    assert_eq!(deadline.day(&calendar), Ok(date(2026, 2, 24)));
    let missed = |today, done| deadline.is_missed(&calendar, today, done);
    assert_eq!(missed(date(2026, 2, 24), None), Ok(false), "the last day is in time");
    assert_eq!(missed(date(2026, 2, 25), None), Ok(true));
    assert_eq!(missed(date(2026, 3, 25), Some(date(2026, 2, 24))), Ok(false), "met in time");
    assert_eq!(missed(date(2026, 3, 25), Some(date(2026, 2, 25))), Ok(true), "met too late");
    let nothing = Calendar::default();
    assert_eq!(deadline.day(&nothing), Ok(date(2026, 2, 24)), "what was counted stays");
    let open = Deadline::set(&nothing, date(2026, 2, 12), 3);
    assert_eq!(open.is_missed(&nothing, date(2026, 2, 15), None), Ok(false));
    assert_eq!(open.is_missed(&nothing, date(2026, 2, 16), None).map_err(|u| u.year), Err(2026));
    assert_eq!(open.day(&calendar), Ok(date(2026, 2, 24)), "counted when the year is known");
}

#[test]
fn threat_t27_a_cell_is_never_a_formula() {
    for hostile in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =cmd|'/C calc'!A0", "＝1", "＠a"] {
        let cells = line(&[hostile, "安全"]);
        assert!(cells.starts_with("\"'"), "{hostile:?} became {cells:?}");
    }
    assert_eq!(line(&["a\"b", "1-2", ""]), "\"a\"\"b\",\"1-2\",\"\"\r\n");
}

fn publication() -> Publication {
    let item = |code: &str, result| ResultItem { code: code.into(), name: code.into(), result };
    Publication {
        result: "c.1.1.fire".into(),
        version: 1,
        campaign: "c".into(),
        title: "t".into(),
        jurisdiction: "990001".into(),
        directed: false,
        rank: 1,
        ticket: String::new(),
        department: "fire".into(),
        department_name: "消防".into(),
        subject: "s".into(),
        name: "n".into(),
        checked_on: date(2026, 6, 15),
        items: vec![
            item("A1", ResultCode::NoIssueFound),
            item("A2", ResultCode::IssuePendingFollowUp),
        ],
        ground: None,
        published_us: 1,
        reason: String::new(),
    }
}

#[test]
fn an_erratum_names_what_is_published_and_makes_the_next_version() {
    let first = publication();
    let wrong = Erratum {
        items: vec![
            ("A9".into(), ResultCode::NoIssueFound),
            ("A1".into(), ResultCode::NoIssueFound),
            ("A1".into(), ResultCode::NoIssueFound),
        ],
        drop_ground: true,
        reason: " ".into(),
    };
    let mut violations = Violations::default();
    wrong.check(&mut violations, "e", &first);
    let rules: Vec<String> =
        violations.into_vec().into_iter().map(|v| format!("{} {}", v.field, v.rule)).collect();
    let wanted =
        ["e.reason REQUIRED", "e.items[0].code NOT_PUBLISHED", "e.items[2].code DUPLICATE"];
    assert_eq!(rules, wanted);
    let good = Erratum {
        items: vec![("A2".into(), ResultCode::NoIssueFound)],
        drop_ground: false,
        reason: "复核".into(),
    };
    let next = good.apply(&first, 9);
    assert_eq!((next.version, next.published_us, &*next.reason), (2, 9, "复核"));
    assert_eq!(first.words(), "未发现问题；发现问题待后续处理");
    assert_eq!(next.words(), "未发现问题");
    let ended = Publication { ground: Some(ResultCode::MovedOut), ..first };
    assert_eq!(ended.words(), result_text(ResultCode::MovedOut));
}

#[test]
fn who_draws_publishes_or_who_checks_or_the_lead() {
    let section = |department: &str, drawn: bool| CheckSection {
        department: department.into(),
        drawn,
        item_list_version: 1,
        items: Vec::new(),
        team: Vec::new(),
        findings: Vec::new(),
        signatures: Vec::new(),
    };
    let check = |sections: Vec<CheckSection>| Check {
        entry: None,
        campaign: "c".into(),
        attempt: 1,
        rank: 1,
        ticket: String::new(),
        state: CheckState::Completed,
        version: 1,
        salt: String::new(),
        day: date(2026, 6, 15),
        started_us: 0,
        finished_us: 0,
        sections,
        evidence: Vec::new(),
        conflicts: Vec::new(),
        termination: None,
    };
    let both = check(vec![section("fire", true), section("market", true), section("tax", false)]);
    let by = |check: &Check, word: &str, own: &str| publisher(word, "market", check, own);
    for (word, wanted) in [
        ("WHO_DRAWS", ["fire", "market", "market"]),
        ("WHO_CHECKS", ["fire", "market", "tax"]),
        ("LEAD", ["market", "market", "market"]),
    ] {
        assert_eq!(["fire", "market", "tax"].map(|own| by(&both, word, own)), wanted, "{word}");
    }
    let joined = check(vec![section("fire", true), section("market", false)]);
    assert_eq!(by(&joined, "WHO_DRAWS", "market"), "fire", "the lead has not drawn this one");
}
