//! Watching an attempt: what has changed, and the outcome as tickets.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::attempt::{self, Attempt};
use super::{App, AppError, draws};
use crate::draw::Digest;
use crate::draw::bundle::{Bundle, SectionEntry, VisitEntry, WinnerEntry};
use crate::store::DrawState;

/// How often an open attempt is looked at: another replica may have changed it.
const LOOK_INTERVAL: Duration = Duration::from_millis(500);
/// News that wait for a slow watcher.
const QUEUE: usize = 64;

/// What one watcher is told; it ends with the attempt.
pub type Stream = ReceiverStream<Result<News, AppError>>;

/// Begins to watch an attempt, or the latest for 0; it goes on until the attempt ends or nobody reads.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn follow(app: &App, campaign: &str, attempt: i64) -> Result<Stream, AppError> {
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
                    let _ = send.send(Err(error)).await;
                    return;
                }
            };
            for piece in news {
                if send.send(Ok(piece)).await.is_err() {
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

/// A drawn unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// The department.
    pub department: String,
    /// The stratum.
    pub stratum: String,
    /// Rank in the stratum.
    pub rank: u64,
    /// The unit's ticket, in hexadecimal.
    pub ticket: String,
}

/// A visit with its teams.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dealt {
    /// Rank by lot.
    pub rank: u64,
    /// The unit's ticket, in hexadecimal.
    pub ticket: String,
    /// Inspectors' tickets by department; an empty one for a shortage.
    pub teams: Vec<(String, Vec<String>)>,
}

/// What a watcher is told.
#[derive(Clone, Debug)]
pub enum News {
    /// The attempt as it stands.
    Stands(Box<Attempt>),
    /// A unit was drawn.
    Drawn(Ticket),
    /// A team was dealt.
    Dealt(Dealt),
}

/// One watcher of one attempt.
pub struct Watch {
    campaign: String,
    attempt: i64,
    told: Option<String>,
}

impl Watch {
    /// Begins to watch an attempt, or the latest for 0.
    ///
    /// # Errors
    /// [`AppError::NotFound`].
    pub async fn new(app: &App, campaign: &str, attempt: i64) -> Result<Self, AppError> {
        let found = attempt::get(app, campaign, attempt).await?;
        Ok(Self { campaign: campaign.to_owned(), attempt: found.draw.attempt, told: None })
    }

    /// What is new since the last time, and whether that was the end.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn news(&mut self, app: &App) -> Result<(Vec<News>, bool), AppError> {
        let found = attempt::get(app, &self.campaign, self.attempt).await?;
        let state = found.draw.state.clone();
        let ended = state != DrawState::Frozen.word();
        let text = serde_json::to_string(&found)
            .map_err(|_| AppError::Broken("an attempt has no JSON"))?;
        if self.told.as_ref() == Some(&text) {
            return Ok((Vec::new(), ended));
        }
        self.told = Some(text);
        let mut news = vec![News::Stands(Box::new(found))];
        if state == DrawState::Drawn.word() || state == DrawState::Void.word() {
            let bytes = draws::bundle(app, &self.campaign, self.attempt).await?;
            let bundle: Bundle = serde_json::from_slice(&bytes)
                .map_err(|_| AppError::Broken("a stored bundle cannot be read"))?;
            news.extend(bundle.published.winners.into_iter().map(drawn));
            news.extend(bundle.published.visits.into_iter().map(dealt));
        }
        Ok((news, ended))
    }
}

fn drawn(w: WinnerEntry) -> News {
    let WinnerEntry { department, stratum, rank, ticket } = w;
    News::Drawn(Ticket { department, stratum, rank, ticket: ticket.to_string() })
}

fn dealt(visit: VisitEntry) -> News {
    let ticket = |m: &Option<Digest>| m.map(|t| t.to_string()).unwrap_or_default();
    let team = |s: SectionEntry| (s.department, s.team.iter().map(ticket).collect());
    News::Dealt(Dealt {
        rank: visit.rank,
        ticket: visit.ticket.to_string(),
        teams: visit.sections.into_iter().map(team).collect(),
    })
}
