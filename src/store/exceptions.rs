//! [Tx] methods on exceptions from the rules of draws.

use super::{StoreError, Tx, from_docs, to_doc};
use crate::domain::exception::Exception;

impl Tx {
    /// Adds an exception of a department of a jurisdiction.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn insert_exception(
        &mut self,
        jurisdiction: &str,
        new: &Exception,
    ) -> Result<(), StoreError> {
        self.query(
            "INSERT INTO exceptions (id, jurisdiction, department, subject, state, version, doc)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(new.id.clone())
        .bind(jurisdiction.to_owned())
        .bind(new.department.clone())
        .bind(new.subject.clone())
        .bind(new.state.word())
        .bind(new.version)
        .bind(to_doc("exceptions", new)?)
        .execute_one()
        .await
    }

    /// Stores what became of an exception since a version; `false` when somebody else was faster.
    ///
    /// # Errors
    /// [`StoreError`]; also for a move that it may not make.
    pub async fn update_exception(
        &mut self,
        new: &Exception,
        since: i64,
    ) -> Result<bool, StoreError> {
        let touched = self
            .query(
                "UPDATE exceptions SET state = $2, version = $3, doc = $4
                 WHERE id = $1 AND version = $5",
            )
            .bind(new.id.clone())
            .bind(new.state.word())
            .bind(new.version)
            .bind(to_doc("exceptions", new)?)
            .bind(since)
            .execute()
            .await?;
        Ok(touched == 1)
    }

    /// An exception.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn exception(&mut self, id: &str) -> Result<Option<Exception>, StoreError> {
        let rows = self
            .query("SELECT doc FROM exceptions WHERE id = $1")
            .bind(id.to_owned())
            .fetch_all()
            .await?;
        Ok(from_docs("exceptions", rows)?.pop())
    }

    /// A page of exceptions by id: of a department and in a state, when they are given.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn exceptions(
        &mut self,
        [department, state]: [&str; 2],
        after: &str,
        limit: i64,
    ) -> Result<Vec<Exception>, StoreError> {
        let rows = self
            .query(
                "SELECT doc FROM exceptions WHERE ($1 = '' OR department = $1)
                   AND ($2 = '' OR state = $2) AND id > $3 ORDER BY id LIMIT $4",
            )
            .bind(department.to_owned())
            .bind(state.to_owned())
            .bind(after.to_owned())
            .bind(limit)
            .fetch_all()
            .await?;
        from_docs("exceptions", rows)
    }

    /// The exceptions of a jurisdiction that are in force, on whatever days.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn exceptions_in_force(
        &mut self,
        jurisdiction: &str,
    ) -> Result<Vec<Exception>, StoreError> {
        let rows = self
            .query(
                "SELECT doc FROM exceptions WHERE jurisdiction = $1 AND state = 'IN_FORCE'
                 ORDER BY id",
            )
            .bind(jurisdiction.to_owned())
            .fetch_all()
            .await?;
        from_docs("exceptions", rows)
    }
}
