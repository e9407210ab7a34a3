//! The service on a real socket, with one department.

use onevisit::app::clock::{Clock, Entropy};
use onevisit::app::{App, Log, Sealer, access};
use onevisit::domain::caller::Role;
use onevisit::ledger::note::{NoteSigner, Purpose};
use onevisit::ledger::quorum::Policy;
use onevisit::rpc::client::{Authorized, Bearer, connect};
use onevisit::rpc::pb;
use onevisit::rpc::pb::registry_service_client::RegistryServiceClient;
use onevisit::server;
use onevisit::store::Db;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub struct Running {
    app: App,
    address: String,
    secret: String,
    stop: oneshot::Sender<()>,
    task: JoinHandle<anyhow::Result<()>>,
    _pins: TempDir,
}

impl Running {
    /// On an empty, migrated database.
    pub async fn start(db: Db) -> Self {
        let (clock, entropy) = (Clock::system(), Entropy::system());
        let signer = NoteSigner::new("bench", Purpose::Log, &[0; 32]);
        let pins = TempDir::new().expect("folder");
        let log = Log::new(signer, pins.path().join("pin"), Policy::default());
        let app = App::new(db, clock, entropy, Sealer::new(&[0; 32], &[]), log);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let address = format!("http://{}", listener.local_addr().expect("address"));
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(server::serve(app.clone(), listener, async {
            let _ = stopped.await;
        }));
        let office =
            access::create_local(&app, Role::Office, "", "领导小组办公室").await.expect("key");
        let mut running = Self { app, address, secret: office.secret, stop, task, _pins: pins };
        running.district().await;
        running
    }

    async fn district(&mut self) {
        let mut registry = self.registry().await;
        let jurisdiction = Some(pb::Jurisdiction {
            code: "990001".into(),
            name: "测试区".into(),
            level: pb::Level::County.into(),
            ..Default::default()
        });
        let request_id = "j".into();
        let put = pb::PutJurisdictionRequest { request_id, jurisdiction };
        registry.put_jurisdiction(put).await.expect("jurisdiction");
        let department = Some(pb::Department {
            department_id: "market".into(),
            name: "市场局".into(),
            jurisdiction: "990001".into(),
            ..Default::default()
        });
        let request_id = "d".into();
        let put = pb::PutDepartmentRequest { request_id, department };
        registry.put_department(put).await.expect("department");
        let key = access::create_local(&self.app, Role::Department, "market", "").await;
        self.secret = key.expect("key").secret;
    }

    /// A client of the department, on a connection of its own.
    pub async fn registry(&self) -> RegistryServiceClient<Authorized> {
        let channel = connect(&self.address).await.expect("connect");
        let bearer = Bearer::new(&self.secret).expect("secret");
        RegistryServiceClient::with_interceptor(channel, bearer)
    }

    pub async fn stop(self) {
        let _ = self.stop.send(());
        self.task.await.expect("join").expect("service");
        self.app.db.close().await;
    }
}
