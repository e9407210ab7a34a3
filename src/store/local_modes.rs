//! [Tx] methods on local modes; versions are never changed.

use super::{Page, StoreError, Tx, from_docs, to_doc};
use crate::domain::local_mode::LocalMode;

impl Tx {
    /// Stores a version of a mode.
    ///
    /// # Errors
    /// [`StoreError`]; a conflict when the version exists already.
    pub async fn insert_local_mode(&mut self, mode: &LocalMode) -> Result<(), StoreError> {
        self.query(
            "INSERT INTO local_modes (jurisdiction, id, version, doc) VALUES ($1, $2, $3, $4)",
        )
        .bind(mode.jurisdiction.clone())
        .bind(mode.id.clone())
        .bind(mode.version)
        .bind(to_doc("local_modes", mode)?)
        .execute_one()
        .await
    }

    /// The latest version of a mode.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn local_mode(
        &mut self,
        jurisdiction: &str,
        id: &str,
    ) -> Result<Option<LocalMode>, StoreError> {
        let rows = self
            .query(
                "SELECT doc FROM local_modes WHERE jurisdiction = $1 AND id = $2
                 ORDER BY version DESC LIMIT 1",
            )
            .bind(jurisdiction.to_owned())
            .bind(id.to_owned())
            .fetch_all()
            .await?;
        Ok(from_docs("local_modes", rows)?.pop())
    }

    /// A page of the latest versions of a jurisdiction's modes, by id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn local_modes(
        &mut self,
        jurisdiction: &str,
        page: &Page<'_>,
    ) -> Result<Vec<LocalMode>, StoreError> {
        let rows = self
            .query(
                "SELECT doc FROM local_modes m WHERE jurisdiction = $1 AND id > $2
                   AND version = (SELECT max(version) FROM local_modes l
                                  WHERE l.jurisdiction = m.jurisdiction AND l.id = m.id)
                 ORDER BY id LIMIT $3",
            )
            .bind(jurisdiction.to_owned())
            .bind(page.after.to_owned())
            .bind(page.limit)
            .fetch_all()
            .await?;
        from_docs("local_modes", rows)
    }
}
