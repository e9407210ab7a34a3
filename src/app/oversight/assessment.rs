//! Assessments of a year (R133), how plans are carried out (R77, R135), and the share of random checks (R56).

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::date;

use super::{View, scope, view};
use crate::app::liability::obligations::Terms;
use crate::app::{App, AppError, Call, objection};
use crate::domain::annual_plan::AnnualPlan;
use crate::domain::inspection::Origin;
use crate::domain::training::Trained;
use crate::oversight::assessment::{Assessment, Fulfilment, Sources, assess, fulfilment};
use crate::oversight::obligation::{Standing, of_result};
use crate::oversight::share::{Checks, by_month};
use crate::store::{LiabilityFilter, Page, ResultFilter, Tx};

/// The assessments of a jurisdiction's departments in a year, by id; a department's own for its system.
///
/// # Errors
/// [`AppError`].
pub async fn list(
    app: &App,
    call: &Call,
    (jurisdiction, year): (&str, i16),
) -> Result<Vec<Assessment>, AppError> {
    let own = scope(&call.caller)?;
    let mut tx = app.db.read().await?;
    let view = view(&mut tx, jurisdiction, app.clock.now_us()).await?;
    let sources = sources(app, &mut tx, (jurisdiction, year), &view).await?;
    let tasks = fulfilment(&sources.plans, sources.campaigns, &sources.visits);
    let departments = tx.departments_in(&[jurisdiction.to_owned()]).await?;
    let seen = departments.iter().filter(|d| own.is_none_or(|own| own == d.id));
    Ok(seen.map(|d| assess(&sources, &tasks, &d.id)).collect())
}

/// What a year has come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures {
    /// Tasks of published plans.
    pub tasks: Vec<Fulfilment>,
    /// Checks by month.
    pub months: Vec<Checks>,
}

/// How plans are carried out, and the share of random checks by month.
///
/// # Errors
/// [`AppError`]; a department sees tasks of its own.
pub async fn figures(
    app: &App,
    call: &Call,
    (jurisdiction, year): (&str, i16),
) -> Result<Figures, AppError> {
    let own = scope(&call.caller)?;
    let mut tx = app.db.read().await?;
    let view = view(&mut tx, jurisdiction, app.clock.now_us()).await?;
    let plans = tx.published_plans(jurisdiction, year).await?;
    let visits = visits(&mut tx, jurisdiction, year).await?;
    let mut tasks = fulfilment(&plans, &view.campaigns, &visits);
    tasks.retain(|t| own.is_none_or(|own| t.departments.contains(own)));
    let recorded = tx.inspections_since(jurisdiction, date(year, 1, 1)).await?;
    let recorded = recorded.into_iter().map(|(_, i)| (i.on, i.origin == Origin::Random));
    let over = tx.checks_over(jurisdiction).await?;
    let over: BTreeSet<_> = over.into_iter().map(|(c, a, r, _)| (c, a, r)).collect();
    let months = by_month(year, recorded, &visits, &over);
    Ok(Figures { tasks, months })
}

async fn visits(
    tx: &mut Tx,
    jurisdiction: &str,
    year: i16,
) -> Result<Vec<crate::domain::visit::Visit>, AppError> {
    Ok(tx.visits_of_year(jurisdiction, year).await?)
}

async fn sources<'a>(
    app: &App,
    tx: &mut Tx,
    (jurisdiction, year): (&str, i16),
    view: &'a View,
) -> Result<Sources<'a>, AppError> {
    let terms = Terms::load(tx, jurisdiction).await?;
    let plans: Vec<(String, AnnualPlan)> = tx.published_plans(jurisdiction, year).await?;
    let visits = visits(tx, jurisdiction, year).await?;
    let over = tx.checks_over(jurisdiction).await?.into_iter();
    let over: BTreeMap<_, _> =
        over.map(|(c, a, r, state)| ((c, a, r), state == "TERMINATED")).collect();
    let (mut results, mut late, mut objections) = (Vec::new(), BTreeSet::new(), Vec::new());
    for campaign in view.campaigns.values().filter(|c| c.last_day.year() >= year - 1) {
        let filter = ResultFilter { campaign: &campaign.id, ..ResultFilter::default() };
        for stored in tx.results(&filter, "", i64::MAX).await? {
            let record = stored.record;
            if record.finished_on.year() != year {
                continue;
            }
            let stands = of_result(&record).standing(&terms.calendar, view.today);
            if matches!(stands, Ok(Standing::Missed(_))) {
                late.insert(record.id.clone());
            }
            results.push(record);
        }
        for stored in tx.objections_of(&campaign.id).await? {
            // What it said, and so when it was decided, is gone with the names.
            if stored.sealed.is_empty() {
                continue;
            }
            let objection = objection::open(app, &stored)?;
            let decided = objection.decision.filter(|d| d.on.year() == year);
            objections.extend(decided.map(|d| (objection.department, d.upheld)));
        }
    }
    let filter = LiabilityFilter { jurisdiction, ..LiabilityFilter::default() };
    let page = Page { after: "", limit: i64::MAX };
    let mut liabilities = tx.liabilities(&filter, &page).await?;
    liabilities.retain(|l| l.due.day.year() == year);
    let people = tx.inspectors_in(&[jurisdiction.to_owned()]).await?;
    Ok(Sources {
        policy: &view.policy,
        year,
        today: view.today,
        plans,
        campaigns: &view.campaigns,
        visits,
        over,
        results,
        late,
        objections,
        liabilities,
        people: people.into_iter().map(|(_, d, i)| (d, i)).collect(),
        trained: Trained::of(&tx.trainings_in(jurisdiction).await?),
    })
}
