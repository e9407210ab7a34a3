//! When campaigns come by themselves: a rule, its slots, a template and what becomes of each slot.
//!
//! A slot is named by the local day and time the rule gives, whatever day it moves to; so it stays
//! the same slot when a calendar is imported later, and is used once.

use jiff::civil::{Date, DateTime, Time};
use serde::{Deserialize, Serialize};

use super::calendar::{Calendar, UnknownYear};
use super::campaign::{Answer, Campaign, Mode, State};
use super::{Violations, day, text};

/// Longest id of a template: the day and time of a slot is put behind it.
pub const TEMPLATE_ID_BYTES_MAX: usize = 44;
/// Longest title of a template, in characters: the day of a slot is put behind it.
pub const TITLE_CHARS_MAX: usize = 180;
/// Longest time from the announcement to the freeze: 60 days.
pub const FREEZE_MINUTES_MAX: i64 = 60 * 24 * 60;
/// Most hours a slot may be late and still be used: 31 days.
pub const LATE_HOURS_MAX: i64 = 31 * 24;
/// Most working days from the freeze to the first day of visits, and most days of visits.
pub const VISIT_DAYS_MAX: i64 = 120;
/// Most days that are looked at for slots at once; what lies behind is looked at next time.
pub const SCAN_DAYS_MAX: i32 = 400;
const HOUR_US: i64 = 3_600_000_000;
const MINUTE_US: i64 = 60_000_000;

/// When slots come: on every day that suits all three lists, at one time. An empty list suits all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Months, 1 to 12.
    pub months: Vec<i8>,
    /// Days of the month, 1 to 31; -1 for its last day.
    pub days: Vec<i8>,
    /// Days of the week, 1 for Monday to 7 for Sunday.
    pub weekdays: Vec<i8>,
    /// Hour, in the time zone of the jurisdiction.
    pub hour: i8,
    /// Minute.
    pub minute: i8,
    /// Moves a slot on a day that is not worked to the next that is.
    pub working_days: bool,
}

impl Rule {
    /// Checks bounds.
    pub fn check(&self, violations: &mut Violations, at: &str) {
        let lists = [
            ("months", &self.months, 12, false),
            ("days", &self.days, 31, true),
            ("weekdays", &self.weekdays, 7, false),
        ];
        for (name, list, max, last) in lists {
            let field = format!("{at}.{name}");
            for value in list {
                let good = (1..=max).contains(value) || (last && *value == -1);
                violations.require(good, &field, "RANGE", &value.to_string());
            }
            let ordered = list.windows(2).all(|pair| pair[0] < pair[1]);
            violations.require(ordered, &field, "NOT_IN_ORDER", "");
        }
        // A campaign on every day would be no campaign.
        let named = !self.days.is_empty() || !self.weekdays.is_empty();
        violations.require(named, format!("{at}.days"), "DAYS_OR_WEEKDAYS", "");
        for (name, value, max) in [("hour", self.hour, 23), ("minute", self.minute, 59)] {
            let good = (0..=max).contains(&value);
            violations.require(good, format!("{at}.{name}"), "RANGE", &value.to_string());
        }
    }

    fn suits(&self, date: Date) -> bool {
        let in_list = |list: &[i8], value: i8| list.is_empty() || list.contains(&value);
        let last = date.day() == date.days_in_month() && self.days.contains(&-1);
        in_list(&self.months, date.month())
            && (last || in_list(&self.days, date.day()))
            && in_list(&self.weekdays, date.weekday().to_monday_one_offset())
    }

    /// The name of the slot of a day.
    #[must_use]
    pub fn slot(&self, date: Date) -> DateTime {
        date.to_datetime(Time::constant(self.hour, self.minute, 0, 0))
    }

    /// Whether a slot comes on a day, before any moving. Where days move, one that would fall
    /// together with an earlier slot does not come: a long holiday gives one campaign, not several.
    ///
    /// # Errors
    /// [`UnknownYear`] when the days before are in no calendar.
    pub fn comes_on(&self, date: Date, calendar: &Calendar) -> Result<bool, UnknownYear> {
        if !self.suits(date) {
            return Ok(false);
        }
        let mut before = date.yesterday().unwrap_or(date);
        while self.working_days && !calendar.is_working_day(before)? {
            if self.suits(before) {
                return Ok(false);
            }
            before = before.yesterday().unwrap_or(before);
        }
        Ok(true)
    }

    /// When the slot of a day is due, in microseconds UTC.
    ///
    /// # Errors
    /// [`UnknownYear`] when it has to move and the days are in no calendar.
    pub fn due_us(&self, date: Date, calendar: &Calendar) -> Result<i64, UnknownYear> {
        let on = if self.working_days { calendar.on_or_after(date)? } else { date };
        Ok(day::instant(self.slot(on)))
    }
}

/// Where a template stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TemplateState {
    /// Participants are invited.
    Proposed,
    /// Its slots are used.
    Approved,
    /// No further slot is used.
    Stopped,
}

/// What can be done to a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TemplateAction {
    /// A participant accepts or declines.
    Answer,
    /// An office approves.
    Approve,
    /// An office stops it.
    Stop,
}

impl TemplateState {
    /// All states.
    pub const ALL: [Self; 3] = [Self::Proposed, Self::Approved, Self::Stopped];

    /// The state after an action, if the action is allowed here.
    #[must_use]
    pub const fn after(self, action: TemplateAction) -> Option<Self> {
        match (self, action) {
            (Self::Proposed, TemplateAction::Answer) => Some(Self::Proposed),
            (Self::Proposed, TemplateAction::Approve) => Some(Self::Approved),
            (Self::Proposed | Self::Approved, TemplateAction::Stop) => Some(Self::Stopped),
            _ => None,
        }
    }

