//! What an archive holds of people and businesses, held against tickets and digests.

use serde_json::Value;

use super::told::Told;
use crate::domain::canon;
use crate::domain::hash::Suite;
use crate::draw::Freeze;
use crate::draw::bundle::Bundle;
use crate::draw::freeze::Class;
use crate::draw::opening::Opening;

fn digest(value: &Value) -> Option<String> {
    canon::to_bytes(value).ok().map(|bytes| Suite::Sha256.hash(&bytes).to_string())
}

/// Checks the record of a visit: its names open its ticket, its check is the signed and logged one, what
/// was published is the logged versions. What was erased is told to be.
///
/// # Errors
/// What does not hold, in words.
pub fn check(
    record: &Value,
    (bundle, visits, rank): (&Bundle, &Value, &str),
    told: &[Told],
) -> Result<(), String> {
    let rank: i64 = rank.parse().map_err(|_| format!("{rank} is not a rank"))?;
    let mut all = visits["visits"].as_array().into_iter().flatten();
    let visit = all.find(|v| v["rank"] == rank).ok_or_else(|| format!("no visit {rank}"))?;
    let freeze = Freeze::from_bytes(bundle.freeze.as_bytes()).map_err(|e| e.to_string())?;
    if !record["opening"].is_null() {
        let opening: Opening =
            serde_json::from_value(record["opening"].clone()).map_err(|e| e.to_string())?;
        let ticket = opening.ticket(freeze.alg, &freeze.draw_id, Class::Selectable);
        if ticket.map_err(|e| e.to_string())?.to_string() != visit["ticket"].as_str().unwrap_or("")
        {
            return Err(format!("the names of visit {rank} do not open its ticket"));
        }
        let given = &record["names"];
        let same = ["address", "district", "name", "subject"]
            .iter()
            .all(|f| given[f] == opening.record[f]);
        if !same {
            return Err(format!("the names of visit {rank} are others than were drawn"));
        }
    }
    if !record["check"].is_null()
        && digest(&record["check"]).as_deref() != visit["check"]["digest"].as_str()
    {
        return Err(format!("the check of visit {rank} is another than was signed"));
    }
    for version in record["publications"].as_array().into_iter().flatten() {
        let own = |t: &&Told| {
            t.body["result"] == version["result"] && t.body["publication"] == version["version"]
        };
        let logged = told.iter().find(own).map(|t| t.text("digest").to_owned());
        if logged.is_none() || logged != digest(version) {
            return Err(format!("a published version of visit {rank} is not the logged one"));
        }
    }
    Ok(())
}
