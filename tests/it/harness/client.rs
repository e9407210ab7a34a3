//! A service on a real socket, and clients with keys.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use onevisit::app::clock::Clock;
use onevisit::app::{App, access};
use onevisit::domain::caller::Role;
use onevisit::ledger::quorum::Policy;
use onevisit::rpc::client::{Authorized, Bearer, connect};
use onevisit::rpc::pb;
use onevisit::rpc::pb::access_service_client::AccessServiceClient;
use onevisit::rpc::pb::annual_plan_service_client::AnnualPlanServiceClient;
use onevisit::rpc::pb::appointment_service_client::AppointmentServiceClient;
use onevisit::rpc::pb::archive_service_client::ArchiveServiceClient;
use onevisit::rpc::pb::assessment_service_client::AssessmentServiceClient;
use onevisit::rpc::pb::calendar_service_client::CalendarServiceClient;
use onevisit::rpc::pb::campaign_service_client::CampaignServiceClient;
use onevisit::rpc::pb::check_service_client::CheckServiceClient;
use onevisit::rpc::pb::discipline_service_client::DisciplineServiceClient;
use onevisit::rpc::pb::disclosure_service_client::DisclosureServiceClient;
use onevisit::rpc::pb::erasure_service_client::ErasureServiceClient;
use onevisit::rpc::pb::exception_service_client::ExceptionServiceClient;
use onevisit::rpc::pb::expert_service_client::ExpertServiceClient;
use onevisit::rpc::pb::follow_up_service_client::FollowUpServiceClient;
use onevisit::rpc::pb::item_list_service_client::ItemListServiceClient;
use onevisit::rpc::pb::joint_service_client::JointServiceClient;
use onevisit::rpc::pb::ledger_service_client::LedgerServiceClient;
use onevisit::rpc::pb::liability_service_client::LiabilityServiceClient;
use onevisit::rpc::pb::local_mode_service_client::LocalModeServiceClient;
use onevisit::rpc::pb::matching_service_client::MatchingServiceClient;
use onevisit::rpc::pb::notice_service_client::NoticeServiceClient;
use onevisit::rpc::pb::objection_service_client::ObjectionServiceClient;
use onevisit::rpc::pb::oversight_service_client::OversightServiceClient;
use onevisit::rpc::pb::plan_service_client::PlanServiceClient;
use onevisit::rpc::pb::policy_service_client::PolicyServiceClient;
use onevisit::rpc::pb::recusal_service_client::RecusalServiceClient;
use onevisit::rpc::pb::registry_service_client::RegistryServiceClient;
use onevisit::rpc::pb::schedule_service_client::ScheduleServiceClient;
use onevisit::rpc::pb::scheme_service_client::SchemeServiceClient;
use onevisit::rpc::pb::training_service_client::TrainingServiceClient;
use onevisit::rpc::pb::visit_service_client::VisitServiceClient;
use onevisit::server;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tonic::transport::Channel;

use super::process::Served;
use super::{
    Engine, Hands, LOG_NAME, LOG_SEED, NOW_US, SEAL_KEY, TestDb, WAIT_MAX, app_at, app_by, log_of,
};

pub const DISTRICT: &str = "990001";

pub struct Service {
    pub app: App,
    pub address: String,
    pub office: String,
    pub channel: Channel,
    pub db: TestDb,
    stop: Option<oneshot::Sender<()>>,
    serving: Option<JoinHandle<()>>,
    served: Option<Served>,
}

/// GET over HTTP/1.1: status and body.
pub fn fetch(url: &str) -> (u16, Vec<u8>) {
    let config = ureq::Agent::config_builder().http_status_as_error(false);
    let agent = config.timeout_global(Some(WAIT_MAX)).build().new_agent();
    let mut response = agent.get(url).call().expect("an answer");
    (response.status().as_u16(), response.body_mut().read_to_vec().expect("a body"))
}

