//! The public sections of an archive: nothing in them names a person or a business.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::json_of;
use crate::app::check::open as open_check;
use crate::app::{
    App, AppError, calendar, certify, disclosure, follow_ups, liability, release, scene,
};
use crate::domain::annual_plan::AnnualPlan;
use crate::domain::approval::{Content, Paper};
use crate::domain::campaign::Campaign;
use crate::domain::check::Check;
use crate::domain::follow_up::Step;
use crate::domain::policy::NOTICE;
use crate::domain::scheme::Scheme;
use crate::domain::visit::Visit;
use crate::store::{Entry, ResultFilter, SealedResult, Tx};

/// The campaign, when its businesses were to be told, its bulletin.
pub async fn campaign(tx: &mut Tx, campaign: &Campaign) -> Result<Value, AppError> {
    let policy = release::policy_of(tx, campaign).await?;
    let calendar = calendar::load(tx, &campaign.jurisdiction).await?;
    // A year that nobody has imported leaves the day open; the rule stands beside it.
    let on = policy.notice_on(campaign.first_day, &calendar).unwrap_or(None);
    Ok(json!({
        "bulletin": tx.bulletin(&campaign.id).await?,
        "campaign": campaign,
        "notice": { "on": on, "rule": policy.word(NOTICE) },
    }))
}

/// Every published version of the annual plan and the scheme that the campaign carries out.
pub async fn papers(tx: &mut Tx, campaign: &Campaign) -> Result<Value, AppError> {
    let mut out = of::<AnnualPlan>(tx, &campaign.plan).await?;
    out.extend(of::<Scheme>(tx, &campaign.scheme).await?);
    Ok(json!({ "papers": out }))
}

async fn of<T: Content>(tx: &mut Tx, id: &str) -> Result<Vec<Value>, AppError> {
    let versions: Vec<Paper<T>> = tx.paper_versions(id, 0, i64::MAX).await?;
    let mut out = Vec::new();
    for paper in versions.into_iter().filter(|p| p.flow.published_us > 0) {
        let broken = |_| AppError::Broken("the content of a paper has no JSON");
        let taken = paper.flow.taken.iter().map(|t| json!({ "at_us": t.at_us, "step": t.step }));
        let filing = paper.flow.filing.as_ref().map(|f| {
            json!({ "filed_us": f.filed_us, "number": f.number, "receipt": f.receipt, "with": f.with })
        });
        out.push(json!({
            // As text: its digest in the log is of these bytes.
            "content": serde_json::to_string(&paper.content).map_err(broken)?,
            "filing": filing,
            "id": paper.id,
            "kind": T::KIND.event(),
            "published_us": paper.flow.published_us,
            "reason": paper.flow.reason,
            "state": paper.flow.state,
            "steps": taken.collect::<Vec<_>>(),
            "unit": paper.unit,
            "version": paper.flow.version,
            "year": paper.year,
        }));
    }
    Ok(out)
}

/// The deeds of checks, the days of visits, the deeds at plan and scheme, each with its proof.
pub async fn log(
    tx: &mut Tx,
    campaign: &Campaign,
    visit: i64,
    size: u64,
) -> Result<Value, AppError> {
    let below = i64::try_from(size).unwrap_or(i64::MAX);
    let body = |entry: &Entry| -> Value {
        let mut value: Value = serde_json::from_slice(&entry.body).unwrap_or_default();
        value["body"].take()
    };
    let mut events = tx.check_entries(&campaign.id, below).await?;
    events.retain(|e| visit == 0 || body(e)["rank"] == visit);
    let named = [campaign.plan.as_str(), &campaign.scheme];
    let mut papers = tx.paper_entries(below).await?;
    papers.retain(|e| body(e)["id"].as_str().is_some_and(|id| named.contains(&id)));
    events.extend(papers);
    events.sort_by_key(|e| e.position);
    Ok(json!({ "entries": certify::entries(tx, events, size).await? }))
}

/// Missed deadlines of the campaign, or of one visit: duty, unit, day and how it was decided (R130).
pub async fn liability(tx: &mut Tx, campaign: &Campaign, visit: i64) -> Result<Value, AppError> {
    let mut missed = tx.liabilities_of(&campaign.id).await?;
    missed.retain(|liability| visit == 0 || liability.rank == visit);
    let told: Vec<Value> = missed.iter().map(liability::told).collect();
    Ok(json!({ "liabilities": told }))
}

