//! [Tx] methods on visits and shortages.

use super::{StoreError, Tx, from_doc, from_docs, to_doc};
use crate::domain::shortage::Shortage;
use crate::domain::visit::Visit;

impl Tx {
    /// Stores the visits of a drawn campaign.
    ///
    /// # Errors
    /// [`StoreError`]; a conflict when it has visits already.
    pub async fn insert_visits(
        &mut self,
        jurisdiction: &str,
        visits: &[Visit],
    ) -> Result<(), StoreError> {
        let mut rows = Vec::with_capacity(visits.len());
        let mut sections = Vec::new();
        for visit in visits {
            rows.push([
                visit.campaign.as_str().into(),
                visit.rank.into(),
                jurisdiction.into(),
                visit.subject.as_str().into(),
                i64::from(visit.first_day.year()).into(),
                to_doc("visits", visit)?.into(),
            ]);
            sections.extend(visit.sections.iter().map(|section| {
                let department = section.department.as_str();
                [visit.campaign.as_str().into(), department.into(), visit.rank.into()]
            }));
        }
        let columns = ["campaign", "rank", "jurisdiction", "subject", "year", "doc"];
        self.load("visits", &columns, &rows).await?;
        self.load("visit_sections", &["campaign", "department", "rank"], &sections).await
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
    ) -> Result<Vec<Visit>, StoreError> {
        let rows = self
            .query(
                "SELECT doc FROM visits v WHERE campaign = $1 AND rank > $3
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
        from_docs("visits", rows)
    }

    /// A visit by rank.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn visit(&mut self, campaign: &str, rank: i64) -> Result<Option<Visit>, StoreError> {
        let row: Option<(String,)> = self
            .query("SELECT doc FROM visits WHERE campaign = $1 AND rank = $2")
            .bind(campaign.to_owned())
            .bind(rank)
            .fetch_optional()
            .await?;
        row.map(|(doc,)| from_doc("visits", &doc)).transpose()
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
