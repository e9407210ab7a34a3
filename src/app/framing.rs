//! Reading what a frame is built from, on one snapshot.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use sha2::{Digest, Sha256};

use super::{AppError, Sealer, matching, names, release, supplements};
use crate::domain::campaign::{Campaign, MARKED, Mode, RISK_STRATUM};
use crate::domain::credit::CreditState;
use crate::domain::day;
use crate::domain::department::Department;
use crate::domain::inspector::Inspector;
use crate::domain::plan::ProposalState;
use crate::domain::policy::{self, Policy};
use crate::domain::profile::Profile;
use crate::domain::subject::{Entry, RiskClass, RiskFactKind};
use crate::domain::training::{Gate, Trained};
use crate::domain::visit::Visit;
use crate::frame::people;
use crate::frame::rules::{History, Rule, is_over_cap};
use crate::frame::shortages::Neighbourhood;
use crate::frame::units::Opening;
use crate::frame::{Framed, Sources, build};
use crate::matching::Resolution;
use crate::store::Tx;

/// Everybody of a jurisdiction and its neighbours, for the ways out of a shortage.
pub struct Around {
    /// (jurisdiction, department, person).
    pub people: Vec<(String, String, Inspector)>,
    /// (department here, jurisdiction, department there).
    pub counterparts: Vec<(String, String, String)>,
}

impl Around {
    /// The people of a jurisdiction, with their departments.
    fn own(&self, jurisdiction: &str) -> Vec<(String, Inspector)> {
        let own = self.people.iter().filter(|(j, ..)| j == jurisdiction);
        own.map(|(_, d, i)| (d.clone(), i.clone())).collect()
    }

    /// What shortages look at.
    #[must_use]
    pub fn of<'a>(&'a self, campaign: &'a Campaign) -> Neighbourhood<'a> {
        Neighbourhood { campaign, people: &self.people, counterparts: &self.counterparts }
    }
}

/// Inspections and visits of the year and of the months the rules look back, but for the visits of
/// the campaign `without`, with the exceptions that hold on the day.
///
/// # Errors
/// [`AppError::Store`].
pub async fn history(
    sealer: &Sealer,
    tx: &mut Tx,
    (jurisdiction, without): (&str, &str),
    on: Date,
    resolution: &Resolution,
) -> Result<History, AppError> {
    let year = on.year();
    let new_year = jiff::civil::date(year, 1, 1);
    let since: Date = day::months_before(new_year, LOOK_BACK_MONTHS);
    let inspections = tx.inspections_since(jurisdiction, since).await?;
    let mut drawn: BTreeMap<String, i64> = BTreeMap::new();
    for visit in names::since(sealer, tx, jurisdiction, year).await? {
        // A campaign of a later year is no visit of this one.
        if visit.first_day.year() == year && visit.campaign != without {
            *drawn.entry(visit.subject).or_default() += 1;
        }
    }
    let drawn = drawn.into_iter().collect();
    let canonical = |id: &str| resolution.canonical(id).to_owned();
    let exceptions = tx.exceptions_in_force(jurisdiction).await?;
    let history = History::new(year, inspections, drawn, canonical);
    Ok(history.with_exceptions(exceptions, on, canonical))
}

/// Longest time the policy values can ask to look back, in months.
const LOOK_BACK_MONTHS: i64 = 60;

/// What the annual cap of a drawn campaign looks at: everything of the year but the campaign's own
/// visits, which change while it is changed.
///
/// # Errors
/// [`AppError::Store`].
pub async fn yearly(sealer: &Sealer, tx: &mut Tx, campaign: &Campaign) -> Result<Yearly, AppError> {
    let jurisdiction = &campaign.jurisdiction;
    let issued = tx.policies(jurisdiction).await?;
    let policy = Policy::resolve(jurisdiction, &issued, campaign.first_day);
    let entries = tx.entries_all(jurisdiction).await?;
    let decisions = tx.decisions(jurisdiction).await?;
    let resolution = tokio::task::block_in_place(|| matching::derive(&entries, &decisions));
    let others = (jurisdiction.as_str(), campaign.id.as_str());
    let history = history(sealer, tx, others, campaign.first_day, &resolution).await?;
    let supplemented = supplements::units(sealer, tx, &campaign.id).await?;
    let departments = campaign.accepted().map(|p| p.department.clone()).collect();
    Ok(Yearly { policy, history, resolution, supplemented, departments })
}

/// The year of a jurisdiction's subjects, without one campaign.
pub struct Yearly {
    policy: Policy,
    history: History,
    resolution: Resolution,
    /// Units that supplementary draws of the campaign visit.
    supplemented: BTreeSet<String>,
    /// Who takes part.
    departments: Vec<String>,
}

