//! An attempt at a draw, as everybody may see it.

use serde::{Deserialize, Serialize};

use super::{App, AppError};
use crate::draw::Digest;
use crate::draw::freeze::Freeze;
use crate::draw::seed::{Number, Seed};
use crate::merge::figures::Figures;
use crate::store::{Contribution, Decision, Draw, Tx};

/// An attempt with what the offices have put in and what was decided on it; without its large
/// columns.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Attempt {
    /// The attempt.
    pub draw: Draw,
    /// The contributions.
    pub contributions: Vec<Contribution>,
    /// The decisions.
    pub decisions: Vec<Decision>,
}

impl Attempt {
    /// Drops the large columns.
    #[must_use]
    pub fn new(mut draw: Draw, contributions: Vec<Contribution>, decisions: Vec<Decision>) -> Self {
        draw.wrapped.clear();
        draw.root_secret.clear();
        draw.pool.clear();
        draw.openings.clear();
        Self { draw, contributions, decisions }
    }

    /// The contributor offices that have not committed, or not revealed.
    ///
    /// # Errors
    /// [`AppError::Draw`] when the stored statement cannot be read.
    pub fn missing(&self, done: impl Fn(&Contribution) -> bool) -> Result<Vec<String>, AppError> {
        let has =
            |office: &String| self.contributions.iter().any(|c| c.office == *office && done(c));
        let freeze = freeze_of(&self.draw)?;
        Ok(freeze.contributors.into_iter().filter(|office| !has(office)).collect())
    }
}

/// The frozen statement of an attempt.
///
/// # Errors
/// [`AppError::Draw`] when the stored bytes are not one.
pub fn freeze_of(draw: &Draw) -> Result<Freeze, AppError> {
    Ok(Freeze::from_bytes(&draw.freeze_bytes)?)
}

/// Reads an attempt, or the latest for 0.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn load(tx: &mut Tx, id: &str, attempt: i64) -> Result<Attempt, AppError> {
    let draw =
        tx.draw(id, attempt).await?.ok_or_else(|| AppError::not_found("draw of campaign", id))?;
    with(tx, draw).await
}

/// An attempt with what belongs to it.
///
/// # Errors
/// [`AppError::Store`].
pub async fn with(tx: &mut Tx, draw: Draw) -> Result<Attempt, AppError> {
    let contributions = tx.contributions(&draw.campaign, draw.attempt).await?;
    let mut decisions = tx.draw_decisions(&draw.campaign).await?;
    decisions.retain(|d| d.attempt == draw.attempt);
    Ok(Attempt::new(draw, contributions, decisions))
}

/// An attempt, or the latest for 0.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn get(app: &App, id: &str, attempt: i64) -> Result<Attempt, AppError> {
    load(&mut app.db.read().await?, id, attempt).await
}

/// Figures of a drawn attempt.
///
/// # Errors
/// [`AppError::Broken`] when the stored figures cannot be read.
pub fn figures_of(draw: &Draw) -> Result<Option<Figures>, AppError> {
    if draw.figures.is_empty() {
        return Ok(None);
    }
    serde_json::from_str(&draw.figures)
        .map(Some)
        .map_err(|_| AppError::Broken("stored figures are of another type"))
}

/// What fixes a seed besides the freeze.
pub struct Inputs {
    /// One commitment per contributor.
    pub commitments: Vec<Digest>,
    /// One number per contributor; `None` where it was withheld.
    pub reveals: Vec<Option<Number>>,
    /// The beacon's value; empty without one.
    pub beacon: Vec<u8>,
}

impl Inputs {
    /// The inputs in the freeze's order.
    ///
    /// # Errors
    /// [`AppError::Precondition`] when a commitment is missing.
    pub fn of(freeze: &Freeze, draw: &Draw, given: &[Contribution]) -> Result<Self, AppError> {
        let mut commitments = Vec::new();
        let mut reveals = Vec::new();
        for office in &freeze.contributors {
            let found = given.iter().find(|c| c.office == *office);
            let commitment = found.and_then(|c| Digest::from_hex(&c.commitment));
            let missing = || AppError::precondition("NOT_ALL_HAVE_COMMITTED", office.clone());
            commitments.push(commitment.ok_or_else(missing)?);
            reveals.push(found.and_then(|c| Digest::from_hex(&c.number)).map(|d| d.0));
        }
        let beacon = hex::decode(&draw.beacon_value)
            .map_err(|_| AppError::Broken("a stored beacon value is not hexadecimal"))?;
        Ok(Self { commitments, reveals, beacon })
    }

    /// The seed they make with the freeze.
    ///
    /// # Errors
    /// [`AppError::Draw`] when a number does not open its commitment or is missing.
    pub fn seed(&self, freeze: &Freeze, draw: &Draw) -> Result<Seed, AppError> {
        let hash = Digest::from_hex(&draw.freeze_hash).unwrap_or_default();
        Ok(Seed::mix(freeze, &hash, &self.commitments, &self.reveals, &self.beacon)?)
    }
}
