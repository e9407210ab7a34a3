//! [Tx] methods on requests: what makes `request_id` idempotent.

use super::{Cell, StoreError, Tx};

/// A mutation as its caller named it.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The caller's key.
    pub caller: &'a str,
    /// The id the caller chose.
    pub id: &'a str,
    /// The method.
    pub method: &'a str,
    /// SHA-256 of the payload.
    pub payload: &'a [u8],
}

/// What was stored for a request before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// The method it was for.
    pub method: String,
    /// SHA-256 of its payload.
    pub payload: Vec<u8>,
    /// Its reply, as JSON.
    pub reply: String,
}

impl Tx {
    /// Claims a request id, or returns what was stored for it before. A concurrent claim of the
    /// same id waits here for the first one to end.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn claim_request(
        &mut self,
        request: &Request<'_>,
        now_us: i64,
    ) -> Result<Option<Earlier>, StoreError> {
        let claimed = self
            .query(
                "INSERT INTO requests (caller, request_id, method, payload, reply, at_us)
                 VALUES ($1, $2, $3, $4, '', $5) ON CONFLICT DO NOTHING",
            )
            .bind(request.caller.to_owned())
            .bind(request.id.to_owned())
            .bind(request.method.to_owned())
            .bind(request.payload.to_vec())
            .bind(now_us)
            .execute()
            .await?;
        if claimed == 1 {
            return Ok(None);
        }
        let row: Option<(String, Vec<u8>, String)> = self
            .query(
                "SELECT method, payload, reply FROM requests
                 WHERE caller = $1 AND request_id = $2",
            )
            .bind(request.caller.to_owned())
            .bind(request.id.to_owned())
            .fetch_optional()
            .await?;
        Ok(row.map(|(method, payload, reply)| Earlier { method, payload, reply }))
    }

    /// Stores answered requests, each with its reply, that nobody has claimed.
    ///
    /// # Errors
    /// [`StoreError`]; a conflict when one of them was claimed before.
    pub async fn insert_requests(
        &mut self,
        answered: &[(Request<'_>, String)],
        now_us: i64,
    ) -> Result<(), StoreError> {
        let rows: Vec<_> = answered
            .iter()
            .map(|(request, reply)| {
                let Request { caller, id, method, payload } = *request;
                let (reply, payload) = (Cell::from(reply.as_str()), Cell::Bytes(payload));
                [caller.into(), id.into(), method.into(), payload, reply, now_us.into()]
            })
            .collect();
        let columns = ["caller", "request_id", "method", "payload", "reply", "at_us"];
        self.insert("requests", &columns, &rows).await
    }

    /// Stores the reply of a claimed request.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn answer_request(
        &mut self,
        request: &Request<'_>,
        reply: &str,
    ) -> Result<(), StoreError> {
        self.query("UPDATE requests SET reply = $3 WHERE caller = $1 AND request_id = $2")
            .bind(request.caller.to_owned())
            .bind(request.id.to_owned())
            .bind(reply.to_owned())
            .execute_one()
            .await
    }
}
