//! The service a command talks to, and the key it talks with.

use tonic::transport::Channel;

use crate::rpc::client::{Bearer, connect};

/// Where the service is and who asks.
#[derive(Debug, clap::Args)]
pub struct Remote {
    /// Address of the service.
    #[arg(long, env = "ONEVISIT_SERVER", default_value = "http://127.0.0.1:7443")]
    server: String,
    /// The caller's API key: the department's, or the supervising office's.
    #[arg(long, env = "ONEVISIT_API_KEY", hide_env_values = true)]
    key: String,
}

impl Remote {
    /// A connection and the credential to use on it.
    pub async fn connect(&self) -> anyhow::Result<(Channel, Bearer)> {
        Ok((connect(&self.server).await?, Bearer::new(&self.key)?))
    }
}
