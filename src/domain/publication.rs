//! Results of checks and their publication: who draws publishes (R110), on time (R111), once and for
//! ever (R114); what was wrong is superseded in the open (R115).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::campaign::{Campaign, Mode};
use super::check::{Check, ResultCode};
use super::deadline::Deadline;

/// Where a department's result of a visit stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ResultState {
    /// The check is over; the department has to publish.
    Pending,
    /// Somebody asked to publish or to withhold; another key of the department has to agree.
    InReview,
    /// Published; from here on it does not change (R114).
    Published,
    /// Lawfully not published (R112).
    Withheld,
}

/// What is done with a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResultAction {
    /// It is put to review.
    Submit,
    /// The reviewer gives it back.
    Return,
    /// The reviewer gives a withheld one back, which stays withheld.
    ReturnWithheld,
    /// It is published.
    Publish,
    /// It is withheld on a legal ground.
    Withhold,
}

impl ResultState {
    /// All states.
    pub const ALL: [Self; 4] = [Self::Pending, Self::InReview, Self::Published, Self::Withheld];

    /// The word stored for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::InReview => "IN_REVIEW",
            Self::Published => "PUBLISHED",
            Self::Withheld => "WITHHELD",
        }
    }

    /// The state after an action; `None` when the action is not possible.
    #[must_use]
    pub const fn after(self, action: ResultAction) -> Option<Self> {
        use ResultAction as Do;
        match (self, action) {
            (Self::Pending | Self::Withheld, Do::Submit) => Some(Self::InReview),
            (Self::InReview, Do::Return) => Some(Self::Pending),
            (Self::InReview, Do::ReturnWithheld)
            | (Self::Pending | Self::InReview, Do::Withhold) => Some(Self::Withheld),
            (Self::Pending | Self::InReview | Self::Withheld, Do::Publish) => Some(Self::Published),
            _ => None,
        }
    }
}

/// Why the law lets a result stay unpublished (R112).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum WithholdingGround {
    /// 国家秘密.
    StateSecret,
    /// 商业秘密.
    TradeSecret,
    /// 个人隐私.
    PersonalPrivacy,
    /// 危及国家安全、公共安全、经济安全、社会稳定.
    PublicSafety,
    /// Another law or regulation forbids it.
    OtherLaw,
}

/// A decision not to publish.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withholding {
    /// The ground.
    pub ground: WithholdingGround,
    /// Law and article.
    pub basis: String,
}

/// Who asked for what to become of a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// `None` to publish, or why it is to be withheld.
    pub withhold: Option<Withholding>,
    /// Id of the key.
    pub key: String,
    /// When, in microseconds UTC.
    pub at_us: i64,
}

/// One item's result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultItem {
    /// Code in the department's list.
    pub code: String,
    /// Name.
    pub name: String,
    /// Result.
    pub result: ResultCode,
}

/// What is kept encrypted until it is published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// The subject's id.
    pub subject: String,
    /// The subject's name.
    pub name: String,
    /// Each item's result.
    pub items: Vec<ResultItem>,
    /// The ground on which the check was ended; `None` for an examined one.
    pub ground: Option<ResultCode>,
}

impl Content {
    /// What the check of a visit says of a department's section: of an ended check, an item without a
    /// result has the ground as its result (R105). `None` for a section that is not there.
    #[must_use]
    pub fn of(check: &Check, department: &str, subject: &str, name: &str) -> Option<Self> {
        let section = check.section(department)?;
        let ground = check.termination.as_ref().map(|t| t.ground);
        let found = |code: &str| section.findings.iter().find(|f| f.given.item == code);
        let result = |code: &str| found(code).map(|f| f.given.result).or(ground);
        let items = section.items.iter().filter_map(|i| {
            let result = result(&i.code)?;
            Some(ResultItem { code: i.code.clone(), name: i.name.clone(), result })
        });
        let items = items.collect();
        Some(Self { subject: subject.to_owned(), name: name.to_owned(), items, ground })
    }

    /// Whether measures have to follow (R107, R120).
    #[must_use]
    pub fn wants_follow_up(&self) -> bool {
        let wants = |code: ResultCode| code.wants_follow_up();
        self.ground.is_some_and(wants) || self.items.iter().any(|i| wants(i.result))
    }
}

/// Who publishes a department's result (R110), by the word of the policy: who draws, who checks, or who
/// leads. A department that only joined has not drawn: the lead publishes for it if it drew the visit, or
/// else the first that did.
#[must_use]
pub fn publisher(word: &str, lead: &str, check: &Check, department: &str) -> String {
    let drew = |d: &str| check.section(d).is_some_and(|s| s.drawn);
    let publisher = match word {
        "LEAD" => lead,
        "WHO_DRAWS" if !drew(department) && drew(lead) => lead,
        "WHO_DRAWS" if !drew(department) => {
            let first = check.sections.iter().find(|s| s.drawn);
            first.map_or(department, |s| &s.department)
        }
        _ => department,
    };
    publisher.to_owned()
}

/// Whether a result is reviewed before it is published (R119): none, those that call for measures, or all.
#[must_use]
pub fn is_reviewed(word: &str, content: &Content) -> bool {
    match word {
        "ALL" => true,
        "MAJOR_DECISIONS" => content.wants_follow_up(),
        _ => false,
    }
}

/// The id of a department's result of a visit: it names its permanent address.
#[must_use]
pub fn result_id(campaign: &str, attempt: i64, rank: i64, department: &str) -> String {
    format!("{campaign}.{attempt}.{rank}.{department}")
}

