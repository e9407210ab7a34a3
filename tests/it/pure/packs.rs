//! Policy packs are sound, and each of the documents' tensions is a setting with two sides.

use jiff::civil::{Date, date};
use onevisit::domain::Violations;
use onevisit::domain::calendar::{Calendar, UnknownYear};
use onevisit::domain::department::Level;
use onevisit::domain::pack::Pack;
use onevisit::domain::policy::{
    ANNUAL_CAP, COMPETENCE, COMPLETION, Form, KEYS, MIN_PER_DEPARTMENT, MIN_PER_VISIT,
    NAMES_RELEASE, NOTICE, NOTICE_DAYS, PLAN_CHECKS_MIN, PUBLICATION_DAYS, Policy, PolicyValue,
    TEAM,
};

const DAY: Date = date(2026, 6, 15);

fn adopted(packs: &[&str]) -> Policy {
    let of = |id: &&str| {
        let pack = Pack::named(id).expect("pack");
        pack.issued("990001", pack.level, pack.effective_from.unwrap_or(date(2020, 1, 1)))
    };
    let values: Vec<PolicyValue> = packs.iter().flat_map(of).collect();
    Policy::resolve("990001", &values, DAY)
}

fn set(values: &[(&str, &str)]) -> Policy {
    let value = |(key, value): &(&str, &str)| PolicyValue {
        key: (*key).to_owned(),
        value: (*value).to_owned(),
        level: Level::County,
        effective_from: date(2026, 1, 1),
        jurisdiction: "990001".into(),
        source: "测试文件".into(),
    };
    let values: Vec<PolicyValue> = values.iter().map(value).collect();
    let mut violations = Violations::default();
    values.iter().for_each(|v| v.check(&mut violations, "v"));
    violations.finish(()).expect("good values");
    Policy::resolve("990001", &values, DAY)
}

#[test]
fn every_pack_is_sound_and_names_its_clauses() {
    let packs = Pack::all();
    let ids: Vec<&str> = packs.iter().map(|p| p.id.as_str()).collect();
    let want =
        ["s0-haigang-2018", "s1-gaoxin-2017", "s2-xialu-2023", "s3-lingang", "s4-quanzhou-2016"];
    assert_eq!(ids, want);
    for pack in &packs {
        let mut violations = Violations::default();
        for value in pack.issued("990001", pack.level, DAY) {
            value.check(&mut violations, &pack.id);
        }
        assert_eq!(violations, Violations::default());
        let mut keys: Vec<&str> = pack.values.iter().map(|v| v.key.as_str()).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), pack.values.len(), "{} sets a key once", pack.id);
        assert!(pack.values.iter().all(|v| !v.clause.is_empty() && !v.says.is_empty()));
        assert!(pack.text.contains(&pack.title), "what is read is what was compiled in");
    }
}

#[test]
fn a_higher_level_wins_over_a_later_pack() {
    // The city's word on competence against the district's, whatever came later (R46).
    assert_eq!(adopted(&["s3-lingang"]).word(COMPETENCE), "ANY_ITEM");
    let both = adopted(&["s3-lingang", "s4-quanzhou-2016"]);
    assert_eq!(both.word(COMPETENCE), "PROFESSION_MATCH");
    // What the higher one is silent on stays as the lower one says.
    assert_eq!(both.word("replacement"), "APPOINTED");
    assert_eq!(both.number("ratio_floor_basis_points"), 500);
    assert_eq!(both.number("objection_review_days"), 20);
    // Within a level the later day.
    assert_eq!(adopted(&["s1-gaoxin-2017", "s3-lingang"]).word(COMPETENCE), "ANY_ITEM");
}

#[test]
fn what_a_draw_does_not_depend_on_is_not_bound_into_its_freeze() {
    let text = set(&[]).text();
    assert_eq!(text, set(&[(PUBLICATION_DAYS, "10"), (COMPLETION, "EXAMINED_ONLY")]).text());
    assert_ne!(text, set(&[(TEAM, "ROTATION")]).text());
    // The keys and their order of the first release: a freeze says the same as before.
    let names: Vec<&str> = text.lines().filter_map(|l| l.split('=').next()).collect();
    let want = "annual_cap cap_exempt_risk competence inspector_cap marked_ratio_percent \
                min_per_department min_per_visit ratio_base ratio_floor_basis_points \
                recognition_months replacement superior_clean_months team";
    assert_eq!(names.join(" "), want);
}

