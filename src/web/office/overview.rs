//! The overview: a year at a glance. Every figure says its formula and leads to its rows.

use axum::Router;
use axum::response::Response;
use axum::routing::get;

use super::{percent, place};
use crate::app::objection::read as objections;
use crate::app::overview::{self, Overview};
use crate::app::{App, AppError, PAGE_MAX};
use crate::domain::caller::Role;
use crate::domain::department::Jurisdiction;
use crate::domain::joint_rate::JointRate;
use crate::web::chart::{self, Bar};
use crate::web::clerk::Clerk;
use crate::web::view::{Block, Cell, Field, Figure, Form, Kind, Link, Notice, Table, View};

/// Seconds after which the figures come anew.
const REFRESH: u32 = 15;

/// The routes.
pub fn router() -> Router<App> {
    Router::new().route("/office", get(show))
}

async fn show(clerk: Clerk) -> Response {
    clerk.show(view(&clerk).await)
}

async fn view(clerk: &Clerk) -> Result<View, AppError> {
    let Some(place) = place(clerk).await? else {
        let to = vec![Link::new("/office/departments", clerk.t("departments.go"))];
        let blocks = vec![Block::Empty(clerk.t("overview.empty"), to)];
        return Ok(View { title: clerk.t("menu.overview"), blocks, ..View::default() });
    };
    let o = overview::get(&clerk.app, &clerk.reads(), &place.code).await?;
    let mut blocks = Vec::new();
    let all = super::places(&clerk.app).await?;
    if all.len() > 1 {
        let options = all.iter().map(|p| (p.code.clone(), p.name.clone())).collect();
        let field = Field::new(Kind::Select, "place", clerk.t("place")).of(options);
        let mut form = Form::new("/office", "", clerk.t("show"), vec![field.with(&place.code)]);
        form.asks = true;
        blocks.push(Block::Form(form));
    }
    if o.campaigns == 0 {
        let to = vec![Link::new("/office/campaigns", clerk.t("menu.campaigns"))];
        blocks.push(Block::Empty(clerk.t("overview.no_campaigns"), to));
    }
    blocks.push(Block::Heading(clerk.t("overview.joint")));
    blocks.push(Block::Figures(joint(clerk, &o)));
    blocks.push(raise(clerk, &o));
    blocks.push(Block::Chart(doors(clerk, &o)));
    blocks.push(Block::Chart(trend(clerk, &o)));
    blocks.push(Block::Heading(clerk.t("overview.progress")));
    blocks.push(Block::Figures(progress(clerk, &o)));
    blocks.push(Block::Figures(disclosure(clerk, &o).await?));
    blocks.push(Block::Heading(clerk.t("overview.order")));
    blocks.push(Block::Figures(order(clerk, &o, &place)));
    blocks.push(Block::Heading(clerk.t("overview.loads")));
    blocks.push(Block::Chart(departments(clerk, &o)));
    blocks.push(Block::Table(loads(clerk, &o)));
    let title = clerk.lang.f("overview.title", &[&place.name, &o.year.to_string()]);
    let lead = clerk.t("overview.lead");
    Ok(View { title, lead, blocks, refresh: REFRESH, ..View::default() })
}

fn figure(
    clerk: &Clerk,
    key: &str,
    value: impl ToString,
    href: &str,
    kind: &'static str,
) -> Figure {
    Figure {
        label: clerk.t(&format!("figure.{key}")),
        value: value.to_string(),
        formula: clerk.t(&format!("figure.{key}.formula")),
        href: href.to_owned(),
        kind,
    }
}

fn share(part: u64, whole: u64) -> String {
    JointRate::share(part, whole).map_or_else(|| "–".to_owned(), percent)
}

fn share_of(part: i64, whole: i64) -> String {
    share(u64::try_from(part).unwrap_or(0), u64::try_from(whole).unwrap_or(0))
}

const CAMPAIGNS: &str = "/office/campaigns";

fn joint(clerk: &Clerk, o: &Overview) -> Vec<Figure> {
    let rate = &o.counted.rate;
    let reached = |part, whole| match JointRate::share(part, whole) {
        Some(rate) if rate >= o.counted.target => "good",
        Some(_) => "warn",
        None => "",
    };
    let by_checks = share(rate.joint_checks, rate.checks);
    let by_visits = share(rate.joint_visits, rate.visits);
    vec![
        figure(clerk, "by_checks", by_checks, CAMPAIGNS, reached(rate.joint_checks, rate.checks)),
        figure(clerk, "by_visits", by_visits, CAMPAIGNS, reached(rate.joint_visits, rate.visits)),
        figure(clerk, "checks", rate.checks, CAMPAIGNS, ""),
        figure(clerk, "doors", rate.visits, CAMPAIGNS, ""),
        figure(clerk, "saved", o.counted.saved(), CAMPAIGNS, "good"),
    ]
}

