//! `onevisit signing-key`.

use std::path::PathBuf;

use anyhow::Context;

use super::remote::Remote;
use crate::app::clock::Entropy;
use crate::app::signing::CallSigner;
use crate::config;
use crate::rpc::pb;
use crate::rpc::pb::access_service_client::AccessServiceClient;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    remote: Remote,
    /// File with the secret key to register; made when missing. It never leaves this machine.
    #[arg(long)]
    file: PathBuf,
}

/// Registers the key for the caller's credential; with `--signing-key` in place of that one.
pub async fn run(args: Args) -> anyhow::Result<()> {
    let signer = CallSigner::new(&config::key(&args.file, &Entropy::system())?);
    let (channel, bearer) = args.remote.connect().await?;
    let mut client = AccessServiceClient::with_interceptor(channel, bearer);
    let who = client.who_am_i(pb::WhoAmIRequest {}).await?.into_inner();
    let credential = who.api_key.context("no credential")?.key_id;
    let public = signer.public();
    if who.signing_key == public.bytes() {
        println!("{public} signs for {credential} already");
        return Ok(());
    }
    let request = pb::RegisterSigningKeyRequest {
        request_id: format!("signing-key-{}", &public.to_string()[..32]),
        public_key: public.bytes().to_vec(),
        proof: signer.give(&credential),
    };
    let id = request.request_id.clone();
    let request = args.remote.signed("RegisterSigningKey", &id, request)?;
    let key = client.register_signing_key(request).await?.into_inner();
    let key = key.signing_key.context("no key")?;
    println!("{public} signs for {credential} from now on, as its key {}", key.nth);
    Ok(())
}
