//! The fairness monitor: draws of closed campaigns of a year against what was to be expected.

use std::collections::{BTreeMap, BTreeSet};

use super::{scope, view};
use crate::app::attempt::freeze_of;
use crate::app::ceremony::{Openings, place};
use crate::app::{App, AppError, Call, matching, names, pack};
use crate::domain::campaign::{Campaign, State};
use crate::domain::visit::Visit;
use crate::draw::pool::Pool;
use crate::matching::Resolution;
use crate::oversight::fairness::{
    Chance, Inclusion, Met, Repetition, Row, companions, furthest, returns, rows,
};
use crate::store::{Draw, DrawState, Tx};

/// What a year of draws has come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fairness {
    /// Closed campaigns that are looked at.
    pub campaigns: u64,
    /// Campaigns of the year that are not closed yet, or whose names were erased.
    pub left_out: u64,
    /// Draws by department and stratum.
    pub rows: Vec<((String, String), Row)>,
    /// The subjects that differ most from what was to be expected.
    pub subjects: Vec<Inclusion>,
    /// People who went together.
    pub companions: Repetition,
    /// People who came back to the same subject.
    pub returns: Repetition,
}

/// Looks at the closed campaigns whose visits begin in a year.
///
/// # Errors
/// [`AppError`]; offices, supervising offices and auditors only.
pub async fn get(
    app: &App,
    call: &Call,
    (jurisdiction, year): (&str, i16),
) -> Result<Fairness, AppError> {
    if scope(&call.caller)?.is_some() {
        return Err(AppError::Forbidden("OFFICE_ONLY"));
    }
    let mut tx = app.db.read().await?;
    let view = view(&mut tx, jurisdiction, app.clock.now_us()).await?;
    let entries = tx.entries_all(jurisdiction).await?;
    let decisions = tx.decisions(jurisdiction).await?;
    let resolution = tokio::task::block_in_place(|| matching::derive(&entries, &decisions));
    let mut of = Fairness::default();
    let (mut chances, mut met) = (Vec::new(), Vec::new());
    for campaign in view.campaigns.values().filter(|c| c.first_day.year() == year) {
        let drawn = match campaign.state {
            State::Closed => tx.draw(&campaign.id, campaign.attempts).await?,
            State::Drawn => {
                of.left_out += 1;
                None
            }
            _ => None,
        };
        let Some(draw) = drawn.filter(|d| d.state == DrawState::Drawn.word()) else { continue };
        if draw.openings.is_empty() {
            of.left_out += 1;
            continue;
        }
        of.campaigns += 1;
        let visits = visits(app, &mut tx, campaign).await?;
        chances.extend(of_draw(app, &draw, &visits, &resolution)?);
        met.extend(visits.iter().filter(|v| v.dropped == 0).map(|v| meeting(v, &resolution)));
    }
    of.rows = rows(&chances).into_iter().collect();
    of.subjects = furthest(&chances);
    (of.companions, of.returns) = (companions(&met), returns(&met));
    Ok(of)
}

async fn visits(app: &App, tx: &mut Tx, campaign: &Campaign) -> Result<Vec<Visit>, AppError> {
    let stored = tx.visits(&campaign.id, "", 0, i64::MAX).await?;
    stored.into_iter().map(|visit| names::open(&app.sealer, visit)).collect()
}

fn meeting(visit: &Visit, resolution: &Resolution) -> Met {
    let all = visit.sections.iter().flat_map(|s| &s.team).map(|m| m.inspector.clone());
    let team: BTreeSet<String> = all.filter(|id| !id.is_empty()).collect();
    Met { subject: resolution.canonical(&visit.subject).to_owned(), team }
}

/// Every chance that a draw gave. What was drawn counts, also where another visit stands for it by now.
fn of_draw(
    app: &App,
    draw: &Draw,
    visits: &[Visit],
    resolution: &Resolution,
) -> Result<Vec<Chance>, AppError> {
    let freeze = freeze_of(draw)?;
    let pool: Pool = pack::unpack(&draw.pool)?;
    let column = place(&draw.campaign, draw.attempt, "openings");
    let key = names::draw_key(&app.sealer, draw)?;
    let openings: Openings = pack::unpack(&key.open(&column, &draw.openings)?)?;
    let mut drawn: BTreeSet<(&str, &str)> = BTreeSet::new();
    for visit in visits.iter().filter(|v| v.stands_for == 0) {
        let sections = visit.sections.iter().filter(|s| s.drawn);
        drawn.extend(sections.map(|s| (&*visit.ticket, &*s.department)));
    }
    let mut out = Vec::new();
    for unit in 0..pool.units.len() {
        let (ticket, kind) = (pool.units.ticket(unit).to_string(), pool.units.kind(unit));
        let Some(behind) = openings.units.get(&ticket) else { continue };
        let subject = resolution.canonical(&behind.opening.subject);
        for (department, strata) in &freeze.quotas {
            let quota = strata.get(&kind.stratum).filter(|_| kind.profile(department).is_some());
            out.extend(quota.map(|quota| Chance {
                department: department.clone(),
                stratum: kind.stratum.clone(),
                subject: subject.to_owned(),
                draw: quota.draw,
                eligible: quota.eligible,
                drawn: drawn.contains(&(&*ticket, &**department)),
            }));
        }
    }
    Ok(out)
}

/// Sums by department, for reading at a glance.
#[must_use]
pub fn by_department(rows: &[((String, String), Row)]) -> BTreeMap<String, Row> {
    let mut out: BTreeMap<String, Row> = BTreeMap::new();
    for ((department, _), row) in rows {
        let sum = out.entry(department.clone()).or_default();
        sum.subjects += row.subjects;
        sum.drawn += row.drawn;
        sum.expected += row.expected;
        sum.deviation = sum.deviation.saturating_add(row.deviation);
        sum.variance += row.variance;
    }
    out
}
