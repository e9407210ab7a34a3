//! Opening a visit: who is visited, by whom. Each opening is an event (R86).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::ceremony::place;
use super::seal::DataKey;
use super::{
    App, AppError, Begun, Call, attempt, campaigns, draws, names, release, require_office,
};
use crate::certificate::opening::{self, OpeningFile};
use crate::domain::caller::Role;
use crate::domain::campaign::{Action, Campaign};
use crate::domain::visit::{Names, Visit};
use crate::domain::visit_code::VisitCode;
use crate::domain::{Violations, day, text};
use crate::draw::Digest;
use crate::draw::bundle::Bundle;
use crate::draw::freeze::{Class, master_key};
use crate::draw::hash::DIGEST_BYTES;
use crate::draw::opening::{Opening, Standing};
use crate::frame::{people, units};
use crate::store::{Draw, Tx};

/// The method whose stored replies hold opened visits.
pub const METHOD: &str = "OpenVisit";

/// An opened visit with what proves it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Opened {
    /// The visit with its names.
    pub visit: Visit,
    /// What the unit's ticket stands for.
    pub opening: Opening,
    /// Where the visit stands under the result root; `None` for one that stands for another.
    pub standing: Option<Standing>,
    /// Who may come, for what and when, signed: for the business to check offline.
    pub code: String,
}

impl Opened {
    /// The opening as a file of its own, to be held against the draw's certificate (T17).
    ///
    /// # Errors
    /// [`AppError::Canon`].
    pub fn file(&self) -> Result<Vec<u8>, AppError> {
        let Visit { campaign, attempt, .. } = &self.visit;
        let file = OpeningFile {
            draw_id: format!("campaigns/{campaign}/draws/{attempt}"),
            format: opening::FORMAT.to_owned(),
            opening: self.opening.clone(),
            standing: self.standing.clone(),
        };
        Ok(file.to_bytes()?)
    }
}

/// Opens a visit: to whom and from when on the policy says, by default the members of its team from the
/// first day on; to auditors with a case number at any time.
///
/// # Errors
/// [`AppError`]; everybody else reads visits once the campaign is closed.
pub async fn open(
    app: &App,
    call: &Call,
    id: &str,
    rank: i64,
    case: &str,
) -> Result<Opened, AppError> {
    let auditor = call.caller.role == Role::Auditor;
    let mut violations = Violations::default();
    if auditor {
        text::require(&mut violations, "case_number", case, text::SHORT_CHARS_MAX);
    }
    violations.finish(())?;
    let mut step = match app.begin::<Reply>(call).await? {
        Begun::Repeated(reply) => return unseal(app, call, &reply).await,
        Begun::New(step) => step,
    };
    let campaign = campaigns::find(&mut step.tx, id).await?;
    let missing = || AppError::not_found("visit", &format!("{id}/{rank}"));
    let stored = step.tx.visit(id, rank).await?.ok_or_else(missing)?;
    let key = names::visit_key(&app.sealer, &stored)?;
    let hidden = names::of(&app.sealer, &stored)?;
    if hidden.subject.is_empty() {
        return Err(names::erased(&format!("{id}/{rank}")));
    }
    let mut visit = stored.visit;
    if !auditor && visit.dropped > 0 {
        return Err(AppError::precondition("VISIT_DROPPED_OUT", rank.to_string()));
    }
    let member = match auditor {
        true => String::new(),
        false => {
            let whose = (&campaign, &visit, &hidden);
            release::require_open_to(&mut step.tx, call, whose, step.now_us).await?
        }
    };
    visit.show(hidden);
    let (opening, standing) = prove(app, &mut step.tx, &campaign, &visit).await?;
    let code = code(app, &visit);
    let opened = Opened { visit, opening, standing, code };
    let body = json!({
        "attempt": opened.visit.attempt,
        "campaign": id,
        "case_number": case,
        // The log is public: whoever comes stands in it by ticket; whose the key is, in the database.
        "member": member,
        "rank": rank,
        "ticket": opened.visit.ticket,
    });
    let reply = seal(app, call, &opened, &key)?;
    step.finish(call, "visit.open", body, reply).await?;
    Ok(opened)
}

