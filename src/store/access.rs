//! [Tx] methods on credentials.

use super::{StoreError, Tx};
use crate::domain::caller::{Caller, Role};

/// A stored credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Who it stands for.
    pub caller: Caller,
    /// True once revoked.
    pub revoked: bool,
}

type Columns = (String, String, String, String, String, Option<i64>, String);

fn key(columns: Columns) -> Result<ApiKey, StoreError> {
    let (id, role, department, office, inspector, revoked, jurisdiction) = columns;
    let role = Role::from_word(&role).ok_or(StoreError::Word { table: "api_keys", word: role })?;
    let caller = Caller { key_id: id, role, department, jurisdiction, office, inspector };
    Ok(ApiKey { caller, revoked: revoked.is_some() })
}

impl Tx {
    /// Stores a credential by the hash of its secret.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn insert_key(
        &mut self,
        caller: &Caller,
        secret_hash: &[u8],
        now_us: i64,
    ) -> Result<(), StoreError> {
        self.query(
            "INSERT INTO api_keys
               (id, secret_hash, role, department, office, created_us, inspector)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(caller.key_id.clone())
        .bind(secret_hash.to_vec())
        .bind(caller.role.word())
        .bind(caller.department.clone())
        .bind(caller.office.clone())
        .bind(now_us)
        .bind(caller.inspector.clone())
        .execute_one()
        .await
    }

    /// The credential with this secret, revoked ones included.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_key(&mut self, secret_hash: &[u8]) -> Result<Option<ApiKey>, StoreError> {
        self.query(
            "SELECT k.id, role, department, office, inspector, revoked_us, COALESCE(jurisdiction, '')
             FROM api_keys k LEFT JOIN departments d ON d.id = department WHERE secret_hash = $1",
        )
        .bind(secret_hash.to_vec())
        .fetch_optional::<Columns>()
        .await?
        .map(key)
        .transpose()
    }

    /// Revokes a credential; the first revocation's time stays.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn revoke_key(
        &mut self,
        id: &str,
        now_us: i64,
    ) -> Result<Option<ApiKey>, StoreError> {
        self.query("UPDATE api_keys SET revoked_us = COALESCE(revoked_us, $2) WHERE id = $1")
            .bind(id.to_owned())
            .bind(now_us)
            .execute()
            .await?;
        self.query(
            "SELECT k.id, role, department, office, inspector, revoked_us, COALESCE(jurisdiction, '')
             FROM api_keys k LEFT JOIN departments d ON d.id = department WHERE k.id = $1",
        )
        .bind(id.to_owned())
        .fetch_optional::<Columns>()
        .await?
        .map(key)
        .transpose()
    }
}
