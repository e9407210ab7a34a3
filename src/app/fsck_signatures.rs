//! Checking what callers have signed: every kept signature, and the keys they signed with.

use std::collections::BTreeMap;

use serde_json::Value;

use super::AppError;
use super::fsck::{Kind, Report};
use super::signing::{self, CallSignature, PublicKey};
use crate::ledger::call_signature::FIELD;
use crate::store::Tx;

/// Keys by credential and number, as events have registered them so far.
#[derive(Default)]
pub(super) struct Signers(BTreeMap<(String, i64), PublicKey>);

impl Signers {
    /// Looks at the next event in the order of insertion.
    pub(super) fn see(&mut self, report: &mut Report, nth: i64, event: &Value) {
        let actor = event["actor"]["key"].as_str().unwrap_or_default();
        if let Some(given) = event.get(FIELD) {
            let signature = serde_json::from_value::<CallSignature>(given.clone());
            let request_id = event["request_id"].as_str().unwrap_or_default();
            let holds = signature.is_ok_and(|s| s.holds(request_id) && self.knows(actor, &s.key));
            report.require(holds, Kind::Signature, format!("the signature on event {nth}"));
        }
        if event["type"] == signing::KIND {
            let key = self.register(actor, event).is_some();
            report.require(key, Kind::SigningKey, format!("the key that event {nth} registers"));
        }
    }

    fn knows(&self, credential: &str, key: &str) -> bool {
        let own = self.0.range((credential.to_owned(), 0)..=(credential.to_owned(), i64::MAX));
        own.into_iter().any(|(_, known)| known.to_string() == key)
    }

    /// The first key of a credential, or one whose call the key before it has signed.
    fn register(&mut self, actor: &str, event: &Value) -> Option<()> {
        let body = &event["body"];
        let key = PublicKey::parse(body["key"].as_str()?)?;
        let proof = hex::decode(body["proof"].as_str()?).ok()?;
        let nth = body["nth"].as_i64()?;
        let by_former = match nth {
            1 => true,
            _ => {
                let former = self.0.get(&(actor.to_owned(), nth - 1))?;
                event[FIELD]["key"].as_str() == Some(former.to_string().as_str())
            }
        };
        let new = !self.0.contains_key(&(actor.to_owned(), nth));
        let good = body["credential"] == actor && by_former && new && key.is_given(actor, &proof);
        good.then(|| self.0.insert((actor.to_owned(), nth), key));
        good.then_some(())
    }

    /// Holds the stored keys against the registered ones.
    ///
    /// # Errors
    /// [`AppError`].
    pub(super) async fn check(mut self, tx: &mut Tx, report: &mut Report) -> Result<(), AppError> {
        for row in tx.signing_keys().await? {
            let what = format!("key {} of {}", row.nth, row.credential);
            let logged = self.0.remove(&(row.credential, row.nth));
            let same = logged.is_some_and(|key| key.bytes()[..] == row.public_key);
            report.require(same, Kind::SigningKey, what);
        }
        for (credential, nth) in self.0.into_keys() {
            report.add(Kind::SigningKey, format!("key {nth} of {credential} is gone"));
        }
        Ok(())
    }
}
