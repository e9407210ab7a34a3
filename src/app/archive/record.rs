//! What an archive holds of people and businesses, a section per visit: names, what was recorded, what was
//! found and published, what was objected and what followed.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::json_of;
use crate::app::{
    App, AppError, attempt, check, disclosure, follow_ups, names, objection, recusals,
};
use crate::domain::campaign::Campaign;
use crate::domain::visit::{Names, Visit};
use crate::draw::Digest;
use crate::draw::freeze::Class;
use crate::draw::opening::Opening;
use crate::frame::units;
use crate::store::{ResultFilter, SealedResult, SealedVisit, Tx};

/// What is stored of a campaign beside its visits.
struct Around {
    results: BTreeMap<i64, Vec<SealedResult>>,
    objections: BTreeMap<String, Vec<Value>>,
    recusals: BTreeMap<i64, Vec<Value>>,
}

async fn around(app: &App, tx: &mut Tx, campaign: &Campaign) -> Result<Around, AppError> {
    let id = campaign.id.as_str();
    let mut results: BTreeMap<i64, Vec<SealedResult>> = BTreeMap::new();
    let filter = ResultFilter { campaign: id, ..ResultFilter::default() };
    for stored in tx.results(&filter, "", i64::MAX).await? {
        results.entry(stored.record.rank).or_default().push(stored);
    }
    let mut objections: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for filed in tx.objection_ids(id).await? {
        let stored = tx.objection(&filed).await?.filter(|stored| !stored.sealed.is_empty());
        let Some(stored) = stored else { continue };
        let found = objection::open(app, &stored)?;
        objections.entry(found.result.clone()).or_default().push(json_of(&found)?);
    }
    let mut asked: BTreeMap<i64, Vec<Value>> = BTreeMap::new();
    for row in tx.recusal_asks(id, 0, i64::MAX).await? {
        let told = json!({ "ask": row.ask, "statement": recusals::statement(app, &row)? });
        asked.entry(row.ask.rank).or_default().push(told);
    }
    Ok(Around { results, objections, recusals: asked })
}

/// The records of all visits, or of one, by rank.
pub async fn all(
    app: &App,
    tx: &mut Tx,
    campaign: &Campaign,
    visit: i64,
) -> Result<Vec<(i64, Value)>, AppError> {
    let mut around = around(app, tx, campaign).await?;
    let mut out = Vec::new();
    for stored in tx.visits(&campaign.id, "", 0, i64::MAX).await? {
        let rank = stored.visit.rank;
        if visit == 0 || rank == visit {
            out.push((rank, one(app, tx, campaign, &stored, &mut around).await?));
        }
    }
    Ok(out)
}

async fn one(
    app: &App,
    tx: &mut Tx,
    campaign: &Campaign,
    stored: &SealedVisit,
    around: &mut Around,
) -> Result<Value, AppError> {
    let visit = &stored.visit;
    let hidden = names::of(&app.sealer, stored)?;
    let kept = !hidden.subject.is_empty();
    let row = tx.check(&visit.campaign, visit.attempt, visit.rank).await?;
    let recorded = row.filter(|row| !row.sealed.is_empty());
    let recorded = recorded.map(|row| check::open(app, &row)).transpose()?;
    let mut results = Vec::new();
    let mut versions = Vec::new();
    // Once its names are erased, nothing else that names the business goes into an archive either.
    for result in around.results.remove(&visit.rank).into_iter().flatten().filter(|_| kept) {
        let id = result.record.id.as_str();
        let follow_up = tx.follow_up(id).await?;
        let follow_up = follow_up.filter(|stored| !stored.sealed.is_empty());
        let follow_up = follow_up.map(|f| follow_ups::open(app, &f)).transpose()?;
        results.push(json!({
            "content": disclosure::open(app, &result)?,
            "corrections": tx.corrections(id).await?,
            "follow_up": follow_up,
            "id": id,
            "objections": around.objections.remove(id).unwrap_or_default(),
            "record": result.record,
        }));
        versions.extend(tx.publications(id).await?);
    }
    Ok(json!({
        "check": recorded,
        "erased": !kept,
        "names": kept.then_some(&hidden),
        "opening": if kept { json_of(&opening(tx, campaign, visit, &hidden).await?)? } else { Value::Null },
        "publications": versions,
        "recusals": around.recusals.remove(&visit.rank).unwrap_or_default(),
        "results": results,
    }))
}

/// What opens the visit's ticket: the key of its class is public since the campaign is closed.
async fn opening(
    tx: &mut Tx,
    campaign: &Campaign,
    visit: &Visit,
    hidden: &Names,
) -> Result<Opening, AppError> {
    let draw = tx.draw(&visit.campaign, visit.attempt).await?;
    let freeze = attempt::freeze_of(&draw.ok_or(AppError::Broken("a visit has no draw"))?)?;
    let record = units::Opening {
        id: hidden.unit.clone(),
        subject: hidden.subject.clone(),
        name: hidden.name.clone(),
        address: hidden.address.clone(),
        district: hidden.district.clone(),
    };
    let master = Digest::from_hex(&campaign.master_s)
        .ok_or(AppError::Broken("a closed campaign has no key of its tickets"))?;
    let behind = (hidden.unit.as_str(), record.record());
    Ok(Opening::under(freeze.alg, &master, &freeze.draw_id, Class::Selectable, behind))
}
