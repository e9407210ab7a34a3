//! [Tx] methods on what happened to subjects before: risk facts, inspections, earlier visits.

use super::{SealedVisit, StoreError, Tx, from_doc, to_doc};
use crate::domain::inspection::Inspection;
use crate::domain::subject::RiskFact;
use jiff::civil::Date;

impl Tx {
    /// Records a fact; `false` when it was recorded before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn insert_risk_fact(
        &mut self,
        jurisdiction: &str,
        department: &str,
        fact: &RiskFact,
    ) -> Result<bool, StoreError> {
        let touched = self
            .query(
                "INSERT INTO risk_facts (jurisdiction, department, subject, kind, on_day, doc)
                 VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
            )
            .bind(jurisdiction.to_owned())
            .bind(department.to_owned())
            .bind(fact.subject_id.clone())
            .bind(fact.kind.word())
            .bind(fact.on.to_string())
            .bind(to_doc("risk_facts", fact)?)
            .execute()
            .await?;
        Ok(touched == 1)
    }

    /// Subjects with a risk fact, by id as recorded.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn marked_subjects(&mut self, jurisdiction: &str) -> Result<Vec<String>, StoreError> {
        let rows: Vec<(String,)> = self
            .query(
                "SELECT DISTINCT subject FROM risk_facts WHERE jurisdiction = $1 ORDER BY subject",
            )
            .bind(jurisdiction.to_owned())
            .fetch_all()
            .await?;
        Ok(rows.into_iter().map(|(subject,)| subject).collect())
    }

    /// Records an inspection; `false` when it was recorded before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn insert_inspection(
        &mut self,
        jurisdiction: &str,
        department: &str,
        inspection: &Inspection,
    ) -> Result<bool, StoreError> {
        let touched = self
            .query(
                "INSERT INTO inspections (jurisdiction, department, subject, on_day, origin, doc)
                 VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
            )
            .bind(jurisdiction.to_owned())
            .bind(department.to_owned())
            .bind(inspection.subject_id.clone())
            .bind(inspection.on.to_string())
            .bind(format!("{:?}", inspection.origin))
            .bind(to_doc("inspections", inspection)?)
            .execute()
            .await?;
        Ok(touched == 1)
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
        let rows: Vec<(String, Vec<u8>)> = self
            .query(
                "SELECT doc, sealed FROM visits WHERE jurisdiction = $1 AND year >= $2
                 ORDER BY campaign, rank",
            )
            .bind(jurisdiction.to_owned())
            .bind(year)
            .fetch_all()
            .await?;
        rows.into_iter().map(SealedVisit::read).collect()
    }
}
