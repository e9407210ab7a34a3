//! The log as files (C2SP tlog-tiles): `checkpoint`, `tile/L/N[.p/W]`, `tile/entries/N[.p/W]`.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::app::{App, AppError, proofs};
use crate::ledger::tree::{TILE_WIDTH, TileId};

/// Digits of one folder of a tile's number.
const DIGITS: usize = 3;
/// Highest level of a tile.
const LEVEL_MAX: u32 = 7;
/// Full tiles and partial ones never change.
const FOREVER: &str = "public, max-age=31536000, immutable";

/// The routes of the log.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/checkpoint", get(checkpoint))
        .route("/tile/{*path}", get(tile))
        .with_state(app)
}

/// What a path behind `tile/` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Hashes(TileId, u64),
    Entries(u64, u64),
}

impl Asked {
    fn parse(path: &str) -> Option<Self> {
        let (kind, rest) = path.split_once('/')?;
        let (number, width) = match rest.split_once(".p/") {
            Some((number, width)) => {
                let read: u64 = width.parse().ok()?;
                let partial = (1..TILE_WIDTH).contains(&read) && read.to_string() == width;
                (number, partial.then_some(read)?)
            }
            None => (rest, TILE_WIDTH),
        };
        let nth = index(number)?;
        if kind == "entries" {
            return Some(Self::Entries(nth, width));
        }
        let level = kind.parse().ok().filter(|l: &u32| *l <= LEVEL_MAX && l.to_string() == kind)?;
        Some(Self::Hashes((level, nth), width))
    }
}

/// `x001/x234/067` is 1,234,067.
fn index(text: &str) -> Option<u64> {
    let parts: Vec<&str> = text.split('/').collect();
    let (last, folders) = parts.split_last()?;
    let mut number: u64 = 0;
    for part in folders.iter().map(|f| f.strip_prefix('x')).chain([Some(*last)]) {
        let part = part.filter(|p| p.len() == DIGITS && p.bytes().all(|b| b.is_ascii_digit()))?;
        number = number.checked_mul(1_000)?.checked_add(part.parse().ok()?)?;
    }
    let padded = folders.first().is_some_and(|f| *f == "x000");
    (!padded).then_some(number)
}

async fn checkpoint(State(app): State<App>) -> Response {
    match proofs::head(&app).await {
        Ok(head) if head.witnessed.is_empty() => StatusCode::NOT_FOUND.into_response(),
        Ok(head) => ([(header::CACHE_CONTROL, "no-cache")], head.witnessed).into_response(),
        Err(error) => failed(&error),
    }
}

async fn tile(State(app): State<App>, Path(path): Path<String>) -> Response {
    let found = match Asked::parse(&path) {
        None => Ok(None),
        Some(Asked::Hashes(id, width)) => proofs::tile(&app, id, width).await,
        Some(Asked::Entries(nth, width)) => proofs::bundle(&app, nth, width).await,
    };
    match found {
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Ok(Some(bytes)) => {
            let kind = (header::CONTENT_TYPE, "application/octet-stream");
            ([kind, (header::CACHE_CONTROL, FOREVER)], bytes).into_response()
        }
        Err(error) => failed(&error),
    }
}

fn failed(error: &AppError) -> Response {
    tracing::error!(?error, "a read of the log failed inside");
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_tlog_tiles() {
        let asked = |path: &str| Asked::parse(path);
        assert_eq!(asked("0/x001/x234/067"), Some(Asked::Hashes((0, 1_234_067), 256)));
        assert_eq!(asked("1/000.p/7"), Some(Asked::Hashes((1, 0), 7)));
        assert_eq!(asked("entries/x001/000"), Some(Asked::Entries(1_000, 256)));
        for wrong in [
            "0/1",
            "0/x000/001",
            "00/000",
            "0/000.p/0",
            "0/000.p/256",
            "0/000.p/07",
            "entries/",
            "8/000",
            "0/x1/000",
            "0/0a0",
            "0/000/",
            "x/000",
            "0/001/000",
        ] {
            assert_eq!(asked(wrong), None, "{wrong}");
        }
    }
}
