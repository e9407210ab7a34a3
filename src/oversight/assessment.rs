//! Assessment (考核) of a unit in a year (R133, R135): shares of what it had to do, weighed by policy values.
//! Whole numbers only; a share of nothing is not weighed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::domain::annual_plan::AnnualPlan;
use crate::domain::campaign::{Campaign, State};
use crate::domain::inspector::{Inspector, InspectorKind};
use crate::domain::joint_rate::JointRate;
use crate::domain::liability::{Liability, LiabilityState};
use crate::domain::policy::{self, Policy};
use crate::domain::publication::ResultRecord;
use crate::domain::training::Trained;
use crate::domain::visit::Visit;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// Tasks of published plans that were drawn.
    PlanFulfilment,
    /// Sections of visits whose check is over.
    Completion,
    /// Results published or lawfully withheld in time.
    Publication,
    /// Sections of visits that other departments share.
    JointParticipation,
    /// Decided objections that were not upheld.
    Objections,
    /// Published results that were not corrected.
    Corrections,
    /// Duties without a liability that stands.
    Liability,
    /// Inspectors with a valid training.
    Training,
}

impl Measure {
    /// All measures, in the order of the columns.
    pub const ALL: [Self; 8] = [
        Self::PlanFulfilment,
        Self::Completion,
        Self::Publication,
        Self::JointParticipation,
        Self::Objections,
        Self::Corrections,
        Self::Liability,
        Self::Training,
    ];

    /// The policy value that weighs it.
    #[must_use]
    pub const fn weight(self) -> &'static str {
        match self {
            Self::PlanFulfilment => policy::ASSESS_PLAN,
            Self::Completion => policy::ASSESS_COMPLETION,
            Self::Publication => policy::ASSESS_PUBLICATION,
            Self::JointParticipation => policy::ASSESS_JOINT,
            Self::Objections => policy::ASSESS_OBJECTIONS,
            Self::Corrections => policy::ASSESS_CORRECTIONS,
            Self::Liability => policy::ASSESS_LIABILITY,
            Self::Training => policy::ASSESS_TRAINING,
        }
    }

    /// Its heading.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::PlanFulfilment => "计划完成率",
            Self::Completion => "检查完成率",
            Self::Publication => "按时公示率",
            Self::JointParticipation => "联合参与率",
            Self::Objections => "异议未成立率",
            Self::Corrections => "公示无更正率",
            Self::Liability => "无责任事项率",
            Self::Training => "培训合格率",
        }
    }
}

/// A part of a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// What is as it should be.
    pub part: u64,
    /// What there is.
    pub whole: u64,
}

impl Share {
    fn count(&mut self, good: bool) {
        self.whole += 1;
        self.part += u64::from(good);
    }

    /// In basis points, rounded down; `None` of nothing.
    #[must_use]
    pub const fn basis_points(self) -> Option<u64> {
        JointRate::share(self.part, self.whole)
    }
}

/// The assessment of one unit and year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessment {
    /// The department.
    pub department: String,
    /// The year.
    pub year: i16,
    /// Each measure with its share and the weight it has.
    pub measures: Vec<(Measure, Share, u64)>,
    /// The weighed mean in basis points, rounded down; `None` where there is nothing to weigh.
    pub score: Option<u64>,
}

/// A decided objection: whose result, and whether it was upheld.
pub type Decided = (String, bool);

/// What assessments are computed from.
pub struct Sources<'a> {
    /// The policy in force.
    pub policy: &'a Policy,
    /// The year.
    pub year: i16,
    /// The day of reading.
    pub today: Date,
    /// Published plans of the year, by id.
    pub plans: Vec<(String, AnnualPlan)>,
    /// Campaigns of the jurisdiction.
    pub campaigns: &'a BTreeMap<String, Campaign>,
    /// Visits that begin in the year, without names.
    pub visits: Vec<Visit>,
    /// Checks that are over, and whether they were ended on a ground.
    pub over: BTreeMap<(String, i64, i64), bool>,
    /// Results of checks that were over in the year.
    pub results: Vec<ResultRecord>,
    /// Results whose day had passed unmet.
    pub late: BTreeSet<String>,
    /// Objections decided in the year.
    pub objections: Vec<Decided>,
    /// Liabilities that fell due in the year.
    pub liabilities: Vec<Liability>,
    /// People with their department.
    pub people: Vec<(String, Inspector)>,
    /// Their valid trainings.
    pub trained: Trained,
}

/// A task of a plan and how often it was drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fulfilment {
    /// The plan.
    pub plan: String,
    /// The task.
    pub task: String,
    /// The department that leads.
    pub lead: String,
    /// All departments.
    pub departments: BTreeSet<String>,
    /// How often it is planned, and how often campaigns were drawn for it; not more than planned.
    pub drawn: Share,
    /// What the plan allots to it, in fen (R77).
    pub budget_fen: i64,
    /// What its campaigns cost by the plan's own rates, in fen: the fixed sum once they have drawn, and one
    /// rate for each visit that takes place.
    pub spent_fen: i64,
}

