//! [Tx] methods on archives of campaigns and visits, and on the events that only they show.

use super::{Entry, StoreError, Tx, from_doc, to_doc};
use crate::domain::archive::Archive;

/// A part of an archive that holds personal data, encrypted.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct SealedPart {
    /// Rank of the visit it is of.
    pub rank: i64,
    /// The part, as the app seals it; empty once it is erased.
    pub sealed: Vec<u8>,
}

/// An archive with its public file, compressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredArchive {
    /// What the log tells of it.
    pub archive: Archive,
    /// The public file.
    pub file: Vec<u8>,
}

impl Tx {
    /// Adds an archive; a conflict when there is one of this number.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn insert_archive(
        &mut self,
        new: &StoredArchive,
        parts: Vec<SealedPart>,
    ) -> Result<(), StoreError> {
        let StoredArchive { archive, file } = new;
        let sql =
            "INSERT INTO archives (campaign, visit, nth, doc, file) VALUES ($1, $2, $3, $4, $5)";
        self.query(sql)
            .bind(archive.campaign.clone())
            .bind(archive.visit)
            .bind(archive.nth)
            .bind(to_doc("archives", archive)?)
            .bind(file.clone())
            .execute_one()
            .await?;
        for part in parts {
            self.query(
                "INSERT INTO archive_parts (campaign, visit, nth, rank, sealed)
                 VALUES ($1, $2, $3, $4, $5)",
            )
            .bind(archive.campaign.clone())
            .bind(archive.visit)
            .bind(archive.nth)
            .bind(part.rank)
            .bind(part.sealed)
            .execute_one()
            .await?;
        }
        Ok(())
    }

    /// An archive of a campaign (visit 0) or of a visit; the latest for number 0.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn archive(
        &mut self,
        campaign: &str,
        (visit, nth): (i64, i64),
    ) -> Result<Option<StoredArchive>, StoreError> {
        let row: Option<(String, Vec<u8>)> = self
            .query(
                "SELECT doc, file FROM archives
                 WHERE campaign = $1 AND visit = $2 AND ($3 = 0 OR nth = $3)
                 ORDER BY nth DESC LIMIT 1",
            )
            .bind(campaign.to_owned())
            .bind(visit)
            .bind(nth)
            .fetch_optional()
            .await?;
        let read = |(doc, file): (String, Vec<u8>)| {
            Ok(StoredArchive { archive: from_doc("archives", &doc)?, file })
        };
        row.map(read).transpose()
    }

    /// A page of a campaign's archives and its visits', by visit and number.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn archives(
        &mut self,
        campaign: &str,
        (visit, nth): (i64, i64),
        limit: i64,
    ) -> Result<Vec<Archive>, StoreError> {
        let rows: Vec<(String,)> = self
            .query(
                "SELECT doc FROM archives
                 WHERE campaign = $1 AND (visit > $2 OR (visit = $2 AND nth > $3))
                 ORDER BY visit, nth LIMIT $4",
            )
            .bind(campaign.to_owned())
            .bind(visit)
            .bind(nth)
            .bind(limit)
            .fetch_all()
            .await?;
        super::from_docs("archives", rows)
    }

    /// The parts of an archive that hold personal data, by rank.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn archive_parts(&mut self, of: &Archive) -> Result<Vec<SealedPart>, StoreError> {
        self.query(
            "SELECT rank, sealed FROM archive_parts
             WHERE campaign = $1 AND visit = $2 AND nth = $3 ORDER BY rank",
        )
        .bind(of.campaign.clone())
        .bind(of.visit)
        .bind(of.nth)
        .fetch_all()
        .await
    }

    /// Destroys what archives hold of the people and the business of a visit.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn erase_archive_parts(
        &mut self,
        campaign: &str,
        rank: i64,
    ) -> Result<u64, StoreError> {
        self.query(
            "UPDATE archive_parts SET sealed = $3
             WHERE campaign = $1 AND rank = $2 AND length(sealed) > 0",
        )
        .bind(campaign.to_owned())
        .bind(rank)
        .bind(Vec::<u8>::new())
        .execute()
        .await
    }

    /// The deeds of a campaign's checks and the days of its visits, below a position of the log, in order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn check_entries(
        &mut self,
        campaign: &str,
        below: i64,
    ) -> Result<Vec<Entry>, StoreError> {
        self.query(
            "SELECT nth, id, at_us, body, mac, position FROM events
             WHERE campaign = $1 AND campaign <> '' AND position < $2
               AND (kind LIKE 'check.%' OR kind LIKE 'appointment.%')
             ORDER BY position",
        )
        .bind(campaign.to_owned())
        .bind(below)
        .fetch_all()
        .await
    }

    /// The deeds at annual plans and schemes below a position of the log, in order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn paper_entries(&mut self, below: i64) -> Result<Vec<Entry>, StoreError> {
        self.query(
            "SELECT nth, id, at_us, body, mac, position FROM events
             WHERE position < $1 AND (kind LIKE 'annual_plan.%' OR kind LIKE 'scheme.%')
             ORDER BY position",
        )
        .bind(below)
        .fetch_all()
        .await
    }

    /// How many events of a campaign, but for those of its archives, stand behind a position of the log
    /// or wait for one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn events_behind(&mut self, campaign: &str, size: i64) -> Result<i64, StoreError> {
        let row: Option<(i64,)> = self
            .query(
                "SELECT COUNT(*) FROM events WHERE campaign = $1 AND kind <> 'archive.made'
                   AND (position IS NULL OR position >= $2)",
            )
            .bind(campaign.to_owned())
            .bind(size)
            .fetch_optional()
            .await?;
        Ok(row.map_or(0, |(count,)| count))
    }

    /// Every objection to results of a campaign, by id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn objection_ids(&mut self, campaign: &str) -> Result<Vec<String>, StoreError> {
        let rows: Vec<(String,)> = self
            .query("SELECT id FROM objections WHERE campaign = $1 ORDER BY id")
            .bind(campaign.to_owned())
            .fetch_all()
            .await?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }
}
