//! `onevisit serve`.

use anyhow::Context;
use clap::ValueEnum;
use tokio::net::TcpListener;

use crate::app::clock::{Clock, Entropy};
use crate::app::{Signatures, succession};
use crate::config::{LISTEN_DEFAULT, Storage};
use crate::server;

#[derive(Clone, Copy, Debug, ValueEnum)]
enum SignaturesArg {
    /// Signatures of callers are not looked at.
    Off,
    /// One that is given is checked and kept in the log; a wrong one is refused.
    Kept,
    /// The same, and calls that approve, end, change, publish or open are refused without one.
    Required,
}

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Address to listen on. Without a certificate, TLS is for a proxy in front of it to end.
    #[arg(long, env = "ONEVISIT_LISTEN", default_value = LISTEN_DEFAULT)]
    listen: String,
    /// Address at which the credit platform takes published results, as JSON by POST. What it does not
    /// take, or while it is away, waits in the outbox.
    #[arg(long, env = "ONEVISIT_CREDIT_URL")]
    credit_url: Option<String>,
    /// What is done with callers' own signatures on what they decide (signing-key).
    #[arg(long, env = "ONEVISIT_SIGNATURES", value_enum, default_value = "kept")]
    signatures: SignaturesArg,
    /// Whether browsers keep the session's cookie over TLS only. Leave it on: browsers take 127.0.0.1 for
    /// TLS, and signing in over a network without TLS gives the password away.
    #[arg(long, env = "ONEVISIT_SECURE_COOKIES", default_value_t = true, action = clap::ArgAction::Set)]
    secure_cookies: bool,
    #[command(flatten)]
    tls: server::Files,
    #[command(flatten)]
    storage: Storage,
}

/// Serves until the process is asked to stop.
pub async fn run(args: Args) -> anyhow::Result<()> {
    let tls = server::Tls::read(&args.tls)?;
    let mut app = args.storage.open(Clock::system(), Entropy::system()).await?;
    (app.credit_url, app.secure_cookies) = (args.credit_url, args.secure_cookies);
    app.signatures = match args.signatures {
        SignaturesArg::Off => Signatures::Off,
        SignaturesArg::Kept => Signatures::Kept,
        SignaturesArg::Required => Signatures::Required,
    };
    succession::require_announced(&app).await.context("run rotate-log-key to its end first")?;
    let db = app.db.clone();
    let listener = TcpListener::bind(&args.listen)
        .await
        .with_context(|| format!("listening on {}", args.listen))?;
    // Before anybody knows the address: who does may ask it to stop at once.
    let stop = server::stop_signal()?;
    // On standard output, so that a script that asked for port 0 learns the port.
    println!("onevisit serves gRPC on {} ({})", listener.local_addr()?, db.engine());
    server::serve(app, server::Listening { listener, tls }, stop).await?;
    db.close().await;
    Ok(())
}
