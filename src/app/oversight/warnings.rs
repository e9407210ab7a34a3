//! All warnings of a jurisdiction, as the caller may see them (R134, R135).

use std::collections::BTreeSet;

use super::{View, deadlines, scope, subjects, view};
use crate::app::{App, AppError, Call, Page, joint};
use crate::domain::campaign::Campaign;
use crate::domain::day;
use crate::domain::training::Trained;
use crate::draw::freeze::Freeze;
use crate::oversight::coverage::{self, Covered, Renewed};
use crate::oversight::deeds::{self, Ended};
use crate::oversight::training;
use crate::oversight::warning::{Warning, WarningKind};
use crate::store::Tx;

/// A page of the warnings of a jurisdiction in the order of their keys, of one kind when it is given.
///
/// # Errors
/// [`AppError`]; departments see what concerns them.
pub async fn list(
    app: &App,
    call: &Call,
    (jurisdiction, kind): (&str, Option<WarningKind>),
    page: &Page<'_>,
) -> Result<Vec<Warning>, AppError> {
    let own = scope(&call.caller)?;
    let mut tx = app.db.read().await?;
    let view = view(&mut tx, jurisdiction, app.clock.now_us()).await?;
    let mut found = of_lists(&mut tx, jurisdiction, &view).await?;
    found.extend(of_draws(&mut tx, jurisdiction, &view).await?);
    found.extend(deadlines::of(app, &mut tx, jurisdiction, &view).await?);
    let rate = joint::of_year(&mut tx, jurisdiction, view.today.year()).await?;
    found.extend(crate::oversight::joint::below(view.today, &rate, joint::target(&view.policy)));
    let (subjects, _) = subjects(&app.sealer, &mut tx, jurisdiction, &view).await?;
    for (subject, known) in &subjects {
        let of = crate::oversight::burden::warnings(&view.policy, view.today, subject, known);
        found.extend(of);
    }
    found.retain(|w| kind.is_none_or(|k| k == w.kind));
    found.retain(|w| own.is_none_or(|own| w.seen_by.contains(own)));
    let mut found: Vec<(String, Warning)> = found.into_iter().map(|w| (w.key(), w)).collect();
    found.retain(|(key, _)| key.as_str() > page.after);
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found.truncate(usize::try_from(page.limit).unwrap_or(0));
    Ok(found.into_iter().map(|(_, warning)| warning).collect())
}

async fn of_lists(tx: &mut Tx, jurisdiction: &str, view: &View) -> Result<Vec<Warning>, AppError> {
    let (today, policy) = (view.today, &view.policy);
    let departments = tx.departments_in(&[jurisdiction.to_owned()]).await?;
    let ids: Vec<String> = departments.into_iter().map(|d| d.id).collect();
    let lists = tx.item_lists_on(&ids, today).await?;
    let people = tx.inspectors_in(&[jurisdiction.to_owned()]).await?;
    let people: Vec<_> = people.into_iter().map(|(_, d, i)| (d, i)).collect();
    let of_year = |c: &&Campaign| c.first_day.year() == today.year();
    let campaigns: Vec<Campaign> = view.campaigns.values().filter(of_year).cloned().collect();
    let plans = tx.published_plans(jurisdiction, today.year()).await?;
    let plans: Vec<_> = plans.into_iter().map(|(_, plan)| plan).collect();
    let covered = Covered::of(&plans, &campaigns);
    let mut renewed = Vec::new();
    for department in &ids {
        for kind in ["subjects", "inspectors"] {
            let on = tx.last_import(department, kind).await?.map(day::of_instant);
            renewed.push(Renewed { department: department.clone(), kind, on });
        }
    }
    let mut found = coverage::uncovered(today, &lists, &covered);
    found.extend(coverage::without_inspector(policy, today, &lists, &people));
    let trained = Trained::of(&tx.trainings_in(jurisdiction).await?);
    found.extend(training::warnings(policy, today, &people, &trained));
    found.extend(coverage::stale(policy, today, &renewed));
    Ok(found)
}

/// What happened in campaigns whose visits begin or end in the year.
async fn of_draws(tx: &mut Tx, jurisdiction: &str, view: &View) -> Result<Vec<Warning>, AppError> {
    let year = view.today.year();
    let of_year = |campaign: &str| {
        let found = view.campaigns.get(campaign);
        found.is_some_and(|c| c.first_day.year() == year || c.last_day.year() == year)
    };
    let mut visits = tx.visits_of_year(jurisdiction, year).await?;
    visits.extend(tx.visits_of_year(jurisdiction, year - 1).await?);
    visits.retain(|v| of_year(&v.campaign));
    let done: BTreeSet<_> = tx.ended_checks(jurisdiction).await?.into_iter().collect();
    let mut shortages = tx.shortages_in(jurisdiction).await?;
    shortages.retain(|(campaign, _)| of_year(campaign));
    let ended = tx.ended_attempts(jurisdiction).await?.into_iter().map(|e| Ended {
        campaign: e.campaign,
        attempt: e.attempt,
        state: e.state,
        reason: e.abort_reason,
        at_us: e.at_us,
    });
    let ended: Vec<Ended> = ended.filter(|e| of_year(&e.campaign)).collect();
    let mut changes = tx.approved_changes(jurisdiction).await?;
    changes.retain(|c| of_year(&c.campaign));
    let mut frozen = Vec::new();
    for (campaign, attempt, frozen_us, bytes) in tx.frozen_statements(jurisdiction).await? {
        if of_year(&campaign) {
            frozen.push((campaign, attempt, frozen_us, Freeze::from_bytes(&bytes)?));
        }
    }
    let mut found = deeds::overdue(view.today, &visits, &done);
    found.extend(deeds::unsolved(&visits, &shortages));
    found.extend(deeds::ended(&view.campaigns, &ended));
    found.extend(deeds::assigned(&changes));
    found.extend(deeds::small_strata(&view.policy, &view.campaigns, &frozen));
    Ok(found)
}
