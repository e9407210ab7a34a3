//! Every duty that has a day: what a unit had to do by when, and whether it did (R130). A deadline that
//! ends on a day off falls due on the next working day.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::domain::calendar::{Calendar, Due, UnknownYear};
use crate::domain::campaign::{Answer, Campaign};
use crate::domain::day;
use crate::domain::deadline::Deadline;
use crate::domain::follow_up::{FollowUp, FollowUpAction};
use crate::domain::liability::{Liability, LiabilityKind, LiabilityState, liability_id};
use crate::domain::objection::{Objection, ObjectionState};
use crate::domain::publication::ResultRecord;
use crate::domain::visit::Visit;

/// What a unit has to do by a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obligation {
    /// Which duty.
    pub kind: LiabilityKind,
    /// Who has it.
    pub unit: String,
    /// What it is about.
    pub object: String,
    /// The campaign.
    pub campaign: String,
    /// Rank of the visit; 0 for none.
    pub rank: i64,
    /// By when.
    pub deadline: Deadline,
    /// The day on which it was done; `None` while it is not.
    pub done: Option<Date>,
}

/// How an obligation stands on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Done in time, or its day is still to come.
    InTime,
    /// Not done, and today is its last day.
    DueToday,
    /// Its day has passed without it.
    Missed(Due),
}

/// A day that is fixed: on a day off, the next working day.
#[must_use]
pub fn fixed(on: Date) -> Deadline {
    Deadline { from: on, working_days: 0, due: None }
}

impl Obligation {
    /// How it stands.
    ///
    /// # Errors
    /// [`UnknownYear`] when its day has to be counted in a year that is in no table.
    pub fn standing(&self, calendar: &Calendar, today: Date) -> Result<Standing, UnknownYear> {
        let at = self.done.unwrap_or(today);
        let Deadline { from, working_days, due } = &self.deadline;
        let due = match due {
            Some(due) => due.clone(),
            // Days of the calendar are at least working days: before that nothing has to be known.
            None => {
                let earliest = from.checked_add(jiff::Span::new().days(*working_days));
                if earliest.is_ok_and(|earliest| at < earliest) {
                    return Ok(Standing::InTime);
                }
                calendar.due(*from, *working_days)?
            }
        };
        Ok(match at.cmp(&due.day) {
            std::cmp::Ordering::Greater => Standing::Missed(due),
            std::cmp::Ordering::Equal if self.done.is_none() => Standing::DueToday,
            _ => Standing::InTime,
        })
    }

    /// The id of the liability that it becomes when it is missed.
    #[must_use]
    pub fn liability(&self) -> String {
        liability_id(self.kind, &self.object, &self.unit)
    }

    /// The liability that it becomes.
    #[must_use]
    pub fn missed(&self, jurisdiction: &str, due: Due, now_us: i64) -> Liability {
        Liability {
            id: self.liability(),
            jurisdiction: jurisdiction.to_owned(),
            campaign: self.campaign.clone(),
            rank: self.rank,
            unit: self.unit.clone(),
            kind: self.kind,
            object: self.object.clone(),
            due,
            arisen_us: now_us,
            state: LiabilityState::Open,
            fulfilled_on: None,
            ruling: None,
            version: 1,
        }
    }
}

/// A result has to be published (R111).
#[must_use]
pub fn of_result(record: &ResultRecord) -> Obligation {
    Obligation {
        kind: LiabilityKind::Publication,
        unit: record.publisher.clone(),
        object: record.id.clone(),
        campaign: record.campaign.clone(),
        rank: record.rank,
        deadline: record.deadline.clone(),
        done: (record.settled_us > 0).then(|| day::of_instant(record.settled_us)),
    }
}

/// An objection has to be reviewed and its outcome told (R116, R117); neither while nothing counts.
#[must_use]
pub fn of_objection(objection: &Objection, calendar: &Calendar, rank: i64) -> Vec<Obligation> {
    let of = |kind, deadline, done| Obligation {
        kind,
        unit: objection.department.clone(),
        object: objection.id.clone(),
        campaign: objection.campaign.clone(),
        rank,
        deadline,
        done,
    };
    let mut out = Vec::new();
    let counts = !matches!(
        objection.state,
        ObjectionState::Filed | ObjectionState::Paused | ObjectionState::Withdrawn
    );
    if let (Some(from), true) = (objection.received_on, counts) {
        // What was counted when the materials came, or the review went on, stays.
        let due = objection.review_due.clone();
        let due = due.or_else(|| objection.count_review(calendar).unwrap_or(None));
        let deadline = Deadline { from, working_days: objection.review_days, due };
        let done = objection.decision.as_ref().map(|d| d.on);
        out.push(of(LiabilityKind::ObjectionReview, deadline, done));
    }
    if let (Some(deadline), true) = (&objection.feedback, counts) {
        let done = objection.answered_on;
        out.push(of(LiabilityKind::ObjectionAnswer, deadline.clone(), done));
    }
    out
}

