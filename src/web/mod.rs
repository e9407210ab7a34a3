//! What is read over HTTP, on the port of the service: the log and what is published, without a key; the
//! one thing a visited subject may send, with its visit code; and the pages of those who are signed in.
//!
//! To add a page: a file in `office` that makes a [`view::View`] of what a use-case returns and is one of
//! its routes, its words in both languages under `messages`, and a line in `menu.rs` if people go there
//! by themselves. The templates need not change.

mod assets;
mod ceremony;
mod chart;
mod clerk;
mod cookies;
pub mod draws;
mod form;
pub mod headers;
pub mod item_lists;
mod menu;
pub mod messages;
pub mod objections;
mod office;
mod page;
pub mod recusal;
pub mod results;
pub mod tiles;
pub mod verify;
mod view;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::response::{Redirect, Response};
use axum::routing::get;

use crate::app::{App, AppError};

/// All routes.
pub fn router(app: App) -> Router {
    Router::new()
        .nest("/campaigns", draws::router(app.clone()))
        .nest("/item-lists", item_lists::router(app.clone()))
        .nest("/log", tiles::router(app.clone()))
        .merge(recusal::router(app.clone()))
        .nest("/results", results::router(app.clone()))
        .merge(objections::router(app.clone()))
        .merge(verify::router(&app))
        .merge(pages(app))
}

/// The pages, each with the headers that keep it to itself.
fn pages(app: App) -> Router {
    Router::new()
        .route("/", get(|| async { Redirect::to("/office") }))
        .nest("/assets", assets::router())
        .merge(office::sign_in::language())
        .merge(office::router())
        .merge(ceremony::router())
        .layer(from_fn_with_state(app.clone(), headers::add))
        .with_state(app)
}

/// What a browser is told where there is nothing.
pub async fn nothing_there(app: App, request: axum::extract::Request) -> Response {
    use axum::extract::FromRequestParts;
    let (mut parts, _) = request.into_parts();
    let mut answer = match clerk::Visitor::from_request_parts(&mut parts, &app).await {
        Ok(visitor) => {
            let id = parts.uri.path().to_owned();
            page::failed(&visitor, &AppError::NotFound { kind: "page", id })
        }
        Err(answer) => answer,
    };
    headers::put(&app, answer.headers_mut());
    answer
}
