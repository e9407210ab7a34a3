//! Proposing a campaign.

use axum::Router;
use axum::response::Response;
use axum::routing::get;

use super::{basis_points, departments_of, place, word};
use crate::app::{App, AppError, campaigns};
use crate::domain::campaign::{
    Answer, Campaign, EVERY_STRATUM, Mode, Participant, RISK_STRATUM, Scope, State, StratumQuota,
};
use crate::domain::ceremony::Ceremony;
use crate::domain::profile::{DEFAULT, Join};
use crate::domain::quota::QuotaRule;
use crate::domain::subject::{RiskClass, UNCLASSIFIED};
use crate::domain::{Violations, day};
use crate::web::clerk::Clerk;
use crate::web::form::Posted;
use crate::web::view::{Block, Field, Form, Kind, Link, View};

const HERE: &str = "/office/campaigns/new";
/// What a department's share begins with, in per cent.
const SHARE: &str = "5";

/// The routes.
pub fn router() -> Router<App> {
    Router::new().route(HERE, get(ask).post(create))
}

async fn ask(clerk: Clerk) -> Response {
    clerk.show(view(&clerk).await)
}

async fn view(clerk: &Clerk) -> Result<View, AppError> {
    let trail = vec![Link::new("/office/campaigns", clerk.t("menu.campaigns"))];
    let title = clerk.t("campaign.new");
    let Some(place) = place(clerk).await? else {
        let to = vec![Link::new("/office/departments", clerk.t("departments.go"))];
        let blocks = vec![Block::Empty(clerk.t("campaign.no_place"), to)];
        return Ok(View { title, trail, blocks, ..View::default() });
    };
    let departments = departments_of(&clerk.app, &place.code).await?;
    if departments.is_empty() {
        let to = vec![Link::new("/office/departments", clerk.t("departments.go"))];
        let blocks = vec![Block::Empty(clerk.t("departments.empty"), to)];
        return Ok(View { title, trail, blocks, ..View::default() });
    }
    let today = day::of_instant(clerk.app.clock.now_us());
    let until = today.checked_add(jiff::Span::new().days(30)).unwrap_or(today);
    let choices: Vec<(String, String)> =
        departments.iter().map(|d| (d.id.clone(), d.name.clone())).collect();
    let modes = [Mode::Comprehensive, Mode::RiskBased, Mode::Special];
    let modes = modes.map(|m| (word(&m), clerk.lang.word("mode", &word(&m)))).to_vec();
    let joins = [Join::DrawnOnly, Join::AllApplicable];
    let joins = joins.map(|j| (word(&j), clerk.lang.word("join", &word(&j)))).to_vec();
    let id = Field::new(Kind::Text, "campaign_id", clerk.t("campaign.id"));
    let mut fields = vec![
        Field::new(Kind::Text, "title", clerk.t("title")),
        id.hint(clerk.t("campaign.id.hint")).with(format!("{}-{:02}", today.year(), today.month())),
        Field::hidden("jurisdiction", &place.code),
        Field::new(Kind::Select, "mode", clerk.t("mode")).of(modes),
        Field::new(Kind::Select, "lead", clerk.t("lead")).of(choices).with(clerk.department()),
        Field::new(Kind::Date, "first_day", clerk.t("first_day")).with(today.to_string()),
        Field::new(Kind::Date, "last_day", clerk.t("last_day")).with(until.to_string()),
        Field::new(Kind::Select, "join", clerk.t("join")).of(joins).hint(clerk.t("join.hint")),
    ];
    for department in &departments {
        let label = clerk.lang.f("campaign.takes_part", &[&department.name]);
        fields.push(Field::new(Kind::Check, format!("part.{}", department.id), label).with("1"));
        let label = clerk.lang.f("campaign.share", &[&department.name]);
        let share = Field::new(Kind::Number, format!("share.{}", department.id), label);
        fields.push(share.with(SHARE).optional().hint(clerk.t("campaign.share.hint")));
    }
    let offices = Field::new(Kind::Area, "contributors", clerk.t("contributors"));
    let classes = Field::new(Kind::Text, "risk_classes", clerk.t("risk_classes"));
    let tags = Field::new(Kind::Text, "tags", clerk.t("tags"));
    let why = Field::new(Kind::Area, "override_reason", clerk.t("override_reason"));
    fields.extend([
        offices.hint(clerk.t("contributors.hint")),
        classes.optional().hint(clerk.t("risk_classes.hint")),
        tags.optional().hint(clerk.t("tags.hint")),
        why.optional().hint(clerk.t("override_reason.hint")),
    ]);
    let form = Form::new(HERE, "", clerk.t("campaign.create"), fields);
    let lead = clerk.lang.f("campaign.new.lead", &[&place.name]);
    Ok(View { title, lead, trail, blocks: vec![Block::Form(form)], ..View::default() })
}

