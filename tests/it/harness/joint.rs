//! A district with lists, ready for a joint campaign, and the campaign's steps.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use onevisit::domain::caller::Role;
use onevisit::draw::hash::{Digest, Suite};
use onevisit::draw::seed::commitment;
use onevisit::rpc::pb;
use tonic::Status;

use super::client::{DISTRICT, Service};
use super::data::{entry, inspector, inspectors, item_list, subjects};
use super::{Engine, TODAY};
use crate::rpc::quota;

pub const OFFICES: [&str; 2] = ["法规科", "监察室"];

/// Tells one reveal's request from another's: numbers repeat over attempts.
static REVEALS: AtomicU64 = AtomicU64::new(0);

type Ended = Result<pb::Draw, Status>;

pub struct Joint {
    pub service: Service,
    pub keys: BTreeMap<String, String>,
    pub approver: String,
    pub supervisors: Vec<(String, String)>,
}

/// What a department sends.
pub struct Rows {
    pub department: String,
    pub entries: Vec<pb::SubjectEntry>,
    pub people: Vec<pb::Inspector>,
    pub items: pb::ItemList,
}

fn number(office: &str) -> [u8; 32] {
    let mut number = [0x5a; 32];
    number[0] = u8::try_from(office.len()).expect("short");
    number[1] = office.as_bytes()[2];
    number
}

impl Joint {
    /// Sets a policy value of the district.
    pub async fn policy(&self, key: &str, value: &str) {
        let policy_value = Some(pb::PolicyValue {
            key: key.into(),
            value: value.into(),
            level: pb::Level::County.into(),
            effective_from: "2026-01-01".into(),
            jurisdiction: DISTRICT.into(),
            source: "测试".into(),
        });
        let request_id = format!("policy-{key}-{value}");
        let request = pb::PutPolicyValueRequest { request_id, policy_value };
        self.service.office().registry().put_policy_value(request).await.expect("policy");
    }

    /// `lists`: departments with the numbers of the subjects they hold; four inspectors each.
    pub async fn new(engine: Engine, lists: &[(&str, Vec<usize>)]) -> Self {
        Self::of(Service::start(engine).await, lists).await
    }

    /// The same on a service that is there.
    pub async fn of(service: Service, lists: &[(&str, Vec<usize>)]) -> Self {
        let rows = |(department, numbers): &(&str, Vec<usize>)| Rows {
            department: (*department).to_owned(),
            entries: numbers.iter().map(|n| entry(*n)).collect(),
            people: (1..=4).map(|n| inspector(&format!("p{n}"))).collect(),
            items: item_list(&["A1", "A2"]),
        };
        Self::of_rows(service, lists.iter().map(rows).collect()).await
    }

    /// The same with rows of one's own.
    pub async fn of_rows(service: Service, lists: Vec<Rows>) -> Self {
        let names: Vec<&str> = lists.iter().map(|l| &*l.department).collect();
        let keys = service.district(&names).await;
        for Rows { department, entries, people, items } in lists {
            let mut client = service.with(&keys[&department]).registry();
            let keep = pb::ImportMode::KeepGoodRows;
            client.import_subjects(subjects("s", keep, entries, 500)).await.expect("subjects");
            client.import_inspectors(inspectors("i", people)).await.expect("inspectors");
            let item_list = Some(items);
            let request_id = "items".into();
            client
                .put_item_list(pb::PutItemListRequest { request_id, item_list })
                .await
                .expect("items");
        }
        let approver = service.key(Role::Office, "", "领导小组").await;
        let mut supervisors = Vec::new();
        for office in OFFICES {
            supervisors.push((office.to_owned(), service.key(Role::Supervisor, "", office).await));
        }
        Self { service, keys, approver, supervisors }
    }

    pub fn campaign(&self, quota: impl Fn(&str) -> Vec<pb::StratumQuota>) -> pb::Campaign {
        let participant = |d: &String| pb::Participant {
            department: d.clone(),
            quotas: quota(d),
            ..Default::default()
        };
        pb::Campaign {
            campaign_id: "c1".into(),
            title: "测试联合抽查".into(),
            jurisdiction: DISTRICT.into(),
            mode: pb::JointMode::Comprehensive.into(),
            lead: "market".into(),
            participants: self.keys.keys().map(participant).collect(),
            join: pb::JoinRule::DrawnOnly.into(),
            first_day: TODAY.into(),
            last_day: "2026-07-15".into(),
            contributors: OFFICES.map(str::to_owned).to_vec(),
            override_reason: "测试需要全查".into(),
            ..Default::default()
        }
    }

