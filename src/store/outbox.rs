//! [Tx] methods on what is pushed to the credit platform, and what comes back from it.

use std::collections::BTreeMap;

use super::{StoreError, Tx, from_doc, from_docs, to_doc};
use crate::domain::credit::CreditState;
use crate::domain::publication::Publication;

/// One push: a published version that the platform has, or has not yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    /// The result.
    pub result: String,
    /// The published version.
    pub version: i64,
    /// The department whose result it is.
    pub department: String,
    /// `PENDING` or `DELIVERED`.
    pub state: String,
    /// Tries so far.
    pub attempts: i64,
    /// When it is tried next, in microseconds UTC.
    pub next_us: i64,
    /// Why the last try failed; empty when none did.
    pub error: String,
    /// What the platform answered; empty until it has it.
    pub receipt: String,
    /// When the platform took it, in microseconds UTC; 0 until then.
    pub delivered_us: i64,
}

type Columns = (String, i64, String, String, i64, i64, String, String, i64);

impl Push {
    fn read(row: Columns) -> Self {
        let (result, version, department, state, attempts, next_us, error, receipt, delivered_us) =
            row;
        Self { result, version, department, state, attempts, next_us, error, receipt, delivered_us }
    }
}

impl Tx {
    /// Puts a published version into the outbox.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn insert_push(&mut self, new: &Publication) -> Result<(), StoreError> {
        self.query(
            "INSERT INTO outbox
               (result, version, department, state, attempts, next_us, error, receipt, delivered_us)
             VALUES ($1, $2, $3, 'PENDING', 0, $4, '', '', 0)",
        )
        .bind(new.result.clone())
        .bind(new.version)
        .bind(new.department.clone())
        .bind(new.published_us)
        .execute_one()
        .await
    }

    /// What is to be tried now, with its publication: never a version before the one it supersedes.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn due_pushes(
        &mut self,
        now_us: i64,
        limit: i64,
    ) -> Result<Vec<(i64, Publication)>, StoreError> {
        let rows: Vec<(i64, String)> = self
            .query(
                "SELECT o.attempts, p.doc FROM outbox o
                 JOIN publications p ON p.result = o.result AND p.version = o.version
                 WHERE o.state = 'PENDING' AND o.next_us <= $1
                   AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.result = o.result
                     AND e.version < o.version AND e.state = 'PENDING')
                 ORDER BY o.next_us, o.result, o.version LIMIT $2",
            )
            .bind(now_us)
            .bind(limit)
            .fetch_all()
            .await?;
        rows.into_iter().map(|(n, doc)| Ok((n, from_doc("publications", &doc)?))).collect()
    }

    /// Notes what a try came to, once; `false` when another replica has tried meanwhile.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn settle_push(&mut self, tried: &Push) -> Result<bool, StoreError> {
        let touched = self
            .query(
                "UPDATE outbox SET state = $3, attempts = $4, next_us = $5, error = $6,
                   receipt = $7, delivered_us = $8
                 WHERE result = $1 AND version = $2 AND state = 'PENDING' AND attempts = $4 - 1",
            )
            .bind(tried.result.clone())
            .bind(tried.version)
            .bind(tried.state.clone())
            .bind(tried.attempts)
            .bind(tried.next_us)
            .bind(tried.error.clone())
            .bind(tried.receipt.clone())
            .bind(tried.delivered_us)
            .execute()
            .await?;
        Ok(touched == 1)
    }

    /// A page of pushes by result and version: of a department when it is given, only what has failed and
    /// is not delivered when asked.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn pushes(
        &mut self,
        department: &str,
        failed: bool,
        (result, version): (&str, i64),
        limit: i64,
    ) -> Result<Vec<Push>, StoreError> {
        let rows: Vec<Columns> = self
            .query(
                "SELECT result, version, department, state, attempts, next_us, error, receipt,
                   delivered_us
                 FROM outbox
                 WHERE ($1 = '' OR department = $1)
                   AND ($2 = 0 OR (state = 'PENDING' AND attempts > 0))
                   AND (result > $3 OR (result = $3 AND version > $4))
                 ORDER BY result, version LIMIT $5",
            )
            .bind(department.to_owned())
            .bind(i64::from(failed))
            .bind(result.to_owned())
            .bind(version)
            .bind(limit)
            .fetch_all()
            .await?;
        Ok(rows.into_iter().map(Push::read).collect())
    }

    /// Keeps what the platform says of subjects from days on; a later word of the same day counts.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_credit_states(
        &mut self,
        jurisdiction: &str,
        new: &[CreditState],
    ) -> Result<(), StoreError> {
        // One statement touches a row once.
        let mut rows = BTreeMap::new();
        for state in new {
            let doc = to_doc("credit_states", state)?;
            rows.insert((state.subject.as_str(), state.on.to_string()), doc);
        }
        let rows: Vec<_> =
            rows.iter().map(|((subject, on), doc)| [subject, on.as_str(), doc.as_str()]).collect();
        self.query_rows(
            "INSERT INTO credit_states (jurisdiction, subject, on_day, doc)
             SELECT $2, value ->> 0, value ->> 1, value ->> 2 FROM {rows} WHERE true
             ON CONFLICT (jurisdiction, subject, on_day) DO UPDATE SET doc = excluded.doc",
        )
        .bind(to_doc("rows", &rows)?)
        .bind(jurisdiction.to_owned())
        .execute()
        .await?;
        Ok(())
    }

    /// The latest credit state of each subject that holds on a day.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn credit_states(
        &mut self,
        jurisdiction: &str,
        on: jiff::civil::Date,
    ) -> Result<Vec<CreditState>, StoreError> {
        let rows = self
            .query(
                "SELECT doc FROM credit_states s WHERE jurisdiction = $1 AND on_day =
                   (SELECT MAX(on_day) FROM credit_states l WHERE l.jurisdiction = s.jurisdiction
                     AND l.subject = s.subject AND l.on_day <= $2)
                 ORDER BY subject",
            )
            .bind(jurisdiction.to_owned())
            .bind(on.to_string())
            .fetch_all()
            .await?;
        from_docs("credit_states", rows)
    }
}
