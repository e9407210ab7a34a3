//! A result: published by whose it is, reviewed where the policy says so, or lawfully withheld.

use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::{get, post};

use super::results::state;
use super::{campaign, part, word};
use crate::app::disclosure::{publish, read};
use crate::app::{Aim, App, AppError};
use crate::domain::correction::Correction;
use crate::domain::publication::{ResultState, Withholding, WithholdingGround, result_text};
use crate::web::clerk::Clerk;
use crate::web::form::Posted;
use crate::web::view::{Block, Cell, Field, Form, Kind, Link, Table, View};

/// The routes.
pub fn router() -> Router<App> {
    Router::new()
        .route("/office/results/{id}", get(show))
        .route("/office/results/{id}/submit", post(submit))
        .route("/office/results/{id}/decide", post(decide))
}

/// Every ground on which a result is withheld.
const GROUNDS: [WithholdingGround; 5] = [
    WithholdingGround::StateSecret,
    WithholdingGround::TradeSecret,
    WithholdingGround::PersonalPrivacy,
    WithholdingGround::PublicSafety,
    WithholdingGround::OtherLaw,
];

fn address(id: &str) -> String {
    format!("/office/results/{}", part(id))
}

async fn show(Path(id): Path<String>, clerk: Clerk) -> Response {
    clerk.show(view(&clerk, &id).await)
}

async fn view(clerk: &Clerk, id: &str) -> Result<View, AppError> {
    let (shown, corrections) = read::get(&clerk.app, &clerk.reads(), id).await?;
    let (record, content) = (&shown.record, &shown.content);
    let mut blocks = vec![Block::Facts(vec![
        (clerk.t("state"), state(clerk, &word(&record.state), shown.overdue)),
        (clerk.t("subject"), Cell::text(&content.name)),
        (clerk.t("subject.id"), Cell::code(&content.subject)),
        (clerk.t("campaign"), Cell::link(campaign::address(&record.campaign), &record.campaign)),
        (clerk.t("department"), Cell::text(&record.department)),
        (clerk.t("publisher"), Cell::text(&record.publisher)),
        (clerk.t("finished_on"), Cell::text(record.finished_on.to_string())),
        (clerk.t("due_on"), Cell::text(&shown.due_on)),
        (clerk.t("note"), Cell::text(&record.note)),
    ])];
    if let Some(ground) = content.ground {
        blocks.push(Block::Text(clerk.lang.f("result.ended", &[result_text(ground)])));
    }
    let row = |i: &crate::domain::publication::ResultItem| {
        vec![Cell::code(&i.code), Cell::text(&i.name), Cell::text(result_text(i.result))]
    };
    blocks.push(Block::Table(Table {
        caption: clerk.t("result.items"),
        columns: ["item.code", "item.name", "result"].map(|k| clerk.t(k)).to_vec(),
        rows: content.items.iter().map(row).collect(),
        next: None,
    }));
    if record.publications > 0 {
        let to = format!("/results/{}", part(id));
        blocks.push(Block::Links(vec![Link::new(to, clerk.t("result.public"))]));
    }
    if !corrections.is_empty() {
        blocks.push(Block::Table(changed(clerk, &corrections)));
    }
    if clerk.department() == record.publisher {
        blocks.extend(forms(clerk, id, record.state, record.version));
    }
    let trail = vec![Link::new("/office/results", clerk.t("menu.results"))];
    let title = clerk.lang.f("result.title", &[&content.name]);
    Ok(View { title, trail, blocks, ..View::default() })
}

fn changed(clerk: &Clerk, all: &[Correction]) -> Table {
    let row = |c: &Correction| {
        vec![
            Cell::number(c.nth),
            Cell::text(clerk.lang.word("correction_state", c.state.word())),
            Cell::text(&c.erratum.reason),
            Cell::text(&c.objection),
        ]
    };
    Table {
        caption: clerk.t("corrections"),
        columns: ["nth", "state", "reason", "objection"].map(|k| clerk.t(k)).to_vec(),
        rows: all.iter().map(row).collect(),
        next: None,
    }
}

fn forms(clerk: &Clerk, id: &str, state: ResultState, version: i64) -> Vec<Block> {
    let etag = || Field::hidden("etag", version.to_string());
    let at = address(id);
    match state {
        ResultState::Pending | ResultState::Withheld => {
            let mut publish = Form::button(format!("{at}/submit"), clerk.t("result.publish"));
            publish.fields.push(etag());
            let choice = |g: &WithholdingGround| {
                let word = word(g);
                (word.clone(), clerk.lang.word("ground", &word))
            };
            let grounds = GROUNDS.iter().map(choice).collect();
            let fields = vec![
                etag(),
                Field::new(Kind::Select, "ground", clerk.t("ground")).of(grounds),
                Field::new(Kind::Text, "basis", clerk.t("basis")).hint(clerk.t("basis.hint")),
            ];
            let (action, submit) = (format!("{at}/submit"), clerk.t("result.withhold"));
            let mut withhold = Form::new(action, clerk.t("result.withhold.title"), submit, fields);
            withhold.main = false;
            vec![Block::Buttons(vec![publish]), Block::Form(withhold)]
        }
        ResultState::InReview => {
            let deeds = [("1", "result.agree"), ("", "result.return")];
            let deeds = deeds.map(|(value, key)| (value.to_owned(), clerk.t(key))).to_vec();
            let fields = vec![
                etag(),
                Field::new(Kind::Select, "approve", clerk.t("decision")).of(deeds).optional(),
                Field::new(Kind::Area, "note", clerk.t("note")).optional(),
            ];
            let (action, submit) = (format!("{at}/decide"), clerk.t("decide"));
            vec![Block::Form(Form::new(action, clerk.t("result.review"), submit, fields))]
        }
        ResultState::Published => Vec::new(),
    }
}

async fn submit(Path(id): Path<String>, posted: Posted) -> Response {
    let given = &posted.given;
    let word_of = given.get("ground");
    let ground = GROUNDS.into_iter().find(|g| word(g) == word_of);
    let withhold = ground.map(|ground| Withholding { ground, basis: given.get("basis") });
    let aim = Aim { id: &id, etag: given.number("etag") };
    let done = publish::submit(&posted.app, &posted.asks("SubmitResult"), aim, withhold).await;
    let to = done.map(|record| format!("{}?done=result.{}", address(&id), record.state.word()));
    posted.then_or(to, view(&posted, &id)).await
}

async fn decide(Path(id): Path<String>, posted: Posted) -> Response {
    let given = &posted.given;
    let aim = Aim { id: &id, etag: given.number("etag") };
    let (call, approve) = (posted.asks("DecideResult"), given.is("approve"));
    let done = publish::decide(&posted.app, &call, aim, approve, &given.text("note")).await;
    let to = done.map(|record| format!("{}?done=result.{}", address(&id), record.state.word()));
    posted.then_or(to, view(&posted, &id)).await
}