#[test]
fn tension_1_the_cap_is_per_subject_and_the_least_per_plan() {
    let both = adopted(&["s3-lingang", "s4-quanzhou-2016"]);
    assert_eq!((both.number(ANNUAL_CAP), both.number(PLAN_CHECKS_MIN)), (2, 2));
    let apart = set(&[(ANNUAL_CAP, "1"), (PLAN_CHECKS_MIN, "4")]);
    assert_eq!((apart.number(ANNUAL_CAP), apart.number(PLAN_CHECKS_MIN)), (1, 4));
}

#[test]
fn tensions_2_3_and_4_have_a_setting_for_either_side() {
    // What each side does to a draw is in rpc/rules.rs and rpc/tensions.rs.
    assert_eq!(adopted(&["s1-gaoxin-2017"]).word(COMPETENCE), "PROFESSION_MATCH");
    assert_eq!(adopted(&["s3-lingang"]).word(COMPETENCE), "ANY_ITEM");
    for (people, each) in [("2", "1"), ("2", "2")] {
        let policy = set(&[(MIN_PER_VISIT, people), (MIN_PER_DEPARTMENT, each)]);
        assert_eq!(policy.number(MIN_PER_VISIT), 2);
        assert_eq!(policy.number(MIN_PER_DEPARTMENT).to_string(), each);
    }
    assert_eq!(adopted(&["s4-quanzhou-2016"]).word(TEAM), "CONTINUITY");
    assert_eq!(set(&[(TEAM, "ROTATION")]).word(TEAM), "ROTATION");
    assert_eq!(set(&[]).word(TEAM), "NONE");
}

#[test]
fn tension_5_notice_is_timed_and_per_audience() {
    let calendar = Calendar::of(Calendar::built_in(), &[String::new()]);
    let first = date(2026, 10, 8);
    let none = adopted(&["s4-quanzhou-2016"]);
    assert_eq!(none.notice_on(first, &calendar), Ok(None));
    assert_eq!(none.word(NAMES_RELEASE), "FIRST_DAY");
    let arrival = set(&[(NOTICE, "ON_ARRIVAL"), (NAMES_RELEASE, "VISIT_DAY")]);
    assert_eq!(arrival.notice_on(first, &calendar), Ok(Some(first)));
    assert_eq!(arrival.word(NAMES_RELEASE), "VISIT_DAY");
    // Three working days before, over the National Day.
    let before = set(&[(NOTICE, "DAYS_BEFORE"), (NOTICE_DAYS, "3")]);
    assert_eq!(before.notice_on(first, &calendar), Ok(Some(date(2026, 9, 28))));
    assert_eq!(before.word(NAMES_RELEASE), "FIRST_DAY", "the team learns no more than before");
    let unknown = before.notice_on(date(2024, 1, 2), &calendar);
    assert_eq!(unknown, Err(UnknownYear { year: 2023 }));
}

#[test]
fn tension_6_terminated_visits_count_or_do_not() {
    let counts = adopted(&["s3-lingang"]);
    assert!(counts.is_completed(true) && counts.is_completed(false));
    let examined = set(&[(COMPLETION, "EXAMINED_ONLY")]);
    assert!(!examined.is_completed(true) && examined.is_completed(false));
}

#[test]
fn tension_7_no_place_of_a_document_becomes_a_value() {
    for pack in Pack::all() {
        for value in pack.issued("990001", Level::County, DAY) {
            assert_eq!(value.jurisdiction, "990001");
            assert!(value.value.is_ascii(), "{}: {}", value.key, value.value);
        }
        assert!(pack.values.iter().all(|v| !v.says.contains("河间")), "a copy error of S2");
    }
}

#[test]
fn tension_8_a_publication_deadline_is_set_where_documents_name_none() {
    for pack in Pack::all() {
        assert!(pack.values.iter().all(|v| v.key != PUBLICATION_DAYS), "{}", pack.id);
    }
    assert_eq!(adopted(&["s3-lingang"]).number(PUBLICATION_DAYS), 20);
    assert_eq!(set(&[(PUBLICATION_DAYS, "7")]).number(PUBLICATION_DAYS), 7);
}

#[test]
fn every_key_has_a_requirement_and_a_default_of_its_own_form() {
    for key in KEYS {
        assert!(key.source.contains('R'), "{}", key.name);
        match key.form {
            Form::Word(words) => {
                assert!(words.len() >= 2 && words[0] == key.default, "{}", key.name);
            }
            Form::Number(max) => {
                let default: i64 = key.default.parse().expect("number");
                assert!((0..=max).contains(&default), "{}", key.name);
            }
        }
    }
    for tension in [1, 2, 3, 4, 5, 6, 8] {
        let named = format!("tension {tension}");
        assert!(KEYS.iter().any(|k| k.source.contains(&named)), "{named}");
    }
}