impl Yearly {
    /// The rule by which a unit of the reserve is passed over, `visits` being the campaign's own: it
    /// was drawn by a supplement, or its subject has had its visits of the year (R51).
    #[must_use]
    pub fn bars(&self, door: &Opening, stratum: &str, visits: &[Visit]) -> Option<Rule> {
        if self.supplemented.contains(&door.id) {
            return Some(Rule::DrawnBefore);
        }
        let subject = self.resolution.canonical(&door.subject);
        let same = |v: &&Visit| v.dropped == 0 && self.resolution.canonical(&v.subject) == subject;
        let own = i64::try_from(visits.iter().filter(same).count()).unwrap_or(i64::MAX);
        let visits = self.history.visits(subject).saturating_add(own);
        let beyond = self.departments.iter().any(|d| self.history.is_beyond_cap(d, subject));
        let over = !beyond && is_over_cap(&self.policy, risk_of(stratum), visits);
        over.then_some(Rule::AnnualCap)
    }
}

/// The class behind a stratum; `None` for unclassified subjects.
fn risk_of(stratum: &str) -> Option<RiskClass> {
    let class = stratum.strip_suffix(MARKED).unwrap_or(stratum);
    class.strip_prefix(RISK_STRATUM).and_then(RiskClass::from_word)
}

/// Builds the frame of an attempt from one snapshot.
///
/// # Errors
/// [`AppError`]: profiles too small for the policy, a department without an item list, proposals
/// that are not accepted.
pub async fn load(
    sealer: &Sealer,
    tx: &mut Tx,
    campaign: &Campaign,
    attempt: u64,
) -> Result<(Framed, Around), AppError> {
    let jurisdiction = &campaign.jurisdiction;
    let policy = release::policy_of(tx, campaign).await?;
    check_profiles(campaign, &policy)?;
    let ids: Vec<String> = campaign.accepted().map(|p| p.department.clone()).collect();
    let departments: BTreeMap<String, Department> = tx
        .departments_in(std::slice::from_ref(jurisdiction))
        .await?
        .into_iter()
        .map(|d| (d.id.clone(), d))
        .collect();
    let lists = tx.item_lists_on(&ids, campaign.first_day).await?;
    let lists: BTreeMap<_, _> = lists.into_iter().map(|l| (l.department.clone(), l)).collect();
    if let Some(missing) = ids.iter().find(|id| !lists.contains_key(*id)) {
        return Err(AppError::precondition("NO_ITEM_LIST_IN_FORCE", missing.clone()));
    }
    // Who is who is a question to all lists: a subject keeps its visits of the year whichever
    // departments take part this time.
    let mut entries = tx.entries_all(jurisdiction).await?;
    let decisions = tx.decisions(jurisdiction).await?;
    let resolution = tokio::task::block_in_place(|| matching::derive(&entries, &decisions));
    entries.retain(|(department, _)| ids.contains(department));
    let credit = tx.credit_states(jurisdiction, campaign.first_day).await?;
    let mut marked = apply_credit(&mut entries, &credit, &resolution);
    let signals = signals(tx, jurisdiction, &resolution).await?;
    marked.extend(signals.keys().cloned());
    let day = campaign.first_day;
    let history = history(sealer, tx, (jurisdiction, ""), day, &resolution).await?;
    let proposals = match campaign.mode {
        Mode::MatchedPlans => accepted_proposals(tx, campaign).await?,
        _ => Vec::new(),
    };
    let around = around(tx, campaign, &departments).await?;
    let inspectors = around.own(jurisdiction);
    let visits = match policy.word(policy::TEAM) {
        "NONE" => Vec::new(),
        _ => names::since(sealer, tx, jurisdiction, day.year() - 1).await?,
    };
    let trained = Trained::of(&tx.trainings_in(jurisdiction).await?);
    let mut context = context(campaign, &policy, lists.values());
    context.extend(left_out(campaign, &policy, &inspectors, &trained));
    let sources = Sources {
        campaign,
        policy: &policy,
        departments,
        lists,
        entries,
        resolution,
        inspectors,
        trained,
        recusals: tx.recusals(jurisdiction).await?,
        marked,
        signals,
        history,
        proposals,
        visits,
    };
    let mut framed = tokio::task::block_in_place(|| build(&sources, attempt, context));
    if let Some(of) = &campaign.supplement {
        supplements::narrow(sealer, tx, of, &sources.resolution, &mut framed, &around).await?;
    }
    Ok((framed, around))
}

/// Kinds of risk facts by subject.
async fn signals(
    tx: &mut Tx,
    jurisdiction: &str,
    resolution: &Resolution,
) -> Result<BTreeMap<String, BTreeSet<RiskFactKind>>, AppError> {
    let mut signals: BTreeMap<String, BTreeSet<RiskFactKind>> = BTreeMap::new();
    for (id, kind) in tx.signals(jurisdiction).await? {
        signals.entry(resolution.canonical(&id).to_owned()).or_default().insert(kind);
    }
    Ok(signals)
}

