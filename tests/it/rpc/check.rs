//! A visit is carried out on site: started with its code, recorded, signed, completed or ended.

use onevisit::domain::check::undertaking_sha256;
use onevisit::rpc::pb::{self, CheckState, EvidenceKind, FindingBasis, Method, ResultCode};
use tonic::{Code, Status};

use super::{quota, reason, violations};
use crate::harness::client::Service;
use crate::harness::joint::Joint;
use crate::harness::{Engine, Hands, NOW_US, on_every_engine};

on_every_engine! {
    a_visit_is_carried_out_from_the_code_to_the_last_signature,
}

pub const SHA: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
/// Stands for the version of a check that stands.
pub const NOW: i64 = -1;
pub type Done = Result<pb::CheckSummary, Status>;

/// A drawn campaign that begins today, and one visit that both departments make.
pub struct Site {
    pub joint: Joint,
    pub hands: Hands,
    pub visit: pb::Visit,
    /// (ticket, department, key) of each member.
    pub team: Vec<(String, String, String)>,
    pub code: String,
}

impl Site {
    pub async fn new(engine: Engine) -> Self {
        let hands = Hands::at(NOW_US);
        let service = Service::start_by(engine, &hands).await;
        let lists = [("fire", (1..=20).collect()), ("market", (1..=20).collect())];
        let joint = Joint::of(service, &lists).await;
        joint.carry_out(joint.campaign(|_| vec![quota("*", 2_000)])).await;
        Self::of_drawn(joint, hands).await
    }

    /// The first visit of both departments of a campaign that is drawn.
    pub async fn of_drawn(joint: Joint, hands: Hands) -> Self {
        let opened = joint.opened("c1").await;
        let visit = opened.iter().find(|v| v.sections.len() == 2).expect("a joint visit").clone();
        let mut site = Self { joint, hands, visit, team: Vec::new(), code: String::new() };
        site.meet().await;
        site
    }

    /// The team of the visit gets its keys and opens it.
    pub async fn meet(&mut self) {
        self.team.clear();
        for section in &self.visit.sections {
            for member in &section.team {
                let (department, id) = member.inspector_id.split_once('/').expect("a person");
                let secret = key(&self.joint, department, id).await;
                self.team.push((member.ticket.clone(), department.to_owned(), secret));
            }
        }
        let id = format!("open-{}-{}", self.visit.campaign_id, self.visit.rank);
        self.code = self.open(&self.team[0].2, &id).await.expect("opened").visit_code;
    }

    pub async fn open(&self, secret: &str, id: &str) -> Result<pb::OpenVisitResponse, Status> {
        let request = pb::OpenVisitRequest {
            request_id: id.into(),
            campaign_id: self.visit.campaign_id.clone(),
            rank: self.visit.rank,
            case_number: String::new(),
        };
        let reply = self.joint.service.with(secret).visits().open_visit(request).await?;
        Ok(reply.into_inner())
    }

    pub fn leader(&self) -> &str {
        let leader = self.visit.sections.iter().flat_map(|s| &s.team).find(|m| m.leader);
        let leader = &leader.expect("a leader").ticket;
        &self.team.iter().find(|(t, ..)| t == leader).expect("in the team").2
    }

    /// Keys of a department's members.
    pub fn of(&self, department: &str) -> Vec<&str> {
        let own = self.team.iter().filter(|(_, d, _)| d == department);
        own.map(|(_, _, secret)| secret.as_str()).collect()
    }

    pub async fn start(&self, secret: &str, id: &str) -> Done {
        self.start_with(secret, id, &self.code, &undertaking_sha256().to_string()).await
    }

    pub async fn start_with(&self, secret: &str, id: &str, code: &str, said: &str) -> Done {
        let request = pb::StartCheckRequest {
            request_id: id.into(),
            campaign_id: self.visit.campaign_id.clone(),
            rank: self.visit.rank,
            visit_code: code.into(),
            undertaking_sha256: said.into(),
        };
        let reply = self.joint.service.with(secret).checks().start_check(request).await?;
        Ok(reply.into_inner().check.expect("check"))
    }

