//! [Tx] methods on policy values.

use super::{StoreError, Tx, from_docs, to_doc};
use crate::domain::policy::PolicyValue;

impl Tx {
    /// Stores a value as issued; the same level and day replaces it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_policy(&mut self, value: &PolicyValue) -> Result<(), StoreError> {
        self.query(
            "INSERT INTO policies (jurisdiction, name, level, effective_from, doc)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (jurisdiction, name, level, effective_from) DO UPDATE SET doc = excluded.doc",
        )
        .bind(value.jurisdiction.clone())
        .bind(value.key.clone())
        .bind(format!("{:?}", value.level))
        .bind(value.effective_from.to_string())
        .bind(to_doc("policies", value)?)
        .execute_one()
        .await
    }

    /// All values issued for a jurisdiction.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn policies(&mut self, jurisdiction: &str) -> Result<Vec<PolicyValue>, StoreError> {
        let rows = self
            .query(
                "SELECT doc FROM policies WHERE jurisdiction = $1
                 ORDER BY name, level, effective_from",
            )
            .bind(jurisdiction.to_owned())
            .fetch_all()
            .await?;
        from_docs("policies", rows)
    }
}
