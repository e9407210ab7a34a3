//! [Tx] methods on inspector pools and recusals.

use super::{Page, StoreError, Stored, Tx, from_doc, from_docs, to_doc};
use crate::domain::inspector::{Inspector, Recusal};

impl Tx {
    /// Which of these inspectors are stored, with their digests.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn stored_inspectors(
        &mut self,
        jurisdiction: &str,
        department: &str,
        ids: &[&str],
    ) -> Result<Vec<Stored>, StoreError> {
        self.query_in(
            "SELECT id, '' AS premises, digest FROM inspectors
             WHERE jurisdiction = $1 AND department = $2 AND id = ANY {list}",
            3,
        )
        .bind(jurisdiction.to_owned())
        .bind(department.to_owned())
        .bind_list(ids)?
        .fetch_all()
        .await
    }

    /// Makes or replaces an inspector.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_inspector(
        &mut self,
        jurisdiction: &str,
        department: &str,
        inspector: &Inspector,
        digest: i64,
        now_us: i64,
    ) -> Result<(), StoreError> {
        self.query(
            "INSERT INTO inspectors (jurisdiction, department, id, doc, digest, changed_us)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (jurisdiction, department, id)
             DO UPDATE SET doc = excluded.doc, digest = excluded.digest,
               changed_us = excluded.changed_us",
        )
        .bind(jurisdiction.to_owned())
        .bind(department.to_owned())
        .bind(inspector.id.clone())
        .bind(to_doc("inspectors", inspector)?)
        .bind(digest)
        .bind(now_us)
        .execute_one()
        .await
    }

    /// A page of a department's inspectors by id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn inspectors_page(
        &mut self,
        jurisdiction: &str,
        department: &str,
        page: &Page<'_>,
    ) -> Result<Vec<Inspector>, StoreError> {
        let rows = self
            .query(
                "SELECT doc FROM inspectors
                 WHERE jurisdiction = $1 AND department = $2 AND id > $3 ORDER BY id LIMIT $4",
            )
            .bind(jurisdiction.to_owned())
            .bind(department.to_owned())
            .bind(page.after.to_owned())
            .bind(page.limit)
            .fetch_all()
            .await?;
        from_docs("inspectors", rows)
    }

    /// All inspectors of some jurisdictions, with jurisdiction and department.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn inspectors_in(
        &mut self,
        jurisdictions: &[String],
    ) -> Result<Vec<(String, String, Inspector)>, StoreError> {
        let rows: Vec<(String, String, String)> = self
            .query_in(
                "SELECT jurisdiction, department, doc FROM inspectors
                 WHERE jurisdiction = ANY {list} ORDER BY jurisdiction, department, id",
                1,
            )
            .bind_list(jurisdictions)?
            .fetch_all()
            .await?;
        rows.into_iter().map(|(j, d, doc)| Ok((j, d, from_doc("inspectors", &doc)?))).collect()
    }

    /// All recusals of a jurisdiction, with the department.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn recusals(
        &mut self,
        jurisdiction: &str,
    ) -> Result<Vec<(String, Recusal)>, StoreError> {
        let rows: Vec<(String, String)> = self
            .query(
                "SELECT department, doc FROM recusals WHERE jurisdiction = $1
                 ORDER BY department, inspector, subject",
            )
            .bind(jurisdiction.to_owned())
            .fetch_all()
            .await?;
        rows.into_iter().map(|(d, doc)| Ok((d, from_doc("recusals", &doc)?))).collect()
    }
}
