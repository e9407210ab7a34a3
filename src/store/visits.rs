//! [Tx] methods on visits and shortages.

use super::{Cell, StoreError, Tx, from_doc, from_docs, to_doc};
use crate::domain::shortage::Shortage;
use crate::domain::visit::Visit;

/// A visit without names, and the names, encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedVisit {
    /// The visit; its names are empty.
    pub visit: Visit,
    /// The data key of its names, wrapped; empty where there is none.
    pub wrapped: Vec<u8>,
    /// The names, as the app seals them; empty once they are erased.
    pub sealed: Vec<u8>,
}

/// Columns of a [`SealedVisit`].
pub(super) type Columns = (String, Vec<u8>, Vec<u8>);

impl SealedVisit {
    pub(super) fn read((doc, wrapped, sealed): Columns) -> Result<Self, StoreError> {
        Ok(Self { visit: from_doc("visits", &doc)?, wrapped, sealed })
    }
}

impl Tx {
    /// Stores the visits of a drawn campaign.
    ///
    /// # Errors
    /// [`StoreError`]; a conflict when it has visits already.
    pub async fn insert_visits(
        &mut self,
        jurisdiction: &str,
        visits: &[SealedVisit],
    ) -> Result<(), StoreError> {
        let mut rows = Vec::with_capacity(visits.len());
        let mut sections = Vec::new();
        for SealedVisit { visit, wrapped, sealed } in visits {
            rows.push([
                visit.campaign.as_str().into(),
                visit.rank.into(),
                jurisdiction.into(),
                i64::from(visit.first_day.year()).into(),
                to_doc("visits", visit)?.into(),
                Cell::Bytes(wrapped),
                Cell::Bytes(sealed),
            ]);
            sections.extend(visit.sections.iter().map(|section| {
                let department = section.department.as_str();
                [visit.campaign.as_str().into(), department.into(), visit.rank.into()]
            }));
        }
        let columns = ["campaign", "rank", "jurisdiction", "year", "doc", "wrapped", "sealed"];
        self.load("visits", &columns, &rows).await?;
        self.load("visit_sections", &["campaign", "department", "rank"], &sections).await
    }

    /// Replaces a visit by what became of it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn update_visit(&mut self, stored: &SealedVisit) -> Result<(), StoreError> {
        let SealedVisit { visit, wrapped, sealed } = stored;
        self.query(
            "UPDATE visits SET doc = $3, wrapped = $4, sealed = $5
             WHERE campaign = $1 AND rank = $2",
        )
        .bind(visit.campaign.clone())
        .bind(visit.rank)
        .bind(to_doc("visits", visit)?)
        .bind(wrapped.clone())
        .bind(sealed.clone())
        .execute_one()
        .await?;
        for section in &visit.sections {
            self.query(
                "INSERT INTO visit_sections (campaign, department, rank) VALUES ($1, $2, $3)
                 ON CONFLICT DO NOTHING",
            )
            .bind(visit.campaign.clone())
            .bind(section.department.clone())
            .bind(visit.rank)
            .execute()
            .await?;
        }
        Ok(())
    }

    /// Takes away the visits and shortages of an outcome that was voided.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete_visits(&mut self, campaign: &str) -> Result<(), StoreError> {
        for sql in [
            "DELETE FROM visits WHERE campaign = $1",
            "DELETE FROM visit_sections WHERE campaign = $1",
            "DELETE FROM shortages WHERE campaign = $1",
        ] {
            self.query(sql).bind(campaign.to_owned()).execute().await?;
        }
        Ok(())
    }

    /// A page of visits by rank, of one department when it is given.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn visits(
        &mut self,
        campaign: &str,
        department: &str,
        after: i64,
        limit: i64,
    ) -> Result<Vec<SealedVisit>, StoreError> {
        let rows: Vec<Columns> = self
            .query(
                "SELECT doc, wrapped, sealed FROM visits v WHERE campaign = $1 AND rank > $3
                   AND ($2 = '' OR EXISTS (SELECT 1 FROM visit_sections s
                     WHERE s.campaign = v.campaign AND s.department = $2 AND s.rank = v.rank))
                 ORDER BY rank LIMIT $4",
            )
            .bind(campaign.to_owned())
            .bind(department.to_owned())
            .bind(after)
            .bind(limit)
            .fetch_all()
            .await?;
        rows.into_iter().map(SealedVisit::read).collect()
    }

    /// All visits of a jurisdiction and year, without names.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn visits_of_year(
        &mut self,
        jurisdiction: &str,
        year: i16,
    ) -> Result<Vec<Visit>, StoreError> {
        let rows = self
            .query("SELECT doc FROM visits WHERE jurisdiction = $1 AND year = $2")
            .bind(jurisdiction.to_owned())
            .bind(i64::from(year))
            .fetch_all()
            .await?;
        from_docs("visits", rows)
    }

    /// A visit by rank.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn visit(
        &mut self,
        campaign: &str,
        rank: i64,
    ) -> Result<Option<SealedVisit>, StoreError> {
        let row: Option<Columns> = self
            .query("SELECT doc, wrapped, sealed FROM visits WHERE campaign = $1 AND rank = $2")
            .bind(campaign.to_owned())
            .bind(rank)
            .fetch_optional()
            .await?;
        row.map(SealedVisit::read).transpose()
    }

    /// Stores the shortages of a drawn campaign.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn insert_shortages(
        &mut self,
        campaign: &str,
        shortages: &[Shortage],
    ) -> Result<(), StoreError> {
        let mut rows = Vec::with_capacity(shortages.len());
        for (nth, shortage) in (1..).zip(shortages) {
            let nth: i64 = nth;
            rows.push([campaign.into(), nth.into(), to_doc("shortages", shortage)?.into()]);
        }
        self.load("shortages", &["campaign", "nth", "doc"], &rows).await
    }

    /// A page of shortages.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn shortages(
        &mut self,
        campaign: &str,
        after: i64,
        limit: i64,
    ) -> Result<Vec<Shortage>, StoreError> {
        let rows = self
            .query(
                "SELECT doc FROM shortages WHERE campaign = $1 AND nth > $2 ORDER BY nth LIMIT $3",
            )
            .bind(campaign.to_owned())
            .bind(after)
            .bind(limit)
            .fetch_all()
            .await?;
        from_docs("shortages", rows)
    }
}
