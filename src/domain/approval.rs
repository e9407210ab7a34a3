//! How a paper (an annual plan, an implementation scheme) goes through its chain of approvals:
//! drafted, approved step by step, filed, published, superseded (R69–R73). One machine for all papers.

use serde::{Deserialize, Serialize};

use super::caller::{Caller, Role};
pub use super::chain::{ApprovalChain, ChainStep};

/// What kind of paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PaperKind {
    /// 年度抽查工作计划.
    AnnualPlan,
    /// 抽查实施方案.
    Scheme,
}

impl PaperKind {
    /// The word stored for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::AnnualPlan => "ANNUAL_PLAN",
            Self::Scheme => "SCHEME",
        }
    }

    /// The word that its events begin with.
    #[must_use]
    pub const fn event(self) -> &'static str {
        match self {
            Self::AnnualPlan => "annual_plan",
            Self::Scheme => "scheme",
        }
    }
}

/// Where a version of a paper stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PaperState {
    /// May be edited.
    Draft,
    /// Waits for the next step of its chain.
    InApproval,
    /// All steps are taken; does not change any more.
    Approved,
    /// Everybody may read it.
    Published,
    /// A later version holds; stays readable.
    Superseded,
}

/// What can be done to a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Its content is replaced.
    Edit,
    /// It is sent into the chain.
    Submit,
    /// A step is taken that is not the last.
    Endorse,
    /// The last step is taken.
    Approve,
    /// A step sends it back with a reason.
    Return,
    /// It is filed with the superior (R70).
    File,
    /// The superior's receipt is recorded (R70).
    Receive,
    /// It is published (R71, R73).
    Publish,
    /// A later version takes its place (R72).
    Supersede,
}

impl Deed {
    /// All deeds.
    pub const ALL: [Self; 9] = [
        Self::Edit,
        Self::Submit,
        Self::Endorse,
        Self::Approve,
        Self::Return,
        Self::File,
        Self::Receive,
        Self::Publish,
        Self::Supersede,
    ];

    /// The word that its events end with.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Edit => "edit",
            Self::Submit => "submit",
            Self::Endorse => "endorse",
            Self::Approve => "approve",
            Self::Return => "return",
            Self::File => "file",
            Self::Receive => "receive",
            Self::Publish => "publish",
            Self::Supersede => "supersede",
        }
    }
}

impl PaperState {
    /// All states.
    pub const ALL: [Self; 5] =
        [Self::Draft, Self::InApproval, Self::Approved, Self::Published, Self::Superseded];

    /// The state after a deed, if the deed is allowed here.
    #[must_use]
    pub const fn after(self, deed: Deed) -> Option<Self> {
        match (self, deed) {
            (Self::Draft, Deed::Edit) | (Self::InApproval, Deed::Return) => Some(Self::Draft),
            (Self::Draft, Deed::Submit) | (Self::InApproval, Deed::Endorse) => {
                Some(Self::InApproval)
            }
            (Self::InApproval, Deed::Approve) | (Self::Approved, Deed::File | Deed::Receive) => {
                Some(Self::Approved)
            }
            (Self::Approved, Deed::Publish) | (Self::Published, Deed::File | Deed::Receive) => {
                Some(Self::Published)
            }
            (Self::Approved | Self::Published, Deed::Supersede) => Some(Self::Superseded),
            _ => None,
        }
    }

    /// The word stored for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Draft => "DRAFT",
            Self::InApproval => "IN_APPROVAL",
            Self::Approved => "APPROVED",
            Self::Published => "PUBLISHED",
            Self::Superseded => "SUPERSEDED",
        }
    }

    /// True once nothing of the content changes any more.
    #[must_use]
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Approved | Self::Published | Self::Superseded)
    }
}

/// Who a caller counts as when a chain asks for somebody else: an office is one person whatever
/// keys it holds, an inspector is a person, and a department's people are told apart by their keys.
#[must_use]
pub fn person(caller: &Caller) -> String {
    let (role, name) = (caller.role.word(), caller.name());
    match caller.role {
        Role::Department => format!("{role}/{name}/{}", caller.key_id),
        Role::Inspector => format!("{role}/{name}/{}", caller.inspector),
        _ => format!("{role}/{name}"),
    }
}

/// A step that was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endorsement {
    /// Name of the step.
    pub step: String,
    /// Who took it, as shown.
    pub name: String,
    /// Who took it, as [`person`] says.
    pub person: String,
    /// When, in microseconds UTC.
    pub at_us: i64,
}

