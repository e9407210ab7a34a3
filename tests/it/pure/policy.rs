//! Superior rules override local ones; a value holds from its day on (R46).

use jiff::civil::{Date, date};
use onevisit::domain::Violations;
use onevisit::domain::department::Level;
use onevisit::domain::policy::{ANNUAL_CAP, Policy, PolicyValue};

fn issued(value: &str, level: Level, effective_from: Date) -> PolicyValue {
    PolicyValue {
        key: ANNUAL_CAP.into(),
        value: value.into(),
        level,
        effective_from,
        jurisdiction: "990001".into(),
        source: "测试文件".into(),
    }
}

#[test]
fn precedence_is_level_then_day() {
    let values = [
        issued("4", Level::County, date(2026, 1, 1)),
        issued("3", Level::County, date(2026, 3, 1)),
        issued("1", Level::Province, date(2026, 6, 1)),
    ];
    let on = |day| Policy::resolve("990001", &values, day).number(ANNUAL_CAP);
    assert_eq!(on(date(2025, 12, 31)), 2, "the default");
    assert_eq!(on(date(2026, 2, 1)), 4);
    assert_eq!(on(date(2026, 3, 1)), 3);
    assert_eq!(on(date(2026, 6, 1)), 1, "the province's word, though it came later");
}

#[test]
fn unknown_keys_and_values_are_refused() {
    let mut violations = Violations::default();
    let mut bad = issued("-1", Level::County, date(2026, 1, 1));
    bad.check(&mut violations, "v");
    bad.key = "no_such".into();
    bad.check(&mut violations, "v");
    let rules: Vec<String> = violations.into_vec().into_iter().map(|v| v.rule).collect();
    assert_eq!(rules, ["POLICY_VALUE", "UNKNOWN_POLICY"]);
}