/// Gives rows the classes of the credit platform; the subjects that are on its lists (R127).
fn apply_credit(
    entries: &mut [(String, Entry)],
    states: &[CreditState],
    resolution: &Resolution,
) -> BTreeSet<String> {
    let states: BTreeMap<&str, &CreditState> =
        states.iter().map(|c| (resolution.canonical(&c.subject), c)).collect();
    for (_, entry) in entries {
        if let Some(state) = states.get(resolution.canonical(&entry.subject_id)) {
            state.classify(entry);
        }
    }
    states.iter().filter(|(_, c)| c.is_marked()).map(|(id, _)| (*id).to_owned()).collect()
}

async fn accepted_proposals(
    tx: &mut Tx,
    campaign: &Campaign,
) -> Result<Vec<crate::domain::plan::Proposal>, AppError> {
    let proposals = tx.proposals_by_id(&campaign.jurisdiction, &campaign.proposals).await?;
    let known: BTreeSet<&String> = proposals.iter().map(|p| &p.id).collect();
    if let Some(missing) = campaign.proposals.iter().find(|id| !known.contains(id)) {
        return Err(AppError::not_found("proposal", missing));
    }
    let open = proposals.iter().find(|p| p.state != ProposalState::Accepted);
    match open {
        Some(open) => Err(AppError::precondition("PROPOSAL_NOT_ACCEPTED", open.id.clone())),
        None => Ok(proposals),
    }
}

/// Two persons at a door, and as many of each department as the policy asks for (R88, tension 3).
fn check_profiles(campaign: &Campaign, policy: &Policy) -> Result<(), AppError> {
    let per_department = policy.number(policy::MIN_PER_DEPARTMENT);
    let per_visit = policy.number(policy::MIN_PER_VISIT);
    let short = |p: &&Profile| i64::try_from(p.slots.len()).unwrap_or(0) < per_department;
    if let Some(profile) = campaign.profiles.iter().find(short) {
        let detail = format!("profile {} has fewer than {per_department} slots", profile.name);
        return Err(AppError::precondition("MIN_PER_DEPARTMENT", detail));
    }
    let default = per_department.max(1);
    let smallest = campaign
        .accepted()
        .map(|p| campaign.profiles.iter().find(|known| known.name == p.profile))
        .map(|p| p.map_or(default, |p| i64::try_from(p.slots.len()).unwrap_or(0)))
        .min();
    if smallest.is_some_and(|slots| slots < per_visit) {
        let detail = format!("a visit of one department would send fewer than {per_visit} people");
        return Err(AppError::precondition("MIN_PER_VISIT", detail));
    }
    Ok(())
}

async fn around(
    tx: &mut Tx,
    campaign: &Campaign,
    departments: &BTreeMap<String, Department>,
) -> Result<Around, AppError> {
    let home = tx.jurisdiction(&campaign.jurisdiction).await?;
    let neighbours = home.map(|j| j.neighbours).unwrap_or_default();
    let mut all = neighbours.clone();
    all.push(campaign.jurisdiction.clone());
    let people = tx.inspectors_in(&all).await?;
    let mut counterparts = Vec::new();
    for there in tx.departments_in(&neighbours).await? {
        for here in campaign.accepted().filter_map(|p| departments.get(&p.department)) {
            // A pool next door helps where it holds a power that this department holds.
            if there.powers.iter().any(|power| here.powers.contains(power)) {
                counterparts.push((here.id.clone(), there.jurisdiction.clone(), there.id.clone()));
            }
        }
    }
    Ok(Around { people, counterparts })
}

/// What the freeze says of people who were left out for want of a training.
fn left_out(
    campaign: &Campaign,
    policy: &Policy,
    inspectors: &[(String, Inspector)],
    trained: &Trained,
) -> Option<(String, String)> {
    let asked = Gate::of(policy) == Gate::Exclude;
    let untrained = people::untrained(campaign, policy, inspectors, trained);
    asked.then(|| (UNTRAINED.to_owned(), people::untrained_text(campaign, &untrained)))
}

/// Under which name the freeze says how many were left out for want of a training, by department (R136).
pub const UNTRAINED: &str = "untrained";

/// Texts that the freeze binds.
fn context<'a>(
    campaign: &Campaign,
    policy: &Policy,
    lists: impl Iterator<Item = &'a crate::domain::item::ItemList>,
) -> BTreeMap<String, String> {
    let digest = |text: &str| hex::encode(Sha256::digest(text.as_bytes()));
    let lists: Vec<String> = lists
        .map(|l| {
            let json = serde_json::to_string(l).unwrap_or_default();
            format!("{}@{}={}", l.department, l.version, digest(&json))
        })
        .collect();
    let scope = serde_json::to_string(&campaign.scope).unwrap_or_default();
    BTreeMap::from([
        ("build".to_owned(), format!("onevisit {}", env!("CARGO_PKG_VERSION"))),
        ("campaign".to_owned(), format!("campaigns/{}", campaign.id)),
        ("first_day".to_owned(), campaign.first_day.to_string()),
        ("item_lists_sha256".to_owned(), digest(&lists.join("\n"))),
        ("last_day".to_owned(), campaign.last_day.to_string()),
        ("policy_sha256".to_owned(), digest(&policy.text())),
        ("scope".to_owned(), scope),
    ])
}
