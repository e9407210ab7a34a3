//! The draw as it comes, for the screen of the meeting room: public, from the same source as `WatchDraw`.
//! Once it is over the page tells the same from the published bundle.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};
use tokio_stream::{Stream, StreamExt};

use super::clerk::Visitor;
use super::page;
use super::view::{Block, Link, View};
use crate::app::attempt::{self, Attempt};
use crate::app::watch::{self, News};
use crate::app::{App, AppError, campaigns};

/// What the page begins with.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    /// Where the news comes from.
    pub events: String,
    /// Where the attempt stands, in words.
    pub state: String,
    /// Hash of the frozen statement.
    pub freeze_hash: String,
    /// The seed; empty until drawn.
    pub seed: String,
    /// The supervising offices.
    pub offices: Vec<Office>,
    /// Tickets that were drawn.
    pub drawn: u64,
    /// Teams that were dealt.
    pub dealt: u64,
}

/// What an office has put in.
#[derive(Clone, Debug, Default)]
pub struct Office {
    /// The office.
    pub name: String,
    /// Its commitment; empty until then.
    pub commitment: String,
    /// Its number; empty until then.
    pub number: String,
}

/// The routes.
pub fn router() -> Router<App> {
    Router::new()
        .route("/campaigns/{campaign}/ceremony", get(show))
        .route("/campaigns/{campaign}/ceremony/events", get(events))
}

async fn show(Path(id): Path<String>, visitor: Visitor) -> Response {
    visitor.show(view(&visitor, &id).await)
}

fn offices(found: &Attempt) -> Result<Vec<Office>, AppError> {
    let freeze = attempt::freeze_of(&found.draw)?;
    let office = |name: String| {
        let given = found.contributions.iter().find(|c| c.office == name);
        let (commitment, number) =
            given.map(|c| (c.commitment.clone(), c.number.clone())).unwrap_or_default();
        Office { name, commitment, number }
    };
    Ok(freeze.contributors.into_iter().map(office).collect())
}

/// Where an attempt stands, in words that tell what is waited for.
fn state(visitor: &Visitor, found: &Attempt, offices: &[Office]) -> String {
    let draw = &found.draw;
    let key = match draw.state.as_str() {
        "FROZEN" if offices.iter().any(|o| o.commitment.is_empty()) => "ceremony.stage.commit",
        "FROZEN" if offices.iter().any(|o| o.number.is_empty()) => "ceremony.stage.reveal",
        "FROZEN" => "ceremony.stage.ready",
        "DRAWN" => "ceremony.stage.drawn",
        _ => "ceremony.stage.ended",
    };
    visitor.lang.f(key, &[&draw.abort_reason])
}

async fn view(visitor: &Visitor, id: &str) -> Result<View, AppError> {
    let campaign = campaigns::get(&visitor.app, id).await?;
    let found = attempt::get(&visitor.app, id, 0).await?;
    let offices = offices(&found)?;
    let figures = attempt::figures_of(&found.draw)?;
    let scene = Scene {
        events: format!("/campaigns/{id}/ceremony/events"),
        state: state(visitor, &found, &offices),
        freeze_hash: found.draw.freeze_hash.clone(),
        seed: found.draw.seed.clone(),
        offices,
        drawn: 0,
        dealt: figures.map_or(0, |f| f.doors),
    };
    let mut links = vec![Link::new("/verify/", visitor.t("footer.verify"))];
    if !found.draw.seed.is_empty() {
        let file = format!("/campaigns/{id}/draws/{}/certificate.json", found.draw.attempt);
        links.push(Link::new(file, visitor.t("certificate")));
    }
    if visitor.signed.is_some() {
        links.push(Link::new(format!("/office/campaigns/{id}"), visitor.t("campaign")));
    }
    let attempt = found.draw.attempt.to_string();
    Ok(View {
        title: visitor.lang.f("ceremony.title", &[&campaign.title, &attempt]),
        lead: visitor.t("ceremony.lead"),
        blocks: vec![Block::Ceremony(Box::new(scene)), Block::Links(links)],
        script: "ceremony.js",
        ..View::default()
    })
}

/// One piece of news as its name and its JSON.
fn told(visitor: &Visitor, news: News) -> Result<(&'static str, Value), AppError> {
    Ok(match news {
        News::Stands(found) => {
            let offices = offices(&found)?;
            let state = state(visitor, &found, &offices);
            let office = |o: &Office| {
                let Office { name, commitment, number } = o;
                json!({ "commitment": commitment, "name": name, "number": number })
            };
            let all: Vec<Value> = offices.iter().map(office).collect();
            let seed = &found.draw.seed;
            ("stands", json!({ "offices": all, "seed": seed, "state": state }))
        }
        News::Drawn(t) => {
            let (department, stratum, rank, ticket) = (t.department, t.stratum, t.rank, t.ticket);
            let body = json!({
                "department": department, "rank": rank, "stratum": stratum, "ticket": ticket,
            });
            ("drawn", body)
        }
        News::Dealt(d) => {
            ("dealt", json!({ "rank": d.rank, "teams": d.teams, "ticket": d.ticket }))
        }
    })
}

type Told = Result<Event, AppError>;

fn stream(visitor: Visitor, news: watch::Stream) -> impl Stream<Item = Told> {
    let told = news.map(move |piece| {
        let (name, body) = told(&visitor, piece?)?;
        Ok(Event::default().event(name).data(body.to_string()))
    });
    told.chain(tokio_stream::once(Ok(Event::default().event("end").data("{}"))))
}

async fn events(State(app): State<App>, Path(id): Path<String>, visitor: Visitor) -> Response {
    match watch::follow(&app, &id, 0).await {
        Ok(news) => Sse::new(stream(visitor, news)).into_response(),
        Err(error) => page::failed(&visitor, &error),
    }
}
