//! What is found about an item, on what basis and by which method (R99–R102, R108).

use serde::{Deserialize, Serialize};

use super::evidence::EvidenceKind;
use crate::domain::hash::Digest;
use crate::domain::item::Method;
use crate::domain::{Violations, text};

/// Result of an item: the eight national codes, then the local ones of an ended check. There is no
/// default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ResultCode {
    /// 未发现问题.
    NoIssueFound,
    /// 未按规定公示应当公示的信息.
    NotDisclosed,
    /// 公示信息隐瞒真实情况、弄虚作假.
    FalseDisclosure,
    /// 通过登记的住所（经营场所）无法联系.
    UnreachableAtRegisteredAddress,
    /// 发现问题已责令改正.
    IssueCorrectedOnOrder,
    /// 不配合检查情节严重.
    SeriousNonCooperation,
    /// 未发现开展本次抽查涉及的经营活动.
    NoRelevantBusinessFound,
    /// 发现问题待后续处理.
    IssuePendingFollowUp,
    /// 已关闭停业或正在组织清算.
    ClosedOrLiquidating,
    /// 注销.
    Deregistered,
    /// 被吊销营业执照.
    LicenceRevoked,
    /// 被撤销登记.
    RegistrationAnnulled,
    /// 迁出.
    MovedOut,
}

impl ResultCode {
    /// All codes, national ones first.
    pub const ALL: [Self; 13] = [
        Self::NoIssueFound,
        Self::NotDisclosed,
        Self::FalseDisclosure,
        Self::UnreachableAtRegisteredAddress,
        Self::IssueCorrectedOnOrder,
        Self::SeriousNonCooperation,
        Self::NoRelevantBusinessFound,
        Self::IssuePendingFollowUp,
        Self::ClosedOrLiquidating,
        Self::Deregistered,
        Self::LicenceRevoked,
        Self::RegistrationAnnulled,
        Self::MovedOut,
    ];

    /// Whether it is one of the eight national codes.
    #[must_use]
    pub fn is_national(self) -> bool {
        self < Self::ClosedOrLiquidating
    }

    /// Whether a check may be ended on it (R105).
    #[must_use]
    pub const fn is_ground(self) -> bool {
        matches!(
            self,
            Self::UnreachableAtRegisteredAddress
                | Self::SeriousNonCooperation
                | Self::ClosedOrLiquidating
                | Self::Deregistered
                | Self::LicenceRevoked
                | Self::RegistrationAnnulled
                | Self::MovedOut
        )
    }

    /// Whether measures have to follow (R107, R120).
    #[must_use]
    pub const fn wants_follow_up(self) -> bool {
        matches!(
            self,
            Self::NotDisclosed
                | Self::FalseDisclosure
                | Self::UnreachableAtRegisteredAddress
                | Self::SeriousNonCooperation
                | Self::IssuePendingFollowUp
        )
    }
}

/// On what a result rests (R101, R102).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Basis {
    /// The members have examined it themselves.
    OwnCheck,
    /// Another department's conclusion.
    OtherDepartment,
    /// A court's instrument.
    CourtInstrument,
    /// A professional opinion.
    ProfessionalOpinion,
    /// A report of a third party that was commissioned.
    ThirdPartyReport,
}

impl Basis {
    /// The kind of evidence that it needs; `None` for an examination of one's own.
    #[must_use]
    pub const fn evidence(self) -> Option<EvidenceKind> {
        match self {
            Self::OwnCheck => None,
            Self::OtherDepartment => Some(EvidenceKind::OtherConclusion),
            Self::CourtInstrument => Some(EvidenceKind::CourtInstrument),
            Self::ProfessionalOpinion => Some(EvidenceKind::ProfessionalOpinion),
            Self::ThirdPartyReport => Some(EvidenceKind::ThirdPartyReport),
        }
    }
}

/// What somebody found about an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// The department in whose section the item is.
    pub department: String,
    /// Code of the item.
    pub item: String,
    /// Its result.
    pub result: ResultCode,
    /// How it was checked (R100).
    pub method: Method,
    /// On what it rests.
    pub basis: Basis,
    /// Who made what it rests on; empty for an examination of one's own.
    pub basis_issuer: String,
    /// SHA-256 of the attached evidence it rests on; empty for an examination of one's own.
    pub basis_sha256: String,
    /// What was done otherwise than the list says, and why (R99); empty for nothing.
    pub deviation: String,
    /// What was seen.
    pub note: String,
}

impl Given {
    /// Checks forms, and that a foreign basis names its issuer and its evidence.
    pub fn check(&self, violations: &mut Violations, at: &str) {
        let long = text::LONG_CHARS_MAX;
        text::check(violations, &format!("{at}.deviation"), &self.deviation, long);
        text::check(violations, &format!("{at}.note"), &self.note, long);
        let (issuer, digest) = (format!("{at}.basis_issuer"), format!("{at}.basis_sha256"));
        match self.basis.evidence() {
            Some(_) => {
                text::require(violations, &issuer, &self.basis_issuer, text::SHORT_CHARS_MAX);
                let good = Digest::from_hex(&self.basis_sha256).is_some();
                violations.require(good, digest, "SHA256_HEX", &self.basis_sha256);
            }
            None => {
                let none = self.basis_issuer.is_empty() && self.basis_sha256.is_empty();
                violations.require(none, issuer, "ONLY_OF_A_FOREIGN_BASIS", &self.basis_issuer);
            }
        }
    }
}

/// What is recorded of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What was found.
    pub given: Given,
    /// Ticket of the member who recorded it.
    pub by: String,
    /// When it was recorded here, in microseconds UTC.
    pub at_us: i64,
    /// Version of the check by which it was recorded.
    pub version: i64,
}
