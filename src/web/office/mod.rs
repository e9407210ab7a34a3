//! The pages of those who are signed in: one file per page. A page calls the use-cases as its account, so
//! whatever the contract refuses the page refuses too.

mod accounts;
mod campaign;
mod campaign_new;
mod campaigns;
mod departments;
mod follow_ups;
mod imports;
mod inspectors;
mod items;
mod ledger;
mod objection;
mod objections;
mod overview;
mod plans;
mod policies;
mod preview;
mod result;
mod results;
pub mod sign_in;
mod subjects;
mod visit;
mod visits;
mod warnings;

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use serde::Serialize;

use super::clerk::Clerk;
use super::view::{Cell, Link};
use crate::app::{App, AppError, PAGE_MAX, Page, departments as use_departments, sheet};
use crate::domain::day;
use crate::domain::department::{Department, Jurisdiction};

/// Room for the other fields of a form with a file, in bytes.
const FORM_BYTES_MAX: usize = 1024 * 1024;
/// Rows of one page of a list.
const ROWS: i64 = 100;

/// The routes below `/office`.
pub fn router() -> Router<App> {
    Router::new()
        .merge(overview::router())
        .merge(sign_in::router())
        .merge(accounts::router())
        .merge(departments::router())
        .merge(items::router())
        .merge(subjects::router())
        .merge(inspectors::router())
        .merge(imports::router())
        .merge(campaigns::router())
        .merge(campaign_new::router())
        .merge(campaign::router())
        .merge(preview::router())
        .merge(visits::router())
        .merge(visit::router())
        .merge(results::router())
        .merge(result::router())
        .merge(objections::router())
        .merge(objection::router())
        .merge(follow_ups::router())
        .merge(warnings::router())
        .merge(plans::router())
        .merge(policies::router())
        .merge(ledger::router())
        .layer(DefaultBodyLimit::max(sheet::FILE_BYTES_MAX + FORM_BYTES_MAX))
}

/// The word that a value is stored as.
fn word<T: Serialize>(value: &T) -> String {
    let value = serde_json::to_value(value).ok();
    value.and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Basis points as a share in per cent, with two decimals where there are any.
fn percent(basis_points: u64) -> String {
    match basis_points % 100 {
        0 => format!("{}%", basis_points / 100),
        rest => format!("{}.{rest:02}%", basis_points / 100),
    }
}

/// A share in per cent, such as `2.5`, in basis points; `None` when it is no number.
fn basis_points(given: &str) -> Option<u64> {
    let (whole, rest) = given.split_once('.').unwrap_or((given, ""));
    let rest = format!("{rest:0<2}");
    let good = rest.len() == 2 && rest.bytes().all(|b| b.is_ascii_digit());
    let points = whole.parse::<u64>().ok()?.checked_mul(100)?;
    good.then(|| rest.parse::<u64>().ok())??.checked_add(points)
}

/// An instant as people read it, to the minute.
fn minute(us: i64) -> String {
    match us {
        0 => String::new(),
        us => day::instant_text(us).chars().take(16).collect::<String>().replace('T', " "),
    }
}

/// All places that are registered.
async fn places(app: &App) -> Result<Vec<Jurisdiction>, AppError> {
    use_departments::list_jurisdictions(app, &Page { after: "", limit: PAGE_MAX }).await
}

/// All departments, or those of a place.
async fn departments_of(app: &App, place: &str) -> Result<Vec<Department>, AppError> {
    let all = use_departments::list(app, &Page { after: "", limit: PAGE_MAX }).await?;
    let here = |d: &Department| place.is_empty() || d.jurisdiction == place;
    Ok(all.into_iter().map(|(d, _)| d).filter(here).collect())
}

/// Names of departments by id: people know the name.
struct Names(BTreeMap<String, String>);

impl Names {
    /// Reads them all.
    async fn read(app: &App) -> Result<Self, AppError> {
        let all = departments_of(app, "").await?;
        Ok(Self(all.into_iter().map(|d| (d.id, d.name)).collect()))
    }

    /// A department's name, or its id while it is not registered.
    fn of<'n>(&'n self, id: &'n str) -> &'n str {
        self.0.get(id).map_or(id, String::as_str)
    }
}

/// The place a page is about: what is asked for, else the department's, else the first.
async fn place(clerk: &Clerk) -> Result<Option<Jurisdiction>, AppError> {
    let all = places(&clerk.app).await?;
    let asked = clerk.asked("place");
    let own = &clerk.caller().jurisdiction;
    let wanted = if asked.is_empty() { own } else { &asked };
    if wanted.is_empty() {
        return Ok(all.into_iter().next());
    }
    let found = all.into_iter().find(|j| j.code == *wanted);
    found.map(Some).ok_or_else(|| AppError::NotFound { kind: "jurisdiction", id: wanted.clone() })
}

/// A link to the next page of a list, when there may be one.
fn next(clerk: &Clerk, full: bool, to: &str) -> Option<Link> {
    full.then(|| Link::new(to, clerk.t("next_page")))
}

/// Whether a page of rows is full.
fn is_full(rows: usize) -> bool {
    i64::try_from(rows).is_ok_and(|n| n >= ROWS)
}

/// The state of a campaign.
fn campaign_state(clerk: &Clerk, state: &str) -> Cell {
    let kind = match state {
        "DRAWN" | "CLOSED" => "good",
        "ABORTED" => "bad",
        "FROZEN" => "warn",
        _ => "wait",
    };
    Cell::state(kind, clerk.lang.word("campaign_state", state))
}

/// Text as one part of an address.
fn part(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}
