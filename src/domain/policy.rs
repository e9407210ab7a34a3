//! Numbers and switches of the rules as data: issuing level, effective day, precedence (R46).

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::calendar::{Calendar, UnknownYear};
use super::department::Level;
use super::{Violations, id, text};

/// One value, as issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyValue {
    /// One of [`KEYS`].
    pub key: String,
    /// The value.
    pub value: String,
    /// Level of the issuing body.
    pub level: Level,
    /// Day from which it holds.
    pub effective_from: Date,
    /// Jurisdiction it is issued for.
    pub jurisdiction: String,
    /// Document it comes from.
    pub source: String,
}

/// What a value may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A whole number from 0 to the given one.
    Number(i64),
    /// One of the words.
    Word(&'static [&'static str]),
}

/// A key with its form, its default and where that comes from.
pub struct Key {
    /// Name.
    pub name: &'static str,
    /// Form.
    pub form: Form,
    /// What holds while nobody has set it.
    pub default: &'static str,
    /// Requirement behind it.
    pub source: &'static str,
    /// Whether a draw or its outcome depends on it; then it is bound into every freeze.
    pub bound: bool,
}

const fn number(name: &'static str, max: i64, default: &'static str, source: &'static str) -> Key {
    Key { name, form: Form::Number(max), default, source, bound: true }
}