    /// A campaign of two departments, frozen.
    pub async fn frozen(engine: Engine) -> (Self, pb::Draw) {
        Self::frozen_of(Service::start(engine).await).await
    }

    /// The same on a service that is there.
    pub async fn frozen_of(service: Service) -> (Self, pb::Draw) {
        Self::frozen_as(service, |_| ()).await
    }

    /// The same with a campaign that is a little different.
    pub async fn frozen_as(
        service: Service,
        change: impl Fn(&mut pb::Campaign),
    ) -> (Self, pb::Draw) {
        let lists = [("fire", (1..=40).collect()), ("market", (1..=80).collect())];
        let joint = Self::of(service, &lists).await;
        let mut campaign = joint.campaign(|_| vec![quota("*", 1_000)]);
        change(&mut campaign);
        joint.create(campaign).await.expect("create");
        joint.accept("c1", &["fire", "market"]).await;
        let etag = joint.read("c1").await.etag;
        joint.approve(&joint.approver, "c1", &etag).await.expect("approve");
        let frozen = joint.freeze("c1", "f1").await.expect("freeze");
        (joint, frozen)
    }

    pub async fn create(&self, campaign: pb::Campaign) -> Result<pb::Campaign, Status> {
        let request_id = format!("create-{}", campaign.campaign_id);
        let request = pb::CreateCampaignRequest { request_id, campaign: Some(campaign) };
        let reply = self.service.office().campaigns().create_campaign(request).await?;
        Ok(reply.into_inner().campaign.expect("campaign"))
    }

    pub async fn accept(&self, id: &str, departments: &[&str]) {
        for department in departments {
            let request = pb::AnswerInvitationRequest {
                request_id: format!("accept-{id}"),
                campaign_id: id.into(),
                accept: true,
            };
            let caller = self.service.with(&self.keys[*department]);
            caller.campaigns().answer_invitation(request).await.expect("accept");
        }
    }

    pub async fn read(&self, id: &str) -> pb::Campaign {
        let request = pb::GetCampaignRequest { campaign_id: id.into() };
        let reply = self.service.office().campaigns().get_campaign(request).await.expect("read");
        reply.into_inner().campaign.expect("campaign")
    }

    pub async fn approve(&self, secret: &str, id: &str, etag: &str) -> Result<(), Status> {
        let request = pb::ApproveCampaignRequest {
            request_id: format!("approve-{id}-{etag}"),
            campaign_id: id.into(),
            etag: etag.into(),
        };
        self.service.with(secret).campaigns().approve_campaign(request).await.map(|_| ())
    }

    pub async fn freeze(&self, id: &str, request_id: &str) -> Result<pb::Draw, Status> {
        let request =
            pb::FreezeCampaignRequest { request_id: request_id.into(), campaign_id: id.into() };
        let reply = self.service.office().campaigns().freeze_campaign(request).await?;
        Ok(reply.into_inner().draw.expect("draw"))
    }

    pub async fn commit(&self, id: &str, office: usize, value: &str) -> Result<(), Status> {
        let request = pb::CommitNumberRequest {
            request_id: format!("commit-{id}-{}", &value[..8]),
            campaign_id: id.into(),
            commitment: value.into(),
        };
        let secret = &self.supervisors[office].1;
        self.service.with(secret).campaigns().commit_number(request).await.map(|_| ())
    }

    pub async fn reveal(&self, id: &str, office: usize, number: &[u8]) -> Result<(), Status> {
        let request = pb::RevealNumberRequest {
            request_id: format!("reveal-{id}-{}", REVEALS.fetch_add(1, Ordering::Relaxed)),
            campaign_id: id.into(),
            number: hex::encode(number),
        };
        let secret = &self.supervisors[office].1;
        self.service.with(secret).campaigns().reveal_number(request).await.map(|_| ())
    }

    pub fn number(&self, office: usize) -> [u8; 32] {
        number(&self.supervisors[office].0)
    }

    pub fn commitment(&self, frozen: &pb::Draw, office: usize) -> String {
        let freeze = Digest::from_hex(&frozen.freeze_hash).expect("hash");
        let name = &self.supervisors[office].0;
        commitment(Suite::Sha256, &freeze, name, &self.number(office)).to_string()
    }

