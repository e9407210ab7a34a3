//! Campaigns, previews, attempts, shortages.

use super::super::pb;
use super::{name, parse, present, signed, unsigned};
use crate::domain::campaign::{Answer, Campaign, Mode, Participant, Scope, State, StratumQuota};
use crate::domain::ceremony::Ceremony;
use crate::domain::profile::{DEFAULT, Join, Profile, Slot};
use crate::domain::quota::QuotaRule;
use crate::domain::shortage::{Shortage, WayOut};
use crate::domain::subject::{RiskFactKind, SubjectKind};
use crate::domain::supplement::{Supplement, SupplementReason};
use crate::domain::{Violations, day};
use crate::merge::figures::Figures;

/// Reads a campaign as proposed.
///
/// # Errors
/// Its violations.
pub fn campaign(message: Option<pb::Campaign>) -> Result<Campaign, Violations> {
    let mut v = Violations::default();
    let m = present(&mut v, "campaign", message);
    let mode = pb::JointMode::try_from(m.mode).ok().map(|x| x.as_str_name());
    let mode = parse(&mut v, "campaign.mode", mode, "JOINT_MODE_");
    let join = pb::JoinRule::try_from(m.join).ok().map(|x| x.as_str_name());
    let join = parse(&mut v, "campaign.join", join, "JOIN_RULE_");
    let scope = scope(&mut v, "campaign.scope", m.scope.unwrap_or_default());
    let participant = |(i, p)| participant(&mut v, &format!("campaign.participants[{i}]"), p);
    let participants = m.participants.into_iter().enumerate().map(participant).collect();
    let supplement = m.supplement.map(|s| supplement(&mut v, s));
    let first = day::parse(&mut v, "campaign.first_day", &m.first_day);
    let last = day::parse(&mut v, "campaign.last_day", &m.last_day);
    let answer_by = day::parse_optional(&mut v, "campaign.answer_by", &m.answer_by);
    v.finish(Campaign {
        id: m.campaign_id,
        title: m.title,
        jurisdiction: m.jurisdiction,
        mode: mode.unwrap_or(Mode::Comprehensive),
        lead: m.lead,
        participants,
        scope,
        join: join.unwrap_or(Join::DrawnOnly),
        profiles: m.profiles.into_iter().map(profile).collect(),
        first_day: first.unwrap_or_default(),
        last_day: last.unwrap_or_default(),
        contributors: m.contributors,
        ceremony: ceremony(m.ceremony.unwrap_or_default()),
        state: State::Proposed,
        attempts: 0,
        proposed_by: String::new(),
        approved_by: String::new(),
        proposals: m.proposals,
        supplement,
        master_s: String::new(),
        plan: m.plan_id,
        plan_task: m.plan_task_id,
        scheme: m.scheme_id,
        scheme_version: 0,
        override_reason: m.override_reason,
        answer_by,
        silent: Vec::new(),
        local_mode: m.local_mode_id,
        local_mode_version: 0,
        asks: None,
        outside_joint_list: Vec::new(),
        version: 0,
    })
}

/// What it is bound to besides follows from the campaign it supplements.
fn supplement(v: &mut Violations, m: pb::Supplement) -> Supplement {
    let reason = pb::SupplementReason::try_from(m.reason).ok().map(|x| x.as_str_name());
    let reason = parse(v, "campaign.supplement.reason", reason, "SUPPLEMENT_REASON_");
    Supplement {
        parent: m.parent_id,
        reason: reason.unwrap_or(SupplementReason::MoreSubjects),
        changes: m.changes,
        attempt: 0,
        freeze_hash: String::new(),
        result_root: String::new(),
    }
}

fn supplement_out(s: Supplement) -> pb::Supplement {
    let reason = pb::SupplementReason::from_str_name(&name(&s.reason, "SUPPLEMENT_REASON_"));
    pb::Supplement {
        parent_id: s.parent,
        reason: reason.map_or(0, i32::from),
        attempt: s.attempt,
        changes: s.changes,
        freeze_hash: s.freeze_hash,
        result_root: s.result_root,
    }
}

/// Reads a slot list.
pub(super) fn profile(p: pb::Profile) -> Profile {
    let slot = |s: pb::Slot| Slot { lead: s.lead, requires: s.requires };
    Profile { name: p.name, slots: p.slots.into_iter().map(slot).collect() }
}

