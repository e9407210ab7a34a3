//! [Tx] methods on what happened to subjects before: risk facts, inspections, earlier visits.

use super::{SealedVisit, StoreError, Tx, from_doc};
use crate::domain::inspection::Inspection;
use crate::domain::subject::RiskFactKind;
use jiff::civil::Date;

impl Tx {
    /// Subjects with a risk fact, by id as recorded, and the kinds of their facts.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn signals(
        &mut self,
        jurisdiction: &str,
    ) -> Result<Vec<(String, RiskFactKind)>, StoreError> {
        let rows: Vec<(String, String)> = self
            .query(
                "SELECT DISTINCT subject, kind FROM risk_facts WHERE jurisdiction = $1
                 ORDER BY subject, kind",
            )
            .bind(jurisdiction.to_owned())
            .fetch_all()
            .await?;
        let read = |(subject, word): (String, String)| match RiskFactKind::from_word(&word) {
            Some(kind) => Ok((subject, kind)),
            None => Err(StoreError::Word { table: "risk_facts", word }),
        };
        rows.into_iter().map(read).collect()
    }

    /// Inspections since a day, with the department that recorded them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn inspections_since(
        &mut self,
        jurisdiction: &str,
        since: Date,
    ) -> Result<Vec<(String, Inspection)>, StoreError> {
        let rows: Vec<(String, String)> = self
            .query(
                "SELECT department, doc FROM inspections WHERE jurisdiction = $1 AND on_day >= $2
                 ORDER BY department, subject, on_day, origin",
            )
            .bind(jurisdiction.to_owned())
            .bind(since.to_string())
            .fetch_all()
            .await?;
        rows.into_iter().map(|(d, doc)| Ok((d, from_doc("inspections", &doc)?))).collect()
    }

    /// Drawn visits since a year, in no order that matters: who went to whom.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn visits_since(
        &mut self,
        jurisdiction: &str,
        year: i64,
    ) -> Result<Vec<SealedVisit>, StoreError> {
        let rows: Vec<(String, Vec<u8>, Vec<u8>)> = self
            .query(
                "SELECT doc, wrapped, sealed FROM visits WHERE jurisdiction = $1 AND year >= $2
                 ORDER BY campaign, rank",
            )
            .bind(jurisdiction.to_owned())
            .bind(year)
            .fetch_all()
            .await?;
        rows.into_iter().map(SealedVisit::read).collect()
    }
}
