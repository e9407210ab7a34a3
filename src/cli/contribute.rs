//! `onevisit contribute`: a supervising office's secret number, made and kept on its own machine.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use clap::Subcommand;
use serde::{Deserialize, Serialize};

use super::remote::Remote;
use crate::app::clock::Entropy;
use crate::config::write_secret;
use crate::draw::Digest;
use crate::draw::freeze::{Freeze, freeze_hash};
use crate::draw::hash::DIGEST_BYTES;
use crate::draw::seed::commitment;
use crate::rpc::client::Authorized;
use crate::rpc::pb;
use crate::rpc::pb::campaign_service_client::CampaignServiceClient;

/// Hexadecimal characters that tell one step's request from another's.
const REQUEST_ID_HEX: usize = 32;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    remote: Remote,
    /// The campaign.
    #[arg(long)]
    campaign: String,
    /// The office's name as the campaign has it, such as 监察室.
    #[arg(long)]
    office: String,
    /// File that keeps the number until it is revealed. Show it to nobody; without it the number
    /// cannot be revealed and the attempt has to be aborted.
    #[arg(long)]
    file: PathBuf,
    #[command(subcommand)]
    step: Step,
}

#[derive(Debug, Subcommand)]
enum Step {
    /// Make the number, keep it in the file, and send the commitment. May be repeated.
    Commit {
        /// Rolls of real dice, mixed into the machine's randomness, such as "3 6 1 1 4".
        #[arg(long, default_value = "")]
        dice: String,
    },
    /// Send the number, once all offices have committed.
    Reveal,
}

/// What the file keeps.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    campaign: String,
    attempt: i64,
    freeze_hash: Digest,
    office: String,
    number: Digest,
}

/// Commits or reveals.
pub async fn run(args: Args) -> anyhow::Result<()> {
    let (channel, bearer) = args.remote.connect().await?;
    let mut client = CampaignServiceClient::with_interceptor(channel, bearer);
    let request = pb::GetDrawRequest { campaign_id: args.campaign.clone(), attempt: 0 };
    let draw = client.get_draw(request).await?.into_inner().draw.context("no frozen draw")?;
    let freeze = read(&draw, &args.office)?;
    match &args.step {
        Step::Commit { dice } => commit(&args, &mut client, &draw, &freeze, dice).await,
        Step::Reveal => reveal(&args, &mut client, &draw).await,
    }
}

/// Reads the frozen statement and checks it against its hash: the office commits to these bytes.
fn read(draw: &pb::Draw, office: &str) -> anyhow::Result<Freeze> {
    let freeze = Freeze::from_bytes(&draw.freeze_bytes).context("the frozen statement")?;
    let hash = freeze_hash(freeze.alg, &draw.freeze_bytes).to_string();
    ensure!(hash == draw.freeze_hash, "the service's freeze hash is not that of its statement");
    let named = freeze.contributors.iter().any(|c| c == office);
    ensure!(named, "{office} is none of the offices: {}", freeze.contributors.join(", "));
    Ok(freeze)
}

async fn commit(
    args: &Args,
    client: &mut CampaignServiceClient<Authorized>,
    draw: &pb::Draw,
    freeze: &Freeze,
    dice: &str,
) -> anyhow::Result<()> {
    let hash = freeze_hash(freeze.alg, &draw.freeze_bytes);
    if !args.file.exists() {
        let random = Entropy::system().bytes::<DIGEST_BYTES>();
        let fields: [&[u8]; 2] = [&random, dice.as_bytes()];
        let kept = Kept {
            campaign: draw.campaign_id.clone(),
            attempt: draw.attempt,
            freeze_hash: hash,
            office: args.office.clone(),
            number: freeze.alg.tagged("onevisit/number", &fields),
        };
        // Kept before anything is sent: a commitment without its number would cost the attempt.
        write_secret(&args.file, &serde_json::to_string(&kept)?)
            .with_context(|| format!("keeping the number in {}", args.file.display()))?;
    }
    let kept = kept(&args.file, draw, &args.office)?;
    let value = commitment(freeze.alg, &hash, &kept.office, kept.number.bytes()).to_string();
    let request = pb::CommitNumberRequest {
        request_id: request_id("commit", &value),
        campaign_id: kept.campaign,
        commitment: value.clone(),
    };
    let id = request.request_id.clone();
    let request = args.remote.signed("CommitNumber", &id, request)?;
    let after = client.commit_number(request).await?.into_inner().draw.context("no draw")?;
    println!("committed {value}");
    println!("statement {}", draw.freeze_hash);
    println!("{} of {} offices", after.contributions.len(), freeze.contributors.len());
    println!("keep {}; then: onevisit contribute .. reveal", args.file.display());
    Ok(())
}

async fn reveal(
    args: &Args,
    client: &mut CampaignServiceClient<Authorized>,
    draw: &pb::Draw,
) -> anyhow::Result<()> {
    let kept = kept(&args.file, draw, &args.office)?;
    let request = pb::RevealNumberRequest {
        request_id: request_id("reveal", &kept.freeze_hash.to_string()),
        campaign_id: kept.campaign,
        number: kept.number.to_string(),
    };
    let id = request.request_id.clone();
    client.reveal_number(args.remote.signed("RevealNumber", &id, request)?).await?;
    println!("revealed {}", kept.number);
    Ok(())
}

/// The same for the same step, so that repeating it does nothing twice.
fn request_id(step: &str, of: &str) -> String {
    format!("{step}-{}", &of[..REQUEST_ID_HEX])
}

/// The number in the file, if it was made for this attempt and this office.
fn kept(file: &Path, draw: &pb::Draw, office: &str) -> anyhow::Result<Kept> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("reading the number in {}", file.display()))?;
    let kept: Kept = serde_json::from_str(&text)
        .with_context(|| format!("{} does not hold a number", file.display()))?;
    if kept.freeze_hash.to_string() != draw.freeze_hash || kept.office != office {
        bail!(
            "{} holds the number of {} for {} attempt {}, frozen as {}; give another file",
            file.display(),
            kept.office,
            kept.campaign,
            kept.attempt,
            kept.freeze_hash
        );
    }
    Ok(kept)
}
