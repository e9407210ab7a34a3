//! [Tx] methods on attempts and contributions.

use serde::{Deserialize, Serialize};

use super::{StoreError, Tx};

/// Where an attempt stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DrawState {
    /// Waits for contributions.
    Frozen,
    /// Has its outcome.
    Drawn,
    /// Stays public without one.
    Aborted,
    /// Stays public with an outcome that does not count.
    Void,
}

impl DrawState {
    /// The word stored for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Frozen => "FROZEN",
            Self::Drawn => "DRAWN",
            Self::Aborted => "ABORTED",
            Self::Void => "VOID",
        }
    }
}

/// An attempt as stored. Its JSON leaves out what is not for everybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Draw {
    /// The campaign.
    pub campaign: String,
    /// 1 for the first.
    pub attempt: i64,
    /// One of [`DrawState`]'s words.
    pub state: String,
    /// The frozen statement's bytes.
    #[serde(with = "text")]
    pub freeze_bytes: Vec<u8>,
    /// Their hash.
    pub freeze_hash: String,
    /// The data key of what is encrypted here, wrapped; empty where there is none.
    #[serde(skip)]
    pub wrapped: Vec<u8>,
    /// The encrypted root secret; empty once it is erased.
    #[serde(skip)]
    pub root_secret: Vec<u8>,
    /// The published lists, compressed JSON.
    #[serde(skip)]
    pub pool: Vec<u8>,
    /// Names behind the tickets, compressed JSON, encrypted; empty once they are erased.
    #[serde(skip)]
    pub openings: Vec<u8>,
    /// The seed; empty until drawn.
    pub seed: String,
    /// The result root; empty until drawn.
    pub result_root: String,
    /// Figures as JSON; empty until drawn.
    pub figures: String,
    /// Why it was aborted or voided.
    pub abort_reason: String,
    /// When it was frozen, in microseconds UTC.
    pub frozen_us: i64,
    /// The office that froze it.
    pub frozen_by: String,
    /// Until when offices commit.
    pub commit_by_us: i64,
    /// Until when they reveal.
    pub reveal_by_us: i64,
    /// The beacon's value in hexadecimal; empty until it is there.
    pub beacon_value: String,
}

/// Bytes that are text, such as canonical JSON.
mod text {
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&String::from_utf8_lossy(bytes))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        String::deserialize(from).map(String::into_bytes)
    }
}

/// What an office has put in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Contribution {
    /// The office.
    pub office: String,
    /// Its commitment.
    pub commitment: String,
    /// Its number; empty until revealed.
    pub number: String,
}

