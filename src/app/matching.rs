//! Links between departments' rows, and the offices' decisions on doubtful pairs.

use serde::{Deserialize, Serialize};
use serde_json::json;

use std::collections::{BTreeMap, BTreeSet};

use super::{App, AppError, Begun, Call, require_office};
use crate::domain::subject::Entry;
use crate::domain::{Violations, text};
use crate::matching::{Decision, Resolution, Row, resolve};
use crate::store::{LinkRow, ReviewRow};

/// What a resolution found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolved {
    /// Rows looked at.
    pub entries: i64,
    /// Subjects they belong to.
    pub subjects: i64,
    /// Subjects held by two or more departments.
    pub shared: i64,
    /// Links other than by an equal id.
    pub links: i64,
    /// Pairs that wait for a decision.
    pub open_reviews: i64,
}

/// Derives who is who from rows and decisions.
#[must_use]
pub fn derive(entries: &[(String, Entry)], decisions: &[Decision]) -> Resolution {
    let mut rows: Vec<Row> = entries
        .iter()
        .map(|(_, e)| Row {
            id: e.subject_id.clone(),
            name: e.name.clone(),
            address: e.more.address.clone(),
            other_ids: e.more.other_ids.clone(),
        })
        .collect();
    rows.sort_unstable();
    rows.dedup();
    resolve(&rows, decisions)
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Derives the links of a jurisdiction and fills the review queue.
///
/// # Errors
/// [`AppError`]; offices only.
pub async fn resolve_all(app: &App, call: &Call, jurisdiction: &str) -> Result<Resolved, AppError> {
    require_office(&call.caller)?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    if step.tx.jurisdiction(jurisdiction).await?.is_none() {
        return Err(AppError::not_found("jurisdiction", jurisdiction));
    }
    let entries = step.tx.entries_all(jurisdiction).await?;
    let decisions = step.tx.decisions(jurisdiction).await?;
    let resolution = tokio::task::block_in_place(|| derive(&entries, &decisions));
    let mut holders: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut links = BTreeMap::new();
    for (department, entry) in &entries {
        let canonical = resolution.canonical(&entry.subject_id);
        holders.entry(canonical).or_default().insert(department);
        if let Some((_, evidence)) = resolution.links.get(&entry.subject_id) {
            let link = LinkRow {
                department: department.clone(),
                id: entry.subject_id.clone(),
                canonical: canonical.to_owned(),
                evidence: evidence.rule().to_owned(),
            };
            links.insert((department.clone(), entry.subject_id.clone()), link);
        }
    }
    let links: Vec<LinkRow> = links.into_values().collect();
    let review =
        |((first, second), evidence): (&(String, String), &crate::matching::evidence::Evidence)| {
            ReviewRow {
                first_id: first.clone(),
                second_id: second.clone(),
                evidence: evidence.rule().to_owned(),
                decision: String::new(),
                reason: String::new(),
            }
        };
    let reviews: Vec<ReviewRow> = resolution.doubtful.iter().map(review).collect();
    step.tx.replace_links(jurisdiction, &links).await?;
    step.tx.replace_reviews(jurisdiction, &reviews).await?;
    let resolved = Resolved {
        entries: count(entries.len()),
        subjects: count(holders.len()),
        shared: count(holders.values().filter(|d| d.len() > 1).count()),
        links: count(links.len()),
        open_reviews: count(reviews.len()),
    };
    let body = json!({
        "entries": resolved.entries,
        "jurisdiction": jurisdiction,
        "links": resolved.links,
        "open_reviews": resolved.open_reviews,
        "subjects": resolved.subjects,
    });
    step.finish(call, "subjects.resolve", body, resolved).await
}

/// Decides that two ids are one subject (`Some(true)`), are two (`Some(false)`), or takes a
/// decision back (`None`).
///
/// # Errors
/// [`AppError`]; offices only.
pub async fn decide(
    app: &App,
    call: &Call,
    jurisdiction: &str,
    pair: (String, String),
    same: Option<bool>,
    reason: &str,
) -> Result<ReviewRow, AppError> {
    require_office(&call.caller)?;
    let mut violations = Violations::default();
    text::require(&mut violations, "reason", reason, text::SHORT_CHARS_MAX);
    text::require(&mut violations, "first_id", &pair.0, text::SHORT_CHARS_MAX);
    text::require(&mut violations, "second_id", &pair.1, text::SHORT_CHARS_MAX);
    violations.require(pair.0 != pair.1, "second_id", "SAME_AS_FIRST", &pair.1);
    violations.finish(())?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let (first_id, second_id) = if pair.0 < pair.1 { pair } else { (pair.1, pair.0) };
    let decision = match same {
        Some(true) => "SAME",
        Some(false) => "DIFFERENT",
        None => "",
    };
    let review = ReviewRow {
        first_id,
        second_id,
        evidence: "DECISION".to_owned(),
        decision: decision.to_owned(),
        reason: reason.to_owned(),
    };
    step.tx.decide_review(jurisdiction, &review).await?;
    let body = json!({ "decision": decision, "jurisdiction": jurisdiction, "reason": reason });
    step.finish(call, "review.decide", body, review).await
}

/// A page of links.
///
/// # Errors
/// [`AppError`].
pub async fn links(
    app: &App,
    jurisdiction: &str,
    after: (&str, &str),
    limit: i64,
) -> Result<Vec<LinkRow>, AppError> {
    Ok(app.db.read().await?.links(jurisdiction, after, limit).await?)
}

/// A page of reviews.
///
/// # Errors
/// [`AppError`].
pub async fn reviews(
    app: &App,
    jurisdiction: &str,
    after: (&str, &str),
    limit: i64,
) -> Result<Vec<ReviewRow>, AppError> {
    Ok(app.db.read().await?.reviews(jurisdiction, after, limit).await?)
}
