//! The scripted campaign, as department systems and offices would call it.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, ensure};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::civil::Date;
use tokio::net::TcpListener;
use tonic::transport::Channel;

use crate::app::clock::{Clock, Entropy};
use crate::app::{App, access};
use crate::config::{Database, LOG_NAME_DEFAULT, Storage};
use crate::domain::caller::Role;
use crate::domain::day;
use crate::domain::row::RECORDS_MAX;
use crate::draw::hash::{Digest, Suite};
use crate::draw::seed::commitment;
use crate::draw::verify;
use crate::rpc::client::{Authorized, Bearer, connect};
use crate::rpc::pb;
use crate::rpc::pb::access_service_client::AccessServiceClient;
use crate::rpc::pb::campaign_service_client::CampaignServiceClient;
use crate::rpc::pb::matching_service_client::MatchingServiceClient;
use crate::rpc::pb::registry_service_client::RegistryServiceClient;
use crate::rpc::pb::visit_service_client::VisitServiceClient;
use crate::server;

use super::district::{DISTRICT, Department, District, NEIGHBOUR, Shape, make};
use super::messages::{inspector_stream, proposal, subject_stream};
use super::{Args, show};

/// The campaign's id.
pub(super) const CAMPAIGN: &str = "demo-joint";
/// Offices that supervise the draw (R82).
pub(super) const OFFICES: [&str; 4] = ["法规科", "办公室", "人事科", "监察室"];
/// Visits that are opened to choose the shown ones from.
const SHOWN_VISITS: i64 = 20;

/// Runs the demo to its verified bundle.
///
/// # Errors
/// What went wrong, in words for the terminal.
pub async fn run(args: Args) -> anyhow::Result<()> {
    let folder = std::env::temp_dir().join(format!("onevisit-demo-{}", std::process::id()));
    std::fs::create_dir_all(&folder).context("making the demo's folder")?;
    let sqlite = format!("sqlite:{}", folder.join("demo.db").display());
    let storage = Storage {
        database: Database { database: args.database.clone().unwrap_or(sqlite) },
        keep_schema: false,
        key_file: folder.join("demo.key"),
        log_name: LOG_NAME_DEFAULT.to_owned(),
        log_key_file: None,
        log_pin: None,
        log_policy: None,
    };
    let app = storage.open(Clock::system(), Entropy::system()).await?;
    let today = day::of_instant(app.clock.now_us());
    let listener = TcpListener::bind(&args.listen).await.context("listening")?;
    let address = format!("http://{}", listener.local_addr()?);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let service = tokio::spawn(server::serve(app.clone(), listener, async {
        let _ = stopped.await;
    }));
    let shape = Shape {
        subjects: args.subjects,
        departments: usize::from(args.departments),
        inspectors: args.inspectors,
    };
    println!("making a district from seed {} ...", args.seed);
    let district = make(args.seed, shape, today.year());
    let script = Script::new(&app, &address).await?;
    script.register(&district).await?;
    let draw = script.campaign(&district, today).await?;
    script.save_bundle(&args.bundle).await?;
    let bytes = std::fs::read(&args.bundle)?;
    let verified = verify::verify(&bytes)
        .map_err(|f| anyhow::anyhow!("the bundle does not verify: {} ({})", f.step, f.why))?;
    let visits = script.first_visits().await?;
    let figures = draw.figures.clone().context("a drawn campaign has figures")?;
    show::result(&figures, &script.shortages().await?, &visits);
    show::bundle(&args.bundle, bytes.len(), &verified);
    if args.exit {
        let _ = stop.send(());
        service.await??;
        app.db.close().await;
        std::fs::remove_dir_all(&folder).context("removing the demo's folder")?;
        return Ok(());
    }
    show::next_calls(&address, &script.office_secret, CAMPAIGN);
    server::stop_signal()?.await;
    let _ = stop.send(());
    service.await??;
    Ok(())
}

struct Script {
    channel: Channel,
    office_secret: String,
    approver_secret: String,
}

fn id(parts: &[&str]) -> String {
    parts.join(".")
}

/// A progress bar for steps; invisible when nobody watches.
fn bar(length: u64, what: &str) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg:24} {wide_bar} {pos}/{len}");
    let bar = ProgressBar::new(length).with_message(what.to_owned());
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

impl Script {
    async fn new(app: &App, address: &str) -> anyhow::Result<Self> {
        let office = access::create_local(app, Role::Office, "", "领导小组办公室").await?;
        let approver = access::create_local(app, Role::Office, "", "领导小组").await?;
        let channel = connect(address).await?;
        Ok(Self { channel, office_secret: office.secret, approver_secret: approver.secret })
    }

    fn registry(&self, secret: &str) -> anyhow::Result<RegistryServiceClient<Authorized>> {
        let bearer = Bearer::new(secret)?;
        Ok(RegistryServiceClient::with_interceptor(self.channel.clone(), bearer))
    }

