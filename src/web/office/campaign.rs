//! A campaign: where it stands, and what can be done next.

use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::{get, post};

use super::{Names, campaign_state, minute, percent, preview, word};
use crate::app::{App, AppError, abort, attempt, campaigns, ceremony, draws, joint, openings};
use crate::domain::caller::Role;
use crate::domain::campaign::{Answer, Campaign, State};
use crate::web::clerk::Clerk;
use crate::web::form::Posted;
use crate::web::view::{Block, Cell, Field, Form, Kind, Link, Notice, Table, View};

/// The routes.
pub fn router() -> Router<App> {
    Router::new()
        .route("/office/campaigns/{id}", get(show))
        .route("/office/campaigns/{id}/answer", post(answer))
        .route("/office/campaigns/{id}/approve", post(approve))
        .route("/office/campaigns/{id}/freeze", post(freeze))
        .route("/office/campaigns/{id}/draw", post(draw))
        .route("/office/campaigns/{id}/close", post(close))
        .route("/office/campaigns/{id}/abort", post(ask_abort))
        .route("/office/campaigns/{id}/approve-abort", post(approve_abort))
        .route("/office/campaigns/{id}/retry", post(retry))
}

/// Where a campaign is looked at.
pub fn address(id: &str) -> String {
    format!("/office/campaigns/{id}")
}

async fn show(Path(id): Path<String>, clerk: Clerk) -> Response {
    clerk.show(view(&clerk, &id).await)
}

async fn view(clerk: &Clerk, id: &str) -> Result<View, AppError> {
    let c = campaigns::get(&clerk.app, id).await?;
    let names = Names::read(&clerk.app).await?;
    let mut blocks = vec![next_step(clerk, &c)];
    let buttons = buttons(clerk, &c);
    if !buttons.is_empty() {
        blocks.push(Block::Buttons(buttons));
    }
    blocks.push(Block::Links(links(clerk, &c)));
    blocks.push(Block::Facts(vec![
        (clerk.t("state"), campaign_state(clerk, c.state.word())),
        (clerk.t("id"), Cell::code(&c.id)),
        (clerk.t("mode"), Cell::text(clerk.lang.word("mode", &word(&c.mode)))),
        (clerk.t("days"), Cell::text(format!("{} – {}", c.first_day, c.last_day))),
        (clerk.t("lead"), Cell::text(names.of(&c.lead))),
        (clerk.t("join"), Cell::text(clerk.lang.word("join", &word(&c.join)))),
        (clerk.t("contributors"), Cell::text(c.contributors.join("、"))),
        (clerk.t("proposed_by"), Cell::text(&c.proposed_by)),
        (clerk.t("approved_by"), Cell::text(&c.approved_by)),
    ]));
    blocks.push(Block::Table(participants(clerk, &c, &names)));
    if c.attempts > 0 {
        let found = attempt::get(&clerk.app, id, 0).await?;
        if let Some(figures) = attempt::figures_of(&found.draw)? {
            blocks.push(Block::Heading(clerk.t("campaign.outcome")));
            let target = joint::target_in(&clerk.app, &c.jurisdiction).await?;
            blocks.extend(preview::blocks(clerk, &figures, &names, target));
        }
        blocks.push(Block::Table(decisions(clerk, &found)));
    }
    blocks.extend(forms(clerk, &c));
    let trail = vec![Link::new("/office/campaigns", clerk.t("menu.campaigns"))];
    Ok(View { title: c.title, trail, blocks, ..View::default() })
}

/// What to do next, in one sentence.
fn next_step(clerk: &Clerk, c: &Campaign) -> Block {
    let key = match c.state {
        State::Proposed if c.participants.iter().any(|p| p.answer == Answer::Invited) => {
            "campaign.next.answers"
        }
        State::Proposed if c.proposed_by == clerk.caller().name() => "campaign.next.other",
        State::Proposed => "campaign.next.approve",
        State::Approved => "campaign.next.freeze",
        State::Frozen => "campaign.next.ceremony",
        State::Drawn => "campaign.next.visits",
        State::Aborted => "campaign.next.retry",
        State::Closed => "campaign.next.closed",
    };
    Block::Notice(Notice { kind: "", text: clerk.t(key), items: Vec::new() })
}

