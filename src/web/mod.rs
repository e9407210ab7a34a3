//! What is read over HTTP, on the port of the service, without a key; and the one thing a visited
//! subject may send, with its visit code.

pub mod draws;
pub mod item_lists;
pub mod objections;
pub mod recusal;
pub mod results;
pub mod tiles;
pub mod verify;

use axum::Router;

use crate::app::App;

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
}
