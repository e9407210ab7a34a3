//! Templates of scheduled campaigns, and slots.

use super::super::pb;
use super::{campaign, name, present};
use crate::domain::schedule::{Rule, Slot, Template, TemplateState};
use crate::domain::{Violations, day};

/// Stands in a template's campaign where a slot puts its own day.
const NO_DAY: &str = "0001-01-01";

/// Reads a template as proposed.
///
/// # Errors
/// Its violations.
pub fn template(message: Option<pb::CampaignTemplate>) -> Result<Template, Violations> {
    let mut v = Violations::default();
    let at = "campaign_template";
    let m = present(&mut v, at, message);
    let mut blueprint = present(&mut v, &format!("{at}.campaign"), m.campaign);
    let days = [("first_day", &mut blueprint.first_day), ("last_day", &mut blueprint.last_day)];
    for (name, day) in days {
        v.require(day.is_empty(), format!("{at}.campaign.{name}"), "SET_PER_SLOT", day);
        NO_DAY.clone_into(day);
    }
    let rule = present(&mut v, &format!("{at}.rule"), m.rule);
    let rule = read_rule(rule);
    let campaign = match campaign::campaign(Some(blueprint)) {
        Ok(campaign) => v.finish(campaign)?,
        Err(more) => {
            for found in more.into_vec() {
                v.add(format!("{at}.{}", found.field), &found.rule, &found.value);
            }
            return Err(v);
        }
    };
    Ok(Template {
        campaign,
        rule,
        freeze_minutes: m.freeze_minutes,
        lead_days: m.lead_working_days,
        visit_days: m.visit_working_days,
        late_hours: m.late_hours,
        state: TemplateState::Proposed,
        approved_us: 0,
        version: 0,
    })
}

/// Numbers that no rule can hold become one that its check refuses.
fn read_rule(m: pb::ScheduleRule) -> Rule {
    let small = |n: i32| i8::try_from(n).unwrap_or(i8::MAX);
    let list = |list: Vec<i32>| list.into_iter().map(small).collect();
    Rule {
        months: list(m.months),
        days: list(m.days),
        weekdays: list(m.weekdays),
        hour: small(m.hour),
        minute: small(m.minute),
        working_days: m.working_days,
    }
}

/// Writes a template.
#[must_use]
pub fn template_out(t: Template) -> pb::CampaignTemplate {
    let state = pb::campaign_template::State::from_str_name(&name(&t.state, "STATE_"));
    let list = |list: &[i8]| list.iter().map(|n| i32::from(*n)).collect();
    let mut blueprint = campaign::out(t.campaign);
    blueprint.first_day.clear();
    blueprint.last_day.clear();
    pb::CampaignTemplate {
        campaign: Some(blueprint),
        rule: Some(pb::ScheduleRule {
            months: list(&t.rule.months),
            days: list(&t.rule.days),
            weekdays: list(&t.rule.weekdays),
            hour: t.rule.hour.into(),
            minute: t.rule.minute.into(),
            working_days: t.rule.working_days,
        }),
        freeze_minutes: t.freeze_minutes,
        lead_working_days: t.lead_days,
        visit_working_days: t.visit_days,
        late_hours: t.late_hours,
        state: state.map_or(0, i32::from),
        etag: t.version.to_string(),
        approve_time: instant(t.approved_us),
    }
}

/// Writes an instant; 0 stands for none.
fn instant(us: i64) -> String {
    if us == 0 { String::new() } else { day::instant_text(us) }
}

/// Writes a slot.
#[must_use]
pub fn slot_out(s: Slot) -> pb::CampaignSlot {
    let state = pb::campaign_slot::State::from_str_name(&name(&s.state, "STATE_"));
    pb::CampaignSlot {
        template_id: s.template,
        slot: s.slot.to_string(),
        state: state.map_or(0, i32::from),
        due_time: instant(s.due_us),
        record_time: instant(s.at_us),
        freeze_time: instant(s.freeze_us),
        campaign_id: s.campaign,
        reason: s.reason,
    }
}
