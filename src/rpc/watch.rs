//! The stream behind WatchDraw.

use std::pin::Pin;

use tokio_stream::{Stream, StreamExt};
use tonic::Status;

use super::convert::draw as convert;
use super::pb;
use crate::app::{App, AppError, watch};

/// The messages of one watcher.
pub type News = Pin<Box<dyn Stream<Item = Result<pb::WatchDrawResponse, Status>> + Send>>;

/// Begins to watch; the stream ends with the attempt, or when nobody reads it.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn start(app: &App, campaign: &str, attempt: i64) -> Result<News, AppError> {
    let told = watch::follow(app, campaign, attempt).await?;
    let message = |piece: Result<watch::News, AppError>| Ok(piece.and_then(convert::news_out)?);
    Ok(Box::pin(told.map(message)))
}