    fn campaigns(&self, secret: &str) -> anyhow::Result<CampaignServiceClient<Authorized>> {
        let bearer = Bearer::new(secret)?;
        Ok(CampaignServiceClient::with_interceptor(self.channel.clone(), bearer))
    }

    async fn key(&self, role: pb::Role, department: &str, office: &str) -> anyhow::Result<String> {
        let bearer = Bearer::new(&self.office_secret)?;
        let mut client = AccessServiceClient::with_interceptor(self.channel.clone(), bearer);
        // Offices' names are not ASCII: the id of the request names them by their bytes.
        let name = hex::encode(office.as_bytes());
        let request = pb::CreateApiKeyRequest {
            request_id: id(&["key", department, &name[..name.len().min(32)]]),
            role: role.into(),
            department: department.to_owned(),
            office: office.to_owned(),
            inspector_id: String::new(),
        };
        Ok(client.create_api_key(request).await?.into_inner().secret)
    }

    async fn register(&self, district: &District) -> anyhow::Result<()> {
        let mut office = self.registry(&self.office_secret)?;
        for (code, name, neighbours) in [
            (NEIGHBOUR, "邻近区", vec![DISTRICT.to_owned()]),
            (DISTRICT, "示范区", vec![NEIGHBOUR.to_owned()]),
        ] {
            let jurisdiction = pb::Jurisdiction {
                code: code.to_owned(),
                name: name.to_owned(),
                level: pb::Level::County.into(),
                parent: "999900".to_owned(),
                neighbours,
            };
            let request_id = id(&["jurisdiction", code]);
            let jurisdiction = Some(jurisdiction);
            office
                .put_jurisdiction(pb::PutJurisdictionRequest { request_id, jurisdiction })
                .await?;
        }
        let rows = district.departments.iter().map(|d| d.subjects.len() as u64).sum();
        let bar = bar(rows, "registering lists");
        let mut totals = BTreeMap::from([("rows", 0), ("mended", 0), ("rejected", 0)]);
        for department in &district.departments {
            let request = pb::PutDepartmentRequest {
                request_id: id(&["department", &department.id]),
                department: Some(pb::Department {
                    department_id: department.id.clone(),
                    name: department.name.clone(),
                    jurisdiction: DISTRICT.to_owned(),
                    powers: vec![department.id.clone()],
                    etag: String::new(),
                    complaint_channel: "12345".to_owned(),
                }),
            };
            office.put_department(request).await?;
            let secret = self.key(pb::Role::Department, &department.id, "").await?;
            let summary = self.lists(&secret, department, &bar).await?;
            for (name, n) in
                [("rows", summary.rows), ("mended", summary.mended), ("rejected", summary.rejected)]
            {
                *totals.entry(name).or_default() += n;
            }
        }
        bar.finish_and_clear();
        let mut matching = MatchingServiceClient::with_interceptor(
            self.channel.clone(),
            Bearer::new(&self.office_secret)?,
        );
        let request = pb::ResolveSubjectsRequest {
            request_id: "resolve".to_owned(),
            jurisdiction: DISTRICT.to_owned(),
        };
        let resolved = matching.resolve_subjects(request).await?.into_inner();
        show::registered(&totals, &resolved);
        Ok(())
    }

    async fn lists(
        &self,
        secret: &str,
        department: &Department,
        bar: &ProgressBar,
    ) -> anyhow::Result<pb::ImportSummary> {
        let mut client = self.registry(secret)?;
        client
            .put_item_list(pb::PutItemListRequest {
                request_id: "items".to_owned(),
                item_list: Some(pb::ItemList {
                    effective_from: "2020-01-01".to_owned(),
                    reason: "首次公布".to_owned(),
                    items: department.items.clone(),
                    ..Default::default()
                }),
            })
            .await?;
        client.import_inspectors(inspector_stream(department)).await?;
        let reply = client.import_subjects(subject_stream(department, bar)).await?.into_inner();
        let (request_id, recusals) = ("recusals".to_owned(), department.recusals.clone());
        client.declare_recusals(pb::DeclareRecusalsRequest { request_id, recusals }).await?;
        for (i, part) in department.inspections.chunks(RECORDS_MAX).enumerate() {
            let (request_id, inspections) = (format!("inspections-{i}"), part.to_vec());
            let request = pb::RecordInspectionsRequest { request_id, inspections };
            client.record_inspections(request).await?;
        }
        reply.summary.context("the service sent no summary")
    }

