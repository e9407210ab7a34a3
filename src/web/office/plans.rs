//! Annual plans on their way through approval.

use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::{get, post};

use super::{minute, place, word};
use crate::app::annual_plans::{self, Checked};
use crate::app::papers;
use crate::app::{Aim, App, AppError, Page, PaperFilter};
use crate::domain::annual_plan::AnnualPlan;
use crate::domain::approval::{Paper, PaperState};
use crate::domain::day;
use crate::web::clerk::Clerk;
use crate::web::form::Posted;
use crate::web::view::{Block, Cell, Field, Form, Kind, Link, Notice, Table, View};

const HERE: &str = "/office/plans";

/// The routes.
pub fn router() -> Router<App> {
    Router::new()
        .route(HERE, get(list))
        .route("/office/plans/{id}", get(show))
        .route("/office/plans/{id}/submit", post(submit))
        .route("/office/plans/{id}/approve", post(approve))
        .route("/office/plans/{id}/return", post(send_back))
        .route("/office/plans/{id}/publish", post(publish))
}

async fn list(clerk: Clerk) -> Response {
    clerk.show(all(&clerk).await)
}

fn state(clerk: &Clerk, state: PaperState) -> Cell {
    let kind = match state {
        PaperState::Published => "good",
        PaperState::Draft | PaperState::Superseded => "wait",
        PaperState::InApproval | PaperState::Approved => "warn",
    };
    Cell::state(kind, clerk.lang.word("paper_state", state.word()))
}

async fn all(clerk: &Clerk) -> Result<View, AppError> {
    let (title, lead) = (clerk.t("menu.plans"), clerk.t("plans.lead"));
    let Some(place) = place(clerk).await? else {
        let to = vec![Link::new("/office/departments", clerk.t("departments.go"))];
        let blocks = vec![Block::Empty(clerk.t("no_place"), to)];
        return Ok(View { title, lead, blocks, ..View::default() });
    };
    let this = day::of_instant(clerk.app.clock.now_us()).year();
    let year = clerk.asked("year").parse().unwrap_or(this);
    let filter = PaperFilter { jurisdiction: &place.code, year, parent: "", state: None };
    let after = clerk.asked("after");
    let page = Page { after: &after, limit: super::ROWS };
    let found: Vec<Paper<AnnualPlan>> = papers::list(&clerk.app, &filter, &page).await?;
    let mut blocks = Vec::new();
    if found.is_empty() {
        blocks.push(Block::Empty(clerk.lang.f("plans.empty", &[&year.to_string()]), Vec::new()));
    } else {
        let row = |p: &Paper<AnnualPlan>| {
            let unit = if p.unit.is_empty() { clerk.t("leading_group") } else { p.unit.clone() };
            vec![
                Cell::link(format!("{HERE}/{}", p.id), &p.content.title),
                Cell::text(unit),
                Cell::number(p.flow.version),
                Cell::number(p.content.tasks.len()),
                state(clerk, p.flow.state),
            ]
        };
        let columns = ["title", "unit", "version", "tasks", "state"];
        blocks.push(Block::Table(Table {
            caption: clerk.lang.f("plans.caption", &[&place.name, &year.to_string()]),
            columns: columns.map(|k| clerk.t(k)).to_vec(),
            rows: found.iter().map(row).collect(),
            next: None,
        }));
    }
    Ok(View { title, lead, blocks, ..View::default() })
}

async fn show(Path(id): Path<String>, clerk: Clerk) -> Response {
    clerk.show(one(&clerk, &id).await)
}

async fn one(clerk: &Clerk, id: &str) -> Result<View, AppError> {
    let Checked { plan, findings, campaigns } = annual_plans::check(&clerk.app, id, 0).await?;
    let flow = &plan.flow;
    let mut blocks = vec![Block::Facts(vec![
        (clerk.t("state"), state(clerk, flow.state)),
        (clerk.t("version"), Cell::number(flow.version)),
        (clerk.t("proposed_by"), Cell::text(&flow.drafted_by)),
        (clerk.t("source"), Cell::text(&plan.content.source)),
        (clerk.t("plan.returned"), Cell::text(&flow.returned)),
        (clerk.t("plan.published"), Cell::text(minute(flow.published_us))),
    ])];
    if !findings.is_empty() {
        let said = findings.iter().map(|f| {
            let rule = clerk.lang.word("plan_rule", &format!("{:?}", f.rule));
            [&*rule, &*f.task, &*f.item].join(" ")
        });
        let text = clerk.t("plan.findings");
        blocks.push(Block::Notice(Notice { kind: "warn", text, items: said.collect() }));
    }
    blocks.push(Block::Table(steps(clerk, &plan)));
    let row = |t: &crate::domain::annual_plan::PlanTask| {
        let of = campaigns.iter().find(|(task, _)| *task == t.id);
        let of = of.map(|(_, ids)| ids.join("、")).unwrap_or_default();
        vec![
            Cell::text(&t.title),
            Cell::text(&t.lead),
            Cell::text(t.participants.join("、")),
            Cell::text(format!("{} – {}", t.first_day, t.last_day)),
            Cell::number(t.times),
            Cell::number(t.items.len()),
            Cell::text(of),
        ]
    };
    let columns =
        ["title", "lead", "participants", "days", "times", "menu.items", "menu.campaigns"];
    blocks.push(Block::Table(Table {
        caption: clerk.t("tasks"),
        columns: columns.map(|k| clerk.t(k)).to_vec(),
        rows: plan.content.tasks.iter().map(row).collect(),
        next: None,
    }));
    blocks.extend(deeds(clerk, &plan));
    let trail = vec![Link::new(HERE, clerk.t("menu.plans"))];
    Ok(View { title: plan.content.title, trail, blocks, ..View::default() })
}

