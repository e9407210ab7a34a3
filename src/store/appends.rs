//! [Db] method that stores short writes of many callers at once, each with its event and its reply.

use std::collections::BTreeMap;

use sqlx::Row as _;

use super::kept::{Kept, KeptRow};
use super::{Db, NewEvent, Request, StoreError, to_doc};

/// One caller's write: rows of a table, what is recorded of it, and the request that asked for it.
/// Its reply is how many of the rows are new.
pub struct Write<'a> {
    /// The rows.
    pub rows: &'a [KeptRow],
    /// The event.
    pub event: NewEvent,
    /// The request.
    pub request: Request<'a>,
}

/// All of it in one statement: rows, events, and requests with their replies. A row that several
/// calls bring is new to the first of them. Rows go in order, so that two such statements do not
/// each wait for the other.
macro_rules! append_sql {
    ($table:literal, $columns:literal, $given:literal, $returned:literal) => {
        concat!(
            "WITH given AS (
               SELECT (value ->> 0)::bigint AS call, value ->> 1 AS jurisdiction,
                 value ->> 2 AS department, value ->> 3 AS a, value ->> 4 AS b, value ->> 5 AS c,
                 value ->> 6 AS doc
               FROM json_array_elements($1::json) AS r (value)),
             kept AS (
               INSERT INTO ",
            $table,
            " (jurisdiction, department, ",
            $columns,
            ", doc) SELECT jurisdiction, department, ",
            $given,
            ", doc FROM given ORDER BY jurisdiction, department, a, b, c
               ON CONFLICT DO NOTHING RETURNING jurisdiction, department, ",
            $returned,
            "),
             first AS (
               SELECT min(call) AS call FROM given JOIN kept USING (jurisdiction, department, a, b, c)
               GROUP BY jurisdiction, department, a, b, c),
             new AS (SELECT call, count(*) AS rows FROM first GROUP BY call),
             recorded AS (
               INSERT INTO events (id, at_us, kind, campaign, body, mac)
               SELECT id, $2, $3, '', body, mac
               FROM unnest($4::bytea[], $5::bytea[], $6::bytea[]) AS e (id, body, mac))
             INSERT INTO requests (caller, request_id, method, payload, reply, at_us)
             SELECT caller, id, $7, payload, COALESCE(rows, 0)::text, $2
             FROM unnest($8::text[], $9::text[], $10::bytea[])
               WITH ORDINALITY AS q (caller, id, payload, call) LEFT JOIN new USING (call)
             RETURNING caller, request_id, reply::bigint"
        )
    };
}

const fn sql(table: Kept) -> &'static str {
    match table {
        Kept::RiskFacts => append_sql!(
            "risk_facts",
            "subject, kind, on_day",
            "a, b, c",
            "subject AS a, kind AS b, on_day AS c"
        ),
        Kept::Inspections => append_sql!(
            "inspections",
            "subject, on_day, origin",
            "a, b, c",
            "subject AS a, on_day AS b, origin AS c"
        ),
        Kept::Recusals => append_sql!(
            "recusals",
            "inspector, subject",
            "a, b",
            "inspector AS a, subject AS b, '' AS c"
        ),
    }
}

impl Db {
    /// Stores writes of one table, method and moment, all or none of them; returns how many rows of
    /// each are new.
    ///
    /// # Errors
    /// [`StoreError`]; a conflict when one of the requests was claimed before.
    pub async fn append(&self, table: Kept, writes: &[Write<'_>]) -> Result<Vec<i64>, StoreError> {
        let Self::Postgres(pool) = self else { return self.append_in_turn(table, writes).await };
        let Some(first) = writes.first() else { return Ok(Vec::new()) };
        let mut given = Vec::new();
        for (nth, write) in (1..).zip(writes) {
            given.extend(write.rows.iter().map(|row| (nth.to_string(), row.texts())).map(
                |(nth, [a, b, c, d, e, f])| {
                    [nth, a.into(), b.into(), c.into(), d.into(), e.into(), f.into()]
                },
            ));
        }
        let events = || writes.iter().map(|w| &w.event);
        let requests = || writes.iter().map(|w| &w.request);
        let rows = sqlx::query(sql(table))
            .bind(to_doc("rows", &given)?)
            .bind(first.event.at_us)
            .bind(&first.event.kind)
            .bind(events().map(|e| e.id.as_slice()).collect::<Vec<_>>())
            .bind(events().map(|e| e.body.as_slice()).collect::<Vec<_>>())
            .bind(events().map(|e| e.mac.as_slice()).collect::<Vec<_>>())
            .bind(first.request.method)
            .bind(requests().map(|r| r.caller).collect::<Vec<_>>())
            .bind(requests().map(|r| r.id).collect::<Vec<_>>())
            .bind(requests().map(|r| r.payload).collect::<Vec<_>>())
            .fetch_all(pool)
            .await?;
        let mut replies: BTreeMap<(&str, &str), i64> = BTreeMap::new();
        for row in &rows {
            let (caller, id): (&str, &str) = (row.try_get(0)?, row.try_get(1)?);
            replies.insert((caller, id), row.try_get(2)?);
        }
        let found = rows.len() as u64;
        let reply = |r: &Request<'_>| replies.get(&(r.caller, r.id)).copied();
        requests().map(|r| reply(r).ok_or(StoreError::RowCount { found })).collect()
    }

    /// [`Db::append`] where a round trip costs nothing.
    async fn append_in_turn(
        &self,
        table: Kept,
        writes: &[Write<'_>],
    ) -> Result<Vec<i64>, StoreError> {
        let Some(first) = writes.first() else { return Ok(Vec::new()) };
        let mut tx = self.begin().await?;
        let mut new = tx.keep(table, writes.iter().flat_map(|w| w.rows)).await?;
        let mut counts = Vec::new();
        let mut answered = Vec::new();
        for Write { rows, request, .. } in writes {
            let count: i64 = rows.iter().map(|r| i64::from(new.remove(&r.key))).sum();
            answered.push((request.clone(), count.to_string()));
            counts.push(count);
        }
        let events: Vec<_> = writes.iter().map(|w| w.event.clone()).collect();
        tx.append_events(&events).await?;
        tx.insert_requests(&answered, first.event.at_us).await?;
        tx.commit().await?;
        Ok(counts)
    }
}