fn links(clerk: &Clerk, c: &Campaign) -> Vec<Link> {
    let at = address(&c.id);
    let mut out = vec![Link::new(format!("{at}/preview"), clerk.t("preview"))];
    if c.attempts > 0 {
        out.push(Link::new(format!("/campaigns/{}/ceremony", c.id), clerk.t("ceremony")));
    }
    if matches!(c.state, State::Drawn | State::Closed) {
        let files = format!("/campaigns/{}/draws/{}", c.id, c.attempts);
        out.extend([
            Link::new(format!("{at}/visits"), clerk.t("visits")),
            Link::new(format!("/office/results?campaign={}", c.id), clerk.t("menu.results")),
            Link::new(format!("{files}/certificate.json"), clerk.t("certificate")),
            Link::new(format!("{files}/bundle.json"), clerk.t("bundle")),
        ]);
    }
    out
}

fn with(mut form: Form, fields: &[(&str, &str)]) -> Form {
    form.fields = fields.iter().map(|(name, value)| Field::hidden(*name, *value)).collect();
    form
}

fn buttons(clerk: &Clerk, c: &Campaign) -> Vec<Form> {
    let at = address(&c.id);
    let button = |deed: &str, key: &str| Form::button(format!("{at}/{deed}"), clerk.t(key));
    let own = c.participants.iter().find(|p| p.department == clerk.department());
    let office = clerk.is_office();
    let mut out = Vec::new();
    match c.state {
        State::Proposed => {
            if own.is_some_and(|p| p.answer == Answer::Invited) {
                out.push(with(button("answer", "campaign.accept"), &[("accept", "1")]));
                let mut no = with(button("answer", "campaign.decline"), &[]);
                no.main = false;
                out.push(no);
            }
            if office && c.proposed_by != clerk.caller().name() {
                let etag = c.version.to_string();
                out.push(with(button("approve", "campaign.approve"), &[("etag", &etag)]));
            }
        }
        State::Approved if office => out.push(button("freeze", "campaign.freeze")),
        State::Frozen if office => out.push(button("draw", "campaign.draw")),
        State::Drawn if office => {
            let mut close = button("close", "campaign.close");
            close.main = false;
            out.push(close);
        }
        _ => {}
    }
    out
}

/// What needs a reason: it is asked by one side and approved by the other.
fn forms(clerk: &Clerk, c: &Campaign) -> Vec<Block> {
    let at = address(&c.id);
    let side = clerk.is_office() || clerk.caller().role == Role::Supervisor;
    let reason = || Field::new(Kind::Area, "reason", clerk.t("reason"));
    let form = |deed: &str, key: &str, fields| {
        let mut form = Form::new(format!("{at}/{deed}"), clerk.t(key), clerk.t(key), fields);
        form.main = false;
        Block::Form(form)
    };
    match c.state {
        State::Frozen | State::Drawn if side => vec![
            form("abort", "campaign.abort", vec![reason()]),
            form("approve-abort", "campaign.approve_abort", Vec::new()),
        ],
        State::Aborted if clerk.is_office() => {
            let site = Field::new(Kind::Text, "on_site", clerk.t("on_site")).optional();
            vec![form(
                "retry",
                "campaign.retry",
                vec![reason(), site.hint(clerk.t("on_site.hint"))],
            )]
        }
        _ => Vec::new(),
    }
}

