//! `onevisit witness`: what a department or the discipline office runs to keep the log honest.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, ensure};
use clap::Subcommand;
use tokio::net::TcpListener;

use super::remote::Server;
use crate::app::clock::{Clock, Entropy};
use crate::config;
use crate::domain::hash::Digest;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::note::{self, NoteKey, NoteSigner, Purpose};
use crate::ledger::witness::Request;
use crate::rpc::pb;
use crate::rpc::pb::ledger_service_client::LedgerServiceClient;
use crate::server::stop_signal;
use crate::witness::http;
use crate::witness::state::Witness;

/// Address of a witness when none is given.
const LISTEN_DEFAULT: &str = "127.0.0.1:7444";
/// Folder of a witness's state when none is given.
const FOLDER_DEFAULT: &str = "onevisit-witness";

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    step: Step,
}

/// Who the witness is and what it keeps.
#[derive(Debug, clap::Args)]
struct Identity {
    /// Name of the witness: a host and path that are its office's. Never change it.
    #[arg(long, env = "ONEVISIT_WITNESS_NAME")]
    name: String,
    /// Folder with its key and the last checkpoint it cosigned of each log; made when missing. Keep
    /// it: a witness that has lost it has to get a new name.
    #[arg(long, env = "ONEVISIT_WITNESS_FOLDER", default_value = FOLDER_DEFAULT)]
    folder: PathBuf,
    /// Key of a log to watch, as GetCheckpoint tells it. May be repeated.
    #[arg(long = "log", env = "ONEVISIT_WITNESS_LOGS", value_delimiter = ',')]
    logs: Vec<String>,
}

#[derive(Debug, Subcommand)]
enum Step {
    /// Print the witness's key, for the policy of the log. Makes the key when there is none.
    Key(Identity),
    /// Cosign over HTTP (C2SP tlog-witness).
    Serve {
        #[command(flatten)]
        identity: Identity,
        /// Address to listen on.
        #[arg(long, env = "ONEVISIT_WITNESS_LISTEN", default_value = LISTEN_DEFAULT)]
        listen: String,
    },
    /// Without a network, 1: write what the witness is to cosign into a file.
    Request {
        #[command(flatten)]
        server: Server,
        /// Entries that the witness has cosigned so far.
        #[arg(long, default_value_t = 0)]
        old: i64,
        /// The file to write.
        file: PathBuf,
    },
    /// Without a network, 2: cosign the file at the witness; prints the line.
    Sign {
        #[command(flatten)]
        identity: Identity,
        /// The file.
        file: PathBuf,
    },
    /// Without a network, 3: bring the witness's line to the service.
    Deliver {
        #[command(flatten)]
        server: Server,
        /// Size of the checkpoint it is on.
        #[arg(long)]
        size: i64,
        /// The file with the line.
        file: PathBuf,
    },
}

/// Does a step.
pub async fn run(args: Args) -> anyhow::Result<()> {
    match args.step {
        Step::Key(identity) => println!("{}", open(&identity)?.public()),
        Step::Serve { identity, listen } => serve(open(&identity)?, &listen).await?,
        Step::Request { server, old, file } => request(&server, old, &file).await?,
        Step::Sign { identity, file } => print!("{}", open(&identity)?.cosign(&read(&file)?)?),
        Step::Deliver { server, size, file } => {
            let request = pb::AddCosignaturesRequest { size, lines: read(&file)? };
            let mut ledger = LedgerServiceClient::new(server.connect().await?);
            let kept = ledger.add_cosignatures(request).await?.into_inner().witnesses;
            println!("kept the lines of {}", kept.join(", "));
        }
    }
    Ok(())
}

fn read(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))
}

fn open(identity: &Identity) -> anyhow::Result<Witness> {
    let Identity { name, folder, logs } = identity;
    ensure!(note::is_name(name), "{name:?} cannot be a witness's name");
    std::fs::create_dir_all(folder)
        .with_context(|| format!("making the folder {}", folder.display()))?;
    let seed = config::key(&folder.join("key"), &Entropy::system())?;
    let signer = NoteSigner::new(name, Purpose::Witness, &seed);
    let key = |text: &String| {
        let key = NoteKey::parse(text).filter(|k| k.purpose == Purpose::Log);
        key.with_context(|| format!("{text:?} is not a log's key"))
    };
    let logs = logs.iter().map(key).collect::<anyhow::Result<_>>()?;
    Ok(Witness::new(signer, logs, folder.clone(), Clock::system()))
}

async fn serve(witness: Witness, listen: &str) -> anyhow::Result<()> {
    let listener =
        TcpListener::bind(listen).await.with_context(|| format!("listening on {listen}"))?;
    let stop = stop_signal()?;
    println!("witness {} on {}", witness.public().name, listener.local_addr()?);
    let routes = http::router(Arc::new(witness));
    Ok(axum::serve(listener, routes).with_graceful_shutdown(stop).await?)
}

async fn request(server: &Server, old: i64, file: &Path) -> anyhow::Result<()> {
    let mut ledger = LedgerServiceClient::new(server.connect().await?);
    let head = ledger.get_checkpoint(pb::GetCheckpointRequest {}).await?.into_inner();
    let key = NoteKey::parse(&head.key).context("the service's key")?;
    let latest = Checkpoint::open(&head.note, &key).context("the service's checkpoint")?;
    let ask = pb::GetConsistencyProofRequest { from_size: old, size: i64::try_from(latest.size)? };
    let hashes = match old {
        0 => Vec::new(),
        _ => ledger.get_consistency_proof(ask).await?.into_inner().hashes,
    };
    let hash = |h: Vec<u8>| Some(Digest(h.try_into().ok()?));
    let proof: Option<Vec<Digest>> = hashes.into_iter().map(hash).collect();
    let old = u64::try_from(old).context("--old is negative")?;
    let request = Request { old, proof: proof.context("the service's proof")?, note: head.note };
    std::fs::write(file, request.text()).with_context(|| format!("writing {}", file.display()))?;
    println!("{} entries; sign it at the witness, then deliver with --size {0}", latest.size);
    Ok(())
}