/// What follows from a result has to be handed over or kept, taken on, re-checked, and a referral to have
/// its receipt (R120–R123). `days` are the working days of all but the re-check from a day on, 0 for none.
#[must_use]
pub fn of_follow_up(
    follow_up: &FollowUp,
    (found_on, rank): (Date, i64),
    days: impl Fn(Date) -> i64,
) -> Vec<Obligation> {
    use FollowUpAction as Do;
    let of = |kind, unit: &str, deadline: Deadline, nth: usize| Obligation {
        kind,
        unit: unit.to_owned(),
        object: format!("{}#{nth}", follow_up.result),
        campaign: follow_up.campaign.clone(),
        rank,
        deadline,
        done: None,
    };
    let within = |from: Date| {
        let working_days = days(from);
        (working_days > 0).then_some(Deadline { from, working_days, due: None })
    };
    let hand_over = |from, nth| {
        within(from).map(|by| of(LiabilityKind::HandOver, &follow_up.department, by, nth))
    };
    let mut out = Vec::new();
    let mut open = hand_over(found_on, 0);
    let mut unit = String::new();
    for (nth, step) in (1..).zip(&follow_up.steps) {
        let on = day::of_instant(step.at_us);
        out.extend(open.take().map(|o: Obligation| Obligation { done: Some(on), ..o }));
        match step.action {
            Do::Keep => unit.clone_from(&follow_up.department),
            Do::HandOver => unit.clone_from(&step.unit),
            _ => {}
        }
        open = match (step.action, step.due_on) {
            (Do::Return, _) => hand_over(on, nth),
            (Do::HandOver, _) => within(on).map(|by| of(LiabilityKind::Acceptance, &unit, by, nth)),
            (Do::Refer, _) => {
                within(on).map(|by| of(LiabilityKind::ReferralReceipt, &unit, by, nth))
            }
            (Do::Order, Some(by)) => Some(of(LiabilityKind::Rectification, &unit, fixed(by), nth)),
            _ => None,
        };
    }
    out.extend(open);
    out
}

/// Invitations have to be answered by their day (R62).
#[must_use]
pub fn of_invitations(campaign: &Campaign) -> Vec<Obligation> {
    let Some(by) = campaign.answer_by else { return Vec::new() };
    let silent = |department: &String| campaign.silent.contains(department);
    let parts = campaign.participants.iter();
    parts
        .filter(|p| p.answer == Answer::Invited || silent(&p.department))
        .map(|p| Obligation {
            kind: LiabilityKind::Invitation,
            unit: p.department.clone(),
            object: campaign.id.clone(),
            campaign: campaign.id.clone(),
            rank: 0,
            deadline: fixed(by),
            done: None,
        })
        .collect()
}

/// Each department of a visit has to carry it out in its days (R99). `done`: when its check was over.
#[must_use]
pub fn of_visit(visit: &Visit, done: Option<Date>) -> Vec<Obligation> {
    if visit.dropped > 0 {
        return Vec::new();
    }
    let of = |department: &String| Obligation {
        kind: LiabilityKind::Check,
        unit: department.clone(),
        object: format!("{}.{}.{}", visit.campaign, visit.attempt, visit.rank),
        campaign: visit.campaign.clone(),
        rank: visit.rank,
        deadline: fixed(visit.last_day),
        done,
    };
    visit.sections.iter().map(|s| of(&s.department)).collect()
}

/// What an attempt asks of its offices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The campaign.
    pub campaign: String,
    /// The attempt.
    pub attempt: i64,
    /// Until when offices commit, in microseconds UTC.
    pub commit_by_us: i64,
    /// Until when they reveal.
    pub reveal_by_us: i64,
    /// When it ended without an outcome; `None` for one that goes on or has one.
    pub ended_us: Option<i64>,
    /// Whether its outcome stands: then nothing more is asked.
    pub drawn: bool,
    /// Offices that committed.
    pub committed: BTreeSet<String>,
    /// Offices that revealed.
    pub revealed: BTreeSet<String>,
}

/// Offices have to commit and to reveal (R81). What is too late is refused, so that what is there was in
/// time; an attempt that ended before asks nothing, and one without all commitments no numbers.
#[must_use]
pub fn of_attempt(attempt: &Attempt, offices: &[String]) -> Vec<Obligation> {
    let asked = |by_us: i64| attempt.ended_us.is_none_or(|ended| ended > by_us);
    let of = |kind, office: &String, by_us: i64| Obligation {
        kind,
        unit: office.clone(),
        object: format!("{}.{}", attempt.campaign, attempt.attempt),
        campaign: attempt.campaign.clone(),
        rank: 0,
        deadline: fixed(day::of_instant(by_us)),
        done: None,
    };
    let mut out = Vec::new();
    let (commit, reveal) = (attempt.commit_by_us, attempt.reveal_by_us);
    let all = offices.iter().all(|office| attempt.committed.contains(office));
    if asked(commit) && !all {
        let silent = offices.iter().filter(|o| !attempt.committed.contains(*o));
        out.extend(silent.map(|o| of(LiabilityKind::Commitment, o, commit)));
    }
    if all && (asked(reveal) || attempt.drawn) {
        let silent = offices.iter().filter(|o| !attempt.revealed.contains(*o));
        out.extend(silent.map(|o| of(LiabilityKind::Reveal, o, reveal)));
    }
    out
}
