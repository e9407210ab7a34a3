//! The frame of a campaign, whole.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::domain::campaign::{Campaign, MARKED, Mode, Participant};
use crate::domain::department::Department;
use crate::domain::inspector::{Inspector, Recusal};
use crate::domain::item::{CheckItem, ItemList};
use crate::domain::plan::Proposal;
use crate::domain::policy::{self, Policy};
use crate::domain::profile::{DEFAULT, Profile, Slot};
use crate::domain::quota::{BASIS_POINTS, QuotaRule, RatioBase};
use crate::domain::subject::{Entry, PREMISES_MARK, RiskFactKind};
use crate::domain::training::Trained;
use crate::domain::visit::Visit;
use crate::draw::frame::{EXCLUDED, Frame, IN, Unit};
use crate::draw::hash::Suite;
use crate::matching::Resolution;

use super::people;
use super::rules::{History, Rules};
use super::units::{Door, Opening, doors};

/// Everything a frame is built from.
pub struct Sources<'a> {
    /// The campaign.
    pub campaign: &'a Campaign,
    /// The policy in force on its first day.
    pub policy: &'a Policy,
    /// Departments by id.
    pub departments: BTreeMap<String, Department>,
    /// Item lists in force, by department.
    pub lists: BTreeMap<String, ItemList>,
    /// Rows of the participants' registries.
    pub entries: Vec<(String, Entry)>,
    /// Who is who.
    pub resolution: Resolution,
    /// The participants' people.
    pub inspectors: Vec<(String, Inspector)>,
    /// When they are trained.
    pub trained: Trained,
    /// Declared interests.
    pub recusals: Vec<(String, Recusal)>,
    /// Subjects marked for heavier attention.
    pub marked: BTreeSet<String>,
    /// Kinds of risk facts by subject (R26, R60).
    pub signals: BTreeMap<String, BTreeSet<RiskFactKind>>,
    /// What happened before.
    pub history: History,
    /// Proposals of a MATCHED_PLANS campaign.
    pub proposals: Vec<Proposal>,
    /// Visits of this year and the last; read when the policy asks who went before.
    pub visits: Vec<Visit>,
}

/// What stands behind a unit, for the visit that may come of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Behind {
    /// What is opened at the door.
    pub opening: Opening,
    /// Codes of the items per department that may draw the unit.
    pub items: BTreeMap<String, Vec<String>>,
}

/// A frame with what stands behind its units.
pub struct Framed {
    /// The frame.
    pub frame: Frame,
    /// By unit id.
    pub behind: BTreeMap<String, Behind>,
}

/// Builds the frame of one attempt.
#[must_use]
pub fn build(sources: &Sources<'_>, attempt: u64, context: BTreeMap<String, String>) -> Framed {
    let campaign = sources.campaign;
    let mut profiles = Profiles::new(campaign, sources.policy);
    let doors = doors(&sources.entries, &sources.resolution);
    let (units, behind) = match campaign.mode {
        Mode::MatchedPlans => proposed_units(sources, &doors, &mut profiles),
        _ => drawable_units(sources, &doors, &mut profiles),
    };
    let inspectors = people::pool(campaign, sources.policy, &sources.inspectors, &sources.trained);
    let mut units_of: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (id, behind) in &behind {
        units_of.entry(&behind.opening.subject).or_default().push(id);
    }
    let canonical = |id: &str| sources.resolution.canonical(id).to_owned();
    let mut avoid = people::avoidances(&sources.recusals, &inspectors, &units_of, canonical);
    let mut keep = Vec::new();
    let before = || people::last_teams(&sources.visits, &inspectors, &units_of, canonical);
    match sources.policy.word(policy::TEAM) {
        "CONTINUITY" => keep = before(),
        "ROTATION" => avoid.extend(before()),
        _ => {}
    }
    let ratio_base = match sources.policy.word(policy::RATIO_BASE) {
        "ELIGIBLE" => RatioBase::Eligible,
        _ => RatioBase::Registered,
    };
    let frame = Frame {
        alg: Suite::Sha256,
        draw_id: format!("campaigns/{}/draws/{attempt}", campaign.id),
        attempt,
        lead: campaign.lead.clone(),
        join: campaign.join,
        ratio_base,
        quotas: quotas(sources, &units),
        profiles: profiles.made,
        units,
        inspectors,
        avoid,
        keep,
        contributors: campaign.contributors.clone(),
        beacon: None,
        context,
    };
    Framed { frame, behind }
}

