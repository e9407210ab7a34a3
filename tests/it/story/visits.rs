//! Visits: completed, ended because nobody was there, refused by the business, substituted.

use onevisit::rpc::pb::{self, ChangeReason, CheckState, EvidenceKind, ResultCode};

use super::{JOINT, PLANNED, SCHEDULED};
use crate::rpc::check::{NOW, SHA, Site, evidence, finding};
use crate::rpc::check_rules::{confirm, terminate};

/// What was visited.
pub struct Visited {
    /// Completed, with an issue.
    pub completed: pb::Visit,
    /// Refused by the business.
    pub refused: pb::Visit,
    /// A substitute, completed.
    pub substitute: pb::Visit,
    /// Code of the completed one, which the business was shown.
    pub codes: [String; 2],
}

/// Goes to a visit of a campaign.
async fn go(site: &mut Site, visit: pb::Visit) {
    site.visit = visit;
    site.meet().await;
}

async fn of(site: &Site, campaign: &str) -> Vec<pb::Visit> {
    let opened = site.joint.opened(campaign).await;
    opened.into_iter().filter(|v| !v.subject_id.is_empty()).collect()
}

/// Everybody comes, records, signs; the leader completes. `code` is what the second item comes to.
async fn complete(site: &Site, code: ResultCode) {
    let place = format!("{}-{}", site.visit.campaign_id, site.visit.rank);
    site.all_start().await;
    let departments: Vec<String> =
        site.visit.sections.iter().map(|s| s.department.clone()).collect();
    let mut last = None;
    for department in &departments {
        let person = site.of(department)[0];
        let photo = evidence(department, EvidenceKind::Photo);
        site.attach(person, &format!("e-{place}"), photo).await.expect("attached");
        let mut findings = vec![finding(department, "A1"), finding(department, "A2")];
        // The schemed campaign is about one item only.
        let form = site.visit.sections.iter().find(|s| s.department == *department);
        let codes: Vec<&str> = form.expect("own").items.iter().map(|i| i.code.as_str()).collect();
        findings.retain(|f| codes.contains(&f.item_code.as_str()));
        findings.last_mut().expect("an item").result = code.into();
        last = Some(site.record(person, &format!("r-{place}"), NOW, findings).await.expect("kept"));
    }
    let sections = last.expect("some").sections.into_iter();
    let digests: Vec<_> = sections.map(|s| (s.department, s.sha256)).collect();
    site.all_sign(&digests).await;
    let done = site.complete(site.leader(), &format!("c-{place}")).await.expect("completed");
    assert_eq!(done.state(), CheckState::Completed);
}

/// The leader ends the check on a ground, another member agrees.
async fn end(site: &Site, ground: ResultCode) {
    let place = format!("{}-{}", site.visit.campaign_id, site.visit.rank);
    site.all_start().await;
    let leader = site.leader();
    let other = site.team.iter().find(|(.., s)| s != leader).expect("another").2.clone();
    let film = evidence("", EvidenceKind::Video);
    site.attach(&other, &format!("e-{place}"), film).await.expect("attached");
    let sha256 = terminate(site, leader, &format!("t-{place}"), ground).await.expect("asked");
    let ended = confirm(site, &other, &format!("k-{place}"), &sha256).await.expect("ended");
    assert_eq!(ended, CheckState::Terminated);
}

/// A drawn business has closed: the next in reserve stands for it.
async fn substitute(site: &Site, rank: i64) -> i64 {
    let request = pb::RequestSubstitutionRequest {
        request_id: format!("s-{rank}"),
        campaign_id: JOINT.into(),
        rank,
        reason: ChangeReason::Ceased.into(),
        evidence_sha256: SHA.into(),
    };
    let office = site.joint.service.office();
    let asked = office.visits().request_substitution(request).await.expect("asked").into_inner();
    let decide = pb::DecideChangeRequest {
        request_id: format!("d-{rank}"),
        campaign_id: JOINT.into(),
        nth: asked.change.expect("change").nth,
        approve: true,
    };
    let approver = site.joint.service.with(&site.joint.approver);
    let done = approver.visits().decide_change(decide).await.expect("approved").into_inner();
    let taken = done.change.expect("change").taken;
    taken.iter().map(|t| t.visit).max().expect("a substitute")
}

/// All visits of the story.
pub async fn all(site: &mut Site) -> Visited {
    let planned = of(site, PLANNED).await;
    go(site, planned[0].clone()).await;
    complete(site, ResultCode::IssuePendingFollowUp).await;
    let first = site.code.clone();
    go(site, planned[1].clone()).await;
    end(site, ResultCode::SeriousNonCooperation).await;
    let scheduled = of(site, SCHEDULED).await;
    go(site, scheduled[0].clone()).await;
    end(site, ResultCode::UnreachableAtRegisteredAddress).await;
    for visit in &scheduled[1..] {
        go(site, visit.clone()).await;
        complete(site, ResultCode::IssueCorrectedOnOrder).await;
    }
    let drawn = site.joint.visits(&site.joint.service.office, JOINT).await.expect("visits");
    let rank = substitute(site, drawn[0].rank).await;
    let both = of(site, JOINT).await;
    for visit in both.iter().filter(|v| v.rank != rank && v.rank != drawn[0].rank) {
        go(site, visit.clone()).await;
        complete(site, ResultCode::NoIssueFound).await;
    }
    let stands = both.iter().find(|v| v.rank == rank).expect("the substitute").clone();
    go(site, stands).await;
    complete(site, ResultCode::NoIssueFound).await;
    Visited {
        completed: planned[0].clone(),
        refused: planned[1].clone(),
        substitute: site.visit.clone(),
        codes: [first, site.code.clone()],
    }
}
