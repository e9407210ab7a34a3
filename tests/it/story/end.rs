//! Everything has ended: archives that verify offline, and a log in order.

use onevisit::certificate::archived::verify;
use onevisit::ledger::tree::Tiles;
use onevisit::rpc::pb;

use super::{JOINT, PLANNED, SCHEDULED};
use crate::harness::client::DISTRICT;
use crate::harness::process::succeed;
use crate::harness::python;
use crate::rpc::archives::{archive, close, public, settle, trust, whole};
use crate::rpc::check::Site;
use crate::rpc::disclosure::sound;

/// Deeds of the year as the log has to tell them, one behind the other.
const ORDER: [&str; 30] = [
    "approval_chain.put",
    "annual_plan.draft",
    "annual_plan.submit",
    "annual_plan.endorse",
    "annual_plan.approve",
    "annual_plan.publish",
    "scheme.publish",
    "campaign.propose",
    "campaign.approve",
    "campaign.freeze",
    "number.commit",
    "number.reveal",
    "campaign.draw",
    "template.propose",
    "template.approve",
    "slot.end",
    "template.stop",
    "visit.open",
    "check.start",
    "check.complete",
    "check.terminate.confirm",
    "visit.change",
    "result.publish",
    "bulletin.publish",
    "objection.file",
    "objection.uphold",
    "objection.reject",
    "follow_up.step",
    "campaign.close",
    "archive.made",
];

/// Each campaign is closed and archived; the archives are checked with the real binary and with Python.
pub async fn archives(site: &mut Site, corrected: &str) {
    for campaign in [PLANNED, SCHEDULED, JOINT] {
        close(site, campaign).await.expect("closed");
    }
    settle(site).await;
    let office = site.joint.service.office.clone();
    let folder = tempfile::TempDir::new().expect("folder");
    let key = site.joint.service.app.log.signer().public().to_string();
    for campaign in [PLANNED, SCHEDULED, JOINT] {
        let made = archive(site, &office, &format!("a-{campaign}"), campaign).await.expect("made");
        let bytes = whole(site, &office, campaign, 0).await.expect("whole");
        assert_eq!(i64::try_from(bytes.len()).expect("small"), made.length);
        let found = verify(&bytes, &trust(site)).expect("every step");
        assert_eq!((found.header.campaign.as_str(), found.left_out), (campaign, 0));
        let text = String::from_utf8(bytes.clone()).expect("text");
        if campaign == PLANNED {
            assert!(
                text.contains("\"kind\":\"annual_plan\"") && text.contains("\"kind\":\"scheme\"")
            );
            assert!(text.contains(corrected) && text.contains("经复核更正"));
            assert!(text.contains("消行案〔2026〕7号"), "the referral is kept");
        }
        for (name, file) in [("whole", bytes), ("public", public(site, campaign, 0).await)] {
            let path = folder.path().join(format!("{campaign}-{name}"));
            std::fs::write(&path, file).expect("write");
            let (holds, said) = python::archive(&path);
            assert!(holds, "{campaign} {name}: {said}");
            let (key, path) = (key.clone(), path.display().to_string());
            let checked =
                tokio::task::spawn_blocking(move || succeed(&["verify", "--log-key", &key, &path]));
            let said = checked.await.expect("checked");
            assert!(said.contains(&format!("VERIFIED archive 1 of campaign {campaign}")), "{said}");
        }
    }
}

/// What the year comes to: most checks shared a door.
pub async fn assess(site: &Site) {
    let request = pb::GetJointRateRequest { jurisdiction: DISTRICT.into(), year: 2026 };
    let rate = site.joint.service.office().joint().get_joint_rate(request).await.expect("rate");
    let checks = rate.into_inner().by_checks.expect("rate");
    assert!(checks.reached && checks.numerator < checks.denominator, "{checks:?}");
}

/// Each unit's year is assessed, and the workbook holds them.
pub async fn assessments(site: &Site) {
    let mut client = site.joint.service.office().assessments();
    let jurisdiction = DISTRICT.to_owned();
    let request = pb::ListAssessmentsRequest { jurisdiction, year: 2026, ..Default::default() };
    let list = client.list_assessments(request).await.expect("assessments").into_inner();
    assert_eq!(list.assessments.len(), site.joint.keys.len(), "a row per department");
    for assessment in &list.assessments {
        let score = assessment.score.expect("there was something to do");
        assert!((1..=10_000).contains(&score), "{assessment:?}");
        assert!(assessment.measures.len() > 5, "{assessment:?}");
    }
    let request = pb::ExportAssessmentsRequest { jurisdiction: DISTRICT.into(), year: 2026 };
    let workbook = client.export_assessments(request).await.expect("workbook").into_inner();
    assert!(workbook.workbook.starts_with(b"PK"), "an XLSX file");
}

/// The log is whole and tells the year in its order.
pub async fn order(site: &Site) {
    sound(site).await;
    let mut tx = site.joint.service.app.db.read().await.expect("read");
    let entries = tx.log_entries(0, i64::MAX).await.expect("entries");
    let mut tiles = Tiles::default();
    let mut wanted = ORDER.iter().peekable();
    let mut before = 0;
    for (nth, entry) in entries.iter().enumerate() {
        assert_eq!(entry.position, i64::try_from(nth).expect("few"), "no gap");
        assert!(entry.at_us >= before, "event {nth} is earlier than the one before");
        before = entry.at_us;
        let event: serde_json::Value = serde_json::from_slice(&entry.body).expect("json");
        wanted.next_if(|kind| event["type"] == ***kind);
        tiles.grow(nth as u64, &[onevisit::domain::hash::Suite::Sha256.leaf(&entry.body)]);
    }
    assert_eq!(wanted.next(), None, "the year is told in order");
    let size = entries.len() as u64;
    let latest = tx.latest_checkpoint().await.expect("read").expect("a checkpoint");
    let signed = onevisit::app::log::read(&site.joint.service.app, &latest).expect("signed");
    assert_eq!((signed.size, Some(signed.root)), (size, tiles.root(size)));
}
