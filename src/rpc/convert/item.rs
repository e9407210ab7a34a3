//! Item lists.

use super::super::pb;
use super::{name, parse, present};
use crate::domain::item::{
    CheckItem, Consultation, FrequencyRule, ItemClass, ItemList, ItemListDiff, Method, RatioRule,
    RuleStep,
};
use crate::domain::{Violations, day};

/// Reads a list; department and version are set by the use-case.
///
/// # Errors
/// Its violations.
pub fn list(message: Option<pb::ItemList>) -> Result<ItemList, Violations> {
    let mut v = Violations::default();
    let m = present(&mut v, "item_list", message);
    let from = day::parse(&mut v, "item_list.effective_from", &m.effective_from);
    let items = m
        .items
        .into_iter()
        .enumerate()
        .map(|(i, item)| read_item(&mut v, &format!("item_list.items[{i}]"), item))
        .collect();
    v.finish(ItemList {
        department: String::new(),
        version: 0,
        effective_from: from.unwrap_or_default(),
        reason: m.reason,
        consultations: m.consultations.into_iter().map(consultation).collect(),
        items,
    })
}

fn consultation(c: pb::Consultation) -> Consultation {
    Consultation { department: c.department, opinion: c.opinion }
}

fn consultation_out(c: Consultation) -> pb::Consultation {
    pb::Consultation { department: c.department, opinion: c.opinion }
}

fn step(s: pb::RuleStep) -> RuleStep {
    RuleStep { step: s.step, duty: s.duty }
}

fn step_out(s: RuleStep) -> pb::RuleStep {
    pb::RuleStep { step: s.step, duty: s.duty }
}

fn read_item(v: &mut Violations, at: &str, m: pb::CheckItem) -> CheckItem {
    let method = |v: &mut Violations, value: i32| {
        let word = pb::Method::try_from(value).ok().map(|x| x.as_str_name());
        parse::<Method>(v, &format!("{at}.methods"), word, "METHOD_")
    };
    let class = pb::ItemClass::try_from(m.item_class).ok().map(|x| x.as_str_name());
    let class = parse(v, &format!("{at}.item_class"), class, "ITEM_CLASS_");
    let ratio = m.ratio.unwrap_or_default();
    let frequency = m.frequency.unwrap_or_default();
    CheckItem {
        methods: m.methods.iter().filter_map(|x| method(v, *x)).collect(),
        code: m.code,
        name: m.name,
        basis: m.basis,
        body: m.body,
        object: m.object,
        content: m.content,
        standard: m.standard,
        operating_rule: m.operating_rule,
        operating_steps: m.operating_steps.into_iter().map(step).collect(),
        ratio: RatioRule {
            min: ratio.min_basis_points,
            max: ratio.max_basis_points,
            fixed: ratio.fixed_count,
            deferred: ratio.deferred,
        },
        frequency: FrequencyRule {
            times: frequency.times,
            window_months: frequency.window_months,
            deferred: frequency.deferred,
        },
        class: class.unwrap_or(ItemClass::General),
        competence: m.competence,
        expert: m.expert,
        joint: m.joint,
        external_code: m.external_code,
        power: m.power,
    }
}

/// Writes a list.
#[must_use]
pub fn list_out(list: ItemList) -> pb::ItemList {
    pb::ItemList {
        department: list.department,
        version: list.version,
        effective_from: list.effective_from.to_string(),
        reason: list.reason,
        consultations: list.consultations.into_iter().map(consultation_out).collect(),
        items: list.items.into_iter().map(item_out).collect(),
    }
}

/// Writes an item.
#[must_use]
pub fn item_out(i: CheckItem) -> pb::CheckItem {
    let method = |m: &Method| pb::Method::from_str_name(&name(m, "METHOD_")).map_or(0, i32::from);
    let class = pb::ItemClass::from_str_name(&name(&i.class, "ITEM_CLASS_")).map_or(0, i32::from);
    pb::CheckItem {
        methods: i.methods.iter().map(method).collect(),
        item_class: class,
        code: i.code,
        name: i.name,
        basis: i.basis,
        body: i.body,
        object: i.object,
        content: i.content,
        standard: i.standard,
        operating_rule: i.operating_rule,
        operating_steps: i.operating_steps.into_iter().map(step_out).collect(),
        ratio: Some(pb::RatioRule {
            min_basis_points: i.ratio.min,
            max_basis_points: i.ratio.max,
            fixed_count: i.ratio.fixed,
            deferred: i.ratio.deferred,
        }),
        frequency: Some(pb::FrequencyRule {
            times: i.frequency.times,
            window_months: i.frequency.window_months,
            deferred: i.frequency.deferred,
        }),
        competence: i.competence,
        expert: i.expert,
        joint: i.joint,
        external_code: i.external_code,
        power: i.power,
    }
}

/// Writes a diff.
#[must_use]
pub fn diff_out(diff: ItemListDiff) -> pb::ItemListDiff {
    pb::ItemListDiff { added: diff.added, removed: diff.removed, changed: diff.changed }
}