/// How plans are carried out (R77, R135).
#[must_use]
pub fn fulfilment(
    plans: &[(String, AnnualPlan)],
    campaigns: &BTreeMap<String, Campaign>,
    visits: &[Visit],
) -> Vec<Fulfilment> {
    let mut of_campaign: BTreeMap<&str, i64> = BTreeMap::new();
    for visit in visits.iter().filter(|v| v.dropped == 0) {
        *of_campaign.entry(&visit.campaign).or_default() += 1;
    }
    let of = |plan: &String, task: &crate::domain::annual_plan::PlanTask| {
        let done = |c: &&Campaign| matches!(c.state, State::Drawn | State::Closed);
        let own = |c: &&Campaign| c.plan == *plan && c.plan_task == task.id;
        let own: Vec<&Campaign> = campaigns.values().filter(own).filter(done).collect();
        let whole = u64::try_from(task.times).unwrap_or(0);
        let part = u64::try_from(own.len()).unwrap_or(u64::MAX).min(whole);
        let visits = own.iter().filter_map(|c| of_campaign.get(c.id.as_str())).sum::<i64>();
        let fixed = if own.is_empty() { 0 } else { task.budget.fixed_fen };
        let per = task.budget.per_subject_fen.saturating_mul(visits);
        let mut departments = BTreeSet::from([task.lead.clone()]);
        departments.extend(task.participants.iter().cloned());
        Fulfilment {
            plan: plan.clone(),
            task: task.id.clone(),
            lead: task.lead.clone(),
            departments,
            drawn: Share { part, whole },
            budget_fen: task.budget_fen(),
            spent_fen: fixed.saturating_add(per),
        }
    };
    plans.iter().flat_map(|(id, plan)| plan.tasks.iter().map(move |t| of(id, t))).collect()
}

fn measure(sources: &Sources<'_>, tasks: &[Fulfilment], department: &str) -> [Share; 8] {
    let mut of = [Share::default(); 8];
    let [plan, completion, publication, joint, objections, corrections, liability, training] =
        &mut of;
    for task in tasks.iter().filter(|t| t.departments.contains(department)) {
        plan.part += task.drawn.part;
        plan.whole += task.drawn.whole;
    }
    for visit in sources.visits.iter().filter(|v| v.dropped == 0) {
        if !visit.sections.iter().any(|s| s.department == department) {
            continue;
        }
        let place = (visit.campaign.clone(), visit.attempt, visit.rank);
        let over = sources.over.get(&place);
        completion.count(over.is_some_and(|ended| sources.policy.is_completed(*ended)));
        joint.count(visit.sections.len() > 1);
    }
    for record in sources.results.iter().filter(|r| r.publisher == department) {
        let late = sources.late.contains(&record.id);
        // One that may still be published in time is neither.
        if late || record.settled_us > 0 {
            publication.count(!late);
        }
        if record.publications > 0 {
            corrections.count(record.publications == 1);
        }
    }
    for (_, upheld) in sources.objections.iter().filter(|(d, _)| d == department) {
        objections.count(!upheld);
    }
    let stands = |l: &&Liability| l.unit == department && l.state != LiabilityState::Exempted;
    let stand = sources.liabilities.iter().filter(stands).count();
    let stand = u64::try_from(stand).unwrap_or(u64::MAX);
    // Each visit and each result is a duty; what else fell due adds to them by its liability.
    liability.whole = (completion.whole + publication.whole).max(stand);
    liability.part = liability.whole - stand;
    for (_, person) in sources.people.iter().filter(|(d, _)| d == department) {
        if person.active && person.kind == InspectorKind::Inspector {
            let on = sources.today.min(jiff::civil::date(sources.year, 12, 31));
            training.count(sources.trained.on(department, &person.id, on));
        }
    }
    of
}

/// The assessment of a department.
#[must_use]
pub fn assess(sources: &Sources<'_>, tasks: &[Fulfilment], department: &str) -> Assessment {
    let shares = measure(sources, tasks, department);
    let weight = |m: Measure| u64::try_from(sources.policy.number(m.weight())).unwrap_or(0);
    let all = Measure::ALL.into_iter().zip(shares);
    let measures: Vec<_> = all.map(|(m, share)| (m, share, weight(m))).collect();
    let weighed = measures.iter().filter_map(|(_, s, w)| Some((s.basis_points()?, *w)));
    let (mut sum, mut weights) = (0u64, 0u64);
    for (points, weight) in weighed {
        sum += points * weight;
        weights += weight;
    }
    Assessment {
        department: department.to_owned(),
        year: sources.year,
        measures,
        score: sum.checked_div(weights),
    }
}