/// The visits of the latest attempt, or one of them.
pub async fn visits(
    app: &App,
    tx: &mut Tx,
    campaign: &Campaign,
    visit: i64,
) -> Result<Vec<Value>, AppError> {
    let id = campaign.id.as_str();
    let filter = ResultFilter { campaign: id, ..ResultFilter::default() };
    let mut results: BTreeMap<i64, Vec<SealedResult>> = BTreeMap::new();
    for stored in tx.results(&filter, "", i64::MAX).await? {
        results.entry(stored.record.rank).or_default().push(stored);
    }
    let mut objections: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for objection in tx.objection_ids(id).await? {
        let Some(o) = tx.objection(&objection).await? else { continue };
        let told = json!({ "id": o.id, "state": o.state, "version": o.version });
        objections.entry(o.result).or_default().push(told);
    }
    let mut out = Vec::new();
    for stored in tx.visits(id, "", 0, i64::MAX).await? {
        let rank = stored.visit.rank;
        if visit > 0 && rank != visit {
            continue;
        }
        let mut told = visited(app, tx, &stored.visit).await?;
        let mut own = Vec::new();
        for result in results.remove(&rank).unwrap_or_default() {
            let mut value = self::result(app, tx, &result).await?;
            let filed = objections.remove(&result.record.id).unwrap_or_default();
            value["objections"] = filed.into();
            own.push(value);
        }
        told["results"] = own.into();
        out.push(told);
    }
    Ok(out)
}

async fn visited(app: &App, tx: &mut Tx, visit: &Visit) -> Result<Value, AppError> {
    let item = |s: &crate::domain::visit::Section| {
        let codes: Vec<&str> = s.items.iter().map(|i| i.code.as_str()).collect();
        json!({ "department": s.department, "items": codes, "list": s.item_list_version })
    };
    let fixed = tx.appointment(&visit.campaign, visit.attempt, visit.rank).await?;
    let stored = tx.check(&visit.campaign, visit.attempt, visit.rank).await?;
    let check = match stored {
        None => Value::Null,
        Some(stored) => {
            let mut told = json!({
                "digest": stored.digest, "state": stored.state, "version": stored.version,
            });
            if !stored.sealed.is_empty() {
                signed(&mut told, &open_check(app, &stored)?);
            }
            told
        }
    };
    Ok(json!({
        "check": check,
        "first_day": visit.first_day,
        "fixed": fixed.and_then(|f| f.digest()),
        "form": visit.sections.iter().map(item).collect::<Vec<_>>(),
        "last_day": visit.last_day,
        "rank": visit.rank,
        "ticket": visit.ticket,
        "told": scene::told(visit),
    }))
}

/// Evidence by digest and signatures by ticket; what was found is not everybody's (R112).
fn signed(told: &mut Value, check: &Check) {
    let evidence = check.evidence.iter().map(|a| &a.evidence);
    told["evidence"] =
        evidence.map(|e| json!({ "kind": e.kind, "sha256": e.sha256 })).collect::<Vec<_>>().into();
    let all = check.sections.iter().flat_map(|s| s.signatures.iter().map(|g| (&s.department, g)));
    let signature = all.map(|(department, g)| {
        json!({ "department": department, "sha256": g.sha256, "ticket": g.ticket })
    });
    told["signatures"] = signature.collect::<Vec<_>>().into();
}

async fn result(app: &App, tx: &mut Tx, stored: &SealedResult) -> Result<Value, AppError> {
    let record = &stored.record;
    let mut versions = Vec::new();
    for version in tx.publications(&record.id).await? {
        let digest = disclosure::digest(&version)?;
        versions.push(json!({ "sha256": digest, "version": version.version }));
    }
    let follow_up = match tx.follow_up(&record.id).await? {
        None => Value::Null,
        // Its steps are gone with the names; that there was one stays.
        Some(stored) if stored.sealed.is_empty() => json!({
            "state": stored.state, "steps": null, "unit": stored.unit, "version": stored.version,
        }),
        Some(stored) => {
            let steps = follow_ups::open(app, &stored)?.steps;
            let told = |s: &Step| json!({ "action": s.action, "document": s.document });
            let steps: Vec<Value> = steps.iter().map(told).collect();
            json!({
                "state": stored.state, "steps": steps, "unit": stored.unit, "version": stored.version,
            })
        }
    };
    Ok(json!({
        "deadline": json_of(&record.deadline)?,
        "department": record.department,
        "finished_on": record.finished_on,
        "follow_up": follow_up,
        "id": record.id,
        "publications": versions,
        "publisher": record.publisher,
        "state": record.state,
        "version": record.version,
        "withheld": record.withheld.as_ref().map(|w| w.ground),
    }))
}
