//! Credentials that were looked up a moment ago, so that not every call asks the database again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::caller::Caller;

/// For how long a credential is taken for what it was: so long may one that was revoked at another
/// replica go on, in microseconds. Where it is revoked it ends at once.
const TRUSTED_US: i64 = 1_000_000;
/// Credentials remembered at most; beyond, all are looked up again.
const KEYS_MAX: usize = 10_000;

/// SHA-256 of a secret.
type Hash = [u8; 32];

/// Who stood behind a secret, by its hash, and when that was looked up.
#[derive(Clone, Default)]
pub(super) struct Keys(Arc<Mutex<HashMap<Hash, (Caller, i64)>>>);

impl Keys {
    fn known(&self) -> MutexGuard<'_, HashMap<Hash, (Caller, i64)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who stands behind a secret, if that was looked up lately.
    pub(super) fn get(&self, hash: &Hash, now_us: i64) -> Option<Caller> {
        let known = self.known();
        let (caller, at_us) = known.get(hash)?;
        // A clock that was set back proves nothing.
        (0..TRUSTED_US).contains(&(now_us - at_us)).then(|| caller.clone())
    }

    /// Remembers what was looked up.
    pub(super) fn put(&self, hash: Hash, caller: Caller, now_us: i64) {
        let mut known = self.known();
        if known.len() >= KEYS_MAX {
            known.clear();
        }
        known.insert(hash, (caller, now_us));
    }

    /// Forgets everybody: a credential was revoked.
    pub(super) fn forget(&self) {
        self.known().clear();
    }
}
