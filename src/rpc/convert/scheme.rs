//! Implementation schemes.

use super::super::pb;
use super::annual_plan::{ratio, ratio_out};
use super::approval::flow_out;
use super::campaign::{profile, profile_out, scope, scope_out};
use super::{name, parse, present};
use crate::domain::approval::Paper;
use crate::domain::item::Method;
use crate::domain::scheme::{
    InspectorScope, JointPart, OfficeRole, Scheme, SchemeItem, SchemeOffice,
};
use crate::domain::{Violations, day};

/// Reads a scheme: its id, its plan, and what it says.
///
/// # Errors
/// Its violations.
pub fn scheme(message: Option<pb::Scheme>) -> Result<(String, String, Scheme), Violations> {
    let mut v = Violations::default();
    let m = present(&mut v, "scheme", message);
    let office = |(i, o): (usize, pb::SchemeOffice)| {
        let role = pb::OfficeRole::try_from(o.role).ok().map(|x| x.as_str_name());
        let role = parse(&mut v, &format!("scheme.offices[{i}].role"), role, "OFFICE_ROLE_");
        SchemeOffice {
            department: o.department,
            section: o.section,
            role: role.unwrap_or(OfficeRole::Assisting),
            duty: o.duty,
        }
    };
    let offices = m.offices.into_iter().enumerate().map(office).collect();
    let item = |(i, t): (usize, pb::SchemeItem)| {
        let method = |value: &i32| {
            let word = pb::Method::try_from(*value).ok().map(|x| x.as_str_name());
            parse::<Method>(&mut v, &format!("scheme.items[{i}].methods"), word, "METHOD_")
        };
        SchemeItem {
            methods: t.methods.iter().filter_map(method).collect(),
            department: t.department,
            code: t.code,
            content: t.content,
            standard: t.standard,
        }
    };
    let items = m.items.into_iter().enumerate().map(item).collect();
    let scope = scope(&mut v, "scheme.scope", m.scope.unwrap_or_default());
    let rule = ratio(&mut v, "scheme.ratio", m.ratio.unwrap_or_default());
    let first = day::parse(&mut v, "scheme.first_day", &m.first_day);
    let last = day::parse(&mut v, "scheme.last_day", &m.last_day);
    let scheme = Scheme {
        title: m.title,
        task: m.task_id,
        offices,
        items,
        scope,
        rule,
        inspectors: inspectors(m.inspectors.unwrap_or_default()),
        first_day: first.unwrap_or_default(),
        last_day: last.unwrap_or_default(),
        result_days: m.result_days,
        joint: joint(m.joint.unwrap_or_default()),
    };
    v.finish((m.scheme_id, m.plan_id, scheme))
}

fn inspectors(m: pb::InspectorScope) -> InspectorScope {
    let groups = m.groups.into_iter().map(profile).collect();
    InspectorScope { departments: m.departments, tags: m.tags, note: m.note, groups }
}

fn joint(m: pb::JointPart) -> JointPart {
    let pb::JointPart {
        leadership,
        draw_procedure,
        method,
        content,
        disposal,
        publicity,
        follow_up,
    } = m;
    JointPart { leadership, draw_procedure, method, content, disposal, publicity, follow_up }
}

/// Writes a scheme.
#[must_use]
pub fn out(paper: Paper<Scheme>) -> pb::Scheme {
    let s = paper.content;
    let office = |o: SchemeOffice| pb::SchemeOffice {
        role: pb::OfficeRole::from_str_name(&name(&o.role, "OFFICE_ROLE_")).map_or(0, i32::from),
        department: o.department,
        section: o.section,
        duty: o.duty,
    };
    let method = |m: &Method| pb::Method::from_str_name(&name(m, "METHOD_")).map_or(0, i32::from);
    let item = |i: SchemeItem| pb::SchemeItem {
        methods: i.methods.iter().map(method).collect(),
        department: i.department,
        code: i.code,
        content: i.content,
        standard: i.standard,
    };
    let InspectorScope { departments, tags, note, groups } = s.inspectors;
    let groups = groups.into_iter().map(profile_out).collect();
    pb::Scheme {
        scheme_id: paper.id,
        plan_id: paper.parent,
        task_id: s.task,
        jurisdiction: paper.jurisdiction,
        unit: paper.unit,
        year: paper.year.into(),
        title: s.title,
        offices: s.offices.into_iter().map(office).collect(),
        items: s.items.into_iter().map(item).collect(),
        scope: Some(scope_out(s.scope)),
        ratio: Some(ratio_out(&s.rule)),
        inspectors: Some(pb::InspectorScope { departments, tags, note, groups }),
        first_day: s.first_day.to_string(),
        last_day: s.last_day.to_string(),
        result_days: s.result_days,
        joint: Some(joint_out(s.joint)),
        flow: Some(flow_out(paper.flow)),
    }
}

fn joint_out(j: JointPart) -> pb::JointPart {
    let JointPart { leadership, draw_procedure, method, content, disposal, publicity, follow_up } =
        j;
    pb::JointPart { leadership, draw_procedure, method, content, disposal, publicity, follow_up }
}