    /// The word stored for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Proposed => "PROPOSED",
            Self::Approved => "APPROVED",
            Self::Stopped => "STOPPED",
        }
    }
}

/// A campaign that comes again and again, approved once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// What each campaign is; its id, days and state are set per slot.
    pub campaign: Campaign,
    /// When.
    pub rule: Rule,
    /// Minutes from the announcement to the freeze.
    pub freeze_minutes: i64,
    /// Working days from the freeze to the first day of visits.
    pub lead_days: i64,
    /// Working days of visits.
    pub visit_days: i64,
    /// Hours a slot may be late and still be used; later it is recorded as missed.
    pub late_hours: i64,
    /// Where it stands.
    pub state: TemplateState,
    /// When it was approved: no slot before is used.
    pub approved_us: i64,
    /// Counts changes; the etag.
    pub version: i64,
}

impl Template {
    /// Its identifier.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.campaign.id
    }

    /// Moves to the state after an action; `false` when the action is not allowed here.
    pub fn act(&mut self, action: TemplateAction) -> bool {
        let Some(next) = self.state.after(action) else { return false };
        self.state = next;
        self.version += 1;
        true
    }

    /// Checks forms, bounds and the rules between fields.
    pub fn check(&self, violations: &mut Violations, at: &str) {
        let campaign = format!("{at}.campaign");
        self.campaign.check(violations, &campaign);
        let id = self.id();
        let short = id.len() <= TEMPLATE_ID_BYTES_MAX;
        violations.require(short, format!("{campaign}.campaign_id"), "TOO_LONG", id);
        let title = &self.campaign.title;
        text::check(violations, &format!("{campaign}.title"), title, TITLE_CHARS_MAX);
        let planned = self.campaign.mode != Mode::MatchedPlans;
        violations.require(planned, format!("{campaign}.mode"), "NOT_IN_A_TEMPLATE", "");
        self.rule.check(violations, &format!("{at}.rule"));
        let numbers = [
            ("freeze_minutes", self.freeze_minutes, 0, FREEZE_MINUTES_MAX),
            ("lead_working_days", self.lead_days, 0, VISIT_DAYS_MAX),
            ("visit_working_days", self.visit_days, 1, VISIT_DAYS_MAX),
            ("late_hours", self.late_hours, 1, LATE_HOURS_MAX),
        ];
        for (name, value, min, max) in numbers {
            let good = (min..=max).contains(&value);
            violations.require(good, format!("{at}.{name}"), "RANGE", &value.to_string());
        }
    }

    /// Whether what was due at an instant is too late now.
    #[must_use]
    pub const fn is_too_late(&self, due_us: i64, now_us: i64) -> bool {
        now_us - due_us > self.late_hours * HOUR_US
    }

    /// The campaign of a slot, announced now, and when it is to be frozen. It carries the
    /// template's approval and the participants' answers.
    ///
    /// # Errors
    /// [`UnknownYear`] when its days are in no calendar.
    pub fn announce(
        &self,
        slot: DateTime,
        now_us: i64,
        calendar: &Calendar,
    ) -> Result<(Campaign, i64), UnknownYear> {
        let freeze_us = now_us + self.freeze_minutes * MINUTE_US;
        let first = calendar.add_working_days(day::of_instant(freeze_us), self.lead_days)?;
        let last = calendar.add_working_days(first, self.visit_days - 1)?;
        let campaign = Campaign {
            id: campaign_id(self.id(), slot),
            title: format!("{}（{}）", self.campaign.title, slot.date()),
            first_day: first,
            last_day: last,
            state: State::Approved,
            attempts: 0,
            version: 1,
            ..self.campaign.clone()
        };
        Ok((campaign, freeze_us))
    }
}

/// The id of the campaign of a slot.
#[must_use]
pub fn campaign_id(template: &str, slot: DateTime) -> String {
    format!("{template}-{}", slot.strftime("%Y%m%d-%H%M"))
}

/// Everybody who has not answered counts as declining once a template is approved.
pub fn settle_answers(campaign: &mut Campaign) {
    for participant in &mut campaign.participants {
        if participant.answer == Answer::Invited {
            participant.answer = Answer::Declined;
            campaign.silent.push(participant.department.clone());
        }
    }
}

/// What became of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SlotState {
    /// Its campaign was announced and waits for its freeze.
    Announced,
    /// Its campaign was frozen.
    Frozen,
    /// Its campaign could not be frozen in time; an office may still do it.
    Unfrozen,
    /// No campaign came of it.
    Missed,
}

impl SlotState {
    /// All states.
    pub const ALL: [Self; 4] = [Self::Announced, Self::Frozen, Self::Unfrozen, Self::Missed];

    /// Whether another state may follow.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        matches!((self, next), (Self::Announced, Self::Frozen | Self::Unfrozen))
    }

    /// The word stored for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Announced => "ANNOUNCED",
            Self::Frozen => "FROZEN",
            Self::Unfrozen => "UNFROZEN",
            Self::Missed => "MISSED",
        }
    }
}

/// A slot as used or missed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// The template.
    pub template: String,
    /// The local day and time the rule gives.
    pub slot: DateTime,
    /// What became of it.
    pub state: SlotState,
    /// When it was due, after any moving; 0 when no calendar said so.
    pub due_us: i64,
    /// When it was used, or recorded as missed.
    pub at_us: i64,
    /// When its campaign is to be frozen; 0 when it was missed.
    pub freeze_us: i64,
    /// Its campaign; empty when it was missed.
    pub campaign: String,
    /// The rule for which it was missed, or not frozen; empty otherwise.
    pub reason: String,
}