/// POST over HTTP/1.1: status and body.
fn send(url: &str, kind: &str, body: &[u8]) -> (u16, Vec<u8>) {
    let config = ureq::Agent::config_builder().http_status_as_error(false);
    let agent = config.timeout_global(Some(WAIT_MAX)).build().new_agent();
    let mut response = agent.post(url).content_type(kind).send(body).expect("an answer");
    (response.status().as_u16(), response.body_mut().read_to_vec().expect("a body"))
}

async fn listen(app: &App) -> (String, oneshot::Sender<()>, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let address = format!("http://{}", listener.local_addr().expect("address"));
    let (stop, stopped) = oneshot::channel();
    let app = app.clone();
    let serving = tokio::spawn(async move {
        let stopped = async {
            let _ = stopped.await;
        };
        server::serve(app, listener, stopped).await.expect("it serves");
    });
    (address, stop, serving)
}

/// Clients of one caller.
pub struct As<'s> {
    service: &'s Service,
    secret: String,
}

impl Service {
    pub async fn start(engine: Engine) -> Self {
        Self::start_at(engine, NOW_US).await
    }

    pub async fn start_at(engine: Engine, now_us: i64) -> Self {
        let db = TestDb::new(engine).await;
        let app = app_at(&db, now_us).await;
        Self::run(db, app).await
    }

    /// A service whose clock the test moves.
    pub async fn start_by(engine: Engine, hands: &Hands) -> Self {
        Self::start_with(engine, hands.clock()).await
    }

    /// A service with a clock of one's own.
    pub async fn start_with(engine: Engine, clock: Clock) -> Self {
        let db = TestDb::new(engine).await;
        let app = app_by(&db, clock).await;
        Self::run(db, app).await
    }

    /// Another replica on the same database, with a pool and a socket of its own; it stops with what
    /// is returned.
    pub async fn replica(&self) -> (Channel, oneshot::Sender<()>) {
        let app = app_at(&self.db, NOW_US).await;
        let (address, stop, _) = listen(&app).await;
        (connect(&address).await.expect("connect"), stop)
    }

    /// A service whose log is witnessed by a policy.
    pub async fn start_under(engine: Engine, policy: Policy) -> Self {
        let db = TestDb::new(engine).await;
        let mut app = app_at(&db, NOW_US).await;
        app.log = log_of(&db, policy);
        Self::run(db, app).await
    }

    async fn run(db: TestDb, app: App) -> Self {
        let (address, stop, serving) = listen(&app).await;
        let mut service = Self::at(db, app, address).await;
        (service.stop, service.serving) = (Some(stop), Some(serving));
        service
    }

    async fn at(db: TestDb, app: App, address: String) -> Self {
        let office =
            access::create_local(&app, Role::Office, "", "领导小组办公室").await.expect("key");
        let channel = connect(&address).await.expect("connect");
        let office = office.secret;
        let (stop, serving, served) = Default::default();
        Self { app, address, office, channel, db, stop, serving, served }
    }

    /// The real binary, which logs all it can into a file; `app` is a replica of it.
    pub async fn real(engine: Engine, log: &Path) -> Self {
        let db = TestDb::new(engine).await;
        let app = app_by(&db, Clock::system()).await;
        let path = |name: &str| db.folder.path().join(name);
        std::fs::write(path("key"), hex::encode(SEAL_KEY)).expect("key");
        std::fs::write(path("log.key"), hex::encode(LOG_SEED)).expect("key");
        let served = Served::start_as(&db, &path("key"), |command| {
            command.env("ONEVISIT_LOG_NAME", LOG_NAME);
            command.env("ONEVISIT_LOG_KEY_FILE", path("log.key"));
            command.env("ONEVISIT_LOG_PIN", path("pin"));
            command.env("ONEVISIT_LOG", "trace").stderr(File::create(log).expect("log"));
        });
        let served = served.expect("it serves");
        let mut service = Self::at(db, app, served.address.clone()).await;
        service.served = Some(served);
        service
    }

