//! [Tx] methods on jurisdictions and departments.

use super::{Page, StoreError, Tx, from_doc, from_docs, to_doc};
use crate::domain::department::{Department, Jurisdiction};

impl Tx {
    /// Makes or replaces a jurisdiction.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_jurisdiction(
        &mut self,
        jurisdiction: &Jurisdiction,
    ) -> Result<(), StoreError> {
        self.query(
            "INSERT INTO jurisdictions (code, doc) VALUES ($1, $2)
             ON CONFLICT (code) DO UPDATE SET doc = excluded.doc",
        )
        .bind(jurisdiction.code.clone())
        .bind(to_doc("jurisdictions", jurisdiction)?)
        .execute_one()
        .await
    }

    /// A jurisdiction by code.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn jurisdiction(&mut self, code: &str) -> Result<Option<Jurisdiction>, StoreError> {
        let row: Option<(String,)> = self
            .query("SELECT doc FROM jurisdictions WHERE code = $1")
            .bind(code.to_owned())
            .fetch_optional()
            .await?;
        row.map(|(doc,)| from_doc("jurisdictions", &doc)).transpose()
    }

    /// A page of jurisdictions by code.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn jurisdictions(
        &mut self,
        page: &Page<'_>,
    ) -> Result<Vec<Jurisdiction>, StoreError> {
        let rows = self
            .query("SELECT doc FROM jurisdictions WHERE code > $1 ORDER BY code LIMIT $2")
            .bind(page.after.to_owned())
            .bind(page.limit)
            .fetch_all()
            .await?;
        from_docs("jurisdictions", rows)
    }

    /// Stores a department as `version`; `false` when another version is stored by now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_department(
        &mut self,
        department: &Department,
        version: i64,
    ) -> Result<bool, StoreError> {
        let touched = self
            .query(
                "INSERT INTO departments (id, jurisdiction, version, doc) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (id) DO UPDATE SET doc = excluded.doc, version = excluded.version
                 WHERE departments.version = excluded.version - 1
                   AND departments.jurisdiction = excluded.jurisdiction",
            )
            .bind(department.id.clone())
            .bind(department.jurisdiction.clone())
            .bind(version)
            .bind(to_doc("departments", department)?)
            .execute()
            .await?;
        Ok(touched == 1)
    }

    /// A department with its version.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn department(&mut self, id: &str) -> Result<Option<(Department, i64)>, StoreError> {
        let row: Option<(String, i64)> = self
            .query("SELECT doc, version FROM departments WHERE id = $1")
            .bind(id.to_owned())
            .fetch_optional()
            .await?;
        row.map(|(doc, version)| Ok((from_doc("departments", &doc)?, version))).transpose()
    }

    /// A page of departments by id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn departments(
        &mut self,
        page: &Page<'_>,
    ) -> Result<Vec<(Department, i64)>, StoreError> {
        let rows: Vec<(String, i64)> = self
            .query("SELECT doc, version FROM departments WHERE id > $1 ORDER BY id LIMIT $2")
            .bind(page.after.to_owned())
            .bind(page.limit)
            .fetch_all()
            .await?;
        rows.iter().map(|(doc, version)| Ok((from_doc("departments", doc)?, *version))).collect()
    }

    /// All departments of some jurisdictions.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn departments_in(
        &mut self,
        jurisdictions: &[String],
    ) -> Result<Vec<Department>, StoreError> {
        let rows = self
            .query_in("SELECT doc FROM departments WHERE jurisdiction = ANY {list} ORDER BY id", 1)
            .bind_list(jurisdictions)?
            .fetch_all()
            .await?;
        from_docs("departments", rows)
    }
}
