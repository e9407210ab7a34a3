//! [Tx] methods on breaches of discipline.

use super::{LiabilityFilter, Page, StoreError, Tx, from_doc, from_docs, to_doc};
use crate::domain::breach::Breach;

impl Tx {
    /// Adds a breach.
    ///
    /// # Errors
    /// [`StoreError`]; a conflict when the id is taken.
    pub async fn insert_breach(&mut self, new: &Breach) -> Result<(), StoreError> {
        self.query(
            "INSERT INTO breaches (id, jurisdiction, unit, state, version, doc)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(new.id.clone())
        .bind(new.jurisdiction.clone())
        .bind(new.unit.clone())
        .bind(new.state.word())
        .bind(new.version)
        .bind(to_doc("breaches", new)?)
        .execute_one()
        .await
    }

    /// Stores what was decided since a version; `false` when somebody else was faster.
    ///
    /// # Errors
    /// [`StoreError`]; also when it was decided before.
    pub async fn update_breach(&mut self, new: &Breach, since: i64) -> Result<bool, StoreError> {
        let touched = self
            .query(
                "UPDATE breaches SET state = $2, version = $3, doc = $4
                 WHERE id = $1 AND version = $5",
            )
            .bind(new.id.clone())
            .bind(new.state.word())
            .bind(new.version)
            .bind(to_doc("breaches", new)?)
            .bind(since)
            .execute()
            .await?;
        Ok(touched == 1)
    }

    /// A breach.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn breach(&mut self, id: &str) -> Result<Option<Breach>, StoreError> {
        let row: Option<(String,)> = self
            .query("SELECT doc FROM breaches WHERE id = $1")
            .bind(id.to_owned())
            .fetch_optional()
            .await?;
        row.map(|(doc,)| from_doc("breaches", &doc)).transpose()
    }

    /// A page of breaches by id; only those that are decided when it is asked for.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn breaches(
        &mut self,
        (filter, decided): (&LiabilityFilter<'_>, bool),
        page: &Page<'_>,
    ) -> Result<Vec<Breach>, StoreError> {
        let rows = self
            .query(
                "SELECT doc FROM breaches
                 WHERE jurisdiction = $1 AND ($2 = '' OR unit = $2) AND ($3 = '' OR state = $3)
                   AND id > $4 AND (state <> 'RECORDED' OR $6 = 0)
                 ORDER BY id LIMIT $5",
            )
            .bind(filter.jurisdiction.to_owned())
            .bind(filter.unit.to_owned())
            .bind(filter.state.to_owned())
            .bind(page.after.to_owned())
            .bind(page.limit)
            .bind(i64::from(decided))
            .fetch_all()
            .await?;
        from_docs("breaches", rows)
    }
}