/// The chain with who took which step.
fn steps(clerk: &Clerk, plan: &Paper<AnnualPlan>) -> Table {
    let rows = plan.flow.steps.iter().enumerate().map(|(i, step)| {
        let taken = plan.flow.taken.get(i);
        let done = match taken {
            Some(taken) => Cell::state("good", minute(taken.at_us)),
            None => Cell::state("wait", clerk.t("plan.waits")),
        };
        let of = [&*step.office, &*step.department].join("");
        vec![
            Cell::number(i + 1),
            Cell::text(&step.name),
            Cell::text(clerk.lang.word("role", step.role.word())),
            Cell::text(of),
            done,
        ]
    });
    Table {
        caption: clerk.t("plan.chain"),
        columns: ["nth", "name", "role", "account.of", "state"].map(|k| clerk.t(k)).to_vec(),
        rows: rows.collect(),
        next: None,
    }
}

fn deeds(clerk: &Clerk, plan: &Paper<AnnualPlan>) -> Vec<Block> {
    let (flow, caller) = (&plan.flow, clerk.caller());
    let at = format!("{HERE}/{}", plan.id);
    let etag = || Field::hidden("etag", flow.etag.to_string());
    let button = |deed: &str, key: &str| {
        let mut form = Form::button(format!("{at}/{deed}"), clerk.t(key));
        form.fields.push(etag());
        Block::Buttons(vec![form])
    };
    let own = (clerk.is_office() && plan.unit.is_empty()) || clerk.department() == plan.unit;
    match flow.state {
        PaperState::Draft if own => vec![button("submit", "plan.submit")],
        PaperState::InApproval => {
            let next = flow.steps.get(flow.taken.len());
            if !next.is_some_and(|step| step.fits(caller, &plan.unit)) {
                return Vec::new();
            }
            let reason = Field::new(Kind::Area, "reason", clerk.t("reason"));
            let (action, submit) = (format!("{at}/return"), clerk.t("plan.return"));
            let mut back = Form::new(action, clerk.t("plan.return"), submit, vec![etag(), reason]);
            back.main = false;
            vec![button("approve", "plan.approve"), Block::Form(back)]
        }
        PaperState::Approved if own => vec![button("publish", "plan.publish")],
        _ => Vec::new(),
    }
}

fn done(id: &str, done: Result<Paper<AnnualPlan>, AppError>) -> Result<String, AppError> {
    done.map(|p| format!("{HERE}/{id}?done=plan.{}", word(&p.flow.state)))
}

async fn submit(Path(id): Path<String>, posted: Posted) -> Response {
    let aim = Aim { id: &id, etag: posted.given.number("etag") };
    let call = posted.asks("SubmitAnnualPlan");
    let made = papers::submit::<AnnualPlan>(&posted.app, &call, aim).await;
    posted.then(done(&id, made))
}

async fn approve(Path(id): Path<String>, posted: Posted) -> Response {
    let aim = Aim { id: &id, etag: posted.given.number("etag") };
    let call = posted.asks("ApproveAnnualPlan");
    let made = annual_plans::approve(&posted.app, &call, aim).await;
    posted.then(done(&id, made))
}

async fn send_back(Path(id): Path<String>, posted: Posted) -> Response {
    let aim = Aim { id: &id, etag: posted.given.number("etag") };
    let (call, reason) = (posted.asks("ReturnAnnualPlan"), posted.given.text("reason"));
    let made = papers::send_back::<AnnualPlan>(&posted.app, &call, aim, &reason).await;
    posted.then(done(&id, made))
}

async fn publish(Path(id): Path<String>, posted: Posted) -> Response {
    let aim = Aim { id: &id, etag: posted.given.number("etag") };
    let call = posted.asks("PublishAnnualPlan");
    let made = papers::publish::<AnnualPlan>(&posted.app, &call, aim).await;
    posted.then(done(&id, made))
}
