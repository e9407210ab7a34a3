//! Compiles the contract in `proto/` without a system protoc.

use std::path::PathBuf;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let files = [
        "onevisit/v1/access_service.proto",
        "onevisit/v1/annual_plan_service.proto",
        "onevisit/v1/appointment_service.proto",
        "onevisit/v1/assessment_service.proto",
        "onevisit/v1/archive_service.proto",
        "onevisit/v1/calendar_service.proto",
        "onevisit/v1/campaign_service.proto",
        "onevisit/v1/check_service.proto",
        "onevisit/v1/disclosure_service.proto",
        "onevisit/v1/discipline_service.proto",
        "onevisit/v1/erasure_service.proto",
        "onevisit/v1/exception_service.proto",
        "onevisit/v1/expert_service.proto",
        "onevisit/v1/follow_up_service.proto",
        "onevisit/v1/item_list_service.proto",
        "onevisit/v1/joint_service.proto",
        "onevisit/v1/ledger_service.proto",
        "onevisit/v1/liability_service.proto",
        "onevisit/v1/local_mode_service.proto",
        "onevisit/v1/matching_service.proto",
        "onevisit/v1/notice_service.proto",
        "onevisit/v1/objection_service.proto",
        "onevisit/v1/oversight_service.proto",
        "onevisit/v1/plan_service.proto",
        "onevisit/v1/policy_service.proto",
        "onevisit/v1/recusal_service.proto",
        "onevisit/v1/registry_service.proto",
        "onevisit/v1/schedule_service.proto",
        "onevisit/v1/scheme_service.proto",
        "onevisit/v1/training_service.proto",
        "onevisit/v1/visit_service.proto",
    ];
    let mut compiler = protox::Compiler::new(["proto"])?;
    compiler.include_source_info(true).include_imports(true);
    compiler.open_files(files)?;
    #[expect(clippy::disallowed_methods, reason = "how cargo talks to build scripts")]
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    // Written by hand: the builder does not write it on this path.
    std::fs::write(out.join("descriptor.bin"), compiler.encode_file_descriptor_set())?;
    tonic_prost_build::configure()
        .boxed(".onevisit.v1.WatchDrawResponse.news.draw")
        .btree_map(".")
        .compile_fds(compiler.file_descriptor_set())?;
    println!("cargo:rerun-if-changed=proto");
    println!("cargo:rerun-if-changed=migrations");
    Ok(())
}