/// The caller's ticket in the visit's team.
///
/// # Errors
/// [`AppError::Forbidden`].
pub fn require_member(call: &Call, visit: &Visit, hidden: &Names) -> Result<String, AppError> {
    let caller = &call.caller;
    let person = people::frame_id(&caller.department, &caller.inspector);
    // A person's id names its department: whoever was drawn next door stands in another's section.
    let all = visit.sections.iter().zip(&hidden.inspectors);
    let mut team = all.flat_map(|(section, ids)| section.team.iter().zip(ids));
    let found = team.find(|(_, id)| **id == person);
    found.map(|(member, _)| member.ticket.clone()).ok_or(AppError::Forbidden("NOT_OF_THE_TEAM"))
}

/// The stored reply holds names: it is encrypted like them.
fn reply_place(key_id: &str, request_id: &str) -> String {
    format!("requests/{key_id}/{request_id}/visit")
}

/// A stored reply: under the visit's data key, so that it is erased with the visit's names.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Reply {
    /// As the key file itself sealed it before there were data keys.
    Old(String),
    /// The visit and the sealed reply, in hexadecimal.
    Of { campaign: String, rank: i64, sealed: String },
}

fn seal(app: &App, call: &Call, opened: &Opened, key: &DataKey) -> Result<Reply, AppError> {
    let plain = serde_json::to_vec(opened).map_err(|_| AppError::Broken("a visit has no JSON"))?;
    let place = reply_place(&call.caller.key_id, &call.request_id);
    let sealed = hex::encode(key.seal(&app.entropy, &place, &plain)?);
    let Visit { campaign, rank, .. } = &opened.visit;
    Ok(Reply::Of { campaign: campaign.clone(), rank: *rank, sealed })
}

async fn unseal(app: &App, call: &Call, reply: &Reply) -> Result<Opened, AppError> {
    let broken = || AppError::Broken("a stored reply is of another type");
    let read = |sealed: &str| hex::decode(sealed).map_err(|_| broken());
    let place = reply_place(&call.caller.key_id, &call.request_id);
    let plain = match reply {
        Reply::Old(sealed) => app.sealer.open(&place, &read(sealed)?)?,
        Reply::Of { campaign, rank, sealed } => {
            let erased = || names::erased(&format!("{campaign}/{rank}"));
            // A voided outcome takes its visits with it.
            let stored = app.db.read().await?.visit(campaign, *rank).await?.ok_or_else(erased)?;
            let key = names::visit_key(&app.sealer, &stored)?;
            // Whose key was replaced has lost names.
            key.open(&place, &read(sealed)?).map_err(|_| erased())?
        }
    };
    serde_json::from_slice(&plain).map_err(|_| broken())
}

/// Forgets the stored replies that opened one of some visits, by campaign and rank.
///
/// # Errors
/// [`AppError`].
pub async fn forget(
    app: &App,
    tx: &mut Tx,
    visits: &BTreeSet<(String, i64)>,
) -> Result<(), AppError> {
    for stored in tx.replies_with(METHOD, "").await? {
        let of = match serde_json::from_str(&stored.reply) {
            Ok(Reply::Of { campaign, rank, .. }) => (campaign, rank),
            Ok(Reply::Old(sealed)) => {
                let place = reply_place(&stored.caller, &stored.request_id);
                let plain = app.sealer.open(&place, &hex::decode(&sealed).unwrap_or_default())?;
                let opened: Opened = serde_json::from_slice(&plain)
                    .map_err(|_| AppError::Broken("a stored reply is of another type"))?;
                (opened.visit.campaign, opened.visit.rank)
            }
            Err(_) => continue,
        };
        if visits.contains(&of) {
            tx.erase_reply(&stored).await?;
        }
    }
    Ok(())
}

