//! Policy packs and keys.

use super::super::pb;
use super::department::{level, level_out};
use crate::domain::Violations;
use crate::domain::department::Level;
use crate::domain::pack::{Pack, PackValue};
use crate::domain::policy::{Form, Key};

/// Reads a level, where none is one.
pub fn level_optional(violations: &mut Violations, field: &str, value: i32) -> Option<Level> {
    (value != 0).then(|| level(violations, field, value))
}

/// Writes a pack.
#[must_use]
pub fn pack_out(p: Pack) -> pb::PolicyPack {
    let value = |v: PackValue| pb::PolicyPackValue {
        key: v.key,
        value: v.value,
        clause: v.clause,
        says: v.says,
    };
    pb::PolicyPack {
        pack_id: p.id,
        title: p.title,
        document: p.document,
        level: level_out(p.level),
        effective_from: p.effective_from.map(|d| d.to_string()).unwrap_or_default(),
        values: p.values.into_iter().map(value).collect(),
    }
}

/// Writes a key.
#[must_use]
pub fn key_out(key: &Key) -> pb::PolicyKey {
    let (number_max, words) = match key.form {
        Form::Number(max) => (max, Vec::new()),
        Form::Word(words) => (0, words.iter().map(|w| (*w).to_owned()).collect()),
    };
    pb::PolicyKey {
        key: key.name.to_owned(),
        default_value: key.default.to_owned(),
        number_max,
        words,
        source: key.source.to_owned(),
        bound: key.bound,
    }
}
