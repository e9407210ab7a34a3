//! Ending a check on a ground, with evidence, by the leader and another member (R105–R107).

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Check, CheckAction, Hand, Refused, ResultCode};
use crate::domain::hash::{Digest, Suite};
use crate::domain::{Violations, canon, text};

/// Why a check was ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Termination {
    /// The ground, one of those with [`ResultCode::is_ground`].
    pub ground: ResultCode,
    /// SHA-256 of the attached evidence for it.
    pub evidence: Vec<String>,
    /// In words.
    pub note: String,
    /// Ticket of the leader.
    pub leader: String,
    /// When the leader signed, in microseconds UTC.
    pub asked_us: i64,
    /// Ticket of the member who signed too; empty until then.
    pub second: String,
    /// When, in microseconds UTC; 0 until then.
    pub confirmed_us: i64,
}

/// What the leader ends a check on.
#[derive(Clone, Debug)]
pub struct Ending {
    /// The ground.
    pub ground: ResultCode,
    /// SHA-256 of the evidence, which is attached already.
    pub evidence: Vec<String>,
    /// In words.
    pub note: String,
}

impl Check {
    /// Ends the check on a ground; another member has to sign it.
    ///
    /// # Errors
    /// [`Refused`]; for a code that is no ground, and without attached evidence.
    pub fn terminate(&mut self, hand: &Hand, ending: Ending) -> Result<(), Refused> {
        self.require_leader(&hand.ticket)?;
        let Ending { ground, evidence, note } = ending;
        let mut violations = Violations::default();
        let named = format!("{ground:?}");
        violations.require(ground.is_ground(), "ground", "TERMINATION_GROUND", &named);
        violations.require(!evidence.is_empty(), "evidence_sha256", "REQUIRED", "");
        for (i, sha256) in evidence.iter().enumerate() {
            let attached = self.evidence.iter().any(|a| a.evidence.sha256 == *sha256);
            let field = format!("evidence_sha256[{i}]");
            violations.require(attached, field, "NOT_ATTACHED", sha256);
        }
        text::check(&mut violations, "note", &note, text::LONG_CHARS_MAX);
        violations.finish(())?;
        self.act(CheckAction::Terminate)?;
        self.termination = Some(Termination {
            ground,
            evidence,
            note,
            leader: hand.ticket.clone(),
            asked_us: hand.now_us,
            second: String::new(),
            confirmed_us: 0,
        });
        self.version += 1;
        Ok(())
    }

    /// What both sign: SHA-256 over ground, evidence and words, with the check's salt.
    ///
    /// # Errors
    /// [`Refused`] for a check that is not being ended.
    pub fn termination_digest(&self) -> Result<Digest, Refused> {
        let none = || Refused::Standing("CHECK_STATE", self.state.word().to_owned());
        let t = self.termination.as_ref().ok_or_else(none)?;
        let value = json!({
            "attempt": self.attempt,
            "campaign": self.campaign,
            "evidence": t.evidence,
            "ground": t.ground,
            "leader": t.leader,
            "note": t.note,
            "rank": self.rank,
            "salt": self.salt,
            "ticket": self.ticket,
        });
        let bytes = canon::to_bytes(&value);
        let bytes = bytes.map_err(|e| Refused::Standing("NO_CANONICAL_FORM", e.to_string()))?;
        Ok(Suite::Sha256.hash(&bytes))
    }

    /// Another member signs the ground, by the digest that stands; or does not sign it, and the check
    /// goes on. The leader may only take it back.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn decide_termination(
        &mut self,
        hand: &Hand,
        confirm: bool,
        sha256: &str,
    ) -> Result<(), Refused> {
        self.require_joined(&hand.ticket)?;
        if !confirm {
            self.act(CheckAction::DeclineTermination)?;
            self.termination = None;
            self.version += 1;
            return Ok(());
        }
        if self.state.after(CheckAction::ConfirmTermination).is_some() {
            if self.termination.as_ref().is_some_and(|t| t.leader == hand.ticket) {
                return Err(Refused::Forbidden("LEADER_HAS_SIGNED"));
            }
            if self.termination_digest()?.to_string() != sha256 {
                return Err(Refused::Standing("NOT_WHAT_STANDS", sha256.to_owned()));
            }
        }
        self.act(CheckAction::ConfirmTermination)?;
        if let Some(termination) = &mut self.termination {
            termination.second.clone_from(&hand.ticket);
            termination.confirmed_us = hand.now_us;
        }
        self.finished_us = hand.now_us;
        self.version += 1;
        Ok(())
    }
}
