//! A year of a jurisdiction at a glance, from what is stored at the moment (R55, R134). No name is read.

use super::oversight::{scope, view};
use super::{App, AppError, Call, calendar, disclosure, joint};
use crate::domain::annual_plan::AnnualPlan;
use crate::domain::approval::{Paper, PaperState};
use crate::domain::campaign::Campaign;
use crate::domain::change::Choice;
use crate::domain::day;
use crate::domain::department::Department;
use crate::oversight::coverage::{self, Covered};
use crate::oversight::year::Year;
use crate::store::{Page, PaperFilter, Tx};

/// Plans that are read for the coverage.
const PLANS_MAX: i64 = 1_000;

/// How far visits are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Begun, signed, or being ended.
    pub under_way: i64,
    /// Completed with a result for every item.
    pub examined: i64,
    /// Ended on a ground.
    pub terminated: i64,
    /// Examined, and ended ones where the policy counts them (R106).
    pub completed: i64,
}

/// What there is to see.
pub struct Overview {
    /// The year.
    pub year: i16,
    /// Visits in figures.
    pub counted: Year,
    /// The departments, those that do nothing included.
    pub departments: Vec<Department>,
    /// Active inspectors by department.
    pub inspectors: Vec<(String, u64)>,
    /// Units in the registries by department.
    pub registered: Vec<(String, i64)>,
    /// How far visits are.
    pub progress: Progress,
    /// Results that wait for publication, and of them those too late.
    pub unpublished: (i64, i64),
    /// Results that were published, and of them those that found something.
    pub published: (i64, i64),
    /// Listed items, and of them those that no plan and no campaign of the year covers.
    pub items: (i64, i64),
    /// Attempts that were aborted, and outcomes that were voided.
    pub ended: (i64, i64),
    /// People who were assigned without a draw.
    pub direct: i64,
    /// Slots of teams that nobody fills.
    pub shortages: i64,
    /// Campaigns of the year.
    pub campaigns: i64,
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// The figures of the current year.
///
/// # Errors
/// [`AppError`]; offices, supervisors, auditors and departments.
pub async fn get(app: &App, call: &Call, jurisdiction: &str) -> Result<Overview, AppError> {
    scope(&call.caller)?;
    let now_us = app.clock.now_us();
    let mut tx = app.db.read().await?;
    let view = view(&mut tx, jurisdiction, now_us).await?;
    let year = view.today.year();
    let of_year = |c: &&Campaign| c.first_day.year() == year || c.last_day.year() == year;
    let campaigns: Vec<Campaign> = view.campaigns.values().filter(of_year).cloned().collect();
    let known = |id: &str| campaigns.iter().any(|c| c.id == id);
    let departments = tx.departments_in(&[jurisdiction.to_owned()]).await?;
    let ids: Vec<String> = departments.iter().map(|d| d.id.clone()).collect();
    let visits = tx.visits_of_year(jurisdiction, year).await?;
    let counted = Year::of(&visits, &ids, joint::target(&view.policy));
    let people = tx.inspectors_in(&[jurisdiction.to_owned()]).await?;
    let active = |id: &String| {
        let own = people.iter().filter(|(_, d, i)| d == id && i.active).count();
        (id.clone(), u64::try_from(own).unwrap_or(0))
    };
    let ended = tx.ended_attempts(jurisdiction).await?;
    let ended_as =
        |word: &str| count(ended.iter().filter(|e| e.state == word && known(&e.campaign)).count());
    let direct = |choice: Choice| matches!(choice, Choice::Direct | Choice::Appointed);
    let changes = tx.approved_changes(jurisdiction).await?;
    let direct = changes.iter().filter(|c| known(&c.campaign) && direct(c.choice)).count();
    let lists = tx.item_lists_on(&ids, view.today).await?;
    let covered = Covered::of(&plans(&mut tx, jurisdiction, year).await?, &campaigns);
    let uncovered = coverage::uncovered(view.today, &lists, &covered).len();
    let mut progress = Progress::default();
    let named: Vec<String> = campaigns.iter().map(|c| c.id.clone()).collect();
    for (state, n) in tx.check_states(jurisdiction, &named).await? {
        match state.as_str() {
            "COMPLETED" => progress.examined += n,
            "TERMINATED" => progress.terminated += n,
            _ => progress.under_way += n,
        }
    }
    let counts = if view.policy.is_completed(true) { progress.terminated } else { 0 };
    progress.completed = progress.examined + counts;
    Ok(Overview {
        year,
        inspectors: ids.iter().map(active).collect(),
        registered: tx.registered(jurisdiction).await?,
        unpublished: unpublished(&mut tx, jurisdiction, now_us).await?,
        published: published(&mut tx, jurisdiction, year).await?,
        items: (count(lists.iter().map(|l| l.items.len()).sum()), count(uncovered)),
        ended: (ended_as("ABORTED"), ended_as("VOID")),
        direct: count(direct),
        shortages: i64::try_from(counted.loads.values().map(|l| l.short).sum::<u64>()).unwrap_or(0),
        campaigns: count(campaigns.len()),
        counted,
        departments,
        progress,
    })
}

async fn plans(tx: &mut Tx, jurisdiction: &str, year: i16) -> Result<Vec<AnnualPlan>, AppError> {
    let state = Some(PaperState::Published);
    let filter = PaperFilter { jurisdiction, year, parent: "", state };
    let page = Page { after: "", limit: PLANS_MAX };
    let found: Vec<Paper<AnnualPlan>> = tx.papers(&filter, &page).await?;
    Ok(found.into_iter().map(|p| p.content).collect())
}

async fn unpublished(tx: &mut Tx, place: &str, now_us: i64) -> Result<(i64, i64), AppError> {
    let calendar = calendar::load(tx, place).await?;
    let waiting = tx.unsettled_results(place).await?;
    let late = waiting.iter().filter(|r| disclosure::read::due(r, &calendar, now_us).1);
    Ok((count(waiting.len()), count(late.count())))
}

async fn published(tx: &mut Tx, place: &str, year: i16) -> Result<(i64, i64), AppError> {
    let since = day::start_us(jiff::civil::date(year, 1, 1));
    let found = tx.standing_publications(place, since).await?;
    let issues = found.iter().filter(|p| p.wants_follow_up()).count();
    Ok((count(found.len()), count(issues)))
}