fn participants(clerk: &Clerk, c: &Campaign, names: &Names) -> Table {
    let row = |p: &crate::domain::campaign::Participant| {
        let quota = |q: &crate::domain::campaign::StratumQuota| {
            let rule = &q.rule;
            let share = rule.basis_points.map(percent);
            let count = rule.count.map(|n| n.to_string());
            format!("{} {}", q.stratum, count.or(share).unwrap_or_default())
        };
        let quotas = p.quotas.iter().map(quota).collect::<Vec<_>>().join("；");
        let kind = match p.answer {
            Answer::Accepted => "good",
            Answer::Declined => "bad",
            Answer::Invited => "wait",
        };
        let items = match p.items.len() {
            0 => clerk.t("items.whole"),
            n => n.to_string(),
        };
        vec![
            Cell::text(names.of(&p.department)),
            Cell::state(kind, clerk.lang.word("answer", &word(&p.answer))),
            Cell::text(if quotas.is_empty() { clerk.t("joins_only") } else { quotas }),
            Cell::text(items),
        ]
    };
    Table {
        caption: clerk.t("participants"),
        columns: ["department", "answer", "quota", "menu.items"].map(|k| clerk.t(k)).to_vec(),
        rows: c.participants.iter().map(row).collect(),
        next: None,
    }
}

fn decisions(clerk: &Clerk, found: &attempt::Attempt) -> Table {
    let draw = &found.draw;
    let first = vec![
        Cell::text(clerk.lang.word("draw_state", &draw.state)),
        Cell::text(&draw.frozen_by),
        Cell::text(minute(draw.frozen_us)),
        Cell::text(&draw.abort_reason),
    ];
    Table {
        caption: clerk.lang.f("campaign.attempt", &[&draw.attempt.to_string()]),
        columns: ["state", "frozen_by", "frozen_at", "reason"].map(|k| clerk.t(k)).to_vec(),
        rows: vec![first],
        next: None,
    }
}

fn done(id: &str, what: &str) -> String {
    format!("{}?done={what}", address(id))
}

async fn answer(Path(id): Path<String>, posted: Posted) -> Response {
    let call = posted.asks("AnswerInvitation");
    let answered = campaigns::answer(&posted.app, &call, &id, posted.given.is("accept")).await;
    posted.then(answered.map(|_| done(&id, "answer")))
}

async fn approve(Path(id): Path<String>, posted: Posted) -> Response {
    let call = posted.asks("ApproveCampaign");
    let etag = posted.given.number("etag");
    let approved = campaigns::approve(&posted.app, &call, &id, etag).await;
    posted.then(approved.map(|_| done(&id, "approve")))
}

async fn freeze(Path(id): Path<String>, posted: Posted) -> Response {
    let frozen = ceremony::freeze(&posted.app, &posted.asks("FreezeCampaign"), &id).await;
    posted.then(frozen.map(|_| done(&id, "freeze")))
}

async fn draw(Path(id): Path<String>, posted: Posted) -> Response {
    let drawn = draws::execute(&posted.app, &posted.asks("DrawCampaign"), &id).await;
    posted.then(drawn.map(|_| done(&id, "draw")))
}

async fn close(Path(id): Path<String>, posted: Posted) -> Response {
    let closed = openings::close(&posted.app, &posted.asks("CloseCampaign"), &id).await;
    posted.then(closed.map(|_| done(&id, "close")))
}

async fn ask_abort(Path(id): Path<String>, posted: Posted) -> Response {
    let (call, reason) = (posted.asks("AbortDraw"), posted.given.text("reason"));
    let asked = abort::request(&posted.app, &call, &id, &reason).await;
    posted.then(asked.map(|_| done(&id, "abort")))
}

async fn approve_abort(Path(id): Path<String>, posted: Posted) -> Response {
    let approved = abort::approve(&posted.app, &posted.asks("ApproveAbort"), &id).await;
    posted.then(approved.map(|_| done(&id, "approve_abort")))
}

async fn retry(Path(id): Path<String>, posted: Posted) -> Response {
    let (reason, site) = (posted.given.text("reason"), posted.given.get("on_site"));
    let call = posted.asks("ApproveAttempt");
    let retried = abort::retry(&posted.app, &call, &id, &reason, &site).await;
    posted.then(retried.map(|_| done(&id, "retry")))
}