type Units = (Vec<Unit>, BTreeMap<String, Behind>);

fn drawable_units(sources: &Sources<'_>, doors: &[Door<'_>], profiles: &mut Profiles) -> Units {
    let rules = Rules {
        campaign: sources.campaign,
        policy: sources.policy,
        history: &sources.history,
        signals: &sources.signals,
        lists: &sources.lists,
        departments: &sources.departments,
    };
    let marking = sources.policy.number(policy::MARKED_RATIO_PERCENT) > 100;
    let mut units = Vec::with_capacity(doors.len());
    let mut behind = BTreeMap::new();
    let mut sooner = 0;
    for (i, door) in doors.iter().enumerate() {
        sooner = if i > 0 && doors[i - 1].subject == door.subject { sooner + 1 } else { 0 };
        let mut departments = BTreeMap::new();
        let mut items = BTreeMap::new();
        for participant in sources.campaign.accepted() {
            let Some(rows) = door.rows.get(participant.department.as_str()) else { continue };
            let department = participant.department.clone();
            let status = match rules.items(participant, door, rows, sooner) {
                Err(rule) => format!("{EXCLUDED}{}", rule.id()),
                Ok(found) => {
                    let profile = profiles.with(participant, &found);
                    items.insert(department.clone(), codes(&found));
                    format!("{IN}{profile}")
                }
            };
            departments.insert(department, status);
        }
        let stratum = door.stratum(marking && sources.marked.contains(&door.subject));
        push(&mut units, &mut behind, door.opening(), stratum, departments, items);
    }
    (units, behind)
}

fn codes(items: &[&CheckItem]) -> Vec<String> {
    items.iter().map(|i| i.code.clone()).collect()
}

fn push(
    units: &mut Vec<Unit>,
    behind: &mut BTreeMap<String, Behind>,
    opening: Opening,
    stratum: String,
    departments: BTreeMap<String, String>,
    items: BTreeMap<String, Vec<String>>,
) {
    units.push(Unit { id: opening.id.clone(), record: opening.record(), stratum, departments });
    behind.insert(opening.id.clone(), Behind { opening, items });
}

/// One unit per accepted proposal: everything in it is drawn, so only the teams are left to chance.
fn proposed_units(sources: &Sources<'_>, doors: &[Door<'_>], profiles: &mut Profiles) -> Units {
    let by_subject: BTreeMap<&str, &Door<'_>> =
        doors.iter().rev().map(|d| (d.subject.as_str(), d)).collect();
    let mut units = Vec::new();
    let mut behind = BTreeMap::new();
    for proposal in &sources.proposals {
        let subject = sources.resolution.canonical(&proposal.subject_id);
        let door = by_subject.get(subject);
        let mut opening = door.map_or_else(
            || Opening {
                id: String::new(),
                subject: subject.to_owned(),
                name: String::new(),
                address: String::new(),
                district: String::new(),
            },
            |d| d.opening(),
        );
        opening.id = format!("{subject}{PREMISES_MARK}{}", proposal.id);
        let mut departments = BTreeMap::new();
        let mut items = BTreeMap::new();
        for participant in sources.campaign.accepted() {
            let tasks = proposal.tasks.iter().filter(|t| t.department == participant.department);
            let wanted: BTreeSet<&String> = tasks.flat_map(|t| &t.items).collect();
            if wanted.is_empty() {
                continue;
            }
            let list = sources.lists.get(&participant.department);
            let all = list.map_or(&[][..], |l| &l.items);
            let found: Vec<&CheckItem> = all.iter().filter(|i| wanted.contains(&i.code)).collect();
            let profile = profiles.with(participant, &found);
            departments.insert(participant.department.clone(), format!("{IN}{profile}"));
            items.insert(participant.department.clone(), wanted.into_iter().cloned().collect());
        }
        let stratum = door.map_or_else(|| "risk:U".to_owned(), |d| d.stratum(false));
        push(&mut units, &mut behind, opening, stratum, departments, items);
    }
    (units, behind)
}

