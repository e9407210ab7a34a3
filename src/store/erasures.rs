//! [Tx] methods on erasures: what was asked, and the rows that lose what they hold of a person.

use super::{StoreError, Tx, from_doc, to_doc};
use crate::domain::erasure::{Erasure, ErasureState};

/// What stands in the place of a stored reply that held personal data.
pub const ERASED_REPLY: &str = "erased";

/// An erasure, and whom it concerns, encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedErasure {
    /// The erasure; no names in it.
    pub erasure: Erasure,
    /// The person's id, as the app seals it; empty for a campaign and once decided.
    pub sealed: Vec<u8>,
}

/// A stored reply, and what request it answers.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct StoredReply {
    /// The caller's key.
    pub caller: String,
    /// The id the caller chose.
    pub request_id: String,
    /// The reply, as JSON.
    pub reply: String,
}

impl Tx {
    /// Adds an erasure; a conflict when the number is taken.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn insert_erasure(&mut self, new: &SealedErasure) -> Result<(), StoreError> {
        self.query("INSERT INTO erasures (nth, state, doc, sealed) VALUES ($1, $2, $3, $4)")
            .bind(new.erasure.nth)
            .bind(new.erasure.state.word())
            .bind(to_doc("erasures", &new.erasure)?)
            .bind(new.sealed.clone())
            .execute_one()
            .await
    }

    /// Stores what was decided, once, and forgets whom it concerned; `false` when it was decided
    /// before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn decide_erasure(&mut self, erasure: &Erasure) -> Result<bool, StoreError> {
        let touched = self
            .query("UPDATE erasures SET state = $2, doc = $3, sealed = $5 WHERE nth = $1 AND state = $4")
            .bind(erasure.nth)
            .bind(erasure.state.word())
            .bind(to_doc("erasures", erasure)?)
            .bind(ErasureState::Requested.word())
            .bind(Vec::<u8>::new())
            .execute()
            .await?;
        Ok(touched == 1)
    }

    /// A page of erasures by number.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn erasures(
        &mut self,
        after: i64,
        limit: i64,
    ) -> Result<Vec<SealedErasure>, StoreError> {
        let rows: Vec<(String, Vec<u8>)> = self
            .query("SELECT doc, sealed FROM erasures WHERE nth > $1 ORDER BY nth LIMIT $2")
            .bind(after)
            .bind(limit)
            .fetch_all()
            .await?;
        let read = |(doc, sealed): (String, Vec<u8>)| -> Result<SealedErasure, StoreError> {
            Ok(SealedErasure { erasure: from_doc("erasures", &doc)?, sealed })
        };
        rows.into_iter().map(read).collect()
    }

    /// Destroys the data key of an attempt that is over, what it sealed, and whom its changes named.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn erase_draw(&mut self, campaign: &str, attempt: i64) -> Result<(), StoreError> {
        self.query(
            "UPDATE draws SET wrapped = $3, root_secret = $3, openings = $3
             WHERE campaign = $1 AND attempt = $2",
        )
        .bind(campaign.to_owned())
        .bind(attempt)
        .bind(Vec::<u8>::new())
        .execute_one()
        .await?;
        self.query("UPDATE changes SET sealed = $2 WHERE campaign = $1 AND length(sealed) > 0")
            .bind(campaign.to_owned())
            .bind(Vec::<u8>::new())
            .execute()
            .await?;
        Ok(())
    }

    /// Destroys the data keys of all visits of a campaign and what they sealed; how many there were.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn erase_visits(&mut self, campaign: &str) -> Result<u64, StoreError> {
        self.query("UPDATE visits SET wrapped = $2, sealed = $2 WHERE campaign = $1")
            .bind(campaign.to_owned())
            .bind(Vec::<u8>::new())
            .execute()
            .await
    }

    /// Destroys what was recorded on site in a visit, what its subject stated, what was found of it,
    /// what was objected to that, and what followed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn erase_records(&mut self, campaign: &str, rank: i64) -> Result<(), StoreError> {
        for sql in [
            "UPDATE checks SET sealed = $3 WHERE campaign = $1 AND rank = $2",
            "UPDATE recusal_asks SET sealed = $3 WHERE campaign = $1 AND visit = $2",
            "UPDATE objections SET sealed = $3
             WHERE result IN (SELECT id FROM results WHERE campaign = $1 AND rank = $2)",
            "UPDATE follow_ups SET sealed = $3
             WHERE result IN (SELECT id FROM results WHERE campaign = $1 AND rank = $2)",
            "UPDATE results SET sealed = $3 WHERE campaign = $1 AND rank = $2",
        ] {
            let query = self.query(sql).bind(campaign.to_owned()).bind(rank);
            query.bind(Vec::<u8>::new()).execute().await?;
        }
        Ok(())
    }

    /// Forgets the replies to methods whose names begin so, of before a moment: they hold what was
    /// recorded on site.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn erase_replies_before(
        &mut self,
        methods: &str,
        before_us: i64,
    ) -> Result<(), StoreError> {
        self.query("UPDATE requests SET reply = 'null' WHERE method LIKE $1 AND at_us < $2")
            .bind(format!("{methods}%"))
            .bind(before_us)
            .execute()
            .await?;
        Ok(())
    }

    /// Forgets the replies to some methods, of before a moment: they hold what was filed and said,
    /// encrypted, so that nobody can tell of whom.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_replies_before(
        &mut self,
        methods: &[&str],
        before_us: i64,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE requests SET reply = $2 WHERE at_us < $1 AND method = ANY {list}";
        let query = self.query_in(sql, 3).bind(before_us).bind(ERASED_REPLY);
        query.bind_list(methods)?.execute().await?;
        Ok(())
    }

    /// Deletes a subject's rows of a jurisdiction; how many there were.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn erase_subject(
        &mut self,
        jurisdiction: &str,
        subject: &str,
    ) -> Result<u64, StoreError> {
        let mut rows = 0;
        for sql in [
            "DELETE FROM entries WHERE jurisdiction = $1 AND id = $2",
            "DELETE FROM recusals WHERE jurisdiction = $1 AND subject = $2",
            "DELETE FROM risk_facts WHERE jurisdiction = $1 AND subject = $2",
            "DELETE FROM inspections WHERE jurisdiction = $1 AND subject = $2",
            "DELETE FROM exceptions WHERE jurisdiction = $1 AND subject = $2",
            "DELETE FROM blackouts WHERE jurisdiction = $1 AND subject = $2",
            "DELETE FROM credit_states WHERE jurisdiction = $1 AND subject = $2",
            "DELETE FROM links WHERE jurisdiction = $1 AND (id = $2 OR canonical = $2)",
            "DELETE FROM reviews WHERE jurisdiction = $1 AND (first_id = $2 OR second_id = $2)",
        ] {
            let query = self.query(sql).bind(jurisdiction.to_owned()).bind(subject.to_owned());
            rows += query.execute().await?;
        }
        let quoted = to_doc("entries", &subject)?;
        for sql in [
            "DELETE FROM tasks WHERE jurisdiction = $1 AND replace(doc, $2, '') <> doc",
            "DELETE FROM proposals WHERE jurisdiction = $1 AND replace(doc, $2, '') <> doc",
        ] {
            let query = self.query(sql).bind(jurisdiction.to_owned()).bind(quoted.clone());
            rows += query.execute().await?;
        }
        Ok(rows)
    }

    /// Deletes an inspector's rows and revokes the person's keys; how many rows there were.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn erase_inspector(
        &mut self,
        department: &str,
        inspector: &str,
        now_us: i64,
    ) -> Result<u64, StoreError> {
        let mut rows = 0;
        for sql in [
            "DELETE FROM inspectors WHERE department = $1 AND id = $2",
            "DELETE FROM recusals WHERE department = $1 AND inspector = $2",
            "DELETE FROM busy_days WHERE department = $1 AND inspector = $2",
        ] {
            let query = self.query(sql).bind(department.to_owned()).bind(inspector.to_owned());
            rows += query.execute().await?;
        }
        self.query(
            "UPDATE api_keys SET inspector = '', revoked_us = COALESCE(revoked_us, $3)
             WHERE department = $1 AND inspector = $2",
        )
        .bind(department.to_owned())
        .bind(inspector.to_owned())
        .bind(now_us)
        .execute()
        .await?;
        Ok(rows)
    }

    /// Whether an import that is not over keeps a row that holds a text.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn import_holds(&mut self, text: &str) -> Result<bool, StoreError> {
        let row: Option<(i64,)> = self
            .query("SELECT first_row FROM import_chunks WHERE replace(doc, $1, '') <> doc LIMIT 1")
            .bind(to_doc("import_chunks", &text)?)
            .fetch_optional()
            .await?;
        Ok(row.is_some())
    }

    /// Deletes the reports of imports that repeat a text as it was given, of one department when it
    /// is named; how many there were.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn erase_reports(&mut self, department: &str, text: &str) -> Result<u64, StoreError> {
        self.query(
            "DELETE FROM import_reports
             WHERE ($1 = '' OR department = $1) AND replace(doc, $2, '') <> doc",
        )
        .bind(department.to_owned())
        .bind(to_doc("import_reports", &text)?)
        .execute()
        .await
    }

    /// Stored replies that hold a text, or all, of one method when it is named.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn replies_with(
        &mut self,
        method: &str,
        text: &str,
    ) -> Result<Vec<StoredReply>, StoreError> {
        self.query(
            "SELECT caller, request_id, reply FROM requests
             WHERE ($1 = '' OR method = $1) AND ($2 = '' OR replace(reply, $2, '') <> reply)
             ORDER BY caller, request_id",
        )
        .bind(method.to_owned())
        .bind(text.to_owned())
        .fetch_all()
        .await
    }

    /// Forgets a stored reply: its request is not done again, nor answered.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn erase_reply(&mut self, stored: &StoredReply) -> Result<(), StoreError> {
        self.query("UPDATE requests SET reply = $3 WHERE caller = $1 AND request_id = $2")
            .bind(stored.caller.clone())
            .bind(stored.request_id.clone())
            .bind(ERASED_REPLY)
            .execute_one()
            .await
    }

    /// Replaces the wrapped data key of an attempt.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn rewrap_draw(
        &mut self,
        (campaign, attempt): (&str, i64),
        wrapped: Vec<u8>,
    ) -> Result<(), StoreError> {
        self.query("UPDATE draws SET wrapped = $3 WHERE campaign = $1 AND attempt = $2")
            .bind(campaign.to_owned())
            .bind(attempt)
            .bind(wrapped)
            .execute_one()
            .await
    }

    /// Wrapped data keys of attempts: campaign, attempt, key.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn wrapped_draws(&mut self) -> Result<Vec<(String, i64, Vec<u8>)>, StoreError> {
        self.query(
            "SELECT campaign, attempt, wrapped FROM draws WHERE length(wrapped) > 0
             ORDER BY campaign, attempt",
        )
        .fetch_all()
        .await
    }
}