/// Writes a slot list.
pub(super) fn profile_out(p: Profile) -> pb::Profile {
    let slot = |s: Slot| pb::Slot { requires: s.requires, lead: s.lead };
    pb::Profile { name: p.name, slots: p.slots.into_iter().map(slot).collect() }
}

fn participant(v: &mut Violations, at: &str, m: pb::Participant) -> Participant {
    let quota = |(i, q): (usize, pb::StratumQuota)| {
        let mut count = |name: &str, value| unsigned(v, &format!("{at}.quotas[{i}].{name}"), value);
        StratumQuota {
            rule: QuotaRule {
                basis_points: count("basis_points", q.basis_points),
                count: count("count", q.count),
                max: count("max", q.max),
                min: count("min", q.min),
            },
            stratum: q.stratum,
        }
    };
    Participant {
        quotas: m.quotas.into_iter().enumerate().map(quota).collect(),
        department: m.department,
        items: m.items,
        profile: if m.profile.is_empty() { DEFAULT.to_owned() } else { m.profile },
        answer: Answer::Invited,
    }
}

/// Zeros stand for the defaults.
fn ceremony(m: pb::Ceremony) -> Ceremony {
    let or = |value: i64, default: i64| if value == 0 { default } else { value };
    let default = Ceremony::default();
    Ceremony {
        commit_minutes: or(m.commit_minutes, default.commit_minutes),
        reveal_minutes: or(m.reveal_minutes, default.reveal_minutes),
        beacon: m.beacon,
        reveal_quorum: or(m.reveal_quorum, default.reveal_quorum),
    }
}

/// Reads a scope.
pub(super) fn scope(v: &mut Violations, at: &str, m: pb::Scope) -> Scope {
    let mut kinds = Vec::new();
    for (i, kind) in m.kinds.iter().enumerate() {
        let read = SubjectKind::from_word(kind);
        v.require(read.is_some(), format!("{at}.kinds[{i}]"), "UNKNOWN_KIND", kind);
        kinds.extend(read);
    }
    let mut marked_by = Vec::new();
    for (i, kind) in m.marked_by.iter().enumerate() {
        let read = RiskFactKind::from_word(kind);
        v.require(read.is_some(), format!("{at}.marked_by[{i}]"), "UNKNOWN_KIND", kind);
        marked_by.extend(read);
    }
    let (districts, tags, risk_classes) = (m.districts, m.tags, m.risk_classes);
    Scope { districts, kinds, tags, risk_classes, marked_by }
}

/// Writes a scope.
pub(super) fn scope_out(s: Scope) -> pb::Scope {
    pb::Scope {
        districts: s.districts,
        kinds: s.kinds.iter().map(|k| k.word().to_owned()).collect(),
        tags: s.tags,
        risk_classes: s.risk_classes,
        marked_by: s.marked_by.iter().map(|k| k.word().to_owned()).collect(),
    }
}

/// Writes a campaign.
#[must_use]
pub fn out(c: Campaign) -> pb::Campaign {
    let mode = pb::JointMode::from_str_name(&name(&c.mode, "JOINT_MODE_"));
    let join = pb::JoinRule::from_str_name(&name(&c.join, "JOIN_RULE_"));
    let state = pb::campaign::State::from_str_name(&name(&c.state, "STATE_"));
    pb::Campaign {
        campaign_id: c.id,
        title: c.title,
        jurisdiction: c.jurisdiction,
        mode: mode.map_or(0, i32::from),
        lead: c.lead,
        participants: c.participants.into_iter().map(participant_out).collect(),
        scope: Some(scope_out(c.scope)),
        join: join.map_or(0, i32::from),
        profiles: c.profiles.into_iter().map(profile_out).collect(),
        first_day: c.first_day.to_string(),
        last_day: c.last_day.to_string(),
        contributors: c.contributors,
        state: state.map_or(0, i32::from),
        etag: c.version.to_string(),
        attempts: c.attempts,
        proposed_by: c.proposed_by,
        approved_by: c.approved_by,
        proposals: c.proposals,
        ceremony: Some(pb::Ceremony {
            commit_minutes: c.ceremony.commit_minutes,
            reveal_minutes: c.ceremony.reveal_minutes,
            beacon: c.ceremony.beacon,
            reveal_quorum: c.ceremony.reveal_quorum,
        }),
        master_s: c.master_s,
        supplement: c.supplement.map(supplement_out),
        plan_id: c.plan,
        plan_task_id: c.plan_task,
        scheme_id: c.scheme,
        scheme_version: c.scheme_version,
        override_reason: c.override_reason,
        answer_by: c.answer_by.map(|day| day.to_string()).unwrap_or_default(),
        local_mode_id: c.local_mode,
        local_mode_version: c.local_mode_version,
        outside_joint_list: c.outside_joint_list,
    }
}

