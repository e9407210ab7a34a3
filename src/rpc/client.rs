//! The client's side of a connection: an address, a key, and what TLS needs.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use prost::Message;
use tonic::Request;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};

use crate::app::clock::Entropy;
use crate::app::signing::{CallSigner, HEADER};

/// Longest wait for a connection.
const CONNECT_MAX: Duration = Duration::from_secs(10);

/// A channel whose calls carry a key.
pub type Authorized = InterceptedService<Channel, Bearer>;

/// Sends the key, if there is one, with every call.
#[derive(Clone)]
pub struct Bearer(Option<MetadataValue<Ascii>>);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, tonic::Status> {
        if let Some(value) = self.0.clone() {
            request.metadata_mut().insert("authorization", value);
        }
        Ok(request)
    }
}

impl Bearer {
    /// For a key's secret.
    ///
    /// # Errors
    /// When the secret cannot stand in a header.
    pub fn new(secret: &str) -> anyhow::Result<Self> {
        let value = format!("Bearer {secret}").parse().context("the key is not a header value")?;
        Ok(Self(Some(value)))
    }

    /// For whom the connection's certificate is enough.
    #[must_use]
    pub fn none() -> Self {
        Self(None)
    }
}

/// What a connection to an `https` address needs.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Files {
    /// File with the authority of the service's certificate (PEM); the system's authorities without.
    #[arg(long, env = "ONEVISIT_SERVER_CA")]
    pub server_ca: Option<PathBuf>,
    /// File with the department's own certificate (PEM), where the service asks for one.
    #[arg(long, env = "ONEVISIT_CLIENT_CERT", requires = "client_key")]
    pub client_cert: Option<PathBuf>,
    /// File with that certificate's key (PEM).
    #[arg(long, env = "ONEVISIT_CLIENT_KEY", requires = "client_cert")]
    pub client_key: Option<PathBuf>,
}

impl Files {
    fn config(&self) -> anyhow::Result<ClientTlsConfig> {
        let read = |path: &Path| {
            std::fs::read(path).with_context(|| format!("reading {}", path.display()))
        };
        let mut config = ClientTlsConfig::new();
        config = match &self.server_ca {
            Some(path) => config.ca_certificate(Certificate::from_pem(read(path)?)),
            None => config.with_native_roots(),
        };
        if let (Some(cert), Some(key)) = (&self.client_cert, &self.client_key) {
            config = config.identity(Identity::from_pem(read(cert)?, read(key)?));
        }
        Ok(config)
    }
}

/// Connects to a service; over TLS when the address says `https`.
///
/// # Errors
/// When the address is malformed, a file cannot be read, or nobody listens there.
pub async fn connect_by(server: &str, files: &Files) -> anyhow::Result<Channel> {
    let endpoint = Endpoint::from_shared(server.to_owned()).context("address of the service")?;
    let mut endpoint = endpoint.connect_timeout(CONNECT_MAX).tcp_nodelay(true);
    if server.starts_with("https:") {
        endpoint = endpoint.tls_config(files.config()?)?;
    }
    endpoint.connect().await.with_context(|| format!("connecting to {server}"))
}

/// [`connect_by`] with the system's authorities and no certificate.
///
/// # Errors
/// As [`connect_by`].
pub async fn connect(server: &str) -> anyhow::Result<Channel> {
    connect_by(server, &Files::default()).await
}

/// A request that its caller has signed.
///
/// # Errors
/// Never: a signature can stand in a header.
pub fn signed<T: Message>(
    signer: &CallSigner,
    entropy: &Entropy,
    [method, request_id]: [&str; 2],
    message: T,
) -> anyhow::Result<Request<T>> {
    let header = signer.header(method, request_id, &message.encode_to_vec(), entropy.bytes());
    let mut request = Request::new(message);
    request.metadata_mut().insert(HEADER, header.parse().context("the signature")?);
    Ok(request)
}
