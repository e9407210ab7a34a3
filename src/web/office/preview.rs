//! What a campaign would cost and save, before anything is decided: doors and loads follow the sliders.

use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::get;

use super::{Names, basis_points, campaign, percent};
use crate::app::{App, AppError, campaigns, joint};
use crate::domain::campaign::Campaign;
use crate::domain::joint_rate::JointRate;
use crate::merge::figures::{Figures, Load};
use crate::web::chart::{self, Bar};
use crate::web::clerk::Clerk;
use crate::web::view::{Block, Cell, Field, Figure, Form, Kind, Link, Notice, Table, View};

/// What a slider's name begins with; the department and the stratum follow.
const SHARE: &str = "share.";

/// The routes.
pub fn router() -> Router<App> {
    Router::new().route("/office/campaigns/{id}/preview", get(show))
}

async fn show(Path(id): Path<String>, clerk: Clerk) -> Response {
    clerk.show(view(&clerk, &id).await)
}

async fn view(clerk: &Clerk, id: &str) -> Result<View, AppError> {
    let mut shown = campaigns::get(&clerk.app, id).await?;
    let asked = clerk.asked_with(SHARE);
    set(&mut shown, &asked);
    let change = |c: &mut Campaign| set(c, &asked);
    let figures = campaigns::what_if(&clerk.app, &clerk.reads(), id, change).await?;
    let names = Names::read(&clerk.app).await?;
    let mut blocks = vec![Block::Form(sliders(clerk, &shown, &names))];
    let target = joint::target_in(&clerk.app, &shown.jurisdiction).await?;
    blocks.extend(self::blocks(clerk, &figures, &names, target));
    let trail = vec![
        Link::new("/office/campaigns", clerk.t("menu.campaigns")),
        Link::new(campaign::address(id), &shown.title),
    ];
    let (title, lead) = (clerk.t("preview"), clerk.t("preview.lead"));
    Ok(View { title, lead, trail, blocks, ..View::default() })
}

/// Sets shares as they are asked for.
fn set(campaign: &mut Campaign, asked: &[(String, String)]) {
    for participant in &mut campaign.participants {
        for quota in &mut participant.quotas {
            let name = format!("{}.{}", participant.department, quota.stratum);
            let given = asked.iter().find(|(key, _)| *key == name);
            if let Some(share) = given.and_then(|(_, value)| basis_points(value)) {
                quota.rule.basis_points = Some(share);
                quota.rule.count = None;
            }
        }
    }
}

fn sliders(clerk: &Clerk, c: &Campaign, names: &Names) -> Form {
    let mut fields = Vec::new();
    for participant in &c.participants {
        for quota in participant.quotas.iter().filter(|q| q.rule.count.is_none()) {
            let name = format!("{SHARE}{}.{}", participant.department, quota.stratum);
            let label =
                clerk.lang.f("preview.share", &[names.of(&participant.department), &quota.stratum]);
            let share = quota.rule.basis_points.unwrap_or(0);
            let value = percent(share).trim_end_matches('%').to_owned();
            fields.push(Field::new(Kind::Range, name, label).with(value));
        }
    }
    let action = format!("{}/preview", campaign::address(&c.id));
    let mut form = Form::new(action, clerk.t("preview.what_if"), clerk.t("preview.again"), fields);
    (form.asks, form.live) = (true, true);
    form
}

fn shown_share(part: u64, whole: u64) -> String {
    JointRate::share(part, whole).map_or_else(|| "–".to_owned(), percent)
}

/// The figures of a draw, or of one that could be; `target` is the joint rate wanted, in basis points.
pub fn blocks(clerk: &Clerk, f: &Figures, names: &Names, target: u64) -> Vec<Block> {
    let lang = clerk.lang;
    let figure = |key: &str, value: String, formula: String, kind| Figure {
        label: lang.t(key).to_owned(),
        value,
        formula,
        href: String::new(),
        kind,
    };
    let n = |n: u64| n.to_string();
    let rate = JointRate::share(f.joint_checks, f.checks);
    let kind = if rate.is_some_and(|r| r >= target) { "good" } else { "warn" };
    let alone = shown_share(f.independent_joint_checks, f.checks);
    let short = if f.shortages > 0 { "bad" } else { "good" };
    let mut out = vec![Block::Figures(vec![
        figure("doors", n(f.doors), lang.f("doors.formula", &[&n(f.independent_doors)]), ""),
        figure("checks", n(f.checks), lang.t("checks.formula").to_owned(), ""),
        figure("saved", n(f.visits_saved), lang.t("saved.formula").to_owned(), "good"),
        figure(
            "joint_rate",
            shown_share(f.joint_checks, f.checks),
            lang.f("joint_rate.formula", &[&alone]),
            kind,
        ),
        figure("shortages", n(f.shortages), lang.t("shortages.formula").to_owned(), short),
    ])];
    if !f.small_strata.is_empty() {
        let items = f.small_strata.clone();
        let text = lang.t("small_strata").to_owned();
        out.push(Block::Notice(Notice { kind: "warn", text, items }));
    }
    let bars = [("doors", f.doors), ("checks", f.checks), ("doors.alone", f.independent_doors)];
    let rows = bars.map(|(key, n)| (lang.t(key).to_owned(), n.to_string())).to_vec();
    let table = chart::twin(lang.t("doors.chart"), [lang.t("figure"), lang.t("count")], rows);
    let bar = |(key, value): (&str, u64)| Bar {
        label: lang.t(key).to_owned(),
        values: vec![(value, if key == "doors" { "first" } else { "second" })],
        said: value.to_string(),
    };
    let bars: Vec<Bar> = bars.into_iter().map(bar).collect();
    let said = lang.f("doors.said", &[&n(f.doors), &n(f.checks), &n(f.independent_doors)]);
    out.push(Block::Chart(chart::bars(
        "doors",
        lang.t("doors.chart").to_owned(),
        said,
        &bars,
        table,
    )));
    out.push(Block::Table(loads(clerk, f, names)));
    out
}

fn loads(clerk: &Clerk, f: &Figures, names: &Names) -> Table {
    let row = |(department, load): (&String, &Load)| {
        let excluded = f.exclusions.get(department);
        let excluded: u64 = excluded.map_or(0, |rules| rules.values().sum());
        vec![
            Cell::text(names.of(department)),
            Cell::number(load.registered),
            Cell::number(load.eligible),
            Cell::number(excluded),
            Cell::number(load.checks),
            Cell::number(load.inspectors),
            Cell::text(format!("{} – {}", load.load_min, load.load_max)),
            Cell::number(load.shortages),
        ]
    };
    let columns = [
        "department",
        "registered",
        "eligible",
        "excluded",
        "checks",
        "inspectors.count",
        "load.range",
        "shortages",
    ];
    Table {
        caption: clerk.t("loads"),
        columns: columns.map(|k| clerk.t(k)).to_vec(),
        rows: f.loads.iter().map(row).collect(),
        next: None,
    }
}
