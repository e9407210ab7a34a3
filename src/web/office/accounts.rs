//! Accounts: one's own password, and for offices everybody's.

use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};
use qrcode::QrCode;
use qrcode::render::svg;

use super::{departments_of, word};
use crate::app::accounts::{self, Change, NewAccount, Wanted};
use crate::app::{App, AppError, PAGE_MAX, Page, sign_in};
use crate::domain::caller::{Caller, Role};
use crate::web::clerk::Clerk;
use crate::web::form::Posted;
use crate::web::page;
use crate::web::view::{Block, Cell, Field, Form, Kind, Link, Notice, Table, View};

const HERE: &str = "/office/accounts";
/// Width of a QR code, in pixels.
const CODE_WIDTH: u32 = 240;

/// The routes.
pub fn router() -> Router<App> {
    Router::new()
        .route("/office/accounts", get(list).post(create))
        .route("/office/accounts/password", post(password))
        .route("/office/accounts/change", post(change_one))
}

async fn list(clerk: Clerk) -> Response {
    clerk.show(view(&clerk).await)
}

async fn view(clerk: &Clerk) -> Result<View, AppError> {
    let mut blocks = vec![Block::Facts(vec![
        (clerk.t("account"), Cell::text(&clerk.account.name)),
        (clerk.t("role"), Cell::text(clerk.lang.word("role", clerk.caller().role.word()))),
        (clerk.t("account.of"), Cell::text(clerk.caller().name())),
    ])];
    let mut old = Field::new(Kind::Password, "old_password", clerk.t("password.old"));
    old.autocomplete = "current-password";
    let new = Field::new(Kind::Password, "password", clerk.t("password.new"));
    let mut new = new.hint(clerk.t("password.hint"));
    new.autocomplete = "new-password";
    let (action, submit) = ("/office/accounts/password", clerk.t("password.submit"));
    blocks.push(Block::Form(Form::new(action, clerk.t("password.title"), submit, vec![old, new])));
    let tried = sign_in::attempts(&clerk.app, &clerk.account).await?;
    let row = |(at, outcome): (i64, String)| {
        let kind = if outcome == "IN" { "good" } else { "bad" };
        let said = clerk.lang.word("sign_in_outcome", &outcome);
        vec![Cell::text(super::minute(at)), Cell::state(kind, said)]
    };
    blocks.push(Block::Table(Table {
        caption: clerk.t("sign_ins"),
        columns: vec![clerk.t("time"), clerk.t("outcome")],
        rows: tried.into_iter().map(row).collect(),
        next: None,
    }));
    if clerk.is_office() || clerk.caller().role == Role::Auditor {
        blocks.push(Block::Table(everybody(clerk).await?));
    }
    if clerk.is_office() {
        blocks.push(Block::Form(new_form(clerk).await?));
        blocks.push(Block::Form(role_form(clerk).await?));
    }
    Ok(View {
        title: clerk.t("menu.accounts"),
        lead: clerk.t("accounts.lead"),
        blocks,
        ..View::default()
    })
}

async fn everybody(clerk: &Clerk) -> Result<Table, AppError> {
    let page = Page { after: &clerk.asked("after"), limit: super::ROWS };
    let found = accounts::list(&clerk.app, &clerk.reads(), &page).await?;
    let last = found.last().map(|a| a.name.clone()).unwrap_or_default();
    let next = super::next(clerk, super::is_full(found.len()), &format!("{HERE}?after={last}"));
    let row = |a: crate::domain::account::Account| {
        let (kind, key) = if a.enabled { ("good", "account.on") } else { ("wait", "account.off") };
        vec![
            Cell::text(&a.name),
            Cell::text(clerk.lang.word("role", a.caller.role.word())),
            Cell::text(a.caller.name()),
            Cell::state(kind, clerk.t(key)),
        ]
    };
    Ok(Table {
        caption: clerk.t("accounts.all"),
        columns: ["account", "role", "account.of", "state"].map(|k| clerk.t(k)).to_vec(),
        rows: found.into_iter().map(row).collect(),
        next,
    })
}

async fn holder_fields(clerk: &Clerk) -> Result<[Field; 3], AppError> {
    let roles = [Role::Department, Role::Office, Role::Supervisor, Role::Auditor];
    let roles = roles.map(|r| (r.word().to_owned(), clerk.lang.word("role", r.word()))).to_vec();
    let all = departments_of(&clerk.app, "").await?;
    let mut departments = vec![(String::new(), clerk.t("none"))];
    departments.extend(all.into_iter().map(|d| (d.id, d.name)));
    Ok([
        Field::new(Kind::Select, "role", clerk.t("role")).of(roles),
        Field::new(Kind::Select, "department", clerk.t("department"))
            .of(departments)
            .optional()
            .hint(clerk.t("account.department.hint")),
        Field::new(Kind::Text, "office", clerk.t("office"))
            .optional()
            .hint(clerk.t("account.office.hint")),
    ])
}

