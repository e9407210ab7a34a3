//! `onevisit archive`.

use std::path::PathBuf;

use anyhow::{Context, ensure};
use tonic_types::StatusExt;

use super::remote::Remote;
use crate::app::clock::Entropy;
use crate::domain::hash::Suite;
use crate::rpc::client::Authorized;
use crate::rpc::pb;
use crate::rpc::pb::archive_service_client::ArchiveServiceClient;

/// Random bytes that tell one request from another.
const REQUEST_ID_BYTES: usize = 16;
/// What an archive answers that holds everything already: it is downloaded.
const NOTHING_NEW: &str = "NOTHING_NEW_TO_ARCHIVE";

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    remote: Remote,
    /// The campaign.
    #[arg(long)]
    campaign: String,
    /// Rank of one visit; without it the whole campaign is archived.
    #[arg(long, default_value_t = 0)]
    visit: i64,
    /// Leave out what is personal.
    #[arg(long)]
    public: bool,
    /// File to write.
    #[arg(long)]
    out: PathBuf,
}

type Client = ArchiveServiceClient<Authorized>;

/// Makes the archive unless the latest holds everything, downloads it and holds it against its digest.
pub async fn run(args: Args) -> anyhow::Result<()> {
    let (channel, bearer) = args.remote.connect().await?;
    let mut client = ArchiveServiceClient::with_interceptor(channel, bearer);
    let archive = match made(&args, &mut client).await {
        Ok(archive) => archive.context("the service names no archive")?,
        Err(status) => {
            let reason = status.get_details_error_info().map(|i| i.reason).unwrap_or_default();
            ensure!(reason == NOTHING_NEW, "{}", status.message());
            latest(&args, &mut client).await?
        }
    };
    let bytes = download(&args, &mut client, archive.nth).await?;
    let found = Suite::Sha256.hash(&bytes).to_string();
    let whole = if args.public { &archive.public_sha256 } else { &archive.sha256 };
    // Once parts are erased the first line still is the logged one, and names what is left.
    let first = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
    let header = Suite::Sha256.hash(first).to_string();
    ensure!(header == archive.header_sha256, "the file is not the archive that was made");
    std::fs::write(&args.out, &bytes).with_context(|| format!("writing {}", args.out.display()))?;
    println!("archive {} of {}: {} bytes", archive.nth, archive.campaign_id, bytes.len());
    println!("sha256 {found}{}", if found == *whole { "" } else { " (parts of it are erased)" });
    println!("to be kept until {}", archive.keep_until);
    Ok(())
}

async fn made(args: &Args, client: &mut Client) -> Result<Option<pb::Archive>, tonic::Status> {
    let request_id = hex::encode(Entropy::system().bytes::<REQUEST_ID_BYTES>());
    let campaign_id = args.campaign.clone();
    if args.visit == 0 {
        let request = pb::ArchiveCampaignRequest { request_id, campaign_id };
        return Ok(client.archive_campaign(request).await?.into_inner().archive);
    }
    let request = pb::ArchiveVisitRequest { request_id, campaign_id, rank: args.visit };
    Ok(client.archive_visit(request).await?.into_inner().archive)
}

async fn latest(args: &Args, client: &mut Client) -> anyhow::Result<pb::Archive> {
    let mut page_token = String::new();
    let mut found = None;
    loop {
        let campaign_id = args.campaign.clone();
        let request = pb::ListArchivesRequest { campaign_id, page_token, ..Default::default() };
        let page = client.list_archives(request).await?.into_inner();
        found = page.archives.into_iter().rfind(|a| a.rank == args.visit).or(found);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return found.context("the service lists no archive");
        }
    }
}

async fn download(args: &Args, client: &mut Client, nth: i64) -> anyhow::Result<Vec<u8>> {
    let (campaign_id, rank) = (args.campaign.clone(), args.visit);
    let mut bytes = Vec::new();
    if args.public {
        let request = pb::DownloadArchiveRequest { campaign_id, rank, nth };
        let mut stream = client.download_archive(request).await?.into_inner();
        while let Some(piece) = stream.message().await? {
            bytes.extend(piece.chunk);
        }
    } else {
        let request = pb::DownloadWholeArchiveRequest { campaign_id, rank, nth };
        let mut stream = client.download_whole_archive(request).await?.into_inner();
        while let Some(piece) = stream.message().await? {
            bytes.extend(piece.chunk);
        }
    }
    Ok(bytes)
}
