//! Reading checks: the team its own, a department its sections, an office all (R110).

use super::{Place, Summary, find, find_visit, hand, open};
use crate::app::{App, AppError, Call, campaigns, names, openings, require_office, visits};
use crate::domain::caller::Role;
use crate::domain::campaign::State;
use crate::domain::check::{Check, CheckState, Termination};
use crate::domain::item::CheckItem;
use crate::domain::policy::Policy;
use crate::domain::visit::Visit;
use crate::store::{CheckFilter, Tx};

/// One department's part of the form.
pub struct FormSection {
    /// The department.
    pub department: String,
    /// Whether it drew the subject itself.
    pub drawn: bool,
    /// Version of its item list.
    pub item_list_version: i64,
    /// Where a subject complains of its inspectors (R104).
    pub complaint_channel: String,
    /// Its items, as its list says them.
    pub items: Vec<CheckItem>,
}

/// Which department's sections a caller sees; empty for all. Of an inspector: only own visits.
fn sees(call: &Call, place: &Place, now_us: i64) -> Result<String, AppError> {
    match call.caller.role {
        Role::Office => Ok(String::new()),
        Role::Department => {
            let own = &call.caller.department;
            match place.visit.sections.iter().any(|s| s.department == *own) {
                true => Ok(own.clone()),
                false => Err(AppError::not_found("visit", &place.visit.rank.to_string())),
            }
        }
        _ => hand(call, place, now_us).map(|_| String::new()),
    }
}

/// The merged form of a visit: one section per department with items, methods and standards (R99, R100).
///
/// # Errors
/// [`AppError`]; the team, departments for their section, offices.
pub async fn form(
    app: &App,
    call: &Call,
    id: &str,
    rank: i64,
) -> Result<Vec<FormSection>, AppError> {
    let mut tx = app.db.read().await?;
    let place = find_visit(app, &mut tx, id, rank).await?;
    let department = sees(call, &place, app.clock.now_us())?;
    let mut out = Vec::new();
    let wanted = |d: &str| department.is_empty() || department == d;
    for s in place.visit.sections.iter().filter(|s| wanted(&s.department)) {
        let list = tx.item_list(&s.department, s.item_list_version).await?;
        let list = list.ok_or(AppError::Broken("a visit names an item list that is gone"))?;
        let own = tx.department(&s.department).await?;
        let item = |code: &String| list.items.iter().find(|i| i.code == *code).cloned();
        out.push(FormSection {
            department: s.department.clone(),
            drawn: s.drawn,
            item_list_version: s.item_list_version,
            complaint_channel: own.map(|(d, _)| d.complaint_channel).unwrap_or_default(),
            items: s.items.iter().filter_map(|i| item(&i.code)).collect(),
        });
    }
    Ok(out)
}

/// A check with its short form.
pub struct Shown {
    /// What the caller may see of it.
    pub check: Check,
    /// The short form of the whole, or of the caller's section.
    pub summary: Summary,
}

/// A check. Free text shows to the team, and to everybody else once the campaign is closed.
///
/// # Errors
/// [`AppError`]; the team, departments for their section, offices.
pub async fn get(app: &App, call: &Call, id: &str, rank: i64) -> Result<Shown, AppError> {
    let mut tx = app.db.read().await?;
    let place = find_visit(app, &mut tx, id, rank).await?;
    let department = sees(call, &place, app.clock.now_us())?;
    let check = find(app, &mut tx, &place.visit).await?;
    let missing = || AppError::not_found("check", &format!("{id}/{rank}"));
    let mut check = check.ok_or_else(missing)?;
    let mut summary = Summary::of(&check)?;
    if !department.is_empty() {
        summary.sections.retain(|s| s.department == department);
        check.keep_department(&department);
    }
    if call.caller.role != Role::Inspector && place.campaign.state != State::Closed {
        check.hide_texts();
    }
    Ok(Shown { check, summary })
}