async fn new_form(clerk: &Clerk) -> Result<Form, AppError> {
    let [role, department, office] = holder_fields(clerk).await?;
    let name = Field::new(Kind::Text, "name", clerk.t("account")).hint(clerk.t("account.hint"));
    let password = Field::new(Kind::Password, "password", clerk.t("password.first"));
    let mut password = password.hint(clerk.t("password.hint"));
    password.autocomplete = "new-password";
    let fields = vec![name, password, role, department, office];
    Ok(Form::new(HERE, clerk.t("account.new"), clerk.t("account.create"), fields))
}

/// One form for a change of role and for the end of an account: of whom is chosen in it.
async fn role_form(clerk: &Clerk) -> Result<Form, AppError> {
    let page = Page { after: "", limit: PAGE_MAX };
    let all = accounts::list(&clerk.app, &clerk.reads(), &page).await?;
    let others = all.into_iter().filter(|a| a.enabled && a.caller.key_id != clerk.caller().key_id);
    let choice = |a: crate::domain::account::Account| {
        (format!("{}@{}", a.caller.key_id, a.version), format!("{} · {}", a.name, a.caller.name()))
    };
    let [role, department, office] = holder_fields(clerk).await?;
    let deeds = ["role", "disable"];
    let deeds = deeds.map(|d| (d.to_owned(), clerk.t(&format!("account.{d}")))).to_vec();
    let fields = vec![
        Field::new(Kind::Select, "of", clerk.t("account")).of(others.map(choice).collect()),
        Field::new(Kind::Select, "deed", clerk.t("account.deed")).of(deeds),
        role,
        department,
        office,
    ];
    let action = format!("{HERE}/change");
    Ok(Form::new(action, clerk.t("account.change"), clerk.t("account.change.submit"), fields))
}

fn holder(posted: &Posted) -> Result<Caller, AppError> {
    let given = posted.given.get("role");
    let role = Role::from_word(&given);
    let role = role.ok_or_else(|| AppError::invalid("role", "REQUIRED", &given))?;
    let (department, office) = (posted.given.get("department"), posted.given.get("office"));
    Ok(Caller::holder(role, &department, &office, ""))
}

async fn make(posted: &Posted) -> Result<NewAccount, AppError> {
    let (name, holder) = (posted.given.get("name"), holder(posted)?);
    let password = posted.given.raw("password").to_owned();
    let wanted = Wanted { name, password, holder };
    accounts::create(&posted.app, &posted.asks("CreateAccount"), wanted).await
}

async fn create(posted: Posted) -> Response {
    match make(&posted).await {
        Ok(new) => page::show(&posted, axum::http::StatusCode::OK, &made(&posted, &new)),
        Err(error) => posted.then_or(Err(error), view(&posted)).await,
    }
}

/// The second factor, shown this once.
fn made(clerk: &Clerk, new: &NewAccount) -> View {
    let mut blocks = vec![
        Block::Notice(Notice { kind: "warn", text: clerk.t("account.made"), items: Vec::new() }),
        Block::Facts(vec![
            (clerk.t("account"), Cell::text(&new.account.name)),
            (clerk.t("account.id"), Cell::code(&new.account.caller.key_id)),
            (clerk.t("totp.secret"), Cell::code(&new.secret)),
        ]),
    ];
    if let Ok(code) = QrCode::new(new.uri.as_bytes()) {
        let size = CODE_WIDTH;
        let picture = code.render::<svg::Color<'_>>().min_dimensions(size, size).build();
        // In a page it begins with its element.
        let at = picture.find("<svg").unwrap_or(0);
        blocks.push(Block::Code(picture[at..].to_owned()));
    }
    blocks.push(Block::Links(vec![Link::new(HERE, clerk.t("menu.accounts"))]));
    View { title: clerk.t("account.made.title"), blocks, ..View::default() }
}

async fn change_one(posted: Posted) -> Response {
    let done = change(&posted).await;
    posted.then_or(done, view(&posted)).await
}

async fn change(posted: &Posted) -> Result<String, AppError> {
    let of = posted.given.get("of");
    let (id, etag) = of.split_once('@').unwrap_or((&of, ""));
    let at = (id, etag.parse().unwrap_or(0));
    let what = match posted.given.get("deed").as_str() {
        "disable" => Change::Disable,
        _ => Change::Role(holder(posted)?),
    };
    let changed = accounts::change(&posted.app, &posted.asks("ChangeAccount"), at, what).await?;
    tracing::info!(account = changed.caller.key_id, role = word(&changed.caller.role), "changed");
    Ok(format!("{HERE}?done=account.changed"))
}

async fn password(posted: Posted) -> Response {
    let (old, new) = (posted.given.raw("old_password"), posted.given.raw("password"));
    let (old, new) = (old.to_owned(), new.to_owned());
    let call = posted.asks("ChangePassword");
    let done = accounts::change_password(&posted.app, &call, old, new).await;
    posted.then_or(done.map(|()| "/office/sign-in?done=password".to_owned()), view(&posted)).await
}