/// What would raise the rate.
fn raise(clerk: &Clerk, o: &Overview) -> Block {
    let rate = &o.counted.rate;
    let (missing, alone) = (o.counted.missing(), rate.checks - rate.joint_checks);
    let (kind, text) = match (rate.checks, missing) {
        (0, _) => ("", clerk.t("raise.nothing")),
        (_, 0) => ("good", clerk.t("raise.reached")),
        _ => ("warn", clerk.lang.f("raise.missing", &[&missing.to_string(), &alone.to_string()])),
    };
    let mut single: Vec<(&String, u64)> =
        o.counted.loads.iter().map(|(d, l)| (d, l.checks - l.joint)).collect();
    single.retain(|(_, n)| *n > 0 && missing > 0);
    single.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    let item = |(d, n): (&String, u64)| clerk.lang.f("raise.of", &[&name(o, d), &n.to_string()]);
    Block::Notice(Notice { kind, text, items: single.into_iter().take(3).map(item).collect() })
}

fn name(o: &Overview, id: &str) -> String {
    o.departments.iter().find(|d| d.id == id).map_or_else(|| id.to_owned(), |d| d.name.clone())
}

fn doors(clerk: &Clerk, o: &Overview) -> chart::Chart {
    let rate = &o.counted.rate;
    let all = [("figure.checks", rate.checks, "second"), ("figure.doors", rate.visits, "first")];
    let bar = |(key, n, class): (&str, u64, &'static str)| Bar {
        label: clerk.t(key),
        values: vec![(n, class)],
        said: n.to_string(),
    };
    let rows = all.map(|(key, n, _)| (clerk.t(key), n.to_string())).to_vec();
    let title = clerk.t("doors.chart");
    let columns = [clerk.lang.t("figure"), clerk.lang.t("count")];
    let table = chart::twin(&title, columns, rows);
    let numbers = [rate.checks, rate.visits, o.counted.saved()].map(|n| n.to_string());
    let said = clerk.lang.f("overview.doors.said", &numbers.each_ref().map(|n| n.as_str()));
    chart::bars("doors", title, said, &all.map(bar), table)
}

fn trend(clerk: &Clerk, o: &Overview) -> chart::Chart {
    let months = &o.counted.months;
    let shares = months.map(|m| JointRate::share(m.joint_checks, m.checks));
    let text = |share: Option<u64>| share.map_or_else(|| "–".to_owned(), percent);
    let rows =
        (1..).zip(shares).map(|(m, s)| (clerk.lang.f("month", &[&i32::to_string(&m)]), text(s)));
    let title = clerk.t("trend.chart");
    let columns = [clerk.lang.t("month.column"), clerk.lang.t("figure.by_checks")];
    let table = chart::twin(&title, columns, rows.collect());
    let known = shares.iter().flatten().count().to_string();
    let said = clerk.lang.f("trend.said", &[&known]);
    chart::months("trend", title, said, &shares, o.counted.target, table)
}

fn progress(clerk: &Clerk, o: &Overview) -> Vec<Figure> {
    let p = &o.progress;
    let visits = i64::try_from(o.counted.rate.visits).unwrap_or(0);
    let begun = p.under_way + p.examined + p.terminated;
    vec![
        figure(clerk, "completion", share_of(p.completed, visits), CAMPAIGNS, ""),
        figure(clerk, "examined", share_of(p.examined, visits), CAMPAIGNS, ""),
        figure(clerk, "under_way", p.under_way, CAMPAIGNS, ""),
        figure(clerk, "scheduled", (visits - begun).max(0), CAMPAIGNS, ""),
    ]
}