/// A department's result of a visit, without what was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultRecord {
    /// Its id.
    pub id: String,
    /// The campaign.
    pub campaign: String,
    /// The attempt that drew the visit.
    pub attempt: i64,
    /// Rank of the visit.
    pub rank: i64,
    /// The unit's ticket.
    pub ticket: String,
    /// The department: who checked and entered it (R109).
    pub department: String,
    /// Who publishes it (R110).
    pub publisher: String,
    /// Whether it drew the subject itself.
    pub drawn: bool,
    /// The day on which the check was over.
    pub finished_on: Date,
    /// By when it has to be published (R111).
    pub deadline: Deadline,
    /// Whether another key of the publisher has to agree (R119).
    pub reviewed: bool,
    /// Where it stands.
    pub state: ResultState,
    /// Counts changes; the etag.
    pub version: i64,
    /// What was asked last; `None` before.
    pub asked: Option<Asked>,
    /// Why it is withheld; `None` for one that is not.
    pub withheld: Option<Withholding>,
    /// What the reviewer said when giving it back.
    pub note: String,
    /// Ids of the keys by which it was published: one who had part in it decides no objection (R116).
    pub hands: Vec<String>,
    /// When it was published or withheld first, in microseconds UTC; 0 until then.
    pub settled_us: i64,
    /// Versions published.
    pub publications: i64,
}

impl ResultRecord {
    /// Does an action; `false` when it is not possible.
    pub fn act(&mut self, action: ResultAction) -> bool {
        let Some(next) = self.state.after(action) else { return false };
        self.state = next;
        self.version += 1;
        true
    }

    /// What is published of it.
    #[must_use]
    pub fn publication(
        &self,
        campaign: &Campaign,
        department: &str,
        content: &Content,
    ) -> Publication {
        Publication {
            result: self.id.clone(),
            version: self.publications + 1,
            campaign: self.campaign.clone(),
            title: campaign.title.clone(),
            jurisdiction: campaign.jurisdiction.clone(),
            directed: campaign.mode != Mode::Comprehensive,
            rank: self.rank,
            ticket: self.ticket.clone(),
            department: self.department.clone(),
            department_name: department.to_owned(),
            subject: content.subject.clone(),
            name: content.name.clone(),
            checked_on: self.finished_on,
            items: content.items.clone(),
            ground: content.ground,
            published_us: 0,
            reason: String::new(),
        }
    }
}

/// A published result; never changed, only superseded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publication {
    /// The result's id.
    pub result: String,
    /// 1 for the first, one more with each correction (R115).
    pub version: i64,
    /// The campaign.
    pub campaign: String,
    /// Its name.
    pub title: String,
    /// Where.
    pub jurisdiction: String,
    /// Whether the campaign was directed at some subjects (定向) or at all (不定向).
    pub directed: bool,
    /// Rank of the visit.
    pub rank: i64,
    /// The unit's ticket in the draw.
    pub ticket: String,
    /// The department.
    pub department: String,
    /// Its name.
    pub department_name: String,
    /// The subject's id.
    pub subject: String,
    /// The subject's name.
    pub name: String,
    /// The day on which the check was over.
    pub checked_on: Date,
    /// Each item's result.
    pub items: Vec<ResultItem>,
    /// The ground on which the check was ended; `None` for an examined one.
    pub ground: Option<ResultCode>,
    /// When it was published, in microseconds UTC.
    pub published_us: i64,
    /// Why it supersedes the version before; empty for the first.
    pub reason: String,
}

impl Publication {
    /// Whether measures have to follow (R107, R120).
    #[must_use]
    pub fn wants_follow_up(&self) -> bool {
        let mut codes = self.items.iter().map(|i| i.result).chain(self.ground);
        codes.any(ResultCode::wants_follow_up)
    }

    /// The results in words: the ground, or every code once.
    #[must_use]
    pub fn words(&self) -> String {
        if let Some(ground) = self.ground {
            return result_text(ground).to_owned();
        }
        let mut codes: Vec<ResultCode> = self.items.iter().map(|i| i.result).collect();
        codes.sort_unstable();
        codes.dedup();
        codes.into_iter().map(result_text).collect::<Vec<_>>().join("；")
    }
}

/// Whether others punish it too: financing, land, bidding, licences, honours (R126).
#[must_use]
pub const fn calls_for_joint_punishment(code: ResultCode) -> bool {
    code.wants_follow_up() && !matches!(code, ResultCode::IssuePendingFollowUp)
}

/// A code in the words of the national double-random platform.
#[must_use]
pub const fn result_text(code: ResultCode) -> &'static str {
    match code {
        ResultCode::NoIssueFound => "未发现问题",
        ResultCode::NotDisclosed => "未按规定公示应当公示的信息",
        ResultCode::FalseDisclosure => "公示信息隐瞒真实情况、弄虚作假",
        ResultCode::UnreachableAtRegisteredAddress => "通过登记的住所（经营场所）无法联系",
        ResultCode::IssueCorrectedOnOrder => "发现问题已责令改正",
        ResultCode::SeriousNonCooperation => "不配合检查情节严重",
        ResultCode::NoRelevantBusinessFound => "未发现开展本次抽查涉及的经营活动",
        ResultCode::IssuePendingFollowUp => "发现问题待后续处理",
        ResultCode::ClosedOrLiquidating => "已关闭停业或正在组织清算",
        ResultCode::Deregistered => "注销",
        ResultCode::LicenceRevoked => "被吊销营业执照",
        ResultCode::RegistrationAnnulled => "被撤销登记",
        ResultCode::MovedOut => "迁出",
    }
}
