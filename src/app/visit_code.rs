//! Visit codes that come back to the service, as the credential of whoever has no key.

use super::Log;
use crate::domain::visit_code::VisitCode;
use crate::ledger::note::Note;

impl Log {
    /// What a visit code says; `None` when this service has not signed it.
    #[must_use]
    pub fn read_visit_code(&self, text: &str) -> Option<VisitCode> {
        let note = Note::parse(text)?;
        self.visit_signer().public().verify(&note)?;
        VisitCode::parse(note.text)
    }
}
