//! The service a command talks to, the key it talks with, and the key it signs with.

use std::path::PathBuf;

use prost::Message;
use tonic::Request;
use tonic::transport::Channel;

use crate::app::clock::Entropy;
use crate::app::signing::CallSigner;
use crate::config;
use crate::rpc::client::{Bearer, Files, connect_by, signed};

/// Where the service is.
#[derive(Debug, clap::Args)]
pub struct Server {
    /// Address of the service; `https://..` for TLS.
    #[arg(long, env = "ONEVISIT_SERVER", default_value = "http://127.0.0.1:7443")]
    server: String,
    #[command(flatten)]
    tls: Files,
}

impl Server {
    /// A connection.
    pub async fn connect(&self) -> anyhow::Result<Channel> {
        connect_by(&self.server, &self.tls).await
    }
}

/// Where the service is and who asks.
#[derive(Debug, clap::Args)]
pub struct Remote {
    #[command(flatten)]
    server: Server,
    /// The caller's API key: the department's, or the supervising office's. A department's system with
    /// a certificate needs none.
    #[arg(long, env = "ONEVISIT_API_KEY", hide_env_values = true)]
    key: Option<String>,
    /// File with the secret key that signs what the caller decides (signing-key registers it).
    #[arg(long, env = "ONEVISIT_SIGNING_KEY_FILE")]
    signing_key: Option<PathBuf>,
}

impl Remote {
    /// A connection and the credential to use on it.
    pub async fn connect(&self) -> anyhow::Result<(Channel, Bearer)> {
        let bearer = match &self.key {
            Some(key) => Bearer::new(key)?,
            None => Bearer::none(),
        };
        Ok((self.server.connect().await?, bearer))
    }

    /// A request, signed where there is a key to sign with.
    pub fn signed<T: Message>(
        &self,
        method: &str,
        request_id: &str,
        message: T,
    ) -> anyhow::Result<Request<T>> {
        let Some(path) = &self.signing_key else { return Ok(Request::new(message)) };
        anyhow::ensure!(path.exists(), "there is no signing key {}", path.display());
        let entropy = Entropy::system();
        let signer = CallSigner::new(&config::key(path, &entropy)?);
        signed(&signer, &entropy, [method, request_id], message)
    }
}
