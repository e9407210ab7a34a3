//! [Tx] methods on the keys with which callers sign.

use super::{StoreError, Tx};

/// A registered signing key.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct SigningKey {
    /// The credential whose holder signs with it.
    pub credential: String,
    /// Which of the credential's keys it is, from 1; the last one is in use.
    pub nth: i64,
    /// The public key.
    pub public_key: Vec<u8>,
    /// Since when, in microseconds UTC.
    pub since_us: i64,
}

impl Tx {
    /// Adds a key; a conflict when it, or the number, is taken.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn insert_signing_key(&mut self, new: &SigningKey) -> Result<(), StoreError> {
        self.query(
            "INSERT INTO signing_keys (credential, nth, public_key, since_us)
             VALUES ($1, $2, $3, $4)",
        )
        .bind(new.credential.clone())
        .bind(new.nth)
        .bind(new.public_key.clone())
        .bind(new.since_us)
        .execute_one()
        .await
    }

    /// The key of a credential that is in use.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn signing_key(
        &mut self,
        credential: &str,
    ) -> Result<Option<SigningKey>, StoreError> {
        self.query(
            "SELECT credential, nth, public_key, since_us FROM signing_keys
             WHERE credential = $1 ORDER BY nth DESC LIMIT 1",
        )
        .bind(credential.to_owned())
        .fetch_optional()
        .await
    }

    /// All keys, in order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn signing_keys(&mut self) -> Result<Vec<SigningKey>, StoreError> {
        self.query(
            "SELECT credential, nth, public_key, since_us FROM signing_keys
             ORDER BY credential, nth",
        )
        .fetch_all()
        .await
    }
}
