//! [Tx] methods on liabilities, the evidence of duty of care, and what both are derived from.

use jiff::civil::Date;

use super::{Page, SealedFollowUp, SealedObjection, StoreError, Tx, from_doc, from_docs, to_doc};
use crate::domain::liability::{DutyEvidence, Liability};

/// Which liabilities are wanted; empty texts for all.
#[derive(Clone, Debug, Default)]
pub struct LiabilityFilter<'a> {
    /// The jurisdiction.
    pub jurisdiction: &'a str,
    /// The unit.
    pub unit: &'a str,
    /// The word of the state.
    pub state: &'a str,
}

/// An attempt at a draw with its deadlines.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Timed {
    /// The attempt.
    pub attempt: i64,
    /// The word of its state.
    pub state: String,
    /// Until when offices commit, in microseconds UTC.
    pub commit_by_us: i64,
    /// Until when they reveal.
    pub reveal_by_us: i64,
}

impl Tx {
    /// Adds a liability.
    ///
    /// # Errors
    /// [`StoreError`]; a conflict when it is there.
    pub async fn insert_liability(&mut self, new: &Liability) -> Result<(), StoreError> {
        self.query(
            "INSERT INTO liabilities
               (id, jurisdiction, campaign, unit, kind, object, due_on, state, version, doc)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(new.id.clone())
        .bind(new.jurisdiction.clone())
        .bind(new.campaign.clone())
        .bind(new.unit.clone())
        .bind(new.kind.word())
        .bind(new.object.clone())
        .bind(new.due.day.to_string())
        .bind(new.state.word())
        .bind(new.version)
        .bind(to_doc("liabilities", new)?)
        .execute_one()
        .await
    }

    /// Stores what became of a liability since a version; `false` when somebody else was faster.
    ///
    /// # Errors
    /// [`StoreError`]; also for a move that it may not make.
    pub async fn update_liability(
        &mut self,
        new: &Liability,
        since: i64,
    ) -> Result<bool, StoreError> {
        let touched = self
            .query(
                "UPDATE liabilities SET state = $2, version = $3, doc = $4
                 WHERE id = $1 AND version = $5",
            )
            .bind(new.id.clone())
            .bind(new.state.word())
            .bind(new.version)
            .bind(to_doc("liabilities", new)?)
            .bind(since)
            .execute()
            .await?;
        Ok(touched == 1)
    }

    /// A liability.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn liability(&mut self, id: &str) -> Result<Option<Liability>, StoreError> {
        let row: Option<(String,)> = self
            .query("SELECT doc FROM liabilities WHERE id = $1")
            .bind(id.to_owned())
            .fetch_optional()
            .await?;
        row.map(|(doc,)| from_doc("liabilities", &doc)).transpose()
    }

    /// A page of liabilities by id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn liabilities(
        &mut self,
        filter: &LiabilityFilter<'_>,
        page: &Page<'_>,
    ) -> Result<Vec<Liability>, StoreError> {
        let rows = self
            .query(
                "SELECT doc FROM liabilities
                 WHERE jurisdiction = $1 AND ($2 = '' OR unit = $2) AND ($3 = '' OR state = $3)
                   AND id > $4
                 ORDER BY id LIMIT $5",
            )
            .bind(filter.jurisdiction.to_owned())
            .bind(filter.unit.to_owned())
            .bind(filter.state.to_owned())
            .bind(page.after.to_owned())
            .bind(page.limit)
            .fetch_all()
            .await?;
        from_docs("liabilities", rows)
    }

    /// All liabilities of a campaign.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn liabilities_of(&mut self, campaign: &str) -> Result<Vec<Liability>, StoreError> {
        let rows = self
            .query("SELECT doc FROM liabilities WHERE campaign = $1 ORDER BY id")
            .bind(campaign.to_owned())
            .fetch_all()
            .await?;
        from_docs("liabilities", rows)
    }

    /// Up to which day every missed deadline of a jurisdiction is recorded.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn liabilities_settled(
        &mut self,
        jurisdiction: &str,
    ) -> Result<Option<Date>, StoreError> {
        let row: Option<(String,)> = self
            .query("SELECT settled_on FROM liability_rounds WHERE jurisdiction = $1")
            .bind(jurisdiction.to_owned())
            .fetch_optional()
            .await?;
        Ok(row.and_then(|(on,)| on.parse().ok()))
    }

    /// Notes up to which day every missed deadline is recorded; it only grows.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn settle_liabilities(
        &mut self,
        jurisdiction: &str,
        on: Date,
    ) -> Result<(), StoreError> {
        self.query(
            "INSERT INTO liability_rounds (jurisdiction, settled_on) VALUES ($1, $2)
             ON CONFLICT (jurisdiction) DO UPDATE SET settled_on = excluded.settled_on
             WHERE liability_rounds.settled_on < excluded.settled_on",
        )
        .bind(jurisdiction.to_owned())
        .bind(on.to_string())
        .execute()
        .await?;
        Ok(())
    }

    /// Attaches evidence of a unit to a liability or a visit; `false` when it is there.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn insert_duty_evidence(
        &mut self,
        (about, unit): (&str, &str),
        new: &DutyEvidence,
    ) -> Result<bool, StoreError> {
        let touched = self
            .query(
                "INSERT INTO duty_evidence (about, unit, sha256, doc) VALUES ($1, $2, $3, $4)
                 ON CONFLICT DO NOTHING",
            )
            .bind(about.to_owned())
            .bind(unit.to_owned())
            .bind(new.sha256.clone())
            .bind(to_doc("duty_evidence", new)?)
            .execute()
            .await?;
        Ok(touched == 1)
    }

    /// What a unit has attached to a liability or a visit, by digest.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn duty_evidence(
        &mut self,
        about: &str,
        unit: &str,
    ) -> Result<Vec<DutyEvidence>, StoreError> {
        let rows = self
            .query("SELECT doc FROM duty_evidence WHERE about = $1 AND unit = $2 ORDER BY sha256")
            .bind(about.to_owned())
            .bind(unit.to_owned())
            .fetch_all()
            .await?;
        from_docs("duty_evidence", rows)
    }

    /// The attempts of a campaign with their deadlines.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn timed_attempts(&mut self, campaign: &str) -> Result<Vec<Timed>, StoreError> {
        self.query(
            "SELECT attempt, state, commit_by_us, reveal_by_us FROM draws
             WHERE campaign = $1 ORDER BY attempt",
        )
        .bind(campaign.to_owned())
        .fetch_all()
        .await
    }

    /// All objections of a campaign.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn objections_of(
        &mut self,
        campaign: &str,
    ) -> Result<Vec<SealedObjection>, StoreError> {
        let rows: Vec<(String,)> = self
            .query("SELECT id FROM objections WHERE campaign = $1 ORDER BY id")
            .bind(campaign.to_owned())
            .fetch_all()
            .await?;
        let mut out = Vec::with_capacity(rows.len());
        for (id,) in rows {
            out.extend(self.objection(&id).await?);
        }
        Ok(out)
    }

    /// All follow-ups of a campaign.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn follow_ups_of(
        &mut self,
        campaign: &str,
    ) -> Result<Vec<SealedFollowUp>, StoreError> {
        let rows: Vec<(String,)> = self
            .query("SELECT result FROM follow_ups WHERE campaign = $1 ORDER BY result")
            .bind(campaign.to_owned())
            .fetch_all()
            .await?;
        let mut out = Vec::with_capacity(rows.len());
        for (result,) in rows {
            out.extend(self.follow_up(&result).await?);
        }
        Ok(out)
    }
}