const fn word(name: &'static str, words: &'static [&'static str], source: &'static str) -> Key {
    Key { name, form: Form::Word(words), default: words[0], source, bound: true }
}

/// A key for what comes before or after a draw.
const fn apart(key: Key) -> Key {
    Key { bound: false, ..key }
}

/// Name of the cap of random visits per subject and year.
pub const ANNUAL_CAP: &str = "annual_cap";
/// Name of the months for which an archive is kept behind the last day of visits.
pub const ARCHIVE_MONTHS: &str = "archive_months";
/// Name of the months without a random check after a superior's clean one.
pub const SUPERIOR_CLEAN_MONTHS: &str = "superior_clean_months";
/// Name of the months for which another's clean result is recognised.
pub const RECOGNITION_MONTHS: &str = "recognition_months";
/// Name of the factor on marked subjects' quotas, in percent.
pub const MARKED_RATIO_PERCENT: &str = "marked_ratio_percent";
/// Name of the switch that lets class D exceed the cap.
pub const CAP_EXEMPT_RISK: &str = "cap_exempt_risk";
/// Name of the least share where law is silent, in basis points.
pub const RATIO_FLOOR: &str = "ratio_floor_basis_points";
/// Name of the least number of inspectors at a door.
pub const MIN_PER_VISIT: &str = "min_per_visit";
/// Name of the least number of inspectors per department at a door.
pub const MIN_PER_DEPARTMENT: &str = "min_per_department";
/// Name of the default cap of visits per inspector in one draw.
pub const INSPECTOR_CAP: &str = "inspector_cap";
/// Name of the switch between profession match and any item.
pub const COMPETENCE: &str = "competence";
/// Name of the base of ratios.
pub const RATIO_BASE: &str = "ratio_base";
/// Name of the switch between same team and rotation.
pub const TEAM: &str = "team";

/// Name of the switch that allows a named person as a replacement.
pub const REPLACEMENT: &str = "replacement";
/// Name of the least number of random checks in a year's plan.
pub const PLAN_CHECKS_MIN: &str = "plan_checks_min";
/// Name of the share of checks that share a door, to be reached in a year, in percent.
pub const JOINT_RATE_PERCENT: &str = "joint_rate_percent";
/// Name of the working days in which an objection is reviewed.
pub const OBJECTION_REVIEW_DAYS: &str = "objection_review_days";
/// Name of the working days from the review in which the objector is answered.
pub const OBJECTION_ANSWER_DAYS: &str = "objection_answer_days";
/// Name of the working days in which a result is published.
pub const PUBLICATION_DAYS: &str = "publication_days";
/// Name of the switch that says who publishes a result.
pub const PUBLISHER: &str = "publisher";
/// Name of the switch for a review before publication.
pub const PUBLICATION_REVIEW: &str = "publication_review";
/// Name of the switch that says whether a terminated visit is a completed one.
pub const COMPLETION: &str = "completion";
/// Name of the switch that holds joint campaigns against the joint list.
pub const JOINT_LIST: &str = "joint_list";
/// Name of the switch that says what a business is told beforehand.
pub const NOTICE: &str = "notice";
/// Name of the working days before a visit on which a business may be told.
pub const NOTICE_DAYS: &str = "notice_days";

/// Name of the switch that says what an invitation is that nobody answered by its day.
pub const UNANSWERED: &str = "unanswered";

/// Name of the working days in which what follows from a result is handed over or kept, taken on, and a
/// referral has its receipt; 0 for no such days.
pub const HAND_OVER_DAYS: &str = "hand_over_days";

/// Longest deadline that a value may set, in working days.
pub const DEADLINE_DAYS_MAX: i64 = 250;
/// Longest time that a business may be told before the first day of visits, in working days.
pub const AHEAD_DAYS_MAX: i64 = 30;

/// Name of the day from which the names of a visit open; never before the campaign's first day, until
/// which an outcome may still be voided.
pub const NAMES_RELEASE: &str = "names_release";
/// Name of whom the names of a visit open to.
pub const NAMES_RELEASE_TO: &str = "names_release_to";

/// Name of the days within which a second visit to a subject is warned of.
pub const REPEAT_DAYS: &str = "repeat_days";
/// Name of the days after which a list that was not imported again is stale.
pub const STALE_DAYS: &str = "stale_days";
/// Name of the least units of a stratum from which is drawn without a warning.
pub const SMALL_STRATUM: &str = "small_stratum";

/// Name of the switch that says whether inspectors have to be trained.
pub const TRAINING_REQUIRED: &str = "training_required";
/// Name of the days before the end of a training within which it is told.
pub const TRAINING_WARN_DAYS: &str = "training_warn_days";
/// Name of the weight of fulfilled plans in an assessment.
pub const ASSESS_PLAN: &str = "assess_plan_weight";
/// Name of the weight of completed checks.
pub const ASSESS_COMPLETION: &str = "assess_completion_weight";
/// Name of the weight of publication in time.
pub const ASSESS_PUBLICATION: &str = "assess_publication_weight";
/// Name of the weight of joint visits.
pub const ASSESS_JOINT: &str = "assess_joint_weight";
/// Name of the weight of objections that were not upheld.
pub const ASSESS_OBJECTIONS: &str = "assess_objections_weight";
/// Name of the weight of publications that were not corrected.
pub const ASSESS_CORRECTIONS: &str = "assess_corrections_weight";
/// Name of the weight of duties without liability.
pub const ASSESS_LIABILITY: &str = "assess_liability_weight";
/// Name of the weight of trained inspectors.
pub const ASSESS_TRAINING: &str = "assess_training_weight";
/// Longest time for which an archive may have to be kept, in months: a hundred years.
const ARCHIVE_MONTHS_MAX: i64 = 1_200;

/// All keys.
pub const KEYS: &[Key] = &[
    number(ANNUAL_CAP, 366, "2", "R51, tension 1"),
    number(SUPERIOR_CLEAN_MONTHS, 60, "6", "R53"),
    number(RECOGNITION_MONTHS, 60, "0", "R8, R66, R101"),
    number(MARKED_RATIO_PERCENT, 10_000, "100", "R54"),
    word(CAP_EXEMPT_RISK, &["NONE", "D", "C_D"], "R52"),
    number(RATIO_FLOOR, 10_000, "0", "R48"),
    number(MIN_PER_VISIT, 20, "2", "R88"),
    number(MIN_PER_DEPARTMENT, 20, "2", "R88, tension 3"),
    number(INSPECTOR_CAP, 1_000_000, "1000000", "R98"),
    word(COMPETENCE, &["PROFESSION_MATCH", "ANY_ITEM"], "R34, R35, tension 2"),
    word(RATIO_BASE, &["REGISTERED", "ELIGIBLE"], "R48"),
    word(TEAM, &["NONE", "CONTINUITY", "ROTATION"], "R95, tension 4"),
    word(REPLACEMENT, &["NEXT", "APPOINTED"], "R92"),
    // Where it excludes somebody, the freeze has a text of its own; elsewhere it says the same as before.
    apart(word(TRAINING_REQUIRED, &["OFF", "WARN", "EXCLUDE"], "R136")),
    apart(number(PLAN_CHECKS_MIN, 366, "2", "R49, tension 1")),
    apart(number(JOINT_RATE_PERCENT, 100, "80", "R55")),
    apart(number(OBJECTION_REVIEW_DAYS, DEADLINE_DAYS_MAX, "20", "R116")),
    apart(number(OBJECTION_ANSWER_DAYS, DEADLINE_DAYS_MAX, "15", "R117")),
    apart(number(PUBLICATION_DAYS, DEADLINE_DAYS_MAX, "20", "R111, tension 8")),
    apart(number(HAND_OVER_DAYS, DEADLINE_DAYS_MAX, "0", "R120, R123, R130")),
    apart(word(PUBLISHER, &["WHO_DRAWS", "WHO_CHECKS", "LEAD"], "R110, R113")),
    apart(word(PUBLICATION_REVIEW, &["NONE", "MAJOR_DECISIONS", "ALL"], "R119")),
    apart(word(COMPLETION, &["TERMINATED_COUNTS", "EXAMINED_ONLY"], "R106, tension 6")),
    apart(word(JOINT_LIST, &["NOTE", "REFUSE", "OFF"], "R15")),
    apart(word(NOTICE, &["NONE", "ON_ARRIVAL", "DAYS_BEFORE"], "R86, tension 5")),
    apart(number(NOTICE_DAYS, AHEAD_DAYS_MAX, "3", "R86, tension 5")),
    apart(word(NAMES_RELEASE, &["FIRST_DAY", "DAY_BEFORE", "VISIT_DAY"], "R86, tension 5")),
    apart(word(UNANSWERED, &["DECLINES", "BLOCKS"], "R62")),
    apart(word(NAMES_RELEASE_TO, &["TEAM", "LEADER", "TEAM_AND_DEPARTMENTS"], "R86, tension 5")),
    apart(number(REPEAT_DAYS, 366, "60", "R59")),
    apart(number(STALE_DAYS, 3_660, "90", "R23")),
    apart(number(SMALL_STRATUM, 10_000, "5", "R86")),
    apart(number(TRAINING_WARN_DAYS, 366, "30", "R136")),
    apart(number(ASSESS_PLAN, 100, "20", "R133")),
    apart(number(ASSESS_COMPLETION, 100, "20", "R133")),
    apart(number(ASSESS_PUBLICATION, 100, "20", "R133")),
    apart(number(ASSESS_JOINT, 100, "10", "R133")),
    apart(number(ASSESS_OBJECTIONS, 100, "5", "R133")),
    apart(number(ASSESS_CORRECTIONS, 100, "5", "R133")),
    apart(number(ASSESS_LIABILITY, 100, "15", "R133")),
    apart(number(ASSESS_TRAINING, 100, "5", "R133")),
    apart(number(ARCHIVE_MONTHS, ARCHIVE_MONTHS_MAX, "360", "R128")),
];

impl PolicyValue {
    /// Checks key, form and bounds.
    pub fn check(&self, violations: &mut Violations, at: &str) {
        id::check_division(violations, &format!("{at}.jurisdiction"), &self.jurisdiction);
        text::require(violations, &format!("{at}.source"), &self.source, text::SHORT_CHARS_MAX);
        let Some(key) = KEYS.iter().find(|k| k.name == self.key) else {
            violations.add(format!("{at}.key"), "UNKNOWN_POLICY", &self.key);
            return;
        };
        let good = match key.form {
            Form::Number(max) => {
                self.value.parse::<i64>().is_ok_and(|n| (0..=max).contains(&n))
                    && self.value.bytes().all(|b| b.is_ascii_digit())
            }
            Form::Word(words) => words.contains(&self.value.as_str()),
        };
        violations.require(good, format!("{at}.value"), "POLICY_VALUE", &self.value);
    }
}

/// What holds on a day: defaults, overridden by what was issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    in_force: BTreeMap<&'static str, PolicyValue>,
}

