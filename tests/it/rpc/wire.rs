//! Health, reflection, and the contract's own rules.

use std::process::Command;

use onevisit::rpc::pb;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

use crate::harness::client::Service;
use crate::harness::{Engine, on_every_engine};

on_every_engine! { health_and_reflection_are_on, nobody_calls_without_a_key }

async fn health_and_reflection_are_on(engine: Engine) {
    let service = Service::start(engine).await;
    let mut health = HealthClient::new(service.channel.clone());
    let reply = health.check(HealthCheckRequest { service: String::new() }).await.expect("health");
    assert_eq!(reply.into_inner().status, 1, "serving");
    let mut reflection = ServerReflectionClient::new(service.channel.clone());
    let ask = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let mut replies = reflection
        .server_reflection_info(tokio_stream::iter([ask]))
        .await
        .expect("reflection")
        .into_inner();
    let reply = replies.message().await.expect("reply").expect("one").message_response;
    let Some(MessageResponse::ListServicesResponse(list)) = reply else { panic!("a list") };
    let names: Vec<String> = list.service.into_iter().map(|s| s.name).collect();
    for wanted in ["Access", "Campaign", "Matching", "Plan", "Registry", "Visit"] {
        assert!(names.contains(&format!("onevisit.v1.{wanted}Service")), "{names:?}");
    }
}

async fn nobody_calls_without_a_key(engine: Engine) {
    let service = Service::start(engine).await;
    let status = service
        .with("ov_wrong")
        .access()
        .who_am_i(pb::WhoAmIRequest {})
        .await
        .expect_err("an unknown secret");
    assert_eq!(status.code(), tonic::Code::Unauthenticated);
    let me = service.office().access().who_am_i(pb::WhoAmIRequest {}).await.expect("office");
    assert_eq!(me.into_inner().api_key.expect("key").office, "领导小组办公室");
}

#[test]
fn the_contract_is_lint_clean() {
    let root = env!("CARGO_MANIFEST_DIR");
    let output = Command::new(format!("{root}/.tools/venv/bin/buf"))
        .args(["lint", "proto"])
        .current_dir(root)
        .output()
        .expect("buf, which tests/run installs into .tools");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
}
