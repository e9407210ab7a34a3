//! Signatures of the members, and completion (R108).

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Check, CheckAction, CheckSection, Hand, Refused};
use crate::domain::canon;
use crate::domain::hash::{Digest, Suite};

/// A member's signature of what was recorded: the key that made the call stands for the person, the
/// digest for what the person had read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// Ticket of the member.
    pub ticket: String,
    /// The section's digest that was signed.
    pub sha256: String,
    /// When, in microseconds UTC.
    pub at_us: i64,
}

impl CheckSection {
    /// Items without a result.
    pub fn missing(&self) -> impl Iterator<Item = &str> {
        let found = |code: &str| self.findings.iter().any(|f| f.given.item == code);
        self.items.iter().map(|i| i.code.as_str()).filter(move |code| !found(code))
    }

    /// Whether every member has signed.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        self.team.iter().all(|m| self.signatures.iter().any(|s| s.ticket == m.ticket))
    }
}

impl Check {
    /// What the members of a section sign: SHA-256 over its findings and its evidence, with the check's
    /// salt, so that nobody can guess the results from the public log.
    ///
    /// # Errors
    /// [`Refused`] for a section that is not there.
    pub fn section_digest(&self, department: &str) -> Result<Digest, Refused> {
        let missing = || Refused::Standing("NO_SUCH_SECTION", department.to_owned());
        let section = self.section(department).ok_or_else(missing)?;
        let own = |a: &&super::Attached| a.evidence.department == department;
        let evidence: Vec<_> = self.evidence.iter().filter(own).collect();
        let value = json!({
            "attempt": self.attempt,
            "campaign": self.campaign,
            "department": department,
            "evidence": evidence,
            "findings": section.findings,
            "rank": self.rank,
            "salt": self.salt,
            "ticket": self.ticket,
        });
        let bytes = canon::to_bytes(&value);
        let bytes = bytes.map_err(|e| Refused::Standing("NO_CANONICAL_FORM", e.to_string()))?;
        Ok(Suite::Sha256.hash(&bytes))
    }

    /// Signs a section: every item has a result, no conflict is open, and `sha256` is what stands.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn sign(&mut self, hand: &Hand, department: &str, sha256: &str) -> Result<(), Refused> {
        self.require_joined(&hand.ticket)?;
        if self.state.after(CheckAction::Sign).is_none() {
            return Err(Refused::Standing("CHECK_STATE", self.state.word().to_owned()));
        }
        let missing = || Refused::Standing("NO_SUCH_SECTION", department.to_owned());
        let section = self.section(department).ok_or_else(missing)?;
        if section.team.iter().all(|m| m.ticket != hand.ticket) {
            return Err(Refused::Forbidden("NOT_OF_THE_SECTION"));
        }
        if section.signatures.iter().any(|s| s.ticket == hand.ticket) {
            return Err(Refused::Standing("ALREADY_SIGNED", hand.ticket.clone()));
        }
        let open: Vec<&str> = section.missing().collect();
        if !open.is_empty() {
            return Err(Refused::Standing("ITEMS_WITHOUT_RESULT", open.join(",")));
        }
        let disputed = |c: &&super::Conflict| c.offered.given.department == department;
        if let Some(conflict) = self.open_conflicts().find(disputed) {
            let item = conflict.offered.given.item.clone();
            return Err(Refused::Standing("OPEN_CONFLICT", item));
        }
        if self.section_digest(department)?.to_string() != sha256 {
            return Err(Refused::Standing("NOT_WHAT_STANDS", department.to_owned()));
        }
        let signature = Signature {
            ticket: hand.ticket.clone(),
            sha256: sha256.to_owned(),
            at_us: hand.now_us,
        };
        let section = self.sections.iter_mut().find(|s| s.department == department);
        section.ok_or_else(missing)?.signatures.push(signature);
        let last = self.sections.iter().all(CheckSection::is_signed);
        self.act(if last { CheckAction::SignLast } else { CheckAction::Sign })?;
        self.version += 1;
        Ok(())
    }

    /// Takes the signatures of a section back, so that it can be corrected and signed anew. The leader
    /// only; nothing is ever changed under a signature.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn reopen(&mut self, hand: &Hand, department: &str) -> Result<(), Refused> {
        self.require_leader(&hand.ticket)?;
        self.act(CheckAction::Reopen)?;
        let section = self.sections.iter_mut().find(|s| s.department == department);
        match section.filter(|s| !s.signatures.is_empty()) {
            Some(section) => section.signatures.clear(),
            None => return Err(Refused::Standing("NOT_SIGNED", department.to_owned())),
        }
        self.version += 1;
        Ok(())
    }

    /// Completes the check: every item has a result and everybody has signed (R108). The leader only.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn complete(&mut self, hand: &Hand) -> Result<(), Refused> {
        self.require_leader(&hand.ticket)?;
        if let Some(conflict) = self.open_conflicts().next() {
            let item = conflict.offered.given.item.clone();
            return Err(Refused::Standing("OPEN_CONFLICT", item));
        }
        self.act(CheckAction::Complete)?;
        self.finished_us = hand.now_us;
        self.version += 1;
        Ok(())
    }
}
