//! Short writes of many callers in one transaction: what waits while one is under way goes together
//! into the next. Each keeps its own event, its own request and its own reply.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::{App, AppError, Begun, Call, Event};
use crate::domain::caller::Caller;
use crate::store::{Kept, KeptRow, Write};

/// Calls of one transaction at most.
const CALLS_MAX: usize = 256;
/// Rows from which on a transaction takes no further call.
const ROWS_FULL: usize = 4_096;
/// Transactions under way at most: while the database makes one durable, the next is gathered.
const WRITERS_MAX: usize = 2;

/// What a call appends, and what is recorded of it.
pub(super) struct Append {
    /// Where.
    pub(super) table: Kept,
    /// The rows.
    pub(super) rows: Vec<KeptRow>,
    /// The kind of the event.
    pub(super) kind: &'static str,
}

impl Append {
    fn event<'c>(&self, call: &'c Call) -> Event<'c> {
        call.event(self.kind, self.body(&call.caller))
    }

    /// Who is meant and why is nobody's business but the rules': only the number is recorded.
    fn body(&self, caller: &Caller) -> Value {
        json!({ "department": caller.department, "given": self.rows.len() })
    }
}

/// A call that waits, and where its answer goes.
struct Waiting {
    call: Call,
    append: Append,
    answer: oneshot::Sender<Result<i64, AppError>>,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Waiting>,
    /// How many are writing and will look again.
    writers: usize,
}

/// Calls that wait for the transaction under way to end.
#[derive(Clone, Default)]
pub(super) struct Appends(Arc<Mutex<Queue>>);

impl Appends {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a call wait; `true` when one more may write, so that the caller has to see to it.
    fn push(&self, waiting: Waiting) -> bool {
        let mut queue = self.queue();
        queue.waiting.push_back(waiting);
        let more = queue.writers < WRITERS_MAX;
        queue.writers += usize::from(more);
        more
    }

    /// What goes into the next transaction, all into one table; nothing ends the writing.
    fn take(&self) -> Vec<Waiting> {
        let mut queue = self.queue();
        let (mut calls, mut rows) = (0, 0);
        let table = queue.waiting.front().map(|waiting| waiting.append.table);
        for waiting in queue.waiting.iter().take(CALLS_MAX) {
            if rows >= ROWS_FULL || Some(waiting.append.table) != table {
                break;
            }
            calls += 1;
            rows += waiting.append.rows.len();
        }
        queue.writers -= usize::from(calls == 0);
        queue.waiting.drain(..calls).collect()
    }
}

/// Appends rows that are kept as given; returns how many were new.
///
/// # Errors
/// [`AppError`], as for any mutation.
pub(super) async fn append(app: &App, call: &Call, append: Append) -> Result<i64, AppError> {
    app.require_log()?;
    call.check_id()?;
    let (answer, answered) = oneshot::channel();
    if app.appends.push(Waiting { call: call.clone(), append, answer }) {
        // A task of its own: a caller that goes away must not leave the others waiting.
        tokio::spawn(write(app.clone()));
    }
    answered.await.map_err(|_| AppError::Broken("an append was not answered"))?
}

/// Gives the place of a writer back that panicked.
struct Place<'a>(&'a Appends);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.queue().writers -= 1;
        }
    }
}

async fn write(app: App) {
    let _place = Place(&app.appends);
    loop {
        let waiting = app.appends.take();
        if waiting.is_empty() {
            return;
        }
        let written = together(&app, &waiting).await.unwrap_or_default();
        let mut written = written.into_iter();
        for Waiting { call, append, answer } in waiting {
            // One that was done before, or that fails, takes the others with it: each for itself.
            let result = match written.next() {
                Some(new) => Ok(new),
                None => alone(&app, &call, &append).await,
            };
            // Who has gone away asks again by the same request id.
            let _ = answer.send(result);
        }
    }
}

/// All of them in one transaction, taken to be new; returns how many rows of each were.
async fn together(app: &App, waiting: &[Waiting]) -> Result<Vec<i64>, AppError> {
    let Some(first) = waiting.first() else { return Ok(Vec::new()) };
    let now_us = app.clock.now_us();
    let mut writes = Vec::with_capacity(waiting.len());
    for Waiting { call, append, .. } in waiting {
        let event = app.sealed_event(&append.event(call), now_us)?;
        writes.push(Write { rows: &append.rows, event, request: call.request() });
    }
    Ok(app.db.append(first.append.table, &writes).await?)
}

/// One of them as any mutation, which finds what was done before.
async fn alone(app: &App, call: &Call, append: &Append) -> Result<i64, AppError> {
    let mut step = match app.begin(call).await? {
        Begun::Repeated(new) => return Ok(new),
        Begun::New(step) => step,
    };
    let new = step.tx.keep(append.table, &append.rows).await?.len();
    let new = i64::try_from(new).unwrap_or(i64::MAX);
    step.finish(call, append.kind, append.body(&call.caller), new).await
}