/// Rules for every stratum in which a department has units.
fn quotas(sources: &Sources<'_>, units: &[Unit]) -> BTreeMap<String, BTreeMap<String, QuotaRule>> {
    let mut strata: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for unit in units {
        for department in unit.departments.keys() {
            strata.entry(department).or_default().insert(&unit.stratum);
        }
    }
    let matched = sources.campaign.mode == Mode::MatchedPlans;
    let mut out = BTreeMap::new();
    for participant in sources.campaign.accepted() {
        let none = BTreeSet::new();
        let found = strata.get(participant.department.as_str()).unwrap_or(&none);
        let rules: BTreeMap<String, QuotaRule> = found
            .iter()
            .filter_map(|stratum| {
                let rule = match matched {
                    true => QuotaRule::share(BASIS_POINTS),
                    false => rule(sources.policy, participant, stratum)?,
                };
                Some(((*stratum).to_owned(), rule))
            })
            .collect();
        if !rules.is_empty() {
            out.insert(participant.department.clone(), rules);
        }
    }
    out
}

/// A participant's rule for a stratum: raised for marked subjects (R54), never below the floor (R48).
fn rule(policy: &Policy, participant: &Participant, stratum: &str) -> Option<QuotaRule> {
    let class = stratum.strip_suffix(MARKED).unwrap_or(stratum);
    let mut rule = participant.rule(class)?.clone();
    let floor = u64::try_from(policy.number(policy::RATIO_FLOOR)).unwrap_or(0);
    let percent = u64::try_from(policy.number(policy::MARKED_RATIO_PERCENT)).unwrap_or(100);
    if let Some(share) = &mut rule.basis_points {
        if class != stratum {
            *share = (*share * percent).div_ceil(100);
        }
        *share = (*share).max(floor).min(BASIS_POINTS);
    }
    Some(rule)
}

/// Profiles of a campaign, and those made by adding what items ask for.
struct Profiles {
    base: BTreeMap<String, Vec<Slot>>,
    made: BTreeMap<String, Vec<Slot>>,
    match_profession: bool,
}

impl Profiles {
    fn new(campaign: &Campaign, policy: &Policy) -> Self {
        let people = policy.number(policy::MIN_PER_DEPARTMENT);
        let default = Profile::default_of(usize::try_from(people).unwrap_or(1));
        let mut base = BTreeMap::from([(DEFAULT.to_owned(), default.slots)]);
        base.extend(campaign.profiles.iter().map(|p| (p.name.clone(), p.slots.clone())));
        let match_profession = policy.word(policy::COMPETENCE) == "PROFESSION_MATCH";
        Self { base, made: BTreeMap::new(), match_profession }
    }

    /// The profile that covers the items: each competence is asked of one slot in turn (R97).
    fn with(&mut self, participant: &Participant, items: &[&CheckItem]) -> String {
        let mut competences = BTreeSet::new();
        if self.match_profession {
            let needed = items.iter().map(|i| i.competence.as_str()).filter(|c| !c.is_empty());
            competences.extend(needed);
        }
        let mut name = participant.profile.clone();
        for competence in &competences {
            name.push('+');
            name.push_str(competence);
        }
        if !self.made.contains_key(&name) {
            let mut slots = self.base.get(&participant.profile).cloned().unwrap_or_default();
            let count = slots.len().max(1);
            for (i, competence) in competences.into_iter().enumerate() {
                if let Some(slot) = slots.get_mut(i % count) {
                    slot.requires.push(competence.to_owned());
                    slot.requires.sort_unstable();
                    slot.requires.dedup();
                }
            }
            self.made.insert(name.clone(), slots);
        }
        name
    }
}
