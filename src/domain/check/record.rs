//! Recording findings and evidence. What somebody else has recorded is never overwritten unseen.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::evidence::EVIDENCE_MAX;
use super::{Attached, Check, CheckAction, Evidence, Finding, Given, Hand, Refused};
use crate::domain::Violations;

/// Most findings of one call.
pub const FINDINGS_MAX: usize = 2_000;
/// Most conflicts that a check keeps.
pub const CONFLICTS_MAX: usize = 2_000;

/// A result that was not taken because somebody else had recorded another one meanwhile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// What stands.
    pub kept: Finding,
    /// What was offered, by whom and when; its version is the one it was based on.
    pub offered: Finding,
    /// Version of the check by which the conflict was noted; 0 for one that was only told.
    pub noted: i64,
    /// Version by which somebody who had seen both recorded the item anew; 0 until then.
    pub resolved_by: i64,
}

/// What a member had seen when recording.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// The version of the check that the member had read.
    pub version: i64,
    /// Later versions that the member's own device has made.
    pub own: BTreeSet<i64>,
}

impl Seen {
    fn covers(&self, version: i64) -> bool {
        version <= self.version || self.own.contains(&version)
    }
}

/// Order in a section.
fn position(findings: &[Finding], item: &str) -> Result<usize, usize> {
    findings.binary_search_by(|f| f.given.item.as_str().cmp(item))
}

impl Check {
    /// Records results of items, all or none of them.
    ///
    /// # Errors
    /// [`Refused`]; for an item outside the visit's set (R18), of another's section, of a section that
    /// somebody has signed, and where somebody else has recorded another result meanwhile.
    pub fn record(&mut self, hand: &Hand, seen: &Seen, given: &[Given]) -> Result<(), Refused> {
        self.require_joined(&hand.ticket)?;
        if self.state.after(CheckAction::Record).is_none() {
            return Err(Refused::Standing("CHECK_STATE", self.state.word().to_owned()));
        }
        let mut violations = Violations::default();
        let some = !given.is_empty() && given.len() <= FINDINGS_MAX;
        violations.require(some, "findings", "FROM_1_TO_2000", &given.len().to_string());
        // Whoever names a version to come would have seen everything.
        let read = (0..=self.version).contains(&seen.version);
        violations.require(read, "version", "VERSION_OF_THE_CHECK", &seen.version.to_string());
        let mut items = BTreeSet::new();
        for (i, g) in given.iter().enumerate() {
            let at = format!("findings[{i}]");
            let new = items.insert((&g.department, &g.item));
            violations.require(new, format!("{at}.item_code"), "DUPLICATE", &g.item);
            self.check_given(&mut violations, &at, g);
        }
        violations.finish(())?;
        for g in given {
            self.require_hand(hand, &g.department)?;
            // Before the signatures: what was found otherwise is told even where some have signed.
            if let Some(conflict) = self.conflict(hand, seen, g) {
                return Err(Refused::Conflict(Box::new(conflict)));
            }
            self.require_unsigned(&g.department)?;
        }
        self.act(CheckAction::Record)?;
        self.version += 1;
        for g in given {
            self.put(hand, seen, g.clone());
        }
        Ok(())
    }

    fn check_given(&self, violations: &mut Violations, at: &str, given: &Given) {
        given.check(violations, at);
        let section = self.section(&given.department);
        let item = section.and_then(|s| s.items.iter().find(|i| i.code == given.item));
        let Some(item) = item else {
            violations.add(format!("{at}.item_code"), "OUTSIDE_THE_VISIT", &given.item);
            return;
        };
        let listed = item.methods.contains(&given.method);
        let told = listed || !given.deviation.trim().is_empty();
        let method = format!("{:?}", given.method);
        violations.require(told, format!("{at}.deviation"), "REQUIRED_FOR_ANOTHER_METHOD", &method);
        if let Some(kind) = given.basis.evidence() {
            let attached = self.evidence.iter().any(|a| {
                a.evidence.sha256 == given.basis_sha256
                    && a.evidence.kind == kind
                    && (a.evidence.department.is_empty()
                        || a.evidence.department == given.department)
            });
            let field = format!("{at}.basis_sha256");
            violations.require(attached, field, "NOT_ATTACHED", &given.basis_sha256);
        }
    }

