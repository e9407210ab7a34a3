//! [Tx] methods on what departments append and nobody changes: facts, inspections, recusals.

use std::collections::BTreeSet;

use super::{StoreError, Tx, to_doc};
use crate::domain::inspection::Inspection;
use crate::domain::inspector::Recusal;
use crate::domain::subject::RiskFact;

/// The key of a kept row: jurisdiction, department and what the table tells rows apart by.
pub type KeptKey = (String, String, String, String, String);

/// A row to be kept: its key and its document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptRow {
    /// The key.
    pub key: KeptKey,
    /// The document, as JSON.
    doc: String,
}

/// A table of kept rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Risk facts (R25).
    RiskFacts,
    /// Inspections made elsewhere (R45).
    Inspections,
    /// Declared interests (R91).
    Recusals,
}

impl Kept {
    const fn sql(self) -> &'static str {
        match self {
            Self::RiskFacts => {
                "INSERT INTO risk_facts (jurisdiction, department, subject, kind, on_day, doc)
                 SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5
                 FROM {rows} WHERE true ON CONFLICT DO NOTHING
                 RETURNING jurisdiction, department, subject, kind, on_day"
            }
            Self::Inspections => {
                "INSERT INTO inspections (jurisdiction, department, subject, on_day, origin, doc)
                 SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5
                 FROM {rows} WHERE true ON CONFLICT DO NOTHING
                 RETURNING jurisdiction, department, subject, on_day, origin"
            }
            Self::Recusals => {
                "INSERT INTO recusals (jurisdiction, department, inspector, subject, doc)
                 SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 5
                 FROM {rows} WHERE true ON CONFLICT DO NOTHING
                 RETURNING jurisdiction, department, inspector, subject, ''"
            }
        }
    }
}

impl KeptRow {
    fn new(tenant: [&str; 2], key: [String; 3], doc: String) -> Self {
        let [jurisdiction, department] = tenant.map(str::to_owned);
        let [first, second, third] = key;
        Self { key: (jurisdiction, department, first, second, third), doc }
    }

    /// A row of [`Kept::RiskFacts`], of a jurisdiction and a department.
    ///
    /// # Errors
    /// [`StoreError::Document`].
    pub fn risk_fact(tenant: [&str; 2], fact: &RiskFact) -> Result<Self, StoreError> {
        let key = [fact.subject_id.clone(), fact.kind.word().to_owned(), fact.on.to_string()];
        Ok(Self::new(tenant, key, to_doc("risk_facts", fact)?))
    }

    /// A row of [`Kept::Inspections`], of a jurisdiction and a department.
    ///
    /// # Errors
    /// [`StoreError::Document`].
    pub fn inspection(tenant: [&str; 2], inspection: &Inspection) -> Result<Self, StoreError> {
        let origin = format!("{:?}", inspection.origin);
        let key = [inspection.subject_id.clone(), inspection.on.to_string(), origin];
        Ok(Self::new(tenant, key, to_doc("inspections", inspection)?))
    }

    /// A row of [`Kept::Recusals`], of a jurisdiction and a department.
    ///
    /// # Errors
    /// [`StoreError::Document`].
    pub fn recusal(tenant: [&str; 2], recusal: &Recusal) -> Result<Self, StoreError> {
        let key = [recusal.inspector_id.clone(), recusal.subject_id.clone(), String::new()];
        Ok(Self::new(tenant, key, to_doc("recusals", recusal)?))
    }
}

impl KeptRow {
    /// Key and document.
    pub(super) fn texts(&self) -> [&str; 6] {
        let Self { key: (a, b, c, d, e), doc } = self;
        [a, b, c, d, e, doc]
    }
}

impl Tx {
    /// Keeps rows; those that were kept before stay as they are. Returns the keys of the new ones.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keep<'r>(
        &mut self,
        table: Kept,
        rows: impl IntoIterator<Item = &'r KeptRow>,
    ) -> Result<BTreeSet<KeptKey>, StoreError> {
        let rows: Vec<_> = rows.into_iter().map(KeptRow::texts).collect();
        if rows.is_empty() {
            return Ok(BTreeSet::new());
        }
        let new = self.query_rows(table.sql()).bind(to_doc("rows", &rows)?).fetch_all().await?;
        Ok(new.into_iter().collect())
    }
}
