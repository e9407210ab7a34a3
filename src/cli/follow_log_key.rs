//! `onevisit follow-log-key`.

use anyhow::{Context, ensure};

use super::remote::Server;
use crate::domain::hash::Digest;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::note::NoteKey;
use crate::ledger::succession::{self, KeyChange};
use crate::ledger::tree;
use crate::rpc::pb;
use crate::rpc::pb::ledger_service_client::LedgerServiceClient;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    server: Server,
    /// The key that was kept.
    #[arg(long)]
    log_key: String,
}

/// Prints the newest key once every change from the kept one on is signed by both of its keys and
/// stands under a checkpoint that the newest key has signed.
pub async fn run(args: Args) -> anyhow::Result<()> {
    let kept = NoteKey::parse(&args.log_key).context("--log-key is not a key")?;
    let mut ledger = LedgerServiceClient::new(args.server.connect().await?);
    let told = ledger.list_key_changes(pb::ListKeyChangesRequest {}).await?.into_inner();
    let changes: Vec<KeyChange> = told
        .changes
        .iter()
        .map(|c| KeyChange::read(&c.body).context("a change is not signed by both keys"))
        .collect::<anyhow::Result<_>>()?;
    let newest = succession::follow(&kept, &changes);
    let checkpoint = Checkpoint::open(&told.note, &newest)
        .with_context(|| format!("the log is not signed by {newest}, to which {kept} leads"))?;
    for change in &told.changes {
        let hash = |h: &Vec<u8>| Some(Digest(h.as_slice().try_into().ok()?));
        let proof: Option<Vec<Digest>> = change.hashes.iter().map(hash).collect();
        let proof = proof.context("a proof cannot be read")?;
        let position = u64::try_from(change.position).context("a position is negative")?;
        let (size, root) = (checkpoint.size, &checkpoint.root);
        let stands = tree::includes(&change.body, position, size, &proof, root);
        ensure!(stands, "the change at {position} is not in the log");
    }
    println!("{newest}");
    Ok(())
}