fn participant_out(p: Participant) -> pb::Participant {
    let answer = pb::participant::Answer::from_str_name(&name(&p.answer, "ANSWER_"));
    let quota = |q: StratumQuota| pb::StratumQuota {
        stratum: q.stratum,
        basis_points: q.rule.basis_points.map(signed),
        count: q.rule.count.map(signed),
        min: q.rule.min.map(signed),
        max: q.rule.max.map(signed),
    };
    pb::Participant {
        department: p.department,
        items: p.items,
        quotas: p.quotas.into_iter().map(quota).collect(),
        profile: p.profile,
        answer: answer.map_or(0, i32::from),
    }
}

/// Writes figures.
#[must_use]
pub fn figures_out(f: Figures) -> pb::Preview {
    let loads = f.loads.into_iter().map(|(department, l)| pb::DepartmentLoad {
        department,
        registered: signed(l.registered),
        eligible: signed(l.eligible),
        checks: signed(l.checks),
        inspectors: signed(l.inspectors),
        load_min: signed(l.load_min),
        load_max: signed(l.load_max),
        shortages: signed(l.shortages),
    });
    let exclusions = f.exclusions.into_iter().flat_map(|(department, rules)| {
        rules.into_iter().map(move |(rule, units)| pb::Exclusion {
            department: department.clone(),
            rule,
            units: signed(units),
        })
    });
    pb::Preview {
        units: signed(f.units),
        checks: signed(f.checks),
        doors: signed(f.doors),
        joint_checks: signed(f.joint_checks),
        visits_saved: signed(f.visits_saved),
        independent_doors: signed(f.independent_doors),
        shortages: signed(f.shortages),
        loads: loads.collect(),
        exclusions: exclusions.collect(),
        small_strata: f.small_strata,
        joint_doors: signed(f.joint_doors),
        independent_joint_checks: signed(f.independent_joint_checks),
    }
}

/// Writes a shortage.
#[must_use]
pub fn shortage_out(s: Shortage) -> pb::Shortage {
    use pb::way_out::Kind;
    let rule = pb::ShortageRule::from_str_name(&name(&s.rule, "SHORTAGE_RULE_"));
    let way = |w: WayOut| match w {
        WayOut::NeighbourPool { jurisdiction, people } => {
            pb::WayOut { kind: Kind::NeighbourPool.into(), detail: jurisdiction, people }
        }
        WayOut::DirectAssignment { people } => {
            pb::WayOut { kind: Kind::DirectAssignment.into(), detail: String::new(), people }
        }
        WayOut::LaterDate { day, people } => {
            pb::WayOut { kind: Kind::LaterDate.into(), detail: day.to_string(), people }
        }
    };
    pb::Shortage {
        visit: s.visit,
        department: s.department,
        slot: s.slot,
        rule: rule.map_or(0, i32::from),
        requires: s.requires,
        ways_out: s.ways_out.into_iter().map(way).collect(),
    }
}

/// Reads a decision on a review: `None` takes an earlier one back.
#[must_use]
pub fn decision(value: i32) -> Option<bool> {
    match pb::ReviewDecision::try_from(value) {
        Ok(pb::ReviewDecision::Same) => Some(true),
        Ok(pb::ReviewDecision::Different) => Some(false),
        _ => None,
    }
}

/// Reads an etag that must be given.
///
/// # Errors
/// Its violation.
pub fn etag(text: &str) -> Result<i64, Violations> {
    let mut v = Violations::default();
    let etag = super::department::etag(&mut v, "etag", text);
    v.require(!text.is_empty(), "etag", "REQUIRED", "");
    v.finish(etag)
}
