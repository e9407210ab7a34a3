//! Archives on the wire.

use crate::domain::archive::Archive;
use crate::rpc::pb;

fn instant(us: i64) -> String {
    if us == 0 { String::new() } else { crate::domain::day::instant_text(us) }
}

/// Writes an archive.
#[must_use]
pub fn out(a: Archive) -> pb::Archive {
    pb::Archive {
        campaign_id: a.campaign,
        rank: a.visit,
        nth: a.nth,
        made_at: instant(a.made_us),
        months: a.months,
        keep_until: a.keep_until.to_string(),
        header_sha256: a.header_sha256,
        sha256: a.sha256,
        length: a.length,
        public_sha256: a.public_sha256,
        public_length: a.public_length,
        personal_sections: a.personal,
    }
}
