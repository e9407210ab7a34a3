//! An outcome re-computed from the stored bytes of an attempt, and the visits it means.

use std::collections::BTreeMap;

use super::attempt::{Inputs, freeze_of};
use super::ceremony::{Openings, place};
use super::{AppError, Sealer, names, pack};
use crate::domain::campaign::Campaign;
use crate::domain::visit::{Member, Section, SectionItem, Visit};
use crate::draw::bundle::Bundle;
use crate::draw::freeze::{Freeze, Sealed, freeze_hash};
use crate::draw::pool::Pool;
use crate::draw::seed::Seed;
use crate::draw::verify::check_roots;
use crate::draw::visits::{self, How};
use crate::draw::{Outcome, chacha, draw};
use crate::store::{Contribution, Draw};

/// Everything that follows from an attempt.
pub struct Drawn {
    /// The frozen statement and lists.
    pub sealed: Sealed,
    /// What the tickets stand for.
    pub openings: Openings,
    /// The seed.
    pub seed: Seed,
    /// The outcome.
    pub outcome: Outcome,
    /// The bundle's bytes.
    pub bundle: Vec<u8>,
}

impl Drawn {
    /// Re-computes an attempt.
    ///
    /// # Errors
    /// [`AppError`] when what is stored does not fit together; `NOT_AS_FROZEN` when the statement or
    /// the lists are others than were frozen, because every verifier would reject what they yield (R85).
    pub fn redo(sealer: &Sealer, stored: &Draw, given: &[Contribution]) -> Result<Self, AppError> {
        let freeze = freeze_of(stored)?;
        let pool: Pool = pack::unpack(&stored.pool)?;
        require_as_frozen(&freeze, &pool, stored)?;
        let column = place(&stored.campaign, stored.attempt, "openings");
        let key = names::draw_key(sealer, stored)?;
        let openings: Openings = pack::unpack(&key.open(&column, &stored.openings)?)?;
        let inputs = Inputs::of(&freeze, stored, given)?;
        let seed = inputs.seed(&freeze, stored)?;
        let outcome = draw(&freeze, &pool, &seed);
        let sealed = Sealed {
            freeze,
            freeze_bytes: stored.freeze_bytes.clone(),
            pool,
            unit_tickets: BTreeMap::new(),
            inspector_tickets: BTreeMap::new(),
        };
        let Inputs { commitments, reveals, beacon } = inputs;
        let bundle = Bundle::new(&sealed, &commitments, &reveals, &beacon, &seed, &outcome)?;
        let bundle = bundle.to_bytes()?;
        Ok(Self { sealed, openings, seed, outcome, bundle })
    }

    /// The drawn visits.
    ///
    /// # Errors
    /// [`AppError::Broken`] when a ticket has no opening.
    pub fn visits(&self, campaign: &Campaign, attempt: i64) -> Result<Vec<Visit>, AppError> {
        let winners = self.outcome.winners.iter();
        let ranks: BTreeMap<(&str, usize), u64> =
            winners.map(|w| ((&*w.department, w.unit), w.rank)).collect();
        let rank_of = |department: &str, unit: usize| {
            ranks.get(&(department, unit)).map_or(0, |r| i64::try_from(*r).unwrap_or(0))
        };
        let visit = |v: &visits::Visit| self.visit(campaign, attempt, v, rank_of);
        self.outcome.visits.iter().map(visit).collect()
    }

    /// A visit with its names; `rank_of` tells a department's rank of a unit, 0 for none.
    ///
    /// # Errors
    /// [`AppError::Broken`] when the ticket has no opening.
    pub fn visit(
        &self,
        campaign: &Campaign,
        attempt: i64,
        visit: &visits::Visit,
        rank_of: impl Fn(&str, usize) -> i64,
    ) -> Result<Visit, AppError> {
        let pool = &self.sealed.pool;
        let ticket = pool.units.ticket(visit.unit);
        let behind = self
            .openings
            .units
            .get(&ticket.to_string())
            .ok_or(AppError::Broken("a drawn ticket has no opening"))?;
        let section = |s: &visits::Section| Section {
            department: s.department.clone(),
            drawn: s.how == How::Drawn,
            rank: rank_of(&s.department, visit.unit),
            item_list_version: self.openings.lists.get(&s.department).map_or(0, |l| l.version),
            items: items(&self.openings, &s.department, behind.items.get(&s.department)),
            team: self.team(s),
        };
        Ok(Visit {
            campaign: campaign.id.clone(),
            attempt,
            rank: i64::try_from(visit.rank).unwrap_or(0),
            unit: behind.opening.id.clone(),
            subject: behind.opening.subject.clone(),
            name: behind.opening.name.clone(),
            address: behind.opening.address.clone(),
            district: behind.opening.district.clone(),
            ticket: ticket.to_string(),
            lot: hex::encode(chacha::lot(&self.seed.subject_key(), &ticket)),
            stratum: pool.units.kind(visit.unit).stratum.clone(),
            first_day: campaign.first_day,
            last_day: campaign.last_day,
            sections: visit.sections.iter().map(section).collect(),
            dropped: 0,
            stands_for: 0,
        })
    }

    fn team(&self, section: &visits::Section) -> Vec<Member> {
        let freeze = &self.sealed.freeze;
        let slots = freeze.profiles.get(&section.profile).map_or(&[][..], Vec::as_slice);
        let leads = section.department == freeze.lead;
        let member = |(member, slot): (&Option<usize>, &crate::domain::profile::Slot)| {
            let ticket = member.map(|i| self.sealed.pool.inspectors[i].ticket.to_string());
            let inspector = ticket.as_ref().and_then(|t| self.openings.inspectors.get(t));
            Member {
                inspector: inspector.cloned().unwrap_or_default(),
                leader: leads && slot.lead && ticket.is_some(),
                ticket: ticket.unwrap_or_default(),
            }
        };
        section.team.iter().zip(slots).map(member).collect()
    }
}

/// Refuses a statement or lists that somebody changed in the database since they were frozen.
fn require_as_frozen(freeze: &Freeze, pool: &Pool, stored: &Draw) -> Result<(), AppError> {
    let changed = |why: String| AppError::precondition("NOT_AS_FROZEN", why);
    if freeze_hash(freeze.alg, &stored.freeze_bytes).to_string() != stored.freeze_hash {
        return Err(changed("the stored statement is another than the frozen one".to_owned()));
    }
    check_roots(freeze, pool)
        .map_err(|failure| changed(format!("{}: {}", failure.step, failure.why)))
}

fn items(openings: &Openings, department: &str, codes: Option<&Vec<String>>) -> Vec<SectionItem> {
    let list = openings.lists.get(department).map_or(&[][..], |l| &l.items);
    let name = |code: &String| {
        list.iter().find(|i| i.code == *code).map(|i| i.name.clone()).unwrap_or_default()
    };
    let item = |code: &String| SectionItem { code: code.clone(), name: name(code) };
    codes.into_iter().flatten().map(item).collect()
}
