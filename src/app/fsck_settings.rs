//! Checking what offices have set against the log: policy values, chains of approval, templates with their
//! slots, and every version of plans and schemes.

use std::collections::BTreeMap;

use super::AppError;
use super::fsck::{Kind, Report, Told};
use super::fsck_draws::readable;
use super::step::digest;
use crate::domain::policy::PolicyValue;
use crate::store::Tx;

/// Whether an event sets something that is checked here.
#[must_use]
pub fn is_one(kind: &str) -> bool {
    let starts = ["policy.", "approval_chain.", "template.", "slot.", "annual_plan.", "scheme."];
    starts.iter().any(|start| kind.starts_with(start)) || kind == "campaign.approve"
}

/// Compares all of it with the events that set it, in order.
///
/// # Errors
/// [`AppError`] when something cannot be read.
pub async fn check(tx: &mut Tx, report: &mut Report, told: &[Told]) -> Result<(), AppError> {
    policies(tx, report, told).await?;
    chains(tx, report, told).await?;
    templates(tx, report, told).await?;
    slots(tx, report, told).await?;
    papers(tx, report, told).await
}

/// Whether a field is as told; an event of before it was told says nothing of it.
fn same(event: &Told, field: &str, stored: &str) -> bool {
    event.body[field].is_null() || event.text(field) == stored
}

/// A policy value by jurisdiction, key, level and first day.
type Place = (String, String, String, String);

fn place(value: &PolicyValue) -> Place {
    let level = serde_json::to_value(value.level).unwrap_or_default();
    let level = level.as_str().unwrap_or_default().to_owned();
    (value.jurisdiction.clone(), value.key.clone(), level, value.effective_from.to_string())
}

async fn policies(tx: &mut Tx, report: &mut Report, told: &[Told]) -> Result<(), AppError> {
    let mut rows: BTreeMap<Place, PolicyValue> = BTreeMap::new();
    for value in readable(tx.all_policies().await)?.unwrap_or_default() {
        rows.insert(place(&value), value);
    }
    let mut last: BTreeMap<Place, (String, Option<String>)> = BTreeMap::new();
    for event in told.iter().filter(|t| t.kind == "policy.put" || t.kind == "policy.adopt") {
        let text = |field: &str| event.text(field).to_owned();
        let of = |key: &str| {
            (text("jurisdiction"), key.to_owned(), text("level"), text("effective_from"))
        };
        for (key, value) in event.body["values"].as_object().into_iter().flatten() {
            last.insert(of(key), (value.as_str().unwrap_or_default().to_owned(), None));
        }
        if event.kind == "policy.put" {
            last.insert(of(event.text("key")), (text("value"), Some(text("source"))));
        }
    }
    for (place, (value, source)) in last {
        // Events of before the level was told: any level of that day.
        let fits = |p: &Place| p.0 == place.0 && p.1 == place.1 && p.3 == place.3;
        let found = match place.2.is_empty() {
            true => rows.keys().find(|p| fits(p)).cloned(),
            false => Some(place.clone()),
        };
        let row = found.and_then(|found| rows.remove(&found));
        let holds = row.is_some_and(|r| r.value == value && source.is_none_or(|s| s == r.source));
        let what = format!("the policy value {} of {} from {} on", place.1, place.0, place.3);
        report.require(holds, Kind::Policy, what);
    }
    for (jurisdiction, key, ..) in rows.into_keys() {
        report.add(Kind::Policy, format!("nobody has set {key} of {jurisdiction}"));
    }
    Ok(())
}

async fn chains(tx: &mut Tx, report: &mut Report, told: &[Told]) -> Result<(), AppError> {
    let mut last: BTreeMap<[String; 3], &Told> = BTreeMap::new();
    for event in told.iter().filter(|t| t.kind == "approval_chain.put") {
        last.insert(["jurisdiction", "kind", "unit"].map(|f| event.text(f).to_owned()), event);
    }
    for chain in readable(tx.all_chains().await)?.unwrap_or_default() {
        let kind = chain.kind.word().to_owned();
        let event = last.remove(&[chain.jurisdiction.clone(), kind, chain.unit.clone()]);
        let names: Vec<&str> = chain.steps.iter().map(|s| s.name.as_str()).collect();
        let digest = digest(&chain)?;
        let holds = event.is_some_and(|e| {
            e.body["version"] == chain.version
                && e.body["steps"] == serde_json::json!(names)
                && same(e, "sha256", &digest)
        });
        let what = format!("the chain of {} {}", chain.kind.word(), chain.jurisdiction);
        report.require(holds, Kind::Chain, what);
    }
    for [jurisdiction, kind, _] in last.into_keys() {
        report.add(Kind::Chain, format!("the chain of {kind} {jurisdiction} is gone"));
    }
    Ok(())
}

