//! What stands of an outcome while it is changed: visits with their names, and earlier changes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::drawn::Drawn;
use super::{App, AppError, Sealer, check, names};
use crate::domain::campaign::Campaign;
use crate::domain::change::{Change, ChangeState};
use crate::domain::visit::Visit;
use crate::draw::Digest;
use crate::draw::amend::{Vacancy, next_suiting};
use crate::draw::visits::{How, Section};
use crate::store::{SealedVisit, Tx};

/// An outcome under change.
pub struct Scene {
    /// The campaign.
    pub campaign: Campaign,
    /// The outcome as it was drawn.
    pub drawn: Drawn,
    /// All visits by rank, dropped ones included.
    pub visits: Vec<Visit>,
    /// Their wrapped data keys, by rank.
    keys: BTreeMap<i64, Vec<u8>>,
    /// Changes of this outcome that were carried out, oldest first.
    pub earlier: Vec<Change>,
    /// Ranks of visits that became others.
    touched: BTreeSet<i64>,
    /// Visits that are stored.
    stored: i64,
}

impl Scene {
    /// Reads the outcome of a drawn campaign and what became of it.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn load(
        sealer: &Sealer,
        tx: &mut Tx,
        campaign: Campaign,
        changes: impl Iterator<Item = Change>,
    ) -> Result<Self, AppError> {
        let (id, attempt) = (&campaign.id, campaign.attempts);
        let draw = tx.draw(id, attempt).await?.ok_or(AppError::Broken("a draw is gone"))?;
        let given = tx.contributions(id, attempt).await?;
        let drawn = tokio::task::block_in_place(|| Drawn::redo(sealer, &draw, &given))?;
        let rows = tx.visits(id, "", 0, i64::MAX).await?;
        let keys = rows.iter().map(|row| (row.visit.rank, row.wrapped.clone())).collect();
        let visits: Result<Vec<Visit>, _> =
            rows.into_iter().map(|row| names::open(sealer, row)).collect();
        let visits = visits?;
        let stored = visits.last().map_or(0, |v| v.rank);
        let carried_out = |c: &Change| c.attempt == attempt && c.state == ChangeState::Approved;
        let earlier = changes.filter(carried_out).collect();
        Ok(Self { campaign, drawn, visits, keys, earlier, touched: BTreeSet::new(), stored })
    }

    /// The place of a visit among [`Scene::visits`], which is noted as changed.
    ///
    /// # Errors
    /// [`AppError::NotFound`], [`AppError::Precondition`] for one that dropped out.
    pub fn touch(&mut self, rank: i64) -> Result<usize, AppError> {
        let missing = || AppError::not_found("visit", &format!("{}/{rank}", self.campaign.id));
        let at = self.visits.iter().position(|v| v.rank == rank).ok_or_else(missing)?;
        if self.visits[at].dropped > 0 {
            return Err(AppError::precondition("VISIT_DROPPED_OUT", rank.to_string()));
        }
        self.touched.insert(rank);
        Ok(at)
    }

    /// Adds a visit under the next rank.
    pub fn add(&mut self, mut visit: Visit) -> i64 {
        visit.rank = self.visits.last().map_or(0, |v| v.rank) + 1;
        let rank = visit.rank;
        self.touched.insert(rank);
        self.visits.push(visit);
        rank
    }

    /// Visits that each inspector makes, by ticket.
    #[must_use]
    pub fn loads(&self) -> BTreeMap<Digest, u64> {
        let mut loads = BTreeMap::new();
        for visit in self.visits.iter().filter(|v| v.dropped == 0) {
            for ticket in visit.members().filter_map(Digest::from_hex) {
                *loads.entry(ticket).or_default() += 1;
            }
        }
        loads
    }

    /// A department's section of a new visit, its team dealt in the order of the draw.
    #[must_use]
    pub fn deal(&self, department: &str, how: How, unit: usize) -> Section {
        let pool = &self.drawn.sealed.pool;
        let freeze = &self.drawn.sealed.freeze;
        let profile = pool.units.kind(unit).profile(department).unwrap_or_default().to_owned();
        let slots = freeze.profiles.get(&profile).map_or(&[][..], Vec::as_slice);
        let leads = |at: usize| slots[at].lead && department == freeze.lead;
        let demanding = |at: &usize| !slots[*at].requires.is_empty() || leads(*at);
        let (first, then): (Vec<usize>, Vec<usize>) = (0..slots.len()).partition(demanding);
        let mut team = vec![None; slots.len()];
        let (mut loads, mut barred) = (self.loads(), BTreeSet::new());
        for at in first.into_iter().chain(then) {
            let vacancy = Vacancy {
                department,
                unit: pool.units.ticket(unit),
                slot: &slots[at],
                leads: leads(at),
                barred: &barred,
            };
            team[at] = next_suiting(pool, &self.drawn.seed, &loads, &vacancy);
            if let Some(seat) = team[at] {
                let ticket = pool.inspectors[seat].ticket;
                barred.insert(ticket);
                *loads.entry(ticket).or_default() += 1;
            }
        }
        Section { department: department.to_owned(), how, profile, team }
    }

    /// What the touched visits have become, for the event.
    #[must_use]
    pub fn told(&self) -> Vec<Value> {
        self.changed().map(told).collect()
    }

    fn changed(&self) -> impl Iterator<Item = &Visit> {
        self.visits.iter().filter(|v| self.touched.contains(&v.rank))
    }

    /// Stores the touched visits.
    ///
    /// # Errors
    /// [`AppError`]; also when the check of a touched visit has begun.
    pub async fn save(&self, app: &App, tx: &mut Tx) -> Result<(), AppError> {
        let mut new: Vec<SealedVisit> = Vec::new();
        for visit in self.changed() {
            // Whoever stands in a check signs it: its visit does not change under them.
            tx.lock(check::lock_key(&visit.campaign, visit.rank)).await?;
            if tx.check(&visit.campaign, visit.attempt, visit.rank).await?.is_some() {
                return Err(AppError::precondition("CHECK_STARTED", visit.rank.to_string()));
            }
            let key = self.keys.get(&visit.rank).map_or(&[][..], Vec::as_slice);
            let sealed = names::seal(app, visit.clone(), key)?;
            match visit.rank > self.stored {
                true => new.push(sealed),
                false => tx.update_visit(&sealed).await?,
            }
        }
        Ok(tx.insert_visits(&self.campaign.jurisdiction, &new).await?)
    }
}

/// A visit as an event tells it: tickets, no names.
#[must_use]
pub fn told(visit: &Visit) -> Value {
    let section = |s: &crate::domain::visit::Section| {
        let team: Vec<&str> = s.team.iter().map(|m| m.ticket.as_str()).collect();
        json!({ "department": s.department, "drawn": s.drawn, "rank": s.rank, "team": team })
    };
    let sections: Vec<Value> = visit.sections.iter().map(section).collect();
    json!({
        "dropped": visit.dropped,
        "rank": visit.rank,
        "sections": sections,
        "stands_for": visit.stands_for,
        "ticket": visit.ticket,
    })
}
