//! Ratios, frequencies and methods as item lists write them. What says no number is kept as words
//! for somebody to decide, never given a default.

use crate::domain::item::{FrequencyRule, Method, RatioRule};

/// Says nothing yet.
const NO_RATIO: RatioRule =
    RatioRule { min: None, max: None, fixed: None, deferred: String::new() };

/// Reads a ratio: `5%`, `不少于30%`, `不超过2%`, `2‰`; anything else is deferred to its words.
#[must_use]
pub fn ratio(text: &str) -> RatioRule {
    let text = text.trim();
    let shares = shares(text);
    let deferred = RatioRule { deferred: text.to_owned(), ..NO_RATIO };
    match shares[..] {
        [share] if ["不超过", "不高于", "以内"].iter().any(|w| text.contains(w)) => {
            RatioRule { max: Some(share), ..NO_RATIO }
        }
        [share] => RatioRule { min: Some(share), ..NO_RATIO },
        _ if text.is_empty() => RatioRule { deferred: "清单未写明".to_owned(), ..NO_RATIO },
        _ => deferred,
    }
}

/// All shares in a text, in basis points.
fn shares(text: &str) -> Vec<i64> {
    let mut out = Vec::new();
    for (at, unit) in text.char_indices().filter(|(_, c)| matches!(c, '%' | '％' | '‰')) {
        let before = &text[..at];
        let start = before
            .char_indices()
            .rev()
            .take_while(|(_, c)| c.is_ascii_digit() || *c == '.')
            .last()
            .map_or(at, |(i, _)| i);
        let per_unit = if unit == '‰' { 10 } else { 100 };
        out.extend(points(&before[start..], per_unit));
    }
    out
}

/// `whole.fraction` times `per_unit`, without floating point; `None` when it is not whole.
fn points(number: &str, per_unit: i64) -> Option<i64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let scale = 10_i64.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let digits: i64 = format!("{whole}{fraction}").parse().ok()?;
    let points = digits.checked_mul(per_unit)?;
    (points % scale == 0).then_some(points / scale)
}

/// Reads a frequency: one sentence of the form `每年..N次`, `每季度..N次`, `每月..N次`.
#[must_use]
pub fn frequency(text: &str) -> FrequencyRule {
    let text = text.trim();
    let periods = [("每年", 12), ("每半年", 6), ("每季度", 3), ("每月", 1)];
    let found: Vec<i64> =
        periods.iter().filter(|(word, _)| text.contains(word)).map(|(_, m)| *m).collect();
    let times: Vec<i64> = text.split('次').filter_map(last_number).collect();
    match (&found[..], &times[..]) {
        ([months], [times]) => {
            FrequencyRule { times: *times, window_months: *months, deferred: String::new() }
        }
        _ => FrequencyRule { times: 0, window_months: 0, deferred: text.to_owned() },
    }
}

fn last_number(before: &str) -> Option<i64> {
    let digits: String = before.chars().rev().take_while(char::is_ascii_digit).collect();
    digits.chars().rev().collect::<String>().parse().ok()
}

/// Reads methods by their words; empty when the cell names none of them.
#[must_use]
pub fn methods(text: &str) -> Vec<Method> {
    let words = [
        ("现场", Method::OnSite),
        ("书面", Method::Document),
        ("实地", Method::FieldVerification),
        ("抽样", Method::SamplingTest),
        ("检测", Method::SamplingTest),
        ("检验", Method::SamplingTest),
        ("网络", Method::OnlineMonitoring),
    ];
    let mut methods: Vec<Method> =
        words.iter().filter(|(w, _)| text.contains(w)).map(|(_, m)| *m).collect();
    methods.dedup();
    methods
}
