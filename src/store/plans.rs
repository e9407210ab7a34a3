//! [Tx] methods on planned tasks and proposals.

use super::{Page, StoreError, Tx, from_docs, to_doc};
use crate::domain::plan::{Proposal, ProposalState, Task, TaskState};

const fn task_word(state: TaskState) -> &'static str {
    match state {
        TaskState::Open => "OPEN",
        TaskState::Proposed => "PROPOSED",
        TaskState::Accepted => "ACCEPTED",
    }
}

const fn proposal_word(state: ProposalState) -> &'static str {
    match state {
        ProposalState::Open => "OPEN",
        ProposalState::Accepted => "ACCEPTED",
        ProposalState::Declined => "DECLINED",
        ProposalState::Scheduled => "SCHEDULED",
    }
}

impl Tx {
    /// Makes or replaces a task; `false` when the stored one is not in `from` any more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_task(
        &mut self,
        jurisdiction: &str,
        task: &Task,
        from: TaskState,
    ) -> Result<bool, StoreError> {
        let touched = self
            .query(
                "INSERT INTO tasks (jurisdiction, department, id, state, doc)
                 VALUES ($1, $2, $3, $4, $5)
                 ON CONFLICT (jurisdiction, department, id)
                 DO UPDATE SET state = excluded.state, doc = excluded.doc WHERE tasks.state = $6",
            )
            .bind(jurisdiction.to_owned())
            .bind(task.department.clone())
            .bind(task.id.clone())
            .bind(task_word(task.state))
            .bind(to_doc("tasks", task)?)
            .bind(task_word(from))
            .execute()
            .await?;
        Ok(touched == 1)
    }

    /// All open tasks of a jurisdiction.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open_tasks(&mut self, jurisdiction: &str) -> Result<Vec<Task>, StoreError> {
        let rows = self
            .query(
                "SELECT doc FROM tasks WHERE jurisdiction = $1 AND state = 'OPEN'
                 ORDER BY department, id",
            )
            .bind(jurisdiction.to_owned())
            .fetch_all()
            .await?;
        from_docs("tasks", rows)
    }

    /// A page of tasks by (department, id), of one department when it is given.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn tasks(
        &mut self,
        jurisdiction: &str,
        department: &str,
        after: (&str, &str),
        limit: i64,
    ) -> Result<Vec<Task>, StoreError> {
        let rows = self
            .query(
                "SELECT doc FROM tasks
                 WHERE jurisdiction = $1 AND ($2 = '' OR department = $2)
                   AND (department, id) > ($3, $4)
                 ORDER BY department, id LIMIT $5",
            )
            .bind(jurisdiction.to_owned())
            .bind(department.to_owned())
            .bind(after.0.to_owned())
            .bind(after.1.to_owned())
            .bind(limit)
            .fetch_all()
            .await?;
        from_docs("tasks", rows)
    }

    /// Makes or replaces a proposal.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_proposal(
        &mut self,
        jurisdiction: &str,
        proposal: &Proposal,
    ) -> Result<(), StoreError> {
        self.query(
            "INSERT INTO proposals (jurisdiction, id, state, doc) VALUES ($1, $2, $3, $4)
             ON CONFLICT (jurisdiction, id)
             DO UPDATE SET state = excluded.state, doc = excluded.doc",
        )
        .bind(jurisdiction.to_owned())
        .bind(proposal.id.clone())
        .bind(proposal_word(proposal.state))
        .bind(to_doc("proposals", proposal)?)
        .execute_one()
        .await
    }

    /// Proposals by id, in id order; those that do not exist are left out.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn proposals_by_id(
        &mut self,
        jurisdiction: &str,
        ids: &[String],
    ) -> Result<Vec<Proposal>, StoreError> {
        let rows = self
            .query_in(
                "SELECT doc FROM proposals WHERE jurisdiction = $1 AND id = ANY {list} ORDER BY id",
                2,
            )
            .bind(jurisdiction.to_owned())
            .bind_list(ids)?
            .fetch_all()
            .await?;
        from_docs("proposals", rows)
    }

    /// A page of proposals by id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn proposals(
        &mut self,
        jurisdiction: &str,
        page: &Page<'_>,
    ) -> Result<Vec<Proposal>, StoreError> {
        let rows = self
            .query(
                "SELECT doc FROM proposals WHERE jurisdiction = $1 AND id > $2
                 ORDER BY id LIMIT $3",
            )
            .bind(jurisdiction.to_owned())
            .bind(page.after.to_owned())
            .bind(page.limit)
            .fetch_all()
            .await?;
        from_docs("proposals", rows)
    }
}