async fn disclosure(clerk: &Clerk, o: &Overview) -> Result<Vec<Figure>, AppError> {
    let bad = |n: i64| if n > 0 { "bad" } else { "good" };
    let (waiting, late) = o.unpublished;
    let (published, issues) = o.published;
    let mut out = vec![
        figure(clerk, "overdue", late, "/office/results?overdue=1", bad(late)),
        figure(clerk, "unpublished", waiting, "/office/results?state=PENDING", ""),
        figure(clerk, "published", published, "/office/results?state=PUBLISHED", ""),
        figure(clerk, "issues", share_of(issues, published), "/office/follow-ups", ""),
    ];
    if matches!(clerk.caller().role, Role::Office | Role::Department) {
        let wanted = objections::Wanted { department: "", state: None, overdue: false };
        let all = objections::list(&clerk.app, &clerk.reads(), &wanted, "", PAGE_MAX).await?;
        let open = all.iter().filter(|s| s.objection.state.is_open()).count();
        let late = i64::try_from(all.iter().filter(|s| s.overdue).count()).unwrap_or(0);
        out.push(figure(clerk, "objections", open, "/office/objections", ""));
        let to = "/office/objections?overdue=1";
        out.push(figure(clerk, "objections_late", late, to, bad(late)));
    }
    Ok(out)
}

fn order(clerk: &Clerk, o: &Overview, place: &Jurisdiction) -> Vec<Figure> {
    let to = |kind: &str| format!("/office/warnings?place={}&kind={kind}", place.code);
    let kind = |n: i64| if n > 0 { "warn" } else { "good" };
    let (items, uncovered) = o.items;
    let (aborted, voided) = o.ended;
    let registered: i64 = o.registered.iter().map(|(_, n)| n).sum();
    let visits = i64::try_from(o.counted.rate.visits).unwrap_or(0);
    let ended = to("ATTEMPT_ENDED");
    vec![
        figure(
            clerk,
            "items",
            share_of(items - uncovered, items),
            &to("ITEM_UNCOVERED"),
            kind(uncovered),
        ),
        figure(clerk, "subjects", share_of(visits, registered), "/office/subjects", ""),
        figure(clerk, "voided", voided, &ended, kind(voided)),
        figure(clerk, "aborted", aborted, &ended, kind(aborted)),
        figure(clerk, "direct", o.direct, &to("DIRECT_ASSIGNMENT"), kind(o.direct)),
        figure(clerk, "short", o.shortages, &to("SHORTAGE_UNSOLVED"), kind(o.shortages)),
    ]
}

fn departments(clerk: &Clerk, o: &Overview) -> chart::Chart {
    let bar = |d: &crate::domain::department::Department| {
        let load = o.counted.loads.get(&d.id).cloned().unwrap_or_default();
        Bar {
            label: d.name.clone(),
            values: vec![(load.joint, "first"), (load.checks - load.joint, "second")],
            said: format!("{} / {}", load.joint, load.checks),
        }
    };
    let bars: Vec<Bar> = o.departments.iter().map(bar).collect();
    let title = clerk.t("departments.chart");
    let rows = bars.iter().map(|b| (b.label.clone(), b.said.clone())).collect();
    let columns = [clerk.lang.t("department"), clerk.lang.t("departments.chart.column")];
    let table = chart::twin(&title, columns, rows);
    let said = clerk.lang.f("departments.chart.said", &[&bars.len().to_string()]);
    chart::bars("departments", title, said, &bars, table)
}

fn loads(clerk: &Clerk, o: &Overview) -> Table {
    let row = |d: &crate::domain::department::Department| {
        let load = o.counted.loads.get(&d.id).cloned().unwrap_or_default();
        let of = |all: &[(String, u64)]| all.iter().find(|(id, _)| *id == d.id).map_or(0, |x| x.1);
        let registered = o.registered.iter().find(|(id, _)| *id == d.id).map_or(0, |x| x.1);
        let idle = load.checks == 0;
        vec![
            Cell::text(&d.name),
            Cell::link(format!("/office/subjects?department={}", d.id), registered.to_string()),
            Cell::number(load.checks),
            Cell::number(load.joint),
            Cell::text(share(load.joint, load.checks)),
            Cell::link(
                format!("/office/inspectors?department={}", d.id),
                of(&o.inspectors).to_string(),
            ),
            Cell::number(load.people),
            Cell::number(load.most),
            Cell::number(load.short),
            if idle {
                Cell::state("warn", clerk.t("idle"))
            } else {
                Cell::state("good", clerk.t("active"))
            },
        ]
    };
    let columns = [
        "department",
        "registered",
        "checks",
        "checks.joint",
        "figure.by_checks",
        "inspectors.count",
        "people",
        "load.most",
        "shortages",
        "state",
    ];
    Table {
        caption: clerk.t("overview.loads"),
        columns: columns.map(|k| clerk.t(k)).to_vec(),
        rows: o.departments.iter().map(row).collect(),
        next: None,
    }
}