    /// Members of the section, and the leader (R109).
    fn require_hand(&self, hand: &Hand, department: &str) -> Result<(), Refused> {
        let own = self.section(department);
        let own = own.is_some_and(|s| s.team.iter().any(|m| m.ticket == hand.ticket));
        match own || self.leader() == hand.ticket {
            true => Ok(()),
            false => Err(Refused::Forbidden("NOT_OF_THE_SECTION")),
        }
    }

    fn require_unsigned(&self, department: &str) -> Result<(), Refused> {
        match self.section(department).is_none_or(|s| s.signatures.is_empty()) {
            true => Ok(()),
            false => Err(Refused::Standing("SECTION_SIGNED", department.to_owned())),
        }
    }

    fn conflict(&self, hand: &Hand, seen: &Seen, given: &Given) -> Option<Conflict> {
        let findings = &self.section(&given.department)?.findings;
        let stands = &findings[position(findings, &given.item).ok()?];
        let same = stands.given == *given;
        (!same && !seen.covers(stands.version)).then(|| Conflict {
            kept: stands.clone(),
            offered: Finding {
                given: given.clone(),
                by: hand.ticket.clone(),
                at_us: hand.now_us,
                version: seen.version,
            },
            noted: 0,
            resolved_by: 0,
        })
    }

    fn put(&mut self, hand: &Hand, seen: &Seen, given: Given) {
        let version = self.version;
        let about = |c: &Conflict| {
            let g = &c.offered.given;
            g.department == given.department && g.item == given.item && c.resolved_by == 0
        };
        // Whoever had read the check with the conflict in it has seen both results.
        for conflict in self.conflicts.iter_mut().filter(|c| about(c)) {
            if seen.covers(conflict.noted) {
                conflict.resolved_by = version;
            }
        }
        let section = self.sections.iter_mut().find(|s| s.department == given.department);
        let Some(section) = section else { return };
        let at = position(&section.findings, &given.item);
        let finding = Finding { given, by: hand.ticket.clone(), at_us: hand.now_us, version };
        match at {
            Ok(at) if section.findings[at].given == finding.given => {}
            Ok(at) => section.findings[at] = finding,
            Err(at) => section.findings.insert(at, finding),
        }
    }

    /// Keeps a conflict, so that everybody who reads the check sees it and nobody signs over it.
    ///
    /// # Errors
    /// [`Refused`] when there are too many.
    pub fn keep_conflict(&mut self, mut conflict: Conflict) -> Result<(), Refused> {
        if self.conflicts.len() >= CONFLICTS_MAX {
            let most = CONFLICTS_MAX.to_string();
            return Err(Refused::Standing("TOO_MANY_CONFLICTS", most));
        }
        self.version += 1;
        conflict.noted = self.version;
        self.conflicts.push(conflict);
        Ok(())
    }

    /// Attaches a reference to evidence; the same thing a second time changes nothing.
    ///
    /// # Errors
    /// [`Refused`]; also for a section that somebody has signed.
    pub fn attach(&mut self, hand: &Hand, evidence: Evidence) -> Result<(), Refused> {
        self.require_joined(&hand.ticket)?;
        if self.state.after(CheckAction::Record).is_none() {
            return Err(Refused::Standing("CHECK_STATE", self.state.word().to_owned()));
        }
        let mut violations = Violations::default();
        evidence.check(&mut violations, "evidence", hand.now_us);
        let (department, item) = (&evidence.department, &evidence.item);
        if !department.is_empty() {
            let section = self.section(department);
            let known = section.is_some();
            violations.require(known, "evidence.department", "OUTSIDE_THE_VISIT", department);
            let known =
                item.is_empty() || section.is_some_and(|s| s.items.iter().any(|i| i.code == *item));
            violations.require(known, "evidence.item_code", "OUTSIDE_THE_VISIT", item);
        }
        let room = self.evidence.len() < EVIDENCE_MAX;
        violations.require(room, "evidence", "TOO_MANY", &EVIDENCE_MAX.to_string());
        violations.finish(())?;
        if !department.is_empty() {
            self.require_hand(hand, department)?;
            self.require_unsigned(department)?;
        }
        self.act(CheckAction::Record)?;
        self.version += 1;
        if self.evidence.iter().all(|a| a.evidence != evidence) {
            let by = hand.ticket.clone();
            self.evidence.push(Attached { evidence, by, at_us: hand.now_us });
        }
        Ok(())
    }
}
