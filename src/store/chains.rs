//! [Tx] methods on chains of approval and dispatched tasks.

use super::{Page, StoreError, Tx, from_doc, from_docs, to_doc};
use crate::domain::approval::{ApprovalChain, PaperKind};
use crate::domain::dispatch::DispatchedTask;

impl Tx {
    /// Stores a chain as its `version`; `false` when another version is stored by now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_chain(&mut self, chain: &ApprovalChain) -> Result<bool, StoreError> {
        let touched = self
            .query(
                "INSERT INTO approval_chains (jurisdiction, kind, unit, etag, doc)
                 VALUES ($1, $2, $3, $4, $5)
                 ON CONFLICT (jurisdiction, kind, unit)
                 DO UPDATE SET etag = excluded.etag, doc = excluded.doc
                 WHERE approval_chains.etag = excluded.etag - 1",
            )
            .bind(chain.jurisdiction.clone())
            .bind(chain.kind.word())
            .bind(chain.unit.clone())
            .bind(chain.version)
            .bind(to_doc("approval_chains", chain)?)
            .execute()
            .await?;
        Ok(touched == 1)
    }

    /// The chain of exactly this unit.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn chain(
        &mut self,
        jurisdiction: &str,
        kind: PaperKind,
        unit: &str,
    ) -> Result<Option<ApprovalChain>, StoreError> {
        let row: Option<(String,)> = self
            .query(
                "SELECT doc FROM approval_chains
                 WHERE jurisdiction = $1 AND kind = $2 AND unit = $3",
            )
            .bind(jurisdiction.to_owned())
            .bind(kind.word())
            .bind(unit.to_owned())
            .fetch_optional()
            .await?;
        row.map(|(doc,)| from_doc("approval_chains", &doc)).transpose()
    }

    /// A page of a jurisdiction's chains by (kind, unit).
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn chains(
        &mut self,
        jurisdiction: &str,
        after: (&str, &str),
        limit: i64,
    ) -> Result<Vec<ApprovalChain>, StoreError> {
        let rows = self
            .query(
                "SELECT doc FROM approval_chains WHERE jurisdiction = $1 AND (kind, unit) > ($2, $3)
                 ORDER BY kind, unit LIMIT $4",
            )
            .bind(jurisdiction.to_owned())
            .bind(after.0.to_owned())
            .bind(after.1.to_owned())
            .bind(limit)
            .fetch_all()
            .await?;
        from_docs("approval_chains", rows)
    }

    /// Adds a dispatched task.
    ///
    /// # Errors
    /// [`StoreError`]; a conflict when the id exists already.
    pub async fn insert_dispatched(&mut self, task: &DispatchedTask) -> Result<(), StoreError> {
        self.query(
            "INSERT INTO dispatched_tasks (jurisdiction, id, unit, state, etag, doc)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(task.jurisdiction.clone())
        .bind(task.id.clone())
        .bind(task.unit.clone())
        .bind(task.state.word())
        .bind(task.version)
        .bind(to_doc("dispatched_tasks", task)?)
        .execute_one()
        .await
    }

    /// Stores a changed task, whose version has grown from `before`; `false` when another change
    /// came between.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn update_dispatched(
        &mut self,
        task: &DispatchedTask,
        before: i64,
    ) -> Result<bool, StoreError> {
        let touched = self
            .query(
                "UPDATE dispatched_tasks SET unit = $4, state = $5, etag = $6, doc = $7
                 WHERE jurisdiction = $1 AND id = $2 AND etag = $3",
            )
            .bind(task.jurisdiction.clone())
            .bind(task.id.clone())
            .bind(before)
            .bind(task.unit.clone())
            .bind(task.state.word())
            .bind(task.version)
            .bind(to_doc("dispatched_tasks", task)?)
            .execute()
            .await?;
        Ok(touched == 1)
    }

    /// A dispatched task.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn dispatched(
        &mut self,
        jurisdiction: &str,
        id: &str,
    ) -> Result<Option<DispatchedTask>, StoreError> {
        let row: Option<(String,)> = self
            .query("SELECT doc FROM dispatched_tasks WHERE jurisdiction = $1 AND id = $2")
            .bind(jurisdiction.to_owned())
            .bind(id.to_owned())
            .fetch_optional()
            .await?;
        row.map(|(doc,)| from_doc("dispatched_tasks", &doc)).transpose()
    }

    /// A page of dispatched tasks by id, of one unit when it is given.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn dispatched_tasks(
        &mut self,
        jurisdiction: &str,
        unit: &str,
        page: &Page<'_>,
    ) -> Result<Vec<DispatchedTask>, StoreError> {
        let rows = self
            .query(
                "SELECT doc FROM dispatched_tasks
                 WHERE jurisdiction = $1 AND ($2 = '' OR unit = $2) AND id > $3
                 ORDER BY id LIMIT $4",
            )
            .bind(jurisdiction.to_owned())
            .bind(unit.to_owned())
            .bind(page.after.to_owned())
            .bind(page.limit)
            .fetch_all()
            .await?;
        from_docs("dispatched_tasks", rows)
    }
}
