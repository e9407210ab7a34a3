//! [Tx] methods that read everything offices have set, for checking it against the log.

use super::{StoreError, Tx, from_doc, from_docs};
use crate::domain::chain::ApprovalChain;
use crate::domain::hash::Suite;
use crate::domain::policy::PolicyValue;
use crate::domain::schedule::{Slot, Template};

/// A version of a plan or a scheme as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct PaperVersion {
    /// The word of its kind.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: i64,
    /// The word of its state.
    pub state: String,
    content: String,
    flow: String,
}

impl PaperVersion {
    /// SHA-256 of what it says, as its events have it.
    #[must_use]
    pub fn content_sha256(&self) -> String {
        Suite::Sha256.hash(self.content.as_bytes()).to_string()
    }

    /// The word of the state in its document; empty for one that cannot be read.
    #[must_use]
    pub fn flow_state(&self) -> String {
        let flow: serde_json::Value = serde_json::from_str(&self.flow).unwrap_or_default();
        flow["state"].as_str().unwrap_or_default().to_owned()
    }
}

impl Tx {
    /// Every policy value.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn all_policies(&mut self) -> Result<Vec<PolicyValue>, StoreError> {
        let sql = "SELECT doc FROM policies ORDER BY jurisdiction, name, level, effective_from";
        from_docs("policies", self.query(sql).fetch_all().await?)
    }

    /// Every chain of approval.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn all_chains(&mut self) -> Result<Vec<ApprovalChain>, StoreError> {
        let sql = "SELECT doc FROM approval_chains ORDER BY jurisdiction, kind, unit";
        from_docs("approval_chains", self.query(sql).fetch_all().await?)
    }

    /// Every template with the word of its state.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn all_templates(&mut self) -> Result<Vec<(String, Template)>, StoreError> {
        let sql = "SELECT state, doc FROM campaign_templates ORDER BY id";
        let rows: Vec<(String, String)> = self.query(sql).fetch_all().await?;
        rows.into_iter().map(|(s, doc)| Ok((s, from_doc("campaign_templates", &doc)?))).collect()
    }

    /// Every recorded slot with the word of its state.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn all_slots(&mut self) -> Result<Vec<(String, Slot)>, StoreError> {
        let sql = "SELECT state, doc FROM campaign_slots ORDER BY template, slot";
        let rows: Vec<(String, String)> = self.query(sql).fetch_all().await?;
        rows.into_iter().map(|(s, doc)| Ok((s, from_doc("campaign_slots", &doc)?))).collect()
    }

    /// Every version of plans and schemes.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn all_papers(&mut self) -> Result<Vec<PaperVersion>, StoreError> {
        self.query(
            "SELECT kind, id, version, state, content, flow FROM papers ORDER BY kind, id, version",
        )
        .fetch_all()
        .await
    }
}
