//! The flat table of services, limits and shutdown.

use std::future::Future;
use std::time::Duration;

use tokio::net::TcpListener;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;

use crate::app::{App, log};
use crate::rpc::pb::access_service_server::AccessServiceServer;
use crate::rpc::pb::campaign_service_server::CampaignServiceServer;
use crate::rpc::pb::ledger_service_server::LedgerServiceServer;
use crate::rpc::pb::matching_service_server::MatchingServiceServer;
use crate::rpc::pb::plan_service_server::PlanServiceServer;
use crate::rpc::pb::registry_service_server::RegistryServiceServer;
use crate::rpc::pb::visit_service_server::VisitServiceServer;
use crate::rpc::{
    Access, Campaigns, DESCRIPTOR, Ledger, MESSAGE_BYTES_MAX, Matching, Plans, Registry, Visits,
};

/// Streams one connection may have open.
const STREAMS_MAX: u32 = 256;
/// How often a silent connection is asked whether it is there.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(20);
/// How often waiting events are put into the log and signed.
const LOG_INTERVAL: Duration = Duration::from_millis(500);
/// Health of writing: not serving while the log is stopped.
pub const WRITING: &str = "onevisit.writing";
/// Longest list of request headers, in bytes.
const HEADER_BYTES_MAX: u32 = 16 * 1024;

/// Serves until `stop` ends, then lets calls under way finish.
///
/// # Errors
/// When the transport fails.
pub async fn serve(
    app: App,
    listener: TcpListener,
    stop: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let (health, health_service) = tonic_health::server::health_reporter();
    health.set_service_status("", tonic_health::ServingStatus::Serving).await;
    // Until the first round has looked at the log.
    health.set_service_status(WRITING, tonic_health::ServingStatus::NotServing).await;
    let (stop_log, log_stopped) = tokio::sync::watch::channel(false);
    let sequencer = tokio::spawn(keep_log(app.clone(), health, log_stopped));
    let reflection = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(DESCRIPTOR)
            .register_encoded_file_descriptor_set(tonic_types::pb::FILE_DESCRIPTOR_SET)
    };
    let sized = MESSAGE_BYTES_MAX;
    // Without it a reply of several frames waits for the peer's delayed acknowledgement.
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    Server::builder()
        .max_concurrent_streams(STREAMS_MAX)
        .http2_keepalive_interval(Some(KEEPALIVE_INTERVAL))
        .http2_max_header_list_size(HEADER_BYTES_MAX)
        .add_service(health_service)
        .add_service(reflection().build_v1()?)
        .add_service(reflection().build_v1alpha()?)
        .add_service(AccessServiceServer::new(Access(app.clone())))
        .add_service(CampaignServiceServer::new(Campaigns(app.clone())))
        .add_service(LedgerServiceServer::new(Ledger(app.clone())))
        .add_service(MatchingServiceServer::new(Matching(app.clone())))
        .add_service(PlanServiceServer::new(Plans(app.clone())).max_decoding_message_size(sized))
        .add_service(
            RegistryServiceServer::new(Registry(app.clone())).max_decoding_message_size(sized),
        )
        .add_service(VisitServiceServer::new(Visits(app)))
        .serve_with_incoming_shutdown(incoming, stop)
        .await?;
    // One round more, so that everything acknowledged stands under a checkpoint.
    stop_log.send(true)?;
    sequencer.await?;
    Ok(())
}

/// Does a round of the log twice a second, until told to stop, and shows in the health service
/// whether the log takes writes.
async fn keep_log(
    app: App,
    health: tonic_health::server::HealthReporter,
    mut stop: tokio::sync::watch::Receiver<bool>,
) {
    let mut ticks = tokio::time::interval(LOG_INTERVAL);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let last = *stop.borrow();
        let status = match log::round(&app).await {
            Ok(log::Round::Stopped(_)) => tonic_health::ServingStatus::NotServing,
            Ok(_) => tonic_health::ServingStatus::Serving,
            Err(error) => {
                tracing::warn!(%error, "a round of the log failed and will be repeated");
                tonic_health::ServingStatus::NotServing
            }
        };
        health.set_service_status(WRITING, status).await;
        if last {
            return;
        }
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stop.changed() => {}
        }
    }
}

/// Ends at SIGINT or SIGTERM.
pub async fn stop_signal() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = interrupt.await;
}