    async fn campaign(&self, district: &District, today: Date) -> anyhow::Result<pb::Draw> {
        let mut office = self.campaigns(&self.office_secret)?;
        let campaign = Some(proposal(district, today));
        let request_id = "create".to_owned();
        office.create_campaign(pb::CreateCampaignRequest { request_id, campaign }).await?;
        for department in &district.departments {
            // The same request again gives the same secret: nothing was lost in between.
            let secret = self.key(pb::Role::Department, &department.id, "").await?;
            let request = pb::AnswerInvitationRequest {
                request_id: "accept".to_owned(),
                campaign_id: CAMPAIGN.to_owned(),
                accept: true,
            };
            self.campaigns(&secret)?.answer_invitation(request).await?;
        }
        let campaign_id = CAMPAIGN.to_owned();
        let read = office.get_campaign(pb::GetCampaignRequest { campaign_id }).await?;
        let etag = read.into_inner().campaign.unwrap_or_default().etag;
        let approve = pb::ApproveCampaignRequest {
            request_id: "approve".to_owned(),
            campaign_id: CAMPAIGN.to_owned(),
            etag,
        };
        self.campaigns(&self.approver_secret)?.approve_campaign(approve).await?;
        let campaign_id = CAMPAIGN.to_owned();
        let preview = office.preview_campaign(pb::PreviewCampaignRequest { campaign_id }).await?;
        show::preview(&preview.into_inner().preview.unwrap_or_default());
        let freeze = pb::FreezeCampaignRequest {
            request_id: "freeze".to_owned(),
            campaign_id: CAMPAIGN.to_owned(),
        };
        let frozen = office.freeze_campaign(freeze).await?.into_inner().draw.unwrap_or_default();
        println!("frozen: {} units are sealed under {}", show::units(&frozen), frozen.freeze_hash);
        self.contribute(&frozen).await?;
        let draw = pb::DrawCampaignRequest {
            request_id: "draw".to_owned(),
            campaign_id: CAMPAIGN.to_owned(),
        };
        office.draw_campaign(draw).await?.into_inner().draw.context("a drawn attempt")
    }

    /// Each office makes its number on its own machine; here they all run in this process.
    async fn contribute(&self, frozen: &pb::Draw) -> anyhow::Result<()> {
        let freeze = Digest::from_hex(&frozen.freeze_hash).context("freeze hash")?;
        let mut numbers = Vec::new();
        for office in OFFICES {
            let number = Entropy::system().bytes::<32>();
            let secret = self.key(pb::Role::Supervisor, "", office).await?;
            let commitment = commitment(Suite::Sha256, &freeze, office, &number).to_string();
            let request = pb::CommitNumberRequest {
                request_id: "commit".to_owned(),
                campaign_id: CAMPAIGN.to_owned(),
                commitment,
            };
            self.campaigns(&secret)?.commit_number(request).await?;
            numbers.push((secret, number));
        }
        for (secret, number) in numbers {
            let request = pb::RevealNumberRequest {
                request_id: "reveal".to_owned(),
                campaign_id: CAMPAIGN.to_owned(),
                number: hex::encode(number),
            };
            self.campaigns(&secret)?.reveal_number(request).await?;
        }
        println!("supervised by {}: all committed, then all revealed", OFFICES.join("、"));
        Ok(())
    }

    async fn save_bundle(&self, path: &Path) -> anyhow::Result<()> {
        let request = pb::DownloadBundleRequest { campaign_id: CAMPAIGN.to_owned(), attempt: 0 };
        let mut client = CampaignServiceClient::new(self.channel.clone());
        let mut stream = client.download_bundle(request).await?.into_inner();
        let mut bytes = Vec::new();
        while let Some(piece) = stream.message().await? {
            bytes.extend_from_slice(&piece.chunk);
        }
        ensure!(!bytes.is_empty(), "the bundle is empty");
        std::fs::write(path, &bytes).with_context(|| format!("writing {}", path.display()))
    }

    /// The first visits, opened by an auditor: before the close nobody else but their teams may.
    async fn first_visits(&self) -> anyhow::Result<Vec<pb::Visit>> {
        let bearer = Bearer::new(&self.key(pb::Role::Auditor, "", "审计科").await?)?;
        let mut client = VisitServiceClient::with_interceptor(self.channel.clone(), bearer);
        let mut visits = Vec::new();
        for rank in 1..=SHOWN_VISITS {
            let request = pb::OpenVisitRequest {
                request_id: format!("open-{rank}"),
                campaign_id: CAMPAIGN.to_owned(),
                rank,
                case_number: "演示".to_owned(),
            };
            match client.open_visit(request).await {
                Ok(reply) => visits.extend(reply.into_inner().visit),
                Err(status) if status.code() == tonic::Code::NotFound => break,
                Err(status) => return Err(status.into()),
            }
        }
        Ok(visits)
    }

    async fn shortages(&self) -> anyhow::Result<Vec<pb::Shortage>> {
        let request = pb::ListShortagesRequest {
            campaign_id: CAMPAIGN.to_owned(),
            page_size: 1_000,
            ..Default::default()
        };
        let mut client = self.campaigns(&self.office_secret)?;
        Ok(client.list_shortages(request).await?.into_inner().shortages)
    }
}
