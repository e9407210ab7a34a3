//! [Tx] methods on links and reviews.

use serde::{Deserialize, Serialize};

use super::{StoreError, Tx};
use crate::matching::Decision;

/// A link of the last resolution.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow, Serialize, Deserialize)]
pub struct LinkRow {
    /// The row's department.
    pub department: String,
    /// The row's id.
    pub id: String,
    /// The subject it belongs to.
    pub canonical: String,
    /// The rule.
    pub evidence: String,
}

/// A doubtful pair.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow, Serialize, Deserialize)]
pub struct ReviewRow {
    /// The smaller id.
    pub first_id: String,
    /// The greater id.
    pub second_id: String,
    /// Why they may be one.
    pub evidence: String,
    /// Empty, `SAME` or `DIFFERENT`.
    pub decision: String,
    /// Why it was decided so.
    pub reason: String,
}

impl Tx {
    /// Replaces the links of a jurisdiction.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn replace_links(
        &mut self,
        jurisdiction: &str,
        links: &[LinkRow],
    ) -> Result<(), StoreError> {
        self.query("DELETE FROM links WHERE jurisdiction = $1")
            .bind(jurisdiction.to_owned())
            .execute()
            .await?;
        let rows: Vec<_> = links
            .iter()
            .map(|l| {
                [
                    jurisdiction.into(),
                    l.department.as_str().into(),
                    l.id.as_str().into(),
                    l.canonical.as_str().into(),
                    l.evidence.as_str().into(),
                ]
            })
            .collect();
        let columns = ["jurisdiction", "department", "id", "canonical", "evidence"];
        self.load("links", &columns, &rows).await
    }

    /// A page of links by (department, id).
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn links(
        &mut self,
        jurisdiction: &str,
        after: (&str, &str),
        limit: i64,
    ) -> Result<Vec<LinkRow>, StoreError> {
        self.query(
            "SELECT department, id, canonical, evidence FROM links
             WHERE jurisdiction = $1 AND (department, id) > ($2, $3)
             ORDER BY department, id LIMIT $4",
        )
        .bind(jurisdiction.to_owned())
        .bind(after.0.to_owned())
        .bind(after.1.to_owned())
        .bind(limit)
        .fetch_all()
        .await
    }

    /// Replaces the undecided pairs of a jurisdiction; decided ones stay as they are.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn replace_reviews(
        &mut self,
        jurisdiction: &str,
        pairs: &[ReviewRow],
    ) -> Result<(), StoreError> {
        self.query("DELETE FROM reviews WHERE jurisdiction = $1 AND decision = ''")
            .bind(jurisdiction.to_owned())
            .execute()
            .await?;
        let decided: std::collections::BTreeSet<(String, String)> =
            self.decisions(jurisdiction).await?.into_iter().map(|d| (d.first, d.second)).collect();
        let rows: Vec<_> = pairs
            .iter()
            .filter(|p| !decided.contains(&(p.first_id.clone(), p.second_id.clone())))
            .map(|p| {
                [
                    jurisdiction.into(),
                    p.first_id.as_str().into(),
                    p.second_id.as_str().into(),
                    p.evidence.as_str().into(),
                    "".into(),
                    "".into(),
                ]
            })
            .collect();
        let columns = ["jurisdiction", "first_id", "second_id", "evidence", "decision", "reason"];
        self.load("reviews", &columns, &rows).await
    }

    /// A page of reviews by ids.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn reviews(
        &mut self,
        jurisdiction: &str,
        after: (&str, &str),
        limit: i64,
    ) -> Result<Vec<ReviewRow>, StoreError> {
        self.query(
            "SELECT first_id, second_id, evidence, decision, reason FROM reviews
             WHERE jurisdiction = $1 AND (first_id, second_id) > ($2, $3)
             ORDER BY first_id, second_id LIMIT $4",
        )
        .bind(jurisdiction.to_owned())
        .bind(after.0.to_owned())
        .bind(after.1.to_owned())
        .bind(limit)
        .fetch_all()
        .await
    }

    /// Decides a pair, or takes a decision back with an empty one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn decide_review(
        &mut self,
        jurisdiction: &str,
        review: &ReviewRow,
    ) -> Result<(), StoreError> {
        self.query(
            "INSERT INTO reviews (jurisdiction, first_id, second_id, evidence, decision, reason)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (jurisdiction, first_id, second_id)
             DO UPDATE SET decision = excluded.decision, reason = excluded.reason",
        )
        .bind(jurisdiction.to_owned())
        .bind(review.first_id.clone())
        .bind(review.second_id.clone())
        .bind(review.evidence.clone())
        .bind(review.decision.clone())
        .bind(review.reason.clone())
        .execute_one()
        .await
    }

    /// All decisions of a jurisdiction.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn decisions(&mut self, jurisdiction: &str) -> Result<Vec<Decision>, StoreError> {
        let rows: Vec<(String, String, String)> = self
            .query(
                "SELECT first_id, second_id, decision FROM reviews
                 WHERE jurisdiction = $1 AND decision <> '' ORDER BY first_id, second_id",
            )
            .bind(jurisdiction.to_owned())
            .fetch_all()
            .await?;
        let decision = |(first, second, word): (String, String, String)| Decision {
            first,
            second,
            same: word == "SAME",
        };
        Ok(rows.into_iter().map(decision).collect())
    }
}
