//! TLS 1.3, with certificates that are read again when their files change.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use sha2::{Digest as _, Sha256};
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig, ServerConnection, crypto, version};

use crate::rpc::peer::{Certificate, DEPARTMENT_URI, Peer};

/// What is offered after the handshake: gRPC and browsers take the first, old tools the second.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// Where the certificates are.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Files {
    /// File with the service's certificate and those between it and its authority (PEM). With it the
    /// service speaks TLS 1.3 only. The files are read again when they change.
    #[arg(long, env = "ONEVISIT_TLS_CERT", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// File with the certificate's key (PEM).
    #[arg(long, env = "ONEVISIT_TLS_KEY", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// File with the authorities of clients' certificates (PEM). A department's system then has to show
    /// a certificate with the URI onevisit://department/ID, alone or beside its key; people need none.
    #[arg(long, env = "ONEVISIT_TLS_CLIENT_CA", requires = "tls_cert")]
    pub tls_client_ca: Option<PathBuf>,
}

/// What the files hold.
#[derive(Clone, Default, PartialEq, Eq)]
struct Held([Vec<u8>; 3]);

/// The settings of new connections.
#[derive(Clone)]
pub struct Tls {
    files: Files,
    now: Arc<Mutex<(Held, Arc<ServerConfig>)>>,
}

impl Tls {
    /// Reads the files; `None` when no certificate is named.
    ///
    /// # Errors
    /// When a file cannot be read, or holds something else.
    pub fn read(files: &Files) -> anyhow::Result<Option<Self>> {
        if files.tls_cert.is_none() {
            return Ok(None);
        }
        let held = hold(files)?;
        let config = Arc::new(configure(&held)?);
        Ok(Some(Self { files: files.clone(), now: Arc::new(Mutex::new((held, config))) }))
    }

    /// Whether departments' systems have to show a certificate.
    #[must_use]
    pub fn asks(&self) -> bool {
        self.files.tls_client_ca.is_some()
    }

    /// The settings as of now. Files that changed into something that cannot be read leave them.
    #[must_use]
    pub fn config(&self) -> Arc<ServerConfig> {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let read = hold(&self.files).and_then(|held| match held == now.0 {
            true => Ok(None),
            false => Ok(Some((configure(&held)?, held))),
        });
        match read {
            Ok(None) => {}
            Ok(Some((config, held))) => *now = (held, Arc::new(config)),
            Err(error) => tracing::warn!(%error, "the certificates in use stay"),
        }
        now.1.clone()
    }
}

fn hold(files: &Files) -> anyhow::Result<Held> {
    let mut held = Held::default();
    let paths = [&files.tls_cert, &files.tls_key, &files.tls_client_ca];
    for (bytes, path) in held.0.iter_mut().zip(paths) {
        let Some(path) = path else { continue };
        *bytes = std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    }
    Ok(held)
}

fn configure(Held([cert, key, authorities]): &Held) -> anyhow::Result<ServerConfig> {
    let read = |pem: &[u8]| CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
    let chain = read(cert).context("the service's certificate")?;
    let key = PrivateKeyDer::from_pem_slice(key).context("the certificate's key")?;
    let provider = Arc::new(crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&[&version::TLS13])?;
    let builder = if authorities.is_empty() {
        builder.with_no_client_auth()
    } else {
        let mut roots = RootCertStore::empty();
        for authority in read(authorities).context("the authorities of clients")? {
            roots.add(authority).context("an authority of clients")?;
        }
        // People's tools and citizens' browsers have none.
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
            .allow_unauthenticated()
            .build()
            .context("the authorities of clients")?;
        builder.with_client_cert_verifier(verifier)
    };
    let mut config = builder.with_single_cert(chain, key).context("the service's certificate")?;
    config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
    Ok(config)
}

/// Who is at the other end of a handshake that has ended well; `asked`: whether for a certificate.
///
/// # Errors
/// When it names more than one department.
pub fn peer(session: &ServerConnection, asked: bool) -> io::Result<Peer> {
    let shown = session.peer_certificates().and_then(|chain| chain.first());
    let Some(shown) = shown else { return Ok(Peer { asked, certificate: None }) };
    let parsed = webpki::EndEntityCert::try_from(shown).map_err(io::Error::other)?;
    let mut departments = parsed.valid_uri_names().filter_map(|u| u.strip_prefix(DEPARTMENT_URI));
    let department = departments.next().unwrap_or_default().to_owned();
    if departments.next().is_some() {
        return Err(io::Error::other("a certificate of more than one department"));
    }
    let sha256 = hex::encode(Sha256::digest(shown));
    Ok(Peer { asked, certificate: Some(Certificate { sha256, department }) })
}
