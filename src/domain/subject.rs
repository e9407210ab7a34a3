//! Rows of departments' subject registries (检查对象名录库, R19–R27).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Violations, id, text};

/// Most other ids, items or tags of one row.
pub const ROW_LIST_LEN_MAX: usize = 64;
/// Separates a subject's id from the key of its premises in a unit's id.
pub const PREMISES_MARK: char = '#';

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident => $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $word)] $variant),+
        }

        impl $name {
            /// All variants.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word stored for it.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// Reads the stored word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|v| v.word() == word)
            }
        }
    };
}

words! {
    /// Kind of subject (R20, R21).
    SubjectKind {
        /// 企业.
        Enterprise => "ENTERPRISE",
        /// 个体工商户.
        IndividualBusiness => "INDIVIDUAL_BUSINESS",
        /// 农民专业合作社.
        FarmersCooperative => "FARMERS_COOPERATIVE",
        /// 机关、事业单位.
        PublicBody => "PUBLIC_BODY",
        /// 社会组织.
        SocialOrganisation => "SOCIAL_ORGANISATION",
        /// 产品.
        Product => "PRODUCT",
        /// 项目.
        Project => "PROJECT",
        /// 行为.
        Behaviour => "BEHAVIOUR",
    }
}

words! {
    /// Life-cycle state (R27).
    SubjectState {
        /// 存续.
        Operating => "OPERATING",
        /// 注销.
        Deregistered => "DEREGISTERED",
        /// 撤销登记.
        Annulled => "ANNULLED",
        /// 吊销.
        Revoked => "REVOKED",
        /// 迁出.
        MovedOut => "MOVED_OUT",
    }
}

words! {
    /// Credit-risk class.
    RiskClass {
        /// Low.
        A => "A",
        /// Fair.
        B => "B",
        /// Higher.
        C => "C",
        /// High.
        D => "D",
    }
}

words! {
    /// Kind of risk fact (R26).
    RiskFactKind {
        /// 投诉举报.
        Complaint => "COMPLAINT",
        /// 违法违规、处罚.
        Penalty => "PENALTY",
        /// 经营异常名录.
        AbnormalOperationList => "ABNORMAL_OPERATION_LIST",
        /// 严重违法失信名单.
        SeriousViolationList => "SERIOUS_VIOLATION_LIST",
        /// 安全、民生领域.
        Safety => "SAFETY",
        /// 舆情: signals of public opinion (R60).
        PublicOpinion => "PUBLIC_OPINION",
    }
}

/// Word of a subject without a risk class.
pub const UNCLASSIFIED: &str = "U";

/// One row of a department's registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Code, or `scheme:value`.
    pub subject_id: String,
    /// Key of the premises; empty when the department keeps the subject as a whole.
    pub premises: String,
    /// Name.
    pub name: String,
    /// Kind.
    pub kind: SubjectKind,
    /// State.
    pub state: SubjectState,
    /// Credit-risk class, if classified.
    pub risk: Option<RiskClass>,
    /// Division code of the premises; empty when not known.
    pub district: String,
    /// What is not searched by.
    pub more: EntryDetail,
}

/// The part of a row that is stored as one document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryDetail {
    /// Address of the premises.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub address: String,
    /// Day of the classification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk_on: Option<Date>,
    /// Who classified.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub risk_source: String,
    /// Other ids as `scheme:value`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_ids: Vec<String>,
    /// Items this row serves (R22); empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<String>,
    /// Tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Rules by which the id was mended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mends: Vec<String>,
}

impl Entry {
    /// The subject's stratum by risk class.
    #[must_use]
    pub fn risk_word(&self) -> &'static str {
        self.risk.map_or(UNCLASSIFIED, RiskClass::word)
    }

    /// Checks forms and bounds; the id itself has been read by `matching`.
    pub fn check(&self, violations: &mut Violations) {
        check_premises(violations, &self.premises);
        text::require(violations, "name", &self.name, text::SHORT_CHARS_MAX);
        if !self.district.is_empty() {
            id::check_division(violations, "district", &self.district);
        }
        text::check(violations, "address", &self.more.address, text::SHORT_CHARS_MAX);
        text::check(violations, "risk_source", &self.more.risk_source, text::SHORT_CHARS_MAX);
        let dated = self.risk.is_none() || self.more.risk_on.is_some();
        violations.require(dated, "risk_on", "RISK_CLASS_NEEDS_DATE", "");
        let sourced = self.risk.is_none() || !self.more.risk_source.is_empty();
        violations.require(sourced, "risk_source", "RISK_CLASS_NEEDS_SOURCE", "");
        let lists = [("items", &self.more.items), ("tags", &self.more.tags)];
        for (field, list) in lists {
            violations.require(list.len() <= ROW_LIST_LEN_MAX, field, "TOO_MANY", "");
            for value in list {
                text::require(violations, field, value, text::SHORT_CHARS_MAX);
            }
        }
        let others = &self.more.other_ids;
        violations.require(others.len() <= ROW_LIST_LEN_MAX, "other_ids", "TOO_MANY", "");
        for other in others {
            let good = split_scheme(other).is_some_and(|(_, value)| !value.is_empty());
            violations.require(good, "other_ids", "SCHEME_VALUE", other);
            text::check(violations, "other_ids", other, id::SUBJECT_ID_BYTES_MAX);
        }
    }
}

fn check_premises(violations: &mut Violations, premises: &str) {
    text::check(violations, "premises", premises, id::ID_BYTES_MAX);
    let good = !premises.contains(PREMISES_MARK) && !premises.chars().any(char::is_whitespace);
    violations.require(good, "premises", "PREMISES_FORM", premises);
}

/// Splits `scheme:value` where the scheme is lower-case ASCII.
#[must_use]
pub fn split_scheme(id: &str) -> Option<(&str, &str)> {
    let (scheme, value) = id.split_once(':')?;
    let good = !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_lowercase());
    good.then_some((scheme, value))
}

/// A fact that asks for heavier attention.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RiskFact {
    /// The subject.
    pub subject_id: String,
    /// What it is.
    pub kind: RiskFactKind,
    /// Its day.
    pub on: Date,
    /// Where it comes from.
    pub source: String,
}