/// Which checks are listed.
pub struct Wanted<'a> {
    /// The campaign.
    pub campaign: &'a str,
    /// Only those with a section of this department; empty for all.
    pub department: &'a str,
    /// Only those that stand here.
    pub state: Option<CheckState>,
}

/// The short form of a visit whose check has not begun.
fn scheduled(visit: &Visit) -> Summary {
    Summary {
        campaign: visit.campaign.clone(),
        rank: visit.rank,
        ticket: visit.ticket.clone(),
        state: CheckState::Scheduled,
        version: 0,
        day: String::new(),
        leader: visit.leader().to_owned(),
        started_us: 0,
        finished_us: 0,
        open_conflicts: 0,
        termination_sha256: String::new(),
        entry_due: String::new(),
        entered_late: false,
        sections: Vec::new(),
    }
}

/// A page of a campaign's checks by rank, those that have not begun included.
///
/// # Errors
/// [`AppError`]; a department sees its own.
pub async fn list(
    app: &App,
    call: &Call,
    wanted: &Wanted<'_>,
    after: i64,
    limit: i64,
) -> Result<Vec<Summary>, AppError> {
    let department = visits::department_for(&call.caller, wanted.department)?;
    let mut tx = app.db.read().await?;
    let attempt = campaigns::find(&mut tx, wanted.campaign).await?.attempts;
    let of = CheckFilter { campaign: wanted.campaign, attempt, department, state: "" };
    let mut out: Vec<Summary> = Vec::new();
    let mut after = after;
    // A filter by state may skip whole pages of visits.
    loop {
        let page = tx.visits(wanted.campaign, department, after, limit).await?;
        let full = i64::try_from(page.len()).is_ok_and(|n| n >= limit);
        let checks = tx.checks(&of, after, limit).await?;
        for stored in page {
            after = stored.visit.rank;
            if stored.visit.dropped > 0 {
                continue;
            }
            let check = checks.binary_search_by_key(&after, |c| c.rank).ok().map(|at| &checks[at]);
            // An erased one is counted and not listed.
            if check.is_some_and(|c| c.sealed.is_empty()) {
                continue;
            }
            let check = check.map(|c| open(app, c)).transpose()?;
            if call.caller.role == Role::Inspector {
                // Who goes where is opened by OpenVisit, each time on record; not here.
                let hidden = names::of(&app.sealer, &stored)?;
                let own = openings::require_member(call, &stored.visit, &hidden).is_ok();
                if !own || check.is_none() {
                    continue;
                }
            }
            let mut summary = match check {
                Some(check) => Summary::of(&check)?,
                None => scheduled(&stored.visit),
            };
            if call.caller.role == Role::Department {
                summary.sections.retain(|s| s.department == department);
            }
            if wanted.state.is_none_or(|s| s == summary.state) {
                out.push(summary);
            }
            if i64::try_from(out.len()).is_ok_and(|n| n >= limit) {
                return Ok(out);
            }
        }
        if !full {
            return Ok(out);
        }
    }
}

/// How far a campaign's visits are. "Completed" includes ended ones unless the policy says otherwise:
/// the rate of examined visits is another figure (R106, tension 6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Visits that take place.
    pub visits: i64,
    /// Not begun.
    pub scheduled: i64,
    /// Begun, signed, or being ended.
    pub under_way: i64,
    /// Completed with a result for every item.
    pub examined: i64,
    /// Ended on a ground.
    pub terminated: i64,
    /// Examined, and ended ones where the policy counts them.
    pub completed: i64,
}

/// A whole in basis points.
const BASIS_POINTS: i64 = 10_000;

impl Counts {
    fn share(&self, of: i64) -> i64 {
        if self.visits == 0 { 0 } else { of * BASIS_POINTS / self.visits }
    }

    /// Completed visits of all, in basis points, rounded down.
    #[must_use]
    pub fn completion(&self) -> i64 {
        self.share(self.completed)
    }

