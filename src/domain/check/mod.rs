//! A check: the execution of one visit on site, from the visit code to the last signature (R99–R108).
//!
//! Every deed is a method that decides by what stands in the check alone; the app gives the time and the
//! ticket of whoever does it. People stand in it by ticket.

pub mod ending;
pub mod evidence;
pub mod finding;
pub mod record;
pub mod sign;
pub mod state;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use ending::Termination;
pub use evidence::{Attached, Evidence, EvidenceKind};
pub use finding::{Basis, Finding, Given, ResultCode};
pub use record::{Conflict, Seen};
pub use sign::Signature;
pub use state::{CheckAction, CheckState};

use super::deadline::Deadline;
use super::hash::{Digest, Suite};
use super::item::Method;
use super::visit::Visit;
use super::{Violations, day};

/// What every member acknowledges before anything else (R104): the law's rules for those who check.
pub const UNDERTAKING: &str = "本人承诺：如实记录检查情况；严格按照公布的事项、方式和法定程序检查，不检查清单以外的事项；\
不妨碍检查对象正常的生产经营活动；不索取、不收受财物，不谋取其他利益；对知悉的商业秘密和个人信息保密。\
检查对象可以向开展检查的部门或者通过12345热线投诉举报。";

/// SHA-256 of [`UNDERTAKING`], which members send back.
#[must_use]
pub fn undertaking_sha256() -> Digest {
    Suite::Sha256.hash(UNDERTAKING.as_bytes())
}

/// Why a deed is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The input breaks rules.
    Invalid(Violations),
    /// The person may not do this.
    Forbidden(&'static str),
    /// What stands does not allow it: the rule and what stands in the way.
    Standing(&'static str, String),
    /// Somebody else has recorded something else meanwhile.
    Conflict(Box<Conflict>),
}

impl From<Violations> for Refused {
    fn from(violations: Violations) -> Self {
        Self::Invalid(violations)
    }
}

impl Refused {
    /// The rule's id.
    #[must_use]
    pub fn reason(&self) -> String {
        match self {
            Self::Invalid(violations) => violations.to_string(),
            Self::Forbidden(reason) | Self::Standing(reason, _) => (*reason).to_owned(),
            Self::Conflict(_) => "CONFLICT".to_owned(),
        }
    }
}

/// A member of the team, as the check began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    /// The member's ticket.
    pub ticket: String,
    /// Leads the team (组长).
    pub leader: bool,
    /// When the member acknowledged the undertaking and joined, in microseconds UTC; 0 until then.
    pub joined_us: i64,
}

/// An item of the form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormItem {
    /// Code in the department's list.
    pub code: String,
    /// Name.
    pub name: String,
    /// The list's methods (R100).
    pub methods: Vec<Method>,
}

/// One department's part of a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckSection {
    /// The department: who checks, enters and publishes it (R110).
    pub department: String,
    /// Whether it drew the subject itself.
    pub drawn: bool,
    /// Version of its item list.
    pub item_list_version: i64,
    /// Its items.
    pub items: Vec<FormItem>,
    /// Its team.
    pub team: Vec<Seat>,
    /// What was recorded, by item.
    pub findings: Vec<Finding>,
    /// Who has signed what.
    pub signatures: Vec<Signature>,
}

/// The execution of one visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// The campaign.
    pub campaign: String,
    /// The attempt that drew the visit.
    pub attempt: i64,
    /// Rank of the visit.
    pub rank: i64,
    /// The unit's ticket.
    pub ticket: String,
    /// Where it stands.
    pub state: CheckState,
    /// 1 after the start, one more with each deed.
    pub version: i64,
    /// Blinds the digests that stand in the public log: 32 random bytes, in hexadecimal.
    pub salt: String,
    /// The day on which it began.
    pub day: Date,
    /// When it began, in microseconds UTC.
    pub started_us: i64,
    /// When it was completed or terminated, in microseconds UTC; 0 until then.
    pub finished_us: i64,
    /// The departments' parts.
    pub sections: Vec<CheckSection>,
    /// References to evidence, in the order they came.
    pub evidence: Vec<Attached>,
    /// What did not overwrite what somebody else had recorded.
    pub conflicts: Vec<Conflict>,
    /// Why it was ended; `None` for a check that was not.
    pub termination: Option<Termination>,
    /// By when its results are entered, as its scheme says (R109); `None` without a scheme.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<Deadline>,
}

/// Who does a deed, and when.
#[derive(Clone, Debug)]
pub struct Hand {
    /// Ticket of the member.
    pub ticket: String,
    /// Microseconds UTC.
    pub now_us: i64,
}