    /// Everybody acknowledges and comes.
    pub async fn all_start(&self) {
        for (ticket, _, secret) in &self.team {
            self.start(secret, &format!("start-{}-{}", &ticket[..8], self.visit.rank))
                .await
                .expect("started");
        }
    }

    /// `version`: [`NOW`] for the one that stands.
    pub async fn record(
        &self,
        secret: &str,
        id: &str,
        version: i64,
        findings: Vec<pb::Finding>,
    ) -> Done {
        let version = match version {
            NOW => self.read(secret).await?.summary.expect("summary").version,
            version => version,
        };
        let request = pb::RecordFindingsRequest {
            request_id: id.into(),
            campaign_id: self.visit.campaign_id.clone(),
            rank: self.visit.rank,
            version,
            findings,
        };
        let reply = self.joint.service.with(secret).checks().record_findings(request).await?;
        Ok(reply.into_inner().check.expect("check"))
    }

    pub async fn attach(&self, secret: &str, id: &str, evidence: pb::Evidence) -> Done {
        let request = pb::AttachEvidenceRequest {
            request_id: id.into(),
            campaign_id: self.visit.campaign_id.clone(),
            rank: self.visit.rank,
            evidence: Some(evidence),
        };
        let reply = self.joint.service.with(secret).checks().attach_evidence(request).await?;
        Ok(reply.into_inner().check.expect("check"))
    }

    pub async fn sign(&self, secret: &str, id: &str, department: &str, sha256: &str) -> Done {
        let request = pb::SignSectionRequest {
            request_id: id.into(),
            campaign_id: self.visit.campaign_id.clone(),
            rank: self.visit.rank,
            department: department.into(),
            section_sha256: sha256.into(),
        };
        let reply = self.joint.service.with(secret).checks().sign_section(request).await?;
        Ok(reply.into_inner().check.expect("check"))
    }

    pub async fn complete(&self, secret: &str, id: &str) -> Done {
        let request = pb::CompleteCheckRequest {
            request_id: id.into(),
            campaign_id: self.visit.campaign_id.clone(),
            rank: self.visit.rank,
        };
        let reply = self.joint.service.with(secret).checks().complete_check(request).await?;
        Ok(reply.into_inner().check.expect("check"))
    }

    pub async fn read(&self, secret: &str) -> Result<pb::Check, Status> {
        let request = pb::GetCheckRequest {
            campaign_id: self.visit.campaign_id.clone(),
            rank: self.visit.rank,
        };
        let reply = self.joint.service.with(secret).checks().get_check(request).await?;
        Ok(reply.into_inner().check.expect("check"))
    }

    /// Records a clean result for every item of both departments; the digest that each signs.
    pub async fn record_all(&self) -> Vec<(String, String)> {
        let mut last = None;
        for department in ["fire", "market"] {
            let clean = vec![finding(department, "A1"), finding(department, "A2")];
            let id = format!("clean-{department}");
            last = Some(self.record(self.of(department)[0], &id, 1, clean).await.expect("kept"));
        }
        let sections = last.expect("two").sections.into_iter();
        sections.map(|s| (s.department, s.sha256)).collect()
    }

    /// Everybody signs what stands.
    pub async fn all_sign(&self, digests: &[(String, String)]) -> pb::CheckSummary {
        let mut last = None;
        for (ticket, department, secret) in &self.team {
            let digest = digests.iter().find(|(d, _)| d == department).expect("a section");
            let id = format!("sign-{}-{}", &ticket[..8], self.visit.rank);
            last = Some(self.sign(secret, &id, department, &digest.1).await.expect("signed"));
        }
        last.expect("a team")
    }

    pub async fn counts(&self) -> pb::CheckCounts {
        let request = pb::CountChecksRequest {
            campaign_id: self.visit.campaign_id.clone(),
            department: String::new(),
        };
        let reply = self.joint.service.office().checks().count_checks(request).await;
        reply.expect("counts").into_inner().counts.expect("counts")
    }
}

