//! One mutation: claimed by its request id, recorded by its event, answered once.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{App, AppError};
use crate::domain::caller::Caller;
use crate::domain::{Violations, id};
use crate::ledger::event;
use crate::store::{Request, Tx};

/// Bytes of an event's id.
const EVENT_ID_BYTES: usize = 16;

/// A call as its caller made it.
#[derive(Clone, Debug)]
pub struct Call {
    /// Who.
    pub caller: Caller,
    /// The id the caller chose; empty for reads.
    pub request_id: String,
    /// The method.
    pub method: &'static str,
    /// SHA-256 of the payload.
    pub payload: [u8; 32],
}

impl Call {
    fn request(&self) -> Request<'_> {
        Request {
            caller: &self.caller.key_id,
            id: &self.request_id,
            method: self.method,
            payload: &self.payload,
        }
    }
}

/// What [`App::begin`] found.
pub enum Begun<R> {
    /// The mutation was done before; this is its reply.
    Repeated(R),
    /// It is new.
    New(Step),
}

/// A mutation under way.
pub struct Step {
    /// Its transaction.
    pub tx: Tx,
    /// The time it happens at, in microseconds UTC.
    pub now_us: i64,
    event_id: [u8; EVENT_ID_BYTES],
}

impl App {
    /// Begins a mutation, or finds the reply it was given before.
    ///
    /// # Errors
    /// A violation for a missing or malformed request id; [`AppError::Exists`] when the id was
    /// used for another payload.
    pub async fn begin<R: DeserializeOwned>(&self, call: &Call) -> Result<Begun<R>, AppError> {
        let mut violations = Violations::default();
        id::check_foreign(&mut violations, "request_id", &call.request_id);
        violations.finish(())?;
        let now_us = self.clock.now_us();
        let mut tx = self.db.begin().await?;
        let Some(earlier) = tx.claim_request(&call.request(), now_us).await? else {
            return Ok(Begun::New(Step { tx, now_us, event_id: self.entropy.bytes() }));
        };
        if earlier.method != call.method || earlier.payload != call.payload {
            let id = call.request_id.clone();
            return Err(AppError::Exists { kind: "request with another payload", id });
        }
        let reply = serde_json::from_str(&earlier.reply)
            .map_err(|_| AppError::Broken("a stored reply is of another type"))?;
        Ok(Begun::Repeated(reply))
    }
}

impl Step {
    /// Records the event and the reply, and makes everything durable.
    ///
    /// # Errors
    /// [`AppError`] when the body has no canonical form or the database fails; nothing is kept then.
    pub async fn finish<R: Serialize>(
        mut self,
        call: &Call,
        kind: &str,
        body: Value,
        reply: R,
    ) -> Result<R, AppError> {
        let bytes = event::bytes(kind, &call.caller, &call.request_id, self.now_us, body)?;
        if bytes.len() > event::EVENT_BYTES_MAX {
            return Err(AppError::Broken("an event is larger than the ledger takes"));
        }
        self.tx.append_event(&self.event_id, kind, &bytes, self.now_us).await?;
        let json =
            serde_json::to_string(&reply).map_err(|_| AppError::Broken("a reply has no JSON"))?;
        self.tx.answer_request(&call.request(), &json).await?;
        self.tx.commit().await?;
        Ok(reply)
    }
}
