//! Local modes.

use super::super::pb;
use super::{name, parse, present};
use crate::domain::Violations;
use crate::domain::local_mode::{Asks, LocalMode};
use crate::domain::subject::RiskFactKind;

/// Reads a mode; the version is set by the use-case.
///
/// # Errors
/// Its violations.
pub fn mode(message: Option<pb::LocalMode>) -> Result<LocalMode, Violations> {
    let mut v = Violations::default();
    let m = present(&mut v, "local_mode", message);
    let mut marks: Vec<RiskFactKind> = Vec::new();
    for (i, mark) in m.marks.iter().enumerate() {
        let word = pb::RiskFactKind::try_from(*mark).ok().map(|x| x.as_str_name());
        marks.extend(parse::<RiskFactKind>(
            &mut v,
            &format!("local_mode.marks[{i}]"),
            word,
            "RISK_FACT_KIND_",
        ));
    }
    v.finish(LocalMode {
        jurisdiction: m.jurisdiction,
        id: m.mode_id,
        name: m.name,
        basis: m.basis,
        asks: Asks {
            proposals: false,
            field: m.field,
            by_risk: m.by_risk,
            risk_classes: m.risk_classes,
            marks,
            items: m.catalogue_codes,
        },
        version: 0,
    })
}

/// Writes a mode.
#[must_use]
pub fn out(m: LocalMode) -> pb::LocalMode {
    let mark = |kind: &RiskFactKind| {
        let kind = pb::RiskFactKind::from_str_name(&name(kind, "RISK_FACT_KIND_"));
        kind.map_or(0, i32::from)
    };
    pb::LocalMode {
        mode_id: m.id,
        jurisdiction: m.jurisdiction,
        name: m.name,
        basis: m.basis,
        field: m.asks.field,
        by_risk: m.asks.by_risk,
        marks: m.asks.marks.iter().map(mark).collect(),
        risk_classes: m.asks.risk_classes,
        catalogue_codes: m.asks.items,
        version: m.version,
    }
}
