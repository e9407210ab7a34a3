//! The burden file of one subject (R51, R53, R59).

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::{scope, subjects, view};
use crate::app::{App, AppError, Call};
use crate::oversight::burden::{Contact, NextLawful, cap_left, next_lawful, random_visits};

/// What a subject bears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Burden {
    /// The id that stands for the subject.
    pub subject: String,
    /// The day of reading.
    pub today: Date,
    /// Contacts of the year and planned ones, in order.
    pub contacts: Vec<Contact>,
    /// Random visits of the year.
    pub random: i64,
    /// How many are left; `None` where the policy exempts the subject's class.
    pub left: Option<i64>,
    /// Departments that keep it in their registries.
    pub holders: BTreeSet<String>,
    /// From when on each of them may draw it.
    pub next: Vec<NextLawful>,
}

/// The burden file of a subject, by any of its ids.
///
/// # Errors
/// [`AppError`]; for a department that does not keep the subject it does not exist.
pub async fn get(
    app: &App,
    call: &Call,
    (jurisdiction, id): (&str, &str),
) -> Result<Burden, AppError> {
    let own = scope(&call.caller)?;
    let mut tx = app.db.read().await?;
    let view = view(&mut tx, jurisdiction, app.clock.now_us()).await?;
    let (mut subjects, links) = subjects(&app.sealer, &mut tx, jurisdiction, &view).await?;
    let subject = links.get(id).map_or(id, String::as_str);
    let missing = || AppError::not_found("subject", id);
    let mut known = subjects.remove(subject).ok_or_else(missing)?;
    if own.is_some_and(|own| !known.holders.contains(own)) {
        return Err(missing());
    }
    let today = view.today;
    let next = next_lawful(&view.policy, (today, known.risk), &known.contacts, &known.holders);
    let random = random_visits(&known.contacts, today.year());
    known.contacts.retain(|c| c.on.year() >= today.year());
    Ok(Burden {
        subject: subject.to_owned(),
        today,
        random,
        left: cap_left(&view.policy, known.risk, random),
        contacts: known.contacts,
        holders: known.holders,
        next,
    })
}
