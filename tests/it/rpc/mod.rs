//! The contract through a real socket, on both engines.

mod access;
pub mod annual_plans;
mod appends;
mod appointments;
pub mod archives;
mod assessment;
pub mod attempts;
pub mod backups;
mod calendar;
mod campaign;
mod canary;
mod ceremony;
mod certificate;
pub mod changes;
pub mod check;
pub mod check_rules;
pub mod disclosure;
mod erasures;
mod exceptions;
mod experts;
pub mod follow_ups;
pub mod fsck;
mod fsck_settings;
mod imports;
mod item_lists;
mod ledger;
mod liability;
mod local_modes;
mod neighbours;
mod notices;
pub mod objections;
mod openings;
mod overrides;
mod oversight;
mod plans;
mod policies;
mod python;
mod recusals;
mod registry;
mod rules;
pub mod schedule;
pub mod schedulers;
pub mod schemes;
mod signatures;
mod succession;
pub mod supplements;
mod tensions;
mod trainings;
mod visit_codes;
mod wire;
mod witness;
mod years;

use onevisit::rpc::pb;
use tonic::{Code, Status};
use tonic_types::StatusExt;

/// The machine-readable reason of an error.
pub fn reason(status: &Status) -> String {
    status.get_details_error_info().map(|i| i.reason).unwrap_or_default()
}

/// The machine-readable reason of a refusal that was not sent.
fn reason_of(error: &onevisit::app::AppError) -> &'static str {
    match error {
        onevisit::app::AppError::Precondition { reason, .. } => reason,
        _ => "",
    }
}

/// The fields and rules of an invalid request.
pub fn violations(status: &Status) -> Vec<(String, String)> {
    assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
    let fields = status.get_details_bad_request().expect("field violations").field_violations;
    let rule = |text: &str| text.split(':').next().unwrap_or_default().to_owned();
    fields.into_iter().map(|v| (v.field, rule(&v.description))).collect()
}

pub fn quota(stratum: &str, basis_points: i64) -> pb::StratumQuota {
    pb::StratumQuota {
        stratum: stratum.into(),
        basis_points: Some(basis_points),
        ..Default::default()
    }
}
