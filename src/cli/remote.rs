//! The service a command talks to, and the key it talks with.

use tonic::transport::Channel;

use crate::rpc::client::{Bearer, Files, connect_by};

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
}
