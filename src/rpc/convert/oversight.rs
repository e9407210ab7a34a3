//! Oversight.

use super::super::pb;
use super::{name, parse};
use crate::app::oversight::burden::Burden;
use crate::domain::Violations;
use crate::oversight::burden::{Contact, NextLawful, Source};
use crate::oversight::warning::{Warning, WarningKind};

const KIND: &str = "KIND_";

/// Reads the kind that is asked for; `None` for all.
///
/// # Errors
/// A violation for an unknown kind.
pub fn kind(given: i32) -> Result<Option<WarningKind>, Violations> {
    if given == 0 {
        return Ok(None);
    }
    let mut violations = Violations::default();
    let name = pb::warning::Kind::try_from(given).ok().map(|k| k.as_str_name());
    let kind = parse(&mut violations, "kind", name, KIND);
    violations.finish(kind)
}

/// Writes a warning.
#[must_use]
pub fn warning_out(w: Warning) -> pb::Warning {
    let kind = pb::warning::Kind::from_str_name(&name(&w.kind, KIND)).unwrap_or_default();
    pb::Warning {
        kind: kind.into(),
        department: w.about.department,
        subject_id: w.about.subject,
        item_code: w.about.item,
        campaign_id: w.about.campaign,
        attempt: w.about.attempt,
        rank: w.about.rank,
        slot: w.about.slot,
        stratum: w.about.stratum,
        ticket: w.about.ticket,
        since: w.since.to_string(),
        detail: w.detail,
        remedy: w.kind.remedy().to_owned(),
    }
}

fn contact_out(contact: Contact) -> pb::Contact {
    use pb::contact::Source as Kind;
    let random = contact.is_random();
    let Contact { on, source, departments } = contact;
    let mut out = pb::Contact {
        day: on.to_string(),
        departments: departments.into_iter().collect(),
        random,
        ..Default::default()
    };
    let kind = match source {
        Source::Visit(campaign, _, rank) => {
            (out.campaign_id, out.rank) = (campaign, rank);
            Kind::Visit
        }
        Source::Inspection { .. } => Kind::Inspection,
        Source::Task(id) => {
            out.task_id = id;
            Kind::Task
        }
    };
    out.source = kind.into();
    out
}

/// Writes a burden file.
#[must_use]
pub fn burden_out(burden: Burden) -> pb::BurdenFile {
    let next = |n: NextLawful| pb::NextLawfulDay {
        department: n.department,
        day: n.day.to_string(),
        rules: n.rules.into_iter().map(str::to_owned).collect(),
    };
    pb::BurdenFile {
        subject_id: burden.subject,
        day: burden.today.to_string(),
        contacts: burden.contacts.into_iter().map(contact_out).collect(),
        random_visits: burden.random,
        visits_left: burden.left,
        departments: burden.holders.into_iter().collect(),
        next_lawful_days: burden.next.into_iter().map(next).collect(),
    }
}
