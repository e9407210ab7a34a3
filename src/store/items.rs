//! [Tx] methods on item lists. Versions are never changed.

use super::{StoreError, Tx, from_doc, from_docs, to_doc};
use crate::domain::item::ItemList;

impl Tx {
    /// Stores a new version.
    ///
    /// # Errors
    /// [`StoreError`]; a conflict when the version exists already.
    pub async fn insert_item_list(
        &mut self,
        list: &ItemList,
        now_us: i64,
    ) -> Result<(), StoreError> {
        self.query(
            "INSERT INTO item_lists (department, version, doc, created_us) VALUES ($1, $2, $3, $4)",
        )
        .bind(list.department.clone())
        .bind(list.version)
        .bind(to_doc("item_lists", list)?)
        .bind(now_us)
        .execute_one()
        .await
    }

    /// One version, or the latest for 0.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn item_list(
        &mut self,
        department: &str,
        version: i64,
    ) -> Result<Option<ItemList>, StoreError> {
        let row: Option<(String,)> = self
            .query(
                "SELECT doc FROM item_lists WHERE department = $1 AND (version = $2 OR $2 = 0)
                 ORDER BY version DESC LIMIT 1",
            )
            .bind(department.to_owned())
            .bind(version)
            .fetch_optional()
            .await?;
        row.map(|(doc,)| from_doc("item_lists", &doc)).transpose()
    }

    /// A page of the versions of a list, oldest first, with when each was stored.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn item_list_versions(
        &mut self,
        department: &str,
        after: i64,
        limit: i64,
    ) -> Result<Vec<(ItemList, i64)>, StoreError> {
        let rows: Vec<(String, i64)> = self
            .query(
                "SELECT doc, created_us FROM item_lists WHERE department = $1 AND version > $2
                 ORDER BY version LIMIT $3",
            )
            .bind(department.to_owned())
            .bind(after)
            .bind(limit)
            .fetch_all()
            .await?;
        rows.into_iter().map(|(doc, at)| Ok((from_doc("item_lists", &doc)?, at))).collect()
    }

    /// The latest list of each department that is in force on a day.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn item_lists_on(
        &mut self,
        departments: &[String],
        on: jiff::civil::Date,
    ) -> Result<Vec<ItemList>, StoreError> {
        let rows = self
            .query_in(
                "SELECT doc FROM item_lists WHERE department = ANY {list}
                 ORDER BY department, version DESC",
                1,
            )
            .bind_list(departments)?
            .fetch_all()
            .await?;
        let mut lists: Vec<ItemList> = from_docs("item_lists", rows)?;
        lists.retain(|list| list.effective_from <= on);
        lists.dedup_by(|older, newer| older.department == newer.department);
        Ok(lists)
    }
}
