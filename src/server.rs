//! What listens, with its limits, and how it stops.

mod connections;
mod keep;
mod tls;

use std::future::Future;
use std::time::Duration;

use axum::extract::Request;
use axum::http::header::{ACCEPT, CONTENT_TYPE, HeaderName};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tonic::Status;
use tonic::service::Routes;
use tonic::transport::Server;

use crate::app::App;
use crate::rpc::{DESCRIPTOR, services};
use crate::web;

pub use connections::{CONNECTIONS_MAX, GREETING_MAX};
pub use keep::WRITING;
pub use tls::{Files, Tls};

/// Streams one connection may have open.
pub const STREAMS_MAX: u32 = 256;
/// Streams that a peer may open and reset before they are looked at (CVE-2023-44487).
const RESETS_WAITING_MAX: usize = 20;
/// Streams that one connection may make this side reset by what it sends.
const RESETS_CAUSED_MAX: usize = 128;
/// How often a silent connection is asked whether it is there.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(20);
/// How long it may take to answer that.
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest that calls under way may go on after the service was asked to stop.
const DRAIN_MAX: Duration = Duration::from_secs(5);
/// Longest list of request headers, in bytes.
pub const HEADER_BYTES_MAX: u32 = 16 * 1024;

/// Where the service listens.
pub struct Listening {
    /// The address.
    pub listener: TcpListener,
    /// TLS, unless a proxy in front of the service ends it.
    pub tls: Option<Tls>,
}

impl From<TcpListener> for Listening {
    fn from(listener: TcpListener) -> Self {
        Self { listener, tls: None }
    }
}

/// Serves until `stop` ends, then lets calls under way finish.
///
/// # Errors
/// When the transport fails.
pub async fn serve(
    app: App,
    listening: impl Into<Listening>,
    stop: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let (health, health_service) = tonic_health::server::health_reporter();
    health.set_service_status("", tonic_health::ServingStatus::Serving).await;
    // Until the first round has looked at the log.
    health.set_service_status(WRITING, tonic_health::ServingStatus::NotServing).await;
    let (stop_log, log_stopped) = watch::channel(false);
    let sequencer = tokio::spawn(keep::log(app.clone(), health, log_stopped.clone()));
    keep::ask_witnesses(&app, &log_stopped);
    keep::push_results(&app, &log_stopped);
    let (stop_schedule, schedule_stopped) = watch::channel(false);
    let scheduler = tokio::spawn(keep::schedule(app.clone(), schedule_stopped.clone()));
    let overseer = tokio::spawn(keep::liability(app.clone(), schedule_stopped));
    let reflection = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(DESCRIPTOR)
            .register_encoded_file_descriptor_set(tonic_types::pb::FILE_DESCRIPTOR_SET)
    };
    let Listening { listener, tls } = listening.into();
    let incoming = connections::accept(listener, tls);
    let mut grpc = Routes::builder();
    grpc.add_service(health_service)
        .add_service(reflection().build_v1()?)
        .add_service(reflection().build_v1alpha()?);
    services::add(&mut grpc, &app);
    let grpc = grpc.routes().into_axum_router().reset_fallback();
    let pages = app.clone();
    let lost = move |request: Request| nothing_there(pages.clone(), request);
    let (ask, asked) = watch::channel(false);
    let stop = async move {
        stop.await;
        let _ = ask.send(true);
    };
    let serving = Server::builder()
        .accept_http1(true)
        .max_concurrent_streams(STREAMS_MAX)
        .http2_keepalive_interval(Some(KEEPALIVE_INTERVAL))
        .http2_keepalive_timeout(Some(KEEPALIVE_TIMEOUT))
        .http2_max_pending_accept_reset_streams(Some(RESETS_WAITING_MAX))
        .http2_max_local_error_reset_streams(Some(RESETS_CAUSED_MAX))
        .http2_max_header_list_size(HEADER_BYTES_MAX)
        .add_routes(Routes::from(web::router(app).merge(grpc).fallback(lost)))
        .serve_with_incoming_shutdown(incoming, stop);
    tokio::select! {
        served = serving => served?,
        () = drained(asked) => tracing::warn!("calls that are still open are cut"),
    }
    stop_schedule.send(true)?;
    scheduler.await?;
    overseer.await?;
    // The last rounds, so that everything acknowledged stands under a checkpoint.
    stop_log.send(true)?;
    sequencer.await?;
    Ok(())
}

/// Ends [`DRAIN_MAX`] after the service was asked to stop: a watcher may never end by itself.
async fn drained(mut asked: watch::Receiver<bool>) {
    let _ = asked.wait_for(|asked| *asked).await;
    let _ = tokio::time::timeout(DRAIN_MAX, std::future::pending::<()>()).await;
}

/// Answers what no route takes, in the words of whoever asks.
async fn nothing_there(app: App, request: Request) -> Response {
    if text(request.headers(), CONTENT_TYPE).starts_with("application/grpc") {
        return Status::unimplemented("no such method").into_http();
    }
    match text(request.headers(), ACCEPT).contains("text/html") {
        true => web::nothing_there(app, request).await,
        false => StatusCode::NOT_FOUND.into_response(),
    }
}

fn text(headers: &HeaderMap, name: HeaderName) -> String {
    headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned()
}

/// Listens for SIGINT and SIGTERM from now on; the future ends at the first of them.
///
/// # Errors
/// When the process may not listen.
pub fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