async fn templates(tx: &mut Tx, report: &mut Report, told: &[Told]) -> Result<(), AppError> {
    let mut last: BTreeMap<&str, (&Told, i64)> = BTreeMap::new();
    for event in told.iter().filter(|t| t.kind.starts_with("template.")) {
        let slot = last.entry(event.text("template")).or_insert((event, 0));
        *slot = (event, slot.1 + 1);
    }
    for (state, template) in readable(tx.all_templates().await)?.unwrap_or_default() {
        let digest = digest(&template)?;
        let holds = last.remove(template.id()).is_some_and(|(event, version)| {
            let wanted = match event.kind.as_str() {
                "template.approve" => "APPROVED",
                "template.stop" => "STOPPED",
                _ => "PROPOSED",
            };
            let stands = state == wanted && template.state.word() == wanted;
            stands && template.version == version && same(event, "sha256", &digest)
        });
        report.require(holds, Kind::Template, format!("the campaign template {}", template.id()));
    }
    for id in last.into_keys() {
        report.add(Kind::Template, format!("the campaign template {id} is gone"));
    }
    Ok(())
}

async fn slots(tx: &mut Tx, report: &mut Report, told: &[Told]) -> Result<(), AppError> {
    let mut last: BTreeMap<(String, String), (&str, &Told)> = BTreeMap::new();
    for event in told.iter().filter(|t| t.body["slot"].is_string()) {
        let state = match event.kind.as_str() {
            "slot.miss" => "MISSED",
            "slot.end" => event.text("state"),
            "campaign.approve" => "ANNOUNCED",
            _ => continue,
        };
        let place = (event.text("template").to_owned(), event.text("slot").to_owned());
        last.insert(place, (state, event));
    }
    for (state, slot) in readable(tx.all_slots().await)?.unwrap_or_default() {
        let place = (slot.template.clone(), slot.slot.to_string());
        let holds = last.remove(&place).is_some_and(|(wanted, event)| {
            wanted == state
                && wanted == slot.state.word()
                && same(event, "campaign", &slot.campaign)
                && (event.body["reason"].is_null() || event.text("reason") == slot.reason)
                && (event.body["due_us"].is_null() || event.body["due_us"] == slot.due_us)
        });
        report.require(holds, Kind::Slot, format!("slot {} of {}", place.1, place.0));
    }
    for (template, slot) in last.into_keys() {
        report.add(Kind::Slot, format!("slot {slot} of {template} is gone"));
    }
    Ok(())
}

async fn papers(tx: &mut Tx, report: &mut Report, told: &[Told]) -> Result<(), AppError> {
    let mut last: BTreeMap<(&str, &str, i64), &Told> = BTreeMap::new();
    let mut published: BTreeMap<(&str, &str), i64> = BTreeMap::new();
    for event in told {
        let Some((kind @ ("annual_plan" | "scheme"), deed)) = event.kind.split_once('.') else {
            continue;
        };
        let version = event.body["version"].as_i64().unwrap_or(0);
        last.insert((kind, event.text("id"), version), event);
        if deed == "publish" {
            published.insert((kind, event.text("id")), version);
        }
    }
    let rows = tx.all_papers().await?;
    for row in &rows {
        let kind = if row.kind == "SCHEME" { "scheme" } else { "annual_plan" };
        let what = format!("version {} of {kind} {}", row.version, row.id);
        let superseded = published.get(&(kind, &*row.id)).is_some_and(|v| *v > row.version);
        let holds = last.remove(&(kind, &*row.id, row.version)).is_some_and(|event| {
            let settled = matches!(event.text("state"), "APPROVED" | "PUBLISHED");
            let wanted = if superseded && settled { "SUPERSEDED" } else { event.text("state") };
            row.state == wanted
                && row.flow_state() == wanted
                && row.content_sha256() == event.text("content_sha256")
        });
        report.require(holds, Kind::Paper, what);
    }
    for (kind, id, version) in last.into_keys() {
        report.add(Kind::Paper, format!("version {version} of {kind} {id} is gone"));
    }
    Ok(())
}
