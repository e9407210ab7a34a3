//! Warnings of deadlines (R130): those that end today, and those that passed unmet and that nobody has
//! decided yet.

use std::collections::BTreeSet;

use super::View;
use crate::app::liability::obligations::{Terms, of_campaign};
use crate::app::{App, AppError};
use crate::domain::day;
use crate::domain::liability::{LiabilityKind, LiabilityState};
use crate::oversight::obligation::{Obligation, Standing};
use crate::oversight::warning::{About, Warning, WarningKind};
use crate::store::{LiabilityFilter, Page, Tx};

/// What a unit has to look at today.
///
/// # Errors
/// [`AppError`].
pub async fn of(
    app: &App,
    tx: &mut Tx,
    jurisdiction: &str,
    view: &View,
) -> Result<Vec<Warning>, AppError> {
    let year = view.today.year();
    let terms = Terms::load(tx, jurisdiction).await?;
    let decided = decided(tx, jurisdiction).await?;
    let mut found = Vec::new();
    for campaign in view.campaigns.values().filter(|c| c.last_day.year() >= year - 1) {
        for obligation in of_campaign(app, tx, campaign, &terms).await? {
            // A visit that is late is told once, by its ticket.
            let told = obligation.kind == LiabilityKind::Check;
            if obligation.done.is_some() || told || decided.contains(&obligation.liability()) {
                continue;
            }
            found.extend(match obligation.standing(&terms.calendar, view.today) {
                Ok(Standing::DueToday) => {
                    Some(warning(&obligation, WarningKind::DeadlineToday, view.today))
                }
                Ok(Standing::Missed(due)) => {
                    let since = day::next(due.day);
                    Some(warning(&obligation, WarningKind::DeadlineMissed, since))
                }
                Ok(Standing::InTime) => None,
                // No calendar counts it: an office has to import the year.
                Err(_) => Some(warning(&obligation, WarningKind::DeadlineUncounted, view.today)),
            });
        }
    }
    Ok(found)
}

fn warning(of: &Obligation, kind: WarningKind, since: jiff::civil::Date) -> Warning {
    Warning {
        kind,
        about: About {
            department: of.unit.clone(),
            campaign: of.campaign.clone(),
            rank: of.rank,
            ..About::default()
        },
        since,
        detail: format!("{} of {}", of.kind.word(), of.object),
        seen_by: BTreeSet::from([of.unit.clone()]),
    }
}

async fn decided(tx: &mut Tx, jurisdiction: &str) -> Result<BTreeSet<String>, AppError> {
    let mut out = BTreeSet::new();
    for state in [LiabilityState::Exempted, LiabilityState::Upheld] {
        let filter = LiabilityFilter { jurisdiction, state: state.word(), unit: "" };
        let page = Page { after: "", limit: i64::MAX };
        out.extend(tx.liabilities(&filter, &page).await?.into_iter().map(|l| l.id));
    }
    Ok(out)
}
