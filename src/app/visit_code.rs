//! Visit codes: the keys that sign and check them, and codes that come back to the service as the credential
//! of whoever has no key.

use super::Log;
use super::log::Older;
use crate::domain::visit_code::VisitCode;
use crate::ledger::note::{Note, NoteKey, NoteSigner};

/// Use of the key that signs visit codes.
const VISITS: &str = "visits";

impl Older {
    /// A key that may still sign.
    #[must_use]
    pub fn signing(signer: NoteSigner) -> Self {
        let visits = Some(signer.derive(VISITS).public().clone());
        Self { public: signer.public().clone(), signer: Some(signer), visits }
    }
}

impl Log {
    /// Signs visit codes: a key of its own, which follows from the log's.
    #[must_use]
    pub fn visit_signer(&self) -> NoteSigner {
        self.signer().derive(VISITS)
    }

    /// The keys that check visit codes, the newest first: a code outlives the key that signed it.
    #[must_use]
    pub fn visit_keys(&self) -> Vec<NoteKey> {
        let older = self.older().iter().filter_map(|older| older.visits.clone());
        std::iter::once(self.visit_signer().public().clone()).chain(older).collect()
    }

    /// The lines on a visit code: of the newest key, and of the one it replaces while both are used.
    #[must_use]
    pub fn sign_visit(&self, text: &str, now_us: i64) -> String {
        self.signers(now_us).map(|signer| signer.derive(VISITS).line(text, 0)).collect()
    }

    /// What a visit code says; `None` when no key of this service has signed it.
    #[must_use]
    pub fn read_visit_code(&self, text: &str) -> Option<VisitCode> {
        let note = Note::parse(text)?;
        self.visit_keys().iter().find(|key| key.verify(&note).is_some())?;
        VisitCode::parse(note.text)
    }
}
