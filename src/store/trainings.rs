//! [Tx] methods on trainings of inspectors.

use super::{StoreError, Tx, from_doc, from_docs, to_doc};
use crate::domain::training::Training;

impl Tx {
    /// Makes or replaces a training of a person, course and day.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_training(
        &mut self,
        [jurisdiction, department]: [&str; 2],
        training: &Training,
    ) -> Result<(), StoreError> {
        self.query(
            "INSERT INTO trainings (jurisdiction, department, inspector, course, held_on, doc)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (jurisdiction, department, inspector, course, held_on)
             DO UPDATE SET doc = excluded.doc",
        )
        .bind(jurisdiction.to_owned())
        .bind(department.to_owned())
        .bind(training.inspector.clone())
        .bind(training.course.clone())
        .bind(training.held_on.to_string())
        .bind(to_doc("trainings", training)?)
        .execute_one()
        .await
    }

    /// All trainings of a jurisdiction, with the department.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn trainings_in(
        &mut self,
        jurisdiction: &str,
    ) -> Result<Vec<(String, Training)>, StoreError> {
        let rows: Vec<(String, String)> = self
            .query(
                "SELECT department, doc FROM trainings WHERE jurisdiction = $1
                 ORDER BY department, inspector, course, held_on",
            )
            .bind(jurisdiction.to_owned())
            .fetch_all()
            .await?;
        rows.into_iter().map(|(d, doc)| Ok((d, from_doc("trainings", &doc)?))).collect()
    }

    /// A page of a department's trainings after a person, a course and a day.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn trainings(
        &mut self,
        [jurisdiction, department]: [&str; 2],
        after: &str,
        limit: i64,
    ) -> Result<Vec<Training>, StoreError> {
        let rows = self
            .query(
                "SELECT doc FROM trainings
                 WHERE jurisdiction = $1 AND department = $2
                   AND inspector || '/' || held_on || '/' || course > $3
                 ORDER BY inspector || '/' || held_on || '/' || course LIMIT $4",
            )
            .bind(jurisdiction.to_owned())
            .bind(department.to_owned())
            .bind(after.to_owned())
            .bind(limit)
            .fetch_all()
            .await?;
        from_docs("trainings", rows)
    }
}