impl Tx {
    /// Adds a frozen attempt.
    ///
    /// # Errors
    /// [`StoreError`]; a conflict when the attempt exists already.
    pub async fn insert_draw(&mut self, draw: &Draw) -> Result<(), StoreError> {
        self.query(
            "INSERT INTO draws (campaign, attempt, state, freeze_bytes, freeze_hash, root_secret,
               pool, openings, seed, result_root, figures, bundle, abort_reason, frozen_us,
               frozen_by, commit_by_us, reveal_by_us, beacon_value, wrapped)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', '', '', $9, '', $10, $11, $12, $13, '',
               $14)",
        )
        .bind(draw.campaign.clone())
        .bind(draw.attempt)
        .bind(draw.state.clone())
        .bind(draw.freeze_bytes.clone())
        .bind(draw.freeze_hash.clone())
        .bind(draw.root_secret.clone())
        .bind(draw.pool.clone())
        .bind(draw.openings.clone())
        .bind(Vec::<u8>::new())
        .bind(draw.frozen_us)
        .bind(draw.frozen_by.clone())
        .bind(draw.commit_by_us)
        .bind(draw.reveal_by_us)
        .bind(draw.wrapped.clone())
        .execute_one()
        .await
    }

    /// An attempt, or the latest for 0.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn draw(&mut self, campaign: &str, attempt: i64) -> Result<Option<Draw>, StoreError> {
        self.query(
            "SELECT campaign, attempt, state, freeze_bytes, freeze_hash, root_secret, pool,
               openings, seed, result_root, figures, abort_reason, frozen_us, frozen_by,
               commit_by_us, reveal_by_us, beacon_value, wrapped
             FROM draws WHERE campaign = $1 AND (attempt = $2 OR $2 = 0)
             ORDER BY attempt DESC LIMIT 1",
        )
        .bind(campaign.to_owned())
        .bind(attempt)
        .fetch_optional()
        .await
    }

    /// Stores the outcome of a frozen attempt, with its bundle; `false` when it has one already.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn finish_draw(&mut self, draw: &Draw, bundle: Vec<u8>) -> Result<bool, StoreError> {
        let touched = self
            .query(
                "UPDATE draws SET state = 'DRAWN', seed = $3, result_root = $4, figures = $5,
                   bundle = $6
                 WHERE campaign = $1 AND attempt = $2 AND state = 'FROZEN'",
            )
            .bind(draw.campaign.clone())
            .bind(draw.attempt)
            .bind(draw.seed.clone())
            .bind(draw.result_root.clone())
            .bind(draw.figures.clone())
            .bind(bundle)
            .execute()
            .await?;
        Ok(touched == 1)
    }

    /// Ends an attempt without an outcome that counts; `false` when it is not in `from` any more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end_draw(
        &mut self,
        (campaign, attempt): (&str, i64),
        (from, to): (DrawState, DrawState),
        reason: &str,
    ) -> Result<bool, StoreError> {
        let touched = self
            .query(
                "UPDATE draws SET state = $4, abort_reason = $5
                 WHERE campaign = $1 AND attempt = $2 AND state = $3",
            )
            .bind(campaign.to_owned())
            .bind(attempt)
            .bind(from.word())
            .bind(to.word())
            .bind(reason.to_owned())
            .execute()
            .await?;
        Ok(touched == 1)
    }

    /// Stores the beacon's value, once; `false` when it is there already.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_beacon(
        &mut self,
        campaign: &str,
        attempt: i64,
        value: &str,
    ) -> Result<bool, StoreError> {
        let touched = self
            .query(
                "UPDATE draws SET beacon_value = $3 WHERE campaign = $1 AND attempt = $2
                 AND state = 'FROZEN' AND beacon_value = ''",
            )
            .bind(campaign.to_owned())
            .bind(attempt)
            .bind(value.to_owned())
            .execute()
            .await?;
        Ok(touched == 1)
    }

    /// The compressed bundle of a drawn attempt, or of the latest for 0.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn bundle(
        &mut self,
        campaign: &str,
        attempt: i64,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let row: Option<(Vec<u8>,)> = self
            .query(
                "SELECT bundle FROM draws
                 WHERE campaign = $1 AND (attempt = $2 OR $2 = 0) AND state IN ('DRAWN', 'VOID')
                 ORDER BY attempt DESC LIMIT 1",
            )
            .bind(campaign.to_owned())
            .bind(attempt)
            .fetch_optional()
            .await?;
        Ok(row.map(|(bundle,)| bundle))
    }

    /// Stores an office's commitment.
    ///
    /// # Errors
    /// [`StoreError`]; a conflict when the office has committed, or another one to the same.
    pub async fn insert_commitment(
        &mut self,
        campaign: &str,
        attempt: i64,
        office: &str,
        commitment: &str,
    ) -> Result<(), StoreError> {
        self.query(
            "INSERT INTO contributions (campaign, attempt, office, commitment, number)
             VALUES ($1, $2, $3, $4, '')",
        )
        .bind(campaign.to_owned())
        .bind(attempt)
        .bind(office.to_owned())
        .bind(commitment.to_owned())
        .execute_one()
        .await
    }

    /// Stores an office's number; `false` when it has none committed or has revealed before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn reveal_number(
        &mut self,
        campaign: &str,
        attempt: i64,
        office: &str,
        number: &str,
    ) -> Result<bool, StoreError> {
        let touched = self
            .query(
                "UPDATE contributions SET number = $4
                 WHERE campaign = $1 AND attempt = $2 AND office = $3 AND number = ''",
            )
            .bind(campaign.to_owned())
            .bind(attempt)
            .bind(office.to_owned())
            .bind(number.to_owned())
            .execute()
            .await?;
        Ok(touched == 1)
    }

    /// What the offices have put into an attempt.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn contributions(
        &mut self,
        campaign: &str,
        attempt: i64,
    ) -> Result<Vec<Contribution>, StoreError> {
        self.query(
            "SELECT office, commitment, number FROM contributions
             WHERE campaign = $1 AND attempt = $2 ORDER BY office",
        )
        .bind(campaign.to_owned())
        .bind(attempt)
        .fetch_all()
        .await
    }
}
