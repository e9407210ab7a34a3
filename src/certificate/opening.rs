//! An opening as a file, or a visit code, held against a draw: that this subject was drawn, as which one
//! (T17; `ledger/SPEC.md` section 8).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::file::Certificate;
use crate::domain::canon::{self, CanonError};
use crate::domain::hash::Digest;
use crate::domain::visit_code::VisitCode;
use crate::draw::Freeze;
use crate::draw::bundle::Bundle;
use crate::draw::freeze::Class;
use crate::draw::opening::{Opening, Standing};

/// Name and version of the format.
pub const FORMAT: &str = "onevisit-opening/1";

/// The file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpeningFile {
    /// The draw, as its freeze names it.
    pub draw_id: String,
    /// Always [`FORMAT`].
    pub format: String,
    /// What the ticket stands for.
    pub opening: Opening,
    /// Where its visit stands under the result root; left out for a visit that stands for another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<Standing>,
}

impl OpeningFile {
    /// The file's bytes.
    ///
    /// # Errors
    /// [`CanonError`] when a text is not NFC.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CanonError> {
        let value = serde_json::to_value(self)
            .map_err(|_| CanonError::NotInteger { field: "$".to_owned() })?;
        canon::to_bytes(&value)
    }
}

/// What is shown, one step after the other, once the draw itself holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The opening is a canonical file, or a signed visit code.
    Format,
    /// It is of a ticket of the frozen list.
    Ticket,
    /// Its visit is the published one.
    Standing,
}

impl Step {
    /// All steps in order.
    pub const ALL: [Self; 3] = [Self::Format, Self::Ticket, Self::Standing];

    /// What the step shows, in words.
    #[must_use]
    pub const fn claim(self) -> &'static str {
        match self {
            Self::Format => "the opening is whole",
            Self::Ticket => "it opens a ticket of the frozen list",
            Self::Standing => "its visit is the published one",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = Self::ALL.iter().position(|s| s == self).map_or(0, |i| i + 1);
        write!(f, "O{number} {}", self.claim())
    }
}

/// How a unit was drawn.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The department that drew it.
    pub department: String,
    /// The stratum.
    pub stratum: String,
    /// Its rank there.
    pub rank: i64,
    /// Whether it was taken from the reserve after the draw.
    pub from_reserve: bool,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { department, stratum, rank, from_reserve } = self;
        let how = if *from_reserve { ", from the reserve" } else { "" };
        write!(f, "DRAWN {stratum} rank {rank} for {department}{how}")
    }
}

/// What an opening says of a draw that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The unit's stratum; `x:RULE` for one that could not be drawn.
    pub stratum: String,
    /// Every way in which it was drawn; none when it was not.
    pub places: Vec<Place>,
}

/// The first step that does not hold, and why.
pub type Wrong = (Step, &'static str);

/// Holds an opening's file against a bundle that verifies; `certificate` tells what changed afterwards.
///
/// # Errors
/// The first step that does not hold.
pub fn file(
    bytes: &[u8],
    bundle: &Bundle,
    certificate: Option<&Certificate>,
) -> Result<Found, Wrong> {
    let file: OpeningFile =
        serde_json::from_slice(bytes).map_err(|_| (Step::Format, "it cannot be read"))?;
    if file.format != FORMAT || file.to_bytes().ok().as_deref() != Some(bytes) {
        return Err((Step::Format, "it is not in canonical form"));
    }
    let freeze = Freeze::from_bytes(bundle.freeze.as_bytes())
        .map_err(|_| (Step::Ticket, "the freeze cannot be read"))?;
    if file.draw_id != freeze.draw_id {
        return Err((Step::Ticket, "it is of another draw"));
    }
    let tickets = [Class::Selectable, Class::Excluded]
        .map(|class| file.opening.ticket(freeze.alg, &freeze.draw_id, class).ok());
    let found =
        tickets.into_iter().flatten().find_map(|t| Some((t, found(&t, bundle, certificate)?)));
    let (ticket, found) = found.ok_or((Step::Ticket, "its ticket is not in the frozen list"))?;
    if let Some(standing) = &file.standing {
        let visit = bundle.published.visits.iter().find(|v| v.ticket == ticket);
        let own = visit.and_then(|v| Standing::of(freeze.alg, &bundle.published, v.rank));
        let leads = standing.root(freeze.alg) == Some(bundle.published.result_root);
        if !leads || own.as_ref() != Some(standing) {
            return Err((Step::Standing, "it does not lead to the published result"));
        }
    }
    Ok(found)
}

/// Holds a visit code, the signature of which holds, against a bundle that verifies.
///
/// # Errors
/// The first step that does not hold.
pub fn code(
    code: &VisitCode,
    bundle: &Bundle,
    certificate: Option<&Certificate>,
) -> Result<Found, Wrong> {
    let freeze = Freeze::from_bytes(bundle.freeze.as_bytes())
        .map_err(|_| (Step::Ticket, "the freeze cannot be read"))?;
    if !freeze.draw_id.starts_with(&format!("campaigns/{}/", code.campaign)) {
        return Err((Step::Ticket, "it is of another campaign"));
    }
    let ticket = Digest::from_hex(&code.ticket).ok_or((Step::Ticket, "it names no ticket"))?;
    let found = found(&ticket, bundle, certificate);
    let found = found.ok_or((Step::Ticket, "its ticket is not in the frozen list"))?;
    let visit = bundle.published.visits.iter().find(|v| v.ticket == ticket);
    // Whoever came from the reserve has a visit that was not published with the draw.
    let same = visit.map_or(found.places.iter().all(|p| p.from_reserve), |visit| {
        i64::try_from(visit.rank) == Ok(code.rank)
    });
    match same {
        true => Ok(found),
        false => Err((Step::Standing, "its visit is not the published one")),
    }
}

fn found(ticket: &Digest, bundle: &Bundle, certificate: Option<&Certificate>) -> Option<Found> {
    let stratum = bundle.pool.units.stratum_of(ticket)?.to_owned();
    let winners = bundle.published.winners.iter().filter(|w| w.ticket == *ticket);
    let mut places: Vec<Place> = winners
        .map(|w| Place {
            department: w.department.clone(),
            stratum: w.stratum.clone(),
            rank: i64::try_from(w.rank).unwrap_or(i64::MAX),
            from_reserve: false,
        })
        .collect();
    places.extend(certificate.into_iter().flat_map(|c| later(c, bundle, ticket)));
    Some(Found { stratum, places })
}

/// How approved changes of the attempt took a ticket from the reserve.
fn later(certificate: &Certificate, bundle: &Bundle, ticket: &Digest) -> Vec<Place> {
    let freeze = Freeze::from_bytes(bundle.freeze.as_bytes());
    let attempt = freeze.map_or(0, |freeze| freeze.attempt);
    let ticket = ticket.to_string();
    let mut places = Vec::new();
    for entry in &certificate.entries {
        let event: serde_json::Value = serde_json::from_str(&entry.event).unwrap_or_default();
        if event["type"] != "visit.change" || event["body"]["attempt"] != attempt {
            continue;
        }
        let taken = event["body"]["change"]["taken"].as_array();
        for taken in taken.into_iter().flatten().filter(|t| t["ticket"] == *ticket) {
            let text = |field: &str| taken[field].as_str().unwrap_or_default().to_owned();
            // Visit 0: passed over, or dropped out before.
            if taken["visit"].as_i64().unwrap_or(0) > 0 {
                places.push(Place {
                    department: text("department"),
                    stratum: text("stratum"),
                    rank: taken["rank"].as_i64().unwrap_or(0),
                    from_reserve: true,
                });
            }
        }
    }
    places
}