    /// What serves stops, the real binary too; its replica serves what is there, at another time.
    pub async fn go_on_at(&mut self, now_us: i64) {
        drop(self.served.take());
        drop(self.stop.take());
        // Its last rounds of the log are by its own clock and keys.
        if let Some(serving) = self.serving.take() {
            serving.await.expect("it has stopped");
        }
        self.app.clock = Clock::new(move || now_us);
        let (address, stop, serving) = listen(&self.app).await;
        self.channel = connect(&address).await.expect("connect");
        (self.address, self.stop, self.serving) = (address, Some(stop), Some(serving));
    }

    pub async fn key(&self, role: Role, department: &str, office: &str) -> String {
        access::create_local(&self.app, role, department, office).await.expect("key").secret
    }

    /// GET over HTTP/1.1, without a key: status and body.
    pub async fn get(&self, path: &str) -> (u16, Vec<u8>) {
        let url = format!("{}{path}", self.address);
        tokio::task::spawn_blocking(move || fetch(&url)).await.expect("fetched")
    }

    /// POST over HTTP/1.1, without a key: status and body.
    pub async fn post(&self, path: &str, kind: &'static str, body: Vec<u8>) -> (u16, Vec<u8>) {
        let url = format!("{}{path}", self.address);
        tokio::task::spawn_blocking(move || send(&url, kind, &body)).await.expect("sent")
    }

    pub fn with(&self, secret: &str) -> As<'_> {
        As { service: self, secret: secret.to_owned() }
    }

    pub fn office(&self) -> As<'_> {
        self.with(&self.office)
    }

    /// A jurisdiction with departments; returns their keys.
    pub async fn district(&self, departments: &[&str]) -> BTreeMap<String, String> {
        let mut registry = self.office().registry();
        let jurisdiction = Some(pb::Jurisdiction {
            code: DISTRICT.into(),
            name: "测试区".into(),
            level: pb::Level::County.into(),
            ..Default::default()
        });
        let request_id = "jurisdiction".into();
        registry
            .put_jurisdiction(pb::PutJurisdictionRequest { request_id, jurisdiction })
            .await
            .expect("jurisdiction");
        let mut keys = BTreeMap::new();
        for id in departments {
            let department = Some(pb::Department {
                department_id: (*id).into(),
                name: format!("{id}局"),
                jurisdiction: DISTRICT.into(),
                ..Default::default()
            });
            let request_id = format!("department-{id}");
            registry
                .put_department(pb::PutDepartmentRequest { request_id, department })
                .await
                .expect("department");
            keys.insert((*id).to_owned(), self.key(Role::Department, id, "").await);
        }
        keys
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }
}

macro_rules! clients {
    ($($name:ident: $client:ident),+ $(,)?) => {
        impl As<'_> {
            $(pub fn $name(&self) -> $client<Authorized> {
                let bearer = Bearer::new(&self.secret).expect("secret");
                $client::with_interceptor(self.service.channel.clone(), bearer)
            })+
        }
    };
}

clients! {
    access: AccessServiceClient,
    annual_plans: AnnualPlanServiceClient,
    appointments: AppointmentServiceClient,
    assessments: AssessmentServiceClient,
    archives: ArchiveServiceClient,
    calendar: CalendarServiceClient,
    campaigns: CampaignServiceClient,
    checks: CheckServiceClient,
    discipline: DisciplineServiceClient,
    disclosure: DisclosureServiceClient,
    erasures: ErasureServiceClient,
    exceptions: ExceptionServiceClient,
    experts: ExpertServiceClient,
    follow_ups: FollowUpServiceClient,
    item_lists: ItemListServiceClient,
    joint: JointServiceClient,
    ledger: LedgerServiceClient,
    liability: LiabilityServiceClient,
    local_modes: LocalModeServiceClient,
    matching: MatchingServiceClient,
    notices: NoticeServiceClient,
    objections: ObjectionServiceClient,
    oversight: OversightServiceClient,
    plans: PlanServiceClient,
    policies: PolicyServiceClient,
    recusals: RecusalServiceClient,
    registry: RegistryServiceClient,
    schedules: ScheduleServiceClient,
    schemes: SchemeServiceClient,
    trainings: TrainingServiceClient,
    visits: VisitServiceClient,
}