pub async fn key(joint: &Joint, department: &str, id: &str) -> String {
    let request = pb::CreateApiKeyRequest {
        request_id: format!("key-{department}-{id}"),
        role: pb::Role::Inspector.into(),
        department: department.into(),
        office: String::new(),
        inspector_id: id.into(),
    };
    let reply = joint.service.office().access().create_api_key(request).await.expect("key");
    reply.into_inner().secret
}

pub fn finding(department: &str, item: &str) -> pb::Finding {
    pb::Finding {
        department: department.into(),
        item_code: item.into(),
        result: ResultCode::NoIssueFound.into(),
        method: Method::OnSite.into(),
        basis: FindingBasis::OwnCheck.into(),
        note: "查看了现场".into(),
        ..Default::default()
    }
}

pub fn evidence(department: &str, kind: EvidenceKind) -> pb::Evidence {
    pb::Evidence {
        sha256: SHA.into(),
        kind: kind.into(),
        taken_at: "2026-06-15T09:30:00+08:00".into(),
        size_bytes: 1_234,
        uri: "evidence://9f86".into(),
        department: department.into(),
        item_code: String::new(),
    }
}

async fn a_visit_is_carried_out_from_the_code_to_the_last_signature(engine: Engine) {
    let site = Site::new(engine).await;
    let (leader, fire) = (site.leader().to_owned(), site.of("fire")[0].to_owned());
    let none = site.read(&leader).await.expect_err("not begun");
    assert_eq!(none.code(), Code::NotFound);
    let started = site.start(&leader, "s1").await.expect("started");
    assert_eq!((started.state(), &*started.day), (CheckState::Started, "2026-06-15"));
    assert_eq!(site.start(&leader, "s1").await.expect("the same"), started);
    let early = site.record(&fire, "r0", 1, vec![finding("fire", "A1")]).await;
    assert_eq!(reason(&early.expect_err("not come")), "UNDERTAKING_NOT_ACKNOWLEDGED");
    site.all_start().await;
    let digests = site.record_all().await;
    let again = vec![finding("fire", "A1"), finding("fire", "A2")];
    let repeated = site.record(&fire, "clean-fire", 1, again).await.expect("the stored reply");
    assert_eq!(repeated.sections.iter().map(|s| s.recorded_items).sum::<i64>(), 2);
    let early = site.complete(&leader, "c0").await.expect_err("nobody has signed");
    assert_eq!(reason(&early), "CHECK_STATE");
    let signed = site.all_sign(&digests).await;
    assert_eq!(signed.state(), CheckState::Signed);
    let late = site.record(&fire, "r9", NOW, vec![finding("fire", "A1")]).await;
    assert_eq!(reason(&late.expect_err("signed")), "CHECK_STATE");
    let other = site.of("fire").into_iter().find(|s| *s != leader).expect("another");
    let refused = site.complete(other, "c1").await.expect_err("not the leader");
    assert_eq!(reason(&refused), "LEADER_ONLY");
    let done = site.complete(&leader, "c2").await.expect("completed");
    assert_eq!(done.state(), CheckState::Completed);
    assert_eq!(site.complete(&leader, "c2").await.expect("the same"), done);
    let twice = site.complete(&leader, "c3").await.expect_err("over");
    assert_eq!(reason(&twice), "CHECK_STATE");
    let counts = site.counts().await;
    assert_eq!((counts.completed, counts.examined, counts.terminated), (1, 1, 0));
    let check = site.read(&leader).await.expect("read");
    assert_eq!(check.joined.len(), site.team.len());
    for section in &check.sections {
        assert!(section.missing_item_codes.is_empty() && section.findings.len() == 2);
    }
    assert!(
        violations(
            &site
                .start_with(&fire, "s9", "", &undertaking_sha256().to_string())
                .await
                .expect_err("no code")
        )
        .contains(&("visit_code".into(), "VISIT_CODE_FORM".into()))
    );
}