/// Filing with the superior (备案, R70).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filing {
    /// With whom.
    pub with: String,
    /// Number of the letter it was sent with.
    pub number: String,
    /// Who filed it, as shown.
    pub filed_by: String,
    /// When, in microseconds UTC.
    pub filed_us: i64,
    /// Number of the receipt; empty until there is one.
    pub receipt: String,
    /// Who recorded the receipt.
    pub received_by: String,
    /// When; 0 until then.
    pub received_us: i64,
}

/// Why the chain does not let a deed happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The state does not allow it.
    State(PaperState),
    /// The next step is for somebody else.
    NotTheStep,
    /// Who wrote or submitted it does not approve it.
    Author,
    /// Who took an earlier step does not take another.
    TookAnotherStep,
}

/// Where a version of a paper stands, and who did what to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    /// Version of the paper, from 1.
    pub version: i64,
    /// Counts changes of this version; the etag.
    pub etag: i64,
    /// Where it stands.
    pub state: PaperState,
    /// Why there is this version; empty for the first (R72).
    pub reason: String,
    /// Everybody who wrote or submitted it, as [`person`] says.
    pub authors: Vec<String>,
    /// Who wrote it last, as shown.
    pub drafted_by: String,
    /// The chain as it was when the version was submitted.
    pub steps: Vec<ChainStep>,
    /// Steps taken.
    pub taken: Vec<Endorsement>,
    /// Why it was sent back last.
    pub returned: String,
    /// Filing, once filed.
    pub filing: Option<Filing>,
    /// When it was approved; 0 until then.
    pub approved_us: i64,
    /// When it was published; 0 until then.
    pub published_us: i64,
}

impl Flow {
    /// A new version.
    #[must_use]
    pub fn new(version: i64, reason: &str, by: &Caller) -> Self {
        Self {
            version,
            etag: 1,
            state: PaperState::Draft,
            reason: reason.to_owned(),
            authors: vec![person(by)],
            drafted_by: by.name().to_owned(),
            steps: Vec::new(),
            taken: Vec::new(),
            returned: String::new(),
            filing: None,
            approved_us: 0,
            published_us: 0,
        }
    }

    /// Moves to the state after a deed.
    ///
    /// # Errors
    /// [`Refusal::State`].
    pub fn act(&mut self, deed: Deed) -> Result<(), Refusal> {
        self.state = self.state.after(deed).ok_or(Refusal::State(self.state))?;
        self.etag += 1;
        Ok(())
    }

    /// Notes who wrote or submitted it.
    pub fn sign(&mut self, by: &Caller) {
        let person = person(by);
        if !self.authors.contains(&person) {
            self.authors.push(person);
        }
    }

    /// The step that is due, if the caller may take it on a paper of the unit.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn due(&self, by: &Caller, unit: &str) -> Result<&ChainStep, Refusal> {
        if self.state != PaperState::InApproval {
            return Err(Refusal::State(self.state));
        }
        let step = self.steps.get(self.taken.len()).ok_or(Refusal::State(self.state))?;
        if !step.fits(by, unit) {
            return Err(Refusal::NotTheStep);
        }
        let person = person(by);
        if self.authors.contains(&person) {
            return Err(Refusal::Author);
        }
        if self.taken.iter().any(|t| t.person == person) {
            return Err(Refusal::TookAnotherStep);
        }
        Ok(step)
    }

    /// Takes the step that is due; tells which deed it was.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn endorse(&mut self, by: &Caller, unit: &str, at_us: i64) -> Result<Deed, Refusal> {
        let step = self.due(by, unit)?.name.clone();
        let last = self.taken.len() + 1 == self.steps.len();
        let deed = if last { Deed::Approve } else { Deed::Endorse };
        self.act(deed)?;
        self.taken.push(Endorsement {
            step,
            name: by.name().to_owned(),
            person: person(by),
            at_us,
        });
        if last {
            self.approved_us = at_us;
        }
        Ok(deed)
    }

    /// Sends it back; steps taken do not count any more.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn send_back(&mut self, by: &Caller, unit: &str, reason: &str) -> Result<(), Refusal> {
        self.due(by, unit)?;
        self.act(Deed::Return)?;
        self.taken.clear();
        reason.clone_into(&mut self.returned);
        Ok(())
    }
}

/// A version of a paper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paper<T> {
    /// Identifier.
    pub id: String,
    /// The jurisdiction it is for.
    pub jurisdiction: String,
    /// The department whose paper it is; empty for the leading group's (R78).
    pub unit: String,
    /// The year it is for.
    pub year: i16,
    /// Of a scheme: the plan it belongs to; empty for a plan.
    pub parent: String,
    /// What it says.
    pub content: T,
    /// Where it stands.
    pub flow: Flow,
}

/// What a paper can say.
pub trait Content: Serialize + serde::de::DeserializeOwned + Clone + Send + Sync {
    /// What kind of paper it is.
    const KIND: PaperKind;
}
