//! What somebody who is signed in can go to.

use super::clerk::Visitor;
use super::view::Link;
use crate::domain::caller::Role;

use Role::{Auditor, Department, Office, Supervisor};

/// Address, key of the words, and who sees it.
const PLACES: [(&str, &str, &[Role]); 14] = [
    ("/office", "menu.overview", &[Office, Supervisor, Auditor, Department]),
    ("/office/campaigns", "menu.campaigns", &[Office, Supervisor, Auditor, Department]),
    ("/office/results", "menu.results", &[Office, Department]),
    ("/office/objections", "menu.objections", &[Office, Department]),
    ("/office/follow-ups", "menu.follow_ups", &[Office, Department]),
    ("/office/warnings", "menu.warnings", &[Office, Supervisor, Auditor, Department]),
    ("/office/plans", "menu.plans", &[Office, Supervisor, Auditor, Department]),
    ("/office/items", "menu.items", &[Office, Supervisor, Auditor, Department]),
    ("/office/subjects", "menu.subjects", &[Office, Department]),
    ("/office/inspectors", "menu.inspectors", &[Office, Department]),
    ("/office/departments", "menu.departments", &[Office, Supervisor, Auditor, Department]),
    ("/office/policies", "menu.policies", &[Office, Supervisor, Auditor, Department]),
    ("/office/ledger", "menu.ledger", &[Office, Supervisor, Auditor, Department]),
    ("/office/accounts", "menu.accounts", &[Office, Supervisor, Auditor, Department]),
];

/// The places of a visitor, and whether this page is below one of them.
pub fn of(visitor: &Visitor) -> Vec<(Link, bool)> {
    let Some(signed) = &visitor.signed else { return Vec::new() };
    let role = signed.account.caller.role;
    let path = visitor.here.split('?').next().unwrap_or_default();
    let is_here =
        |href: &str| path == href || (href != "/office" && path.starts_with(&format!("{href}/")));
    let mine = PLACES.iter().filter(|(.., roles)| roles.contains(&role));
    mine.map(|(href, key, _)| (Link::new(*href, visitor.t(key)), is_here(href))).collect()
}
