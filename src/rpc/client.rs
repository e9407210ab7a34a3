//! The client's side of a connection: an address and a key.

use std::time::Duration;

use anyhow::Context;
use tonic::Request;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};

/// Longest wait for a connection.
const CONNECT_MAX: Duration = Duration::from_secs(10);

/// A channel whose calls carry a key.
pub type Authorized = InterceptedService<Channel, Bearer>;

/// Sends the key with every call.
#[derive(Clone)]
pub struct Bearer(MetadataValue<Ascii>);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, tonic::Status> {
        request.metadata_mut().insert("authorization", self.0.clone());
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
        Ok(Self(value))
    }
}

/// Connects to a service.
///
/// # Errors
/// When the address is malformed or nobody listens there.
pub async fn connect(server: &str) -> anyhow::Result<Channel> {
    let endpoint = Endpoint::from_shared(server.to_owned()).context("address of the service")?;
    let endpoint = endpoint.connect_timeout(CONNECT_MAX).tcp_nodelay(true);
    endpoint.connect().await.with_context(|| format!("connecting to {server}"))
}
