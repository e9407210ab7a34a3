//! Substitution: a subject drops out, and each department that drew it takes the next of its own
//! reserve (R83).

use super::AppError;
use super::framing::Yearly;
use super::scene::Scene;
use crate::domain::change::{Change, Taken};
use crate::domain::profile::Join;
use crate::draw::amend::reserves;
use crate::draw::lot::{self, Winner};
use crate::draw::visits::{How, Visit};
use crate::frame::rules::Rule;

/// Carries out an approved substitution.
///
/// # Errors
/// [`AppError`].
pub fn substitute(scene: &mut Scene, change: &mut Change, yearly: &Yearly) -> Result<(), AppError> {
    let at = scene.touch(change.rank)?;
    scene.visits[at].dropped = change.nth;
    let stratum = scene.visits[at].stratum.clone();
    let drew: Vec<String> = scene.visits[at]
        .sections
        .iter()
        .filter(|s| s.drawn)
        .map(|s| s.department.clone())
        .collect();
    let sealed = &scene.drawn.sealed;
    let lots = lot::lots(&sealed.pool, &scene.drawn.seed.subject_key());
    let reserve = reserves(&sealed.freeze, &sealed.pool, &lots, u64::MAX);
    for department in drew {
        take(scene, change, &reserve, (&department, &stratum), yearly)?;
    }
    Ok(())
}

/// Takes the next unit of a department's reserve that has not dropped out and may have a visit.
fn take(
    scene: &mut Scene,
    change: &mut Change,
    reserve: &[Winner],
    (department, stratum): (&str, &str),
    yearly: &Yearly,
) -> Result<(), AppError> {
    loop {
        let all = scene.earlier.iter().flat_map(|c| &c.taken).chain(&change.taken);
        let nth = all.filter(|t| t.department == department && t.stratum == stratum).count();
        let own = |w: &&Winner| *w.department == *department && *w.stratum == *stratum;
        let quota = scene.drawn.sealed.freeze.quotas[department][stratum].draw;
        let mut taken = Taken {
            department: department.to_owned(),
            stratum: stratum.to_owned(),
            rank: i64::try_from(quota).unwrap_or(i64::MAX).saturating_add_unsigned(nth as u64 + 1),
            ticket: String::new(),
            visit: 0,
            passed: String::new(),
        };
        let Some(winner) = reserve.iter().filter(own).nth(nth) else {
            change.taken.push(taken);
            return Ok(());
        };
        taken.ticket = scene.drawn.sealed.pool.units.ticket(winner.unit).to_string();
        let rule = barred(scene, &taken, yearly);
        let there = scene.visits.iter().find(|v| v.ticket == taken.ticket);
        match there.map(|v| (v.rank, v.dropped > 0)) {
            Some((_, true)) => {
                change.taken.push(taken);
                continue;
            }
            Some((rank, false)) => {
                taken.visit = rank;
                join(scene, rank, department, (winner.unit, taken.rank))?;
            }
            None if rule.is_some() => {
                rule.map_or("", Rule::id).clone_into(&mut taken.passed);
                change.taken.push(taken);
                continue;
            }
            None => taken.visit = new(scene, change, department, (winner.unit, taken.rank))?,
        }
        change.taken.push(taken);
        return Ok(());
    }
}

/// The rule by which the unit may have no visit by now.
fn barred(scene: &Scene, taken: &Taken, yearly: &Yearly) -> Option<Rule> {
    let behind = scene.drawn.openings.units.get(&taken.ticket)?;
    yearly.bars(&behind.opening, &taken.stratum, &scene.visits)
}

/// A visit to a unit that nobody visits yet.
fn new(
    scene: &mut Scene,
    change: &Change,
    department: &str,
    (unit, rank): (usize, i64),
) -> Result<i64, AppError> {
    let sealed = &scene.drawn.sealed;
    let mut sections = vec![scene.deal(department, How::Drawn, unit)];
    if sealed.freeze.join == Join::AllApplicable {
        let kind = sealed.pool.units.kind(unit);
        for (other, _) in kind.statuses.iter().filter(|(d, _)| d != department) {
            if kind.profile(other).is_some() {
                sections.push(scene.deal(other, How::Joined, unit));
            }
        }
        sections.sort_by(|a, b| a.department.cmp(&b.department));
    }
    let visit = Visit { rank: 0, unit, sections };
    let rank_of = |d: &str, _: usize| if d == department { rank } else { 0 };
    let mut visit = scene.drawn.visit(&scene.campaign, change.attempt, &visit, rank_of)?;
    visit.stands_for = change.rank;
    Ok(scene.add(visit))
}

/// The department's part in a visit that others make already.
fn join(
    scene: &mut Scene,
    to: i64,
    department: &str,
    (unit, rank): (usize, i64),
) -> Result<(), AppError> {
    let at = scene.touch(to)?;
    if let Some(own) = scene.visits[at].sections.iter_mut().find(|s| s.department == department) {
        (own.drawn, own.rank) = (true, rank);
        return Ok(());
    }
    let sections = vec![scene.deal(department, How::Drawn, unit)];
    let alone = Visit { rank: 0, unit, sections };
    let attempt = scene.visits[at].attempt;
    let alone = scene.drawn.visit(&scene.campaign, attempt, &alone, |_, _| rank)?;
    let sections = &mut scene.visits[at].sections;
    sections.extend(alone.sections);
    sections.sort_by(|a, b| a.department.cmp(&b.department));
    Ok(())
}