impl Policy {
    /// Resolves what was issued: the highest level wins, within a level the latest day (R46).
    #[must_use]
    pub fn resolve(jurisdiction: &str, issued: &[PolicyValue], on: Date) -> Self {
        let mut in_force = BTreeMap::new();
        for key in KEYS {
            let best = issued
                .iter()
                .filter(|v| v.key == key.name && v.effective_from <= on)
                .min_by_key(|v| (v.level, std::cmp::Reverse(v.effective_from)));
            let default = || PolicyValue {
                key: key.name.to_owned(),
                value: key.default.to_owned(),
                level: Level::Township,
                effective_from: Date::MIN,
                jurisdiction: jurisdiction.to_owned(),
                source: key.source.to_owned(),
            };
            in_force.insert(key.name, best.cloned().unwrap_or_else(default));
        }
        Self { in_force }
    }

    /// The values in force, by key.
    pub fn values(&self) -> impl Iterator<Item = &PolicyValue> {
        self.in_force.values()
    }

    /// A number in force; 0 for a name that is not a key.
    #[must_use]
    pub fn number(&self, key: &str) -> i64 {
        self.in_force.get(key).and_then(|v| v.value.parse().ok()).unwrap_or(0)
    }

    /// A word in force; empty for a name that is not a key.
    #[must_use]
    pub fn word(&self, key: &str) -> &str {
        self.in_force.get(key).map_or("", |v| &v.value)
    }

    /// The day on which a business is told of a visit on a day: `None` when it is not told, the day
    /// itself when it is told on arrival.
    ///
    /// # Errors
    /// [`UnknownYear`] when the working days before are in no calendar.
    pub fn notice_on(
        &self,
        visit_day: Date,
        calendar: &Calendar,
    ) -> Result<Option<Date>, UnknownYear> {
        Ok(match self.word(NOTICE) {
            "ON_ARRIVAL" => Some(visit_day),
            "DAYS_BEFORE" => {
                Some(calendar.working_days_before(visit_day, self.number(NOTICE_DAYS))?)
            }
            _ => None,
        })
    }

    /// Whether a visit that was begun counts as completed; one that was terminated does where the
    /// policy says so. How many were examined is another measure, and both are shown.
    #[must_use]
    pub fn is_completed(&self, terminated: bool) -> bool {
        !terminated || self.word(COMPLETION) == "TERMINATED_COUNTS"
    }

    /// What is bound into a freeze: every key the draw depends on with its value, in order.
    #[must_use]
    pub fn text(&self) -> String {
        let bound = KEYS.iter().filter(|key| key.bound);
        let mut names: Vec<&str> = bound.map(|key| key.name).collect();
        names.sort_unstable();
        let line = |name: &&str| format!("{name}={}", self.word(name));
        names.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}
