//! `onevisit import`: a department's CSV through the gRPC client.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use clap::{Subcommand, ValueEnum};

use crate::rpc::client::Authorized;
use crate::rpc::pb::registry_service_client::RegistryServiceClient;
use crate::rpc::pb::{ImportState, ImportSummary};

use super::remote::Remote;
use super::{import_items, import_rows};

/// Reports that are printed; the service keeps them all.
const PRINTED_REPORTS_MAX: usize = 20;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    remote: Remote,
    /// Names the import: repeat it with the same id after a failure and it goes on.
    #[arg(long)]
    request_id: String,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// The subject registry. Known columns: subject_id/uscc/统一社会信用代码, name/名称, address/地址,
    /// premises, kind, state, risk_class, risk_on, risk_source, district, permit, reg, tags, items.
    Subjects(import_rows::Subjects),
    /// The inspector pool. Columns: inspector_id, kind, certificate_number,
    /// certificate_valid_until, tags, may_lead, cap.
    Inspectors(import_rows::Inspectors),
    /// The item list. Columns: item_no, item_name, sub_item, basis, check_body, object, content,
    /// ratio, frequency, method, inspector_requirement, power, external_code.
    Items(import_items::Args),
}

/// What to do with rows that break a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    /// Keep the good rows and report the bad ones.
    KeepGoodRows,
    /// One bad row refuses all.
    AllOrNothing,
}

/// Where a list is.
#[derive(Debug, clap::Args)]
pub struct Source {
    /// The CSV file, plain or .gz.
    pub file: PathBuf,
    /// What to do with rows that break a rule.
    #[arg(long, value_enum, default_value_t = Mode::KeepGoodRows)]
    pub mode: Mode,
}

/// A registry client with a key.
pub type Client = RegistryServiceClient<Authorized>;

/// Sends one list and prints what became of it.
pub async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let (channel, bearer) = args.remote.connect().await?;
    let client = RegistryServiceClient::with_interceptor(channel, bearer);
    let summary = match args.what {
        What::Subjects(list) => import_rows::subjects(client, args.request_id, list).await?,
        What::Inspectors(list) => import_rows::inspectors(client, args.request_id, list).await?,
        What::Items(list) => return import_items::run(client, args.request_id, list).await,
    };
    print(&summary);
    match summary.state() {
        ImportState::Finished => Ok(ExitCode::SUCCESS),
        ImportState::Refused => Ok(ExitCode::FAILURE),
        _ => bail!("the import has not ended; repeat it with the same --request-id"),
    }
}

fn print(summary: &ImportSummary) {
    println!(
        "{} rows: {} new, {} changed, {} as before, {} rejected, {} mended",
        summary.rows,
        summary.inserted,
        summary.updated,
        summary.unchanged,
        summary.rejected,
        summary.mended
    );
    for report in summary.reports.iter().take(PRINTED_REPORTS_MAX) {
        let verdict = if report.rejected { "rejected" } else { "mended" };
        let (row, field, rule) = (report.row, &report.field, &report.rule);
        println!("  row {row} {verdict}: {field} {rule} (given {:?})", report.value);
    }
    if summary.reports.len() > PRINTED_REPORTS_MAX {
        println!("  ... more in ListImportReports of import {}", summary.request_id);
    }
    if summary.state() == ImportState::Refused {
        println!("REFUSED: nothing was kept");
    }
}
