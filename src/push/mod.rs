//! Pushing published results to the credit platform over HTTP (R124, R125). The platform may be away for
//! months: every failure is noted, and tried again later.

pub mod client;

use crate::app::credit::{due, settle};
use crate::app::{App, AppError};
use client::{Answer, deliver};

/// Most results of one round.
const ROUND_MAX: i64 = 100;

/// Tries everything that is due once; says how many results were delivered. The first failure to connect
/// does not keep the others from being tried: each waits for its own time.
///
/// # Errors
/// [`AppError`] when what a try came to cannot be noted.
pub async fn round(app: &App, url: &str) -> Result<i64, AppError> {
    let mut delivered = 0;
    for due in due(app, ROUND_MAX).await? {
        let (url, key, body) = (url.to_owned(), due.key.clone(), due.body.clone());
        let send = tokio::task::spawn_blocking(move || deliver(&url, &key, &body));
        let came = match send.await {
            Ok(Ok(Answer::Taken(receipt))) => Ok(receipt),
            Ok(Ok(Answer::Refused(status, said))) => Err(format!("{status} {said}")),
            Ok(Err(error)) => Err(error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        delivered += i64::from(came.is_ok());
        settle(app, &due, came).await?;
    }
    Ok(delivered)
}