    /// All offices commit and reveal.
    pub async fn contribute(&self, frozen: &pb::Draw) {
        let id = &frozen.campaign_id;
        for office in 0..OFFICES.len() {
            self.commit(id, office, &self.commitment(frozen, office)).await.expect("commit");
        }
        for office in 0..OFFICES.len() {
            self.reveal(id, office, &self.number(office)).await.expect("reveal");
        }
    }

    /// Asks to end the attempt.
    pub async fn abort(&self, secret: &str, why: &str, request_id: &str) -> Ended {
        let request = pb::AbortDrawRequest {
            request_id: request_id.into(),
            campaign_id: "c1".into(),
            reason: why.into(),
        };
        let reply = self.service.with(secret).campaigns().abort_draw(request).await?;
        Ok(reply.into_inner().draw.expect("draw"))
    }

    /// Approves what was asked.
    pub async fn approve_abort(&self, secret: &str, request_id: &str) -> Ended {
        let request =
            pb::ApproveAbortRequest { request_id: request_id.into(), campaign_id: "c1".into() };
        let reply = self.service.with(secret).campaigns().approve_abort(request).await?;
        Ok(reply.into_inner().draw.expect("draw"))
    }

    /// Approves a further attempt.
    pub async fn retry(&self, secret: &str, on_site: &str, id: &str) -> Result<(), Status> {
        let request = pb::ApproveAttemptRequest {
            request_id: id.into(),
            campaign_id: "c1".into(),
            reason: "再次组织".into(),
            on_site: on_site.into(),
        };
        self.service.with(secret).campaigns().approve_attempt(request).await.map(|_| ())
    }

    pub async fn execute(&self, id: &str, request_id: &str) -> Result<pb::Draw, Status> {
        let request =
            pb::DrawCampaignRequest { request_id: request_id.into(), campaign_id: id.into() };
        let reply = self.service.office().campaigns().draw_campaign(request).await?;
        Ok(reply.into_inner().draw.expect("draw"))
    }

    /// From a created campaign to its outcome; everybody accepts.
    pub async fn carry_out(&self, campaign: pb::Campaign) -> pb::Draw {
        let id = campaign.campaign_id.clone();
        self.create(campaign).await.expect("create");
        let all: Vec<&str> = self.keys.keys().map(String::as_str).collect();
        self.accept(&id, &all).await;
        let etag = self.read(&id).await.etag;
        self.approve(&self.approver, &id, &etag).await.expect("approve");
        let frozen = self.freeze(&id, &format!("freeze-{id}")).await.expect("freeze");
        self.contribute(&frozen).await;
        self.execute(&id, &format!("draw-{id}")).await.expect("draw")
    }

    pub async fn visits(&self, secret: &str, id: &str) -> Result<Vec<pb::Visit>, Status> {
        let request = pb::ListVisitsRequest {
            campaign_id: id.into(),
            page_size: 1_000,
            ..Default::default()
        };
        let reply = self.service.with(secret).visits().list_visits(request).await?;
        Ok(reply.into_inner().visits)
    }

    /// All visits with their names, opened by an auditor.
    pub async fn opened(&self, id: &str) -> Vec<pb::Visit> {
        let auditor = self.service.key(Role::Auditor, "", "审计科").await;
        let mut client = self.service.with(&auditor).visits();
        let mut out = Vec::new();
        for visit in self.visits(&self.service.office, id).await.expect("visits") {
            let request = pb::OpenVisitRequest {
                request_id: format!("open-{id}-{}", visit.rank),
                campaign_id: id.into(),
                rank: visit.rank,
                case_number: "审2026-1".into(),
            };
            let opened = client.open_visit(request).await.expect("opened").into_inner();
            out.push(opened.visit.expect("visit"));
        }
        out
    }

    pub async fn bundle(&self, id: &str) -> Vec<u8> {
        let request = pb::DownloadBundleRequest { campaign_id: id.into(), attempt: 0 };
        let mut client =
            pb::campaign_service_client::CampaignServiceClient::new(self.service.channel.clone());
        let mut stream = client.download_bundle(request).await.expect("bundle").into_inner();
        let mut bytes = Vec::new();
        while let Some(piece) = stream.message().await.expect("piece") {
            bytes.extend(piece.chunk);
        }
        bytes
    }
}
