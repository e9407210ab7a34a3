//! A client in another language, from the published proto.

use std::io::Write;
use std::process::{Command, Stdio};

use onevisit::rpc::pb;

use super::quota;
use crate::harness::data::code;
use crate::harness::joint::Joint;
use crate::harness::process::ended;
use crate::harness::{Engine, on_every_engine};

on_every_engine! { a_python_client_registers_and_reads_its_visits }

async fn a_python_client_registers_and_reads_its_visits(engine: Engine) {
    let joint =
        Joint::new(engine, &[("grain", (1..=50).collect()), ("market", (1..=90).collect())]).await;
    let draw = joint.carry_out(joint.campaign(|_| vec![quota("*", 1_000)])).await;
    let load = |l: &&pb::DepartmentLoad| l.department == "grain";
    let checks = draw.figures.expect("figures").loads.iter().find(load).expect("grain").checks;
    let root = env!("CARGO_MANIFEST_DIR");
    let host = joint.service.address.replace("http://", "");
    let mut python = Command::new(format!("{root}/.tools/venv/bin/python"))
        .args(["tests/clients/department.py", &host, &joint.keys["grain"], "proto", "c1"])
        .current_dir(root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python, which tests/run installs into .tools");
    let codes: Vec<String> = (1_000..1_020).map(code).collect();
    let json = serde_json::to_vec(&codes).expect("json");
    python.stdin.take().expect("stdin").write_all(&json).expect("codes");
    let end = || ended("the client has not ended", python);
    let output = tokio::task::spawn_blocking(end).await.expect("join");
    assert!(output.status.success(), "the client failed");
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).expect("json");
    // The harness had put a list of its own before.
    assert_eq!(said, serde_json::json!({ "version": 2, "subjects": 20, "visits": checks }));
}