/// The secret from which all tickets of an attempt are made.
///
/// # Errors
/// [`AppError::Broken`] when it does not open.
pub fn root_secret(app: &App, draw: &Draw) -> Result<[u8; DIGEST_BYTES], AppError> {
    let column = place(&draw.campaign, draw.attempt, "root_secret");
    let plain = names::draw_key(&app.sealer, draw)?.open(&column, &draw.root_secret)?;
    plain.try_into().map_err(|_| AppError::Broken("a root secret has another length"))
}

async fn prove(
    app: &App,
    tx: &mut Tx,
    campaign: &Campaign,
    visit: &Visit,
) -> Result<(Opening, Option<Standing>), AppError> {
    let draw = tx.draw(&visit.campaign, visit.attempt).await?;
    let draw = draw.ok_or(AppError::Broken("a visit has no draw"))?;
    let freeze = attempt::freeze_of(&draw)?;
    let record = units::Opening {
        id: visit.unit.clone(),
        subject: visit.subject.clone(),
        name: visit.name.clone(),
        address: visit.address.clone(),
        district: visit.district.clone(),
    };
    let (suite, class) = (freeze.alg, Class::Selectable);
    // Once the campaign is closed the key of its tickets is public, and its secret may be erased.
    let master = match Digest::from_hex(&campaign.master_s) {
        Some(master) => master,
        None => master_key(suite, &root_secret(app, &draw)?, class),
    };
    let behind = (visit.unit.as_str(), record.record());
    let opening = Opening::under(suite, &master, &freeze.draw_id, class, behind);
    if opening.ticket(suite, &freeze.draw_id, class)?.to_string() != visit.ticket {
        return Err(AppError::Broken("an opening does not open its ticket"));
    }
    if visit.stands_for > 0 {
        return Ok((opening, None));
    }
    let bytes = draws::bundle_in(tx, &visit.campaign, visit.attempt).await?;
    let bundle: Bundle = serde_json::from_slice(&bytes)
        .map_err(|_| AppError::Broken("a stored bundle cannot be read"))?;
    let rank = u64::try_from(visit.rank).unwrap_or(0);
    let standing = Standing::of(suite, &bundle.published, rank);
    let standing = standing.filter(|s| s.root(suite) == Some(bundle.published.result_root));
    let standing = standing.ok_or(AppError::Broken("a visit is not under its result root"))?;
    Ok((opening, Some(standing)))
}

/// The visit code: a signed note that fits into a QR code.
fn code(app: &App, visit: &Visit) -> String {
    let text = VisitCode::of(visit).text();
    format!("{text}\n{}", app.log.sign_visit(&text, app.clock.now_us()))
}

/// Closes a campaign after its last day: what could have been drawn opens for everybody.
///
/// # Errors
/// [`AppError`]; offices only.
pub async fn close(app: &App, call: &Call, id: &str) -> Result<Campaign, AppError> {
    require_office(&call.caller)?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let mut campaign = campaigns::find(&mut step.tx, id).await?;
    if day::of_instant(step.now_us) <= campaign.last_day {
        let after = campaign.last_day.to_string();
        return Err(AppError::precondition("BEFORE_THE_LAST_DAY_IS_OVER", after));
    }
    let draw = step.tx.draw(id, campaign.attempts).await?;
    let draw = draw.ok_or_else(|| AppError::precondition("NOT_DRAWN", id))?;
    let suite = attempt::freeze_of(&draw)?.alg;
    let master: Digest = master_key(suite, &root_secret(app, &draw)?, Class::Selectable);
    campaign.master_s = master.to_string();
    campaigns::act(&mut step.tx, &mut campaign, Action::Close).await?;
    let body =
        json!({ "attempt": campaign.attempts, "campaign": id, "master_s": campaign.master_s });
    step.finish(call, "campaign.close", body, campaign).await
}
