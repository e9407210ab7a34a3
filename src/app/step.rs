//! One mutation: claimed by its request id, recorded by its event, answered once.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{App, AppError, signing};
use crate::domain::caller::Caller;
use crate::domain::hash::Suite;
use crate::domain::{Violations, canon, id};
use crate::ledger::call_signature::CallSignature;
use crate::ledger::event;
use crate::store::{ERASED_REPLY, NewEvent, Request, Tx};

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
    /// The caller's own signature, checked.
    pub signature: Option<CallSignature>,
}

impl Call {
    /// Checks the id that the caller chose.
    ///
    /// # Errors
    /// A violation for a missing or malformed one.
    pub fn check_id(&self) -> Result<(), AppError> {
        let mut violations = Violations::default();
        id::check_foreign(&mut violations, "request_id", &self.request_id);
        Ok(violations.finish(())?)
    }

    /// What is recorded of it, signed as it was.
    pub(crate) fn event<'c>(&'c self, kind: &'c str, body: Value) -> Event<'c> {
        let signature = self.signature.as_ref();
        Event { kind, caller: &self.caller, request_id: &self.request_id, body, signature }
    }

    pub(crate) fn request(&self) -> Request<'_> {
        Request {
            caller: &self.caller.key_id,
            id: &self.request_id,
            method: self.method,
            payload: &self.payload,
        }
    }
}

/// What is recorded of a deed.
pub struct Event<'a> {
    /// The kind of deed.
    pub kind: &'a str,
    /// Who did it.
    pub caller: &'a Caller,
    /// The request it was done by.
    pub request_id: &'a str,
    /// What was done.
    pub body: Value,
    /// The caller's own signature on the request.
    pub signature: Option<&'a CallSignature>,
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
    app: Box<App>,
}

/// SHA-256 of a value's canonical form, by which an event tells it.
///
/// # Errors
/// [`AppError::Canon`].
pub fn digest<T: Serialize>(value: &T) -> Result<String, AppError> {
    let value = serde_json::to_value(value).map_err(|_| AppError::Broken("a value has no JSON"))?;
    Ok(Suite::Sha256.hash(&canon::to_bytes(&value)?).to_string())
}

impl App {
    /// An event as it is stored, with the service's mark.
    ///
    /// # Errors
    /// [`AppError`] when the body has no canonical form or is too large.
    pub fn sealed_event(&self, event: &Event<'_>, now_us: i64) -> Result<NewEvent, AppError> {
        let Event { kind, caller, request_id, body, signature } = event;
        let bytes = event::bytes(kind, caller, request_id, now_us, body.clone(), *signature)?;
        if bytes.len() > event::EVENT_BYTES_MAX {
            return Err(AppError::Broken("an event is larger than the ledger takes"));
        }
        let id = self.entropy.bytes::<EVENT_ID_BYTES>();
        let mac = self.sealer.mark(&id, &bytes).to_vec();
        let campaign = body.get("campaign").and_then(Value::as_str).unwrap_or_default().to_owned();
        let kind = (*kind).to_owned();
        Ok(NewEvent { id: id.to_vec(), at_us: now_us, kind, campaign, body: bytes, mac })
    }

    /// Adds an event to a transaction.
    ///
    /// # Errors
    /// [`AppError`] when the body has no canonical form or is too large, or the database fails.
    pub async fn record(
        &self,
        tx: &mut Tx,
        event: &Event<'_>,
        now_us: i64,
    ) -> Result<(), AppError> {
        Ok(tx.append_events(&[self.sealed_event(event, now_us)?]).await?)
    }

    /// Refuses while the log is stopped: what cannot be recorded is not done.
    ///
    /// # Errors
    /// [`AppError::LogStopped`].
    pub fn require_log(&self) -> Result<(), AppError> {
        self.log.fault().map_or(Ok(()), |fault| Err(AppError::LogStopped(fault)))
    }

    /// Begins a mutation, or finds the reply it was given before.
    ///
    /// # Errors
    /// A violation for a missing or malformed request id; [`AppError::Exists`] when the id was
    /// used for another payload.
    pub async fn begin<R: DeserializeOwned>(&self, call: &Call) -> Result<Begun<R>, AppError> {
        self.require_log()?;
        self.begin_while_stopped(call).await
    }

    /// [`App::begin`] for what mends a stopped log.
    ///
    /// # Errors
    /// As [`App::begin`].
    pub async fn begin_while_stopped<R: DeserializeOwned>(
        &self,
        call: &Call,
    ) -> Result<Begun<R>, AppError> {
        call.check_id()?;
        signing::require(self, call)?;
        let now_us = self.clock.now_us();
        let mut tx = self.db.begin().await?;
        let Some(earlier) = tx.claim_request(&call.request(), now_us).await? else {
            return Ok(Begun::New(Step { tx, now_us, app: Box::new(self.clone()) }));
        };
        if earlier.method != call.method || earlier.payload != call.payload {
            let id = call.request_id.clone();
            return Err(AppError::Exists { kind: "request with another payload", id });
        }
        if earlier.reply == ERASED_REPLY {
            return Err(AppError::precondition("REPLY_IS_ERASED", call.request_id.clone()));
        }
        let reply = serde_json::from_str(&earlier.reply)
            .map_err(|_| AppError::Broken("a stored reply is of another type"))?;
        Ok(Begun::Repeated(reply))
    }
}

impl Step {
    /// Records a further event of the same call, such as one that belongs to another campaign.
    ///
    /// # Errors
    /// As [`App::record`].
    pub async fn also(&mut self, call: &Call, kind: &str, body: Value) -> Result<(), AppError> {
        let event = call.event(kind, body);
        self.app.record(&mut self.tx, &event, self.now_us).await
    }

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
        let event = call.event(kind, body);
        self.app.record(&mut self.tx, &event, self.now_us).await?;
        let json =
            serde_json::to_string(&reply).map_err(|_| AppError::Broken("a reply has no JSON"))?;
        self.tx.answer_request(&call.request(), &json).await?;
        self.tx.commit().await?;
        Ok(reply)
    }
}