    /// Examined visits of all, in basis points, rounded down.
    #[must_use]
    pub fn examination(&self) -> i64 {
        self.share(self.examined)
    }
}

/// Counts the checks of a campaign by the policy of its first day, or those with a section of one department.
///
/// # Errors
/// [`AppError`]; a department counts its own.
pub async fn counts(
    app: &App,
    call: &Call,
    campaign: &str,
    department: &str,
) -> Result<Counts, AppError> {
    let department = visits::department_for(&call.caller, department)?;
    let mut tx = app.db.read().await?;
    let found = campaigns::find(&mut tx, campaign).await?;
    let all = tx.visits(campaign, department, 0, i64::MAX).await?;
    let wanted = CheckFilter { campaign, attempt: found.attempts, department, state: "" };
    let checks = tx.checks(&wanted, 0, i64::MAX).await?;
    let issued = tx.policies(&found.jurisdiction).await?;
    let policy = Policy::resolve(&found.jurisdiction, &issued, found.first_day);
    let mut counts = Counts::default();
    for visit in all.iter().map(|v| &v.visit).filter(|v| v.dropped == 0) {
        counts.visits += 1;
        let check = checks.binary_search_by_key(&visit.rank, |c| c.rank).ok();
        match check.and_then(|at| CheckState::from_word(&checks[at].state)) {
            None | Some(CheckState::Scheduled) => counts.scheduled += 1,
            Some(CheckState::Completed) => counts.examined += 1,
            Some(CheckState::Terminated) => counts.terminated += 1,
            Some(_) => counts.under_way += 1,
        }
    }
    let ended = if policy.is_completed(true) { counts.terminated } else { 0 };
    counts.completed = counts.examined + ended;
    Ok(counts)
}

/// A check that was ended on a ground.
pub struct Ended {
    /// Rank of the visit.
    pub rank: i64,
    /// The unit's ticket.
    pub ticket: String,
    /// The day on which the check began.
    pub day: String,
    /// The departments that had a part.
    pub departments: Vec<String>,
    /// Why and by whom.
    pub termination: Termination,
    /// The visit; its names show once the campaign is closed.
    pub visit: Visit,
}

/// A page of the ended checks of a campaign, for the office to consolidate and report (R106, R107).
///
/// # Errors
/// [`AppError`]; offices only.
pub async fn terminations(
    app: &App,
    call: &Call,
    campaign: &str,
    after: i64,
    limit: i64,
) -> Result<Vec<Ended>, AppError> {
    require_office(&call.caller)?;
    let mut tx = app.db.read().await?;
    let found = campaigns::find(&mut tx, campaign).await?;
    let state = CheckState::Terminated.word();
    let wanted = CheckFilter { campaign, attempt: found.attempts, department: "", state };
    let mut out = Vec::new();
    for stored in tx.checks(&wanted, after, limit).await? {
        // An erased one is counted and not listed: its ground is gone with it.
        if stored.sealed.is_empty() {
            continue;
        }
        let mut check = open(app, &stored)?;
        let visit = seen_visit(app, &mut tx, &found, stored.rank).await?;
        if found.state != State::Closed {
            check.hide_texts();
        }
        let broken = AppError::Broken("an ended check has no ground");
        out.push(Ended {
            rank: check.rank,
            ticket: check.ticket,
            day: check.day.to_string(),
            departments: check.sections.into_iter().map(|s| s.department).collect(),
            termination: check.termination.ok_or(broken)?,
            visit,
        });
    }
    Ok(out)
}

async fn seen_visit(
    app: &App,
    tx: &mut Tx,
    campaign: &crate::domain::campaign::Campaign,
    rank: i64,
) -> Result<Visit, AppError> {
    let stored = tx.visit(&campaign.id, rank).await?;
    let stored = stored.ok_or(AppError::Broken("a check has no visit"))?;
    visits::seen(app, campaign, stored)
}
