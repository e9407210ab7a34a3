//! The stream behind WatchDraw.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::convert::draw as convert;
use super::pb;
use crate::app::watch::Watch;
use crate::app::{App, AppError};

/// How often an open attempt is looked at: another replica may have changed it.
const LOOK_INTERVAL: Duration = Duration::from_millis(500);
/// Messages that wait for a slow watcher.
const QUEUE: usize = 64;

/// The messages of one watcher.
pub type News = ReceiverStream<Result<pb::WatchDrawResponse, Status>>;

/// Begins to watch; the stream ends with the attempt, or when nobody reads it.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn start(app: &App, campaign: &str, attempt: i64) -> Result<News, AppError> {
    let mut watch = Watch::new(app, campaign, attempt).await?;
    let (send, receive) = mpsc::channel(QUEUE);
    let app = app.clone();
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(LOOK_INTERVAL);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = send.closed() => return,
            }
            let (news, ended) = match watch.news(&app).await {
                Ok(found) => found,
                Err(error) => {
                    let _ = send.send(Err(error.into())).await;
                    return;
                }
            };
            for piece in news {
                let message = convert::news_out(piece).map_err(Status::from);
                if send.send(message).await.is_err() {
                    return;
                }
            }
            if ended {
                return;
            }
        }
    });
    Ok(ReceiverStream::new(receive))
}