fn list(text: &str) -> Vec<String> {
    let parts = text.split([',', '，', '、', ' ', ';', '；']).map(str::trim);
    parts.filter(|t| !t.is_empty()).map(str::to_owned).collect()
}

/// A share for each stratum that the mode has; none for a department that only joins.
fn quotas(
    v: &mut Violations,
    (field, given): (&str, &str),
    classes: Option<&[String]>,
) -> Vec<StratumQuota> {
    if given.is_empty() {
        return Vec::new();
    }
    let Some(share) = basis_points(given) else {
        v.add(field, "SHARE_RANGE", given);
        return Vec::new();
    };
    let quota = |stratum: String| StratumQuota { stratum, rule: QuotaRule::share(share) };
    match classes {
        None => vec![quota(EVERY_STRATUM.to_owned())],
        Some(classes) => classes.iter().map(|c| quota(format!("{RISK_STRATUM}{c}"))).collect(),
    }
}

/// The campaign that a form describes.
fn read(posted: &Posted) -> Result<Campaign, AppError> {
    let given = &posted.given;
    let mut v = Violations::default();
    let mode = given.get("mode");
    let mode =
        [Mode::Comprehensive, Mode::RiskBased, Mode::Special].into_iter().find(|m| word(m) == mode);
    v.require(mode.is_some(), "mode", "REQUIRED", &given.get("mode"));
    let mode = mode.unwrap_or(Mode::Comprehensive);
    let join = given.get("join");
    let join = [Join::DrawnOnly, Join::AllApplicable].into_iter().find(|j| word(j) == join);
    let first_day = day::parse(&mut v, "first_day", &given.get("first_day"));
    let last_day = day::parse(&mut v, "last_day", &given.get("last_day"));
    let mut classes = list(&given.get("risk_classes"));
    let all = RiskClass::ALL.iter().map(|c| c.word()).chain([UNCLASSIFIED]);
    if mode == Mode::RiskBased && classes.is_empty() {
        classes = all.map(str::to_owned).collect();
    }
    let strata = (mode == Mode::RiskBased).then_some(classes.as_slice());
    let mut participants = Vec::new();
    for (department, _) in given.with("part.") {
        let field = format!("share.{department}");
        let share = given.get(&field);
        participants.push(Participant {
            department: department.to_owned(),
            items: Vec::new(),
            quotas: quotas(&mut v, (&field, &share), strata),
            profile: DEFAULT.to_owned(),
            answer: Answer::Invited,
        });
    }
    let campaign = Campaign {
        id: given.get("campaign_id"),
        title: given.get("title"),
        jurisdiction: given.get("jurisdiction"),
        mode,
        lead: given.get("lead"),
        participants,
        scope: Scope { tags: list(&given.get("tags")), risk_classes: classes, ..Scope::default() },
        join: join.unwrap_or(Join::DrawnOnly),
        profiles: Vec::new(),
        first_day: first_day.unwrap_or_default(),
        last_day: last_day.unwrap_or_default(),
        contributors: given.lines("contributors"),
        ceremony: Ceremony::default(),
        state: State::Proposed,
        attempts: 0,
        proposed_by: String::new(),
        approved_by: String::new(),
        proposals: Vec::new(),
        supplement: None,
        master_s: String::new(),
        plan: String::new(),
        plan_task: String::new(),
        scheme: String::new(),
        scheme_version: 0,
        override_reason: given.text("override_reason"),
        answer_by: None,
        silent: Vec::new(),
        local_mode: String::new(),
        local_mode_version: 0,
        asks: None,
        outside_joint_list: Vec::new(),
        version: 1,
    };
    Ok(v.finish(campaign)?)
}

async fn create(posted: Posted) -> Response {
    let done = propose(&posted).await;
    posted.then_or(done, view(&posted)).await
}

async fn propose(posted: &Posted) -> Result<String, AppError> {
    let call = posted.asks("CreateCampaign");
    let campaign = campaigns::create(&posted.app, &call, read(posted)?).await?;
    Ok(format!("/office/campaigns/{}?done=campaign", campaign.id))
}