impl Check {
    /// Begins the check of a visit: its sections with their items and people. `methods` tells an item's.
    ///
    /// # Errors
    /// [`Refused`] when a section has nobody who could sign it.
    pub fn start(
        visit: &Visit,
        salt: [u8; 32],
        day: Date,
        now_us: i64,
        methods: impl Fn(&str, i64, &str) -> Vec<Method>,
    ) -> Result<Self, Refused> {
        let leader = visit.leader().to_owned();
        let mut sections = Vec::with_capacity(visit.sections.len());
        for s in &visit.sections {
            let present = s.team.iter().filter(|m| !m.ticket.is_empty());
            let seat = |ticket: &String| Seat {
                ticket: ticket.clone(),
                leader: *ticket == leader,
                joined_us: 0,
            };
            let team: Vec<Seat> = present.map(|m| seat(&m.ticket)).collect();
            if team.is_empty() {
                return Err(Refused::Standing("SECTION_WITHOUT_PEOPLE", s.department.clone()));
            }
            let item = |i: &super::visit::SectionItem| FormItem {
                methods: methods(&s.department, s.item_list_version, &i.code),
                code: i.code.clone(),
                name: i.name.clone(),
            };
            sections.push(CheckSection {
                department: s.department.clone(),
                drawn: s.drawn,
                item_list_version: s.item_list_version,
                items: s.items.iter().map(item).collect(),
                team,
                findings: Vec::new(),
                signatures: Vec::new(),
            });
        }
        let mut check = Self {
            campaign: visit.campaign.clone(),
            attempt: visit.attempt,
            rank: visit.rank,
            ticket: visit.ticket.clone(),
            state: CheckState::Scheduled,
            version: 0,
            salt: Digest(salt).to_string(),
            day,
            started_us: now_us,
            finished_us: 0,
            sections,
            evidence: Vec::new(),
            conflicts: Vec::new(),
            termination: None,
            entry: None,
        };
        check.act(CheckAction::Start)?;
        Ok(check)
    }

    /// Notes that a member has acknowledged the undertaking; a second time changes nothing.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn join(&mut self, hand: &Hand) -> Result<(), Refused> {
        self.act(CheckAction::Join)?;
        let seats = self.sections.iter_mut().flat_map(|s| &mut s.team);
        for seat in seats.filter(|s| s.ticket == hand.ticket && s.joined_us == 0) {
            seat.joined_us = hand.now_us;
        }
        self.version += 1;
        Ok(())
    }

    /// Moves the state.
    fn act(&mut self, action: CheckAction) -> Result<(), Refused> {
        let word = self.state.word();
        let next = self.state.after(action);
        self.state = next.ok_or_else(|| Refused::Standing("CHECK_STATE", word.to_owned()))?;
        Ok(())
    }

    /// A member who has joined.
    fn require_joined(&self, ticket: &str) -> Result<&Seat, Refused> {
        let mut seats = self.sections.iter().flat_map(|s| &s.team);
        match seats.find(|s| s.ticket == ticket) {
            None => Err(Refused::Forbidden("NOT_OF_THE_TEAM")),
            Some(seat) if seat.joined_us == 0 => {
                Err(Refused::Standing("UNDERTAKING_NOT_ACKNOWLEDGED", ticket.to_owned()))
            }
            Some(seat) => Ok(seat),
        }
    }

    fn require_leader(&self, ticket: &str) -> Result<(), Refused> {
        match self.require_joined(ticket)?.leader {
            true => Ok(()),
            false => Err(Refused::Forbidden("LEADER_ONLY")),
        }
    }

    /// A department's part.
    #[must_use]
    pub fn section(&self, department: &str) -> Option<&CheckSection> {
        self.sections.iter().find(|s| s.department == department)
    }

    /// Whether it was over only after the day by which its results were to be entered (R109).
    #[must_use]
    pub fn is_entered_late(&self) -> bool {
        let due = self.entry.as_ref().and_then(|d| d.due.as_ref());
        self.finished_us > 0 && due.is_some_and(|due| day::of_instant(self.finished_us) > due.day)
    }

    /// Ticket of the leader.
    #[must_use]
    pub fn leader(&self) -> &str {
        let mut seats = self.sections.iter().flat_map(|s| &s.team);
        seats.find(|s| s.leader).map_or("", |s| &s.ticket)
    }

    /// Conflicts that nobody has resolved yet.
    pub fn open_conflicts(&self) -> impl Iterator<Item = &Conflict> {
        self.conflicts.iter().filter(|c| c.resolved_by == 0)
    }

    /// What one department may see: its own section, its own evidence and conflicts, and the record of
    /// the whole process (R110).
    pub fn keep_department(&mut self, department: &str) {
        self.sections.retain(|s| s.department == department);
        self.evidence
            .retain(|a| a.evidence.department.is_empty() || a.evidence.department == department);
        self.conflicts.retain(|c| c.offered.given.department == department);
    }

    /// Takes out what could tell who was visited: free text and where evidence is kept. Digests stay.
    pub fn hide_texts(&mut self) {
        let hide = |given: &mut Given| {
            given.basis_issuer.clear();
            given.deviation.clear();
            given.note.clear();
        };
        for finding in self.sections.iter_mut().flat_map(|s| &mut s.findings) {
            hide(&mut finding.given);
        }
        for conflict in &mut self.conflicts {
            hide(&mut conflict.kept.given);
            hide(&mut conflict.offered.given);
        }
        self.evidence.iter_mut().for_each(|a| a.evidence.uri.clear());
        if let Some(termination) = &mut self.termination {
            termination.note.clear();
        }
    }
}
