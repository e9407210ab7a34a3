//! `onevisit import items`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use csv::StringRecord;
use tonic::Code;
use tonic_types::StatusExt;

use crate::app::sheet::items::{item, numbered};
use crate::rpc::convert::item::item_out;
use crate::rpc::pb;

use super::import::{Client, Mode};
use super::table::{Table, field};

/// Arguments of `import items`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The CSV file, plain or .gz.
    file: PathBuf,
    /// Takes only rows whose column `department` has this value.
    #[arg(long)]
    only: Option<String>,
    /// Day from which the list holds, as YYYY-MM-DD.
    #[arg(long)]
    effective_from: String,
    /// Why the list changed.
    #[arg(long, default_value = "")]
    reason: String,
    /// Fills empty cells of a column, as COLUMN=VALUE, such as check_body=文化和旅游局.
    #[arg(long = "default")]
    defaults: Vec<String>,
    /// What to do with rows that break a rule.
    #[arg(long, value_enum, default_value_t = Mode::AllOrNothing)]
    mode: Mode,
}

/// Sends an item list and prints what changed. Ratios that the list's own words leave open are
/// kept with those words. Rows that break a rule refuse the whole list, or are left out and named.
pub async fn run(mut client: Client, request_id: String, args: Args) -> anyhow::Result<ExitCode> {
    let mut list = pb::ItemList {
        department: String::new(),
        version: 0,
        effective_from: args.effective_from.clone(),
        reason: args.reason.clone(),
        consultations: Vec::new(),
        items: read(&args)?,
    };
    let put = |id: String, list: &pb::ItemList| pb::PutItemListRequest {
        request_id: id,
        item_list: Some(list.clone()),
    };
    let sent = client.put_item_list(put(request_id.clone(), &list)).await;
    let reply = match sent {
        Err(status)
            if status.code() == Code::InvalidArgument && args.mode == Mode::KeepGoodRows =>
        {
            leave_out(&mut list, &status);
            // Another payload needs another id; the same file gives the same two.
            client.put_item_list(put(format!("{request_id}-good"), &list)).await?
        }
        sent => sent?,
    };
    let reply = reply.into_inner();
    let diff = reply.diff.context("the service sent no diff")?;
    println!(
        "version {}: {} items new, {} changed, {} gone",
        reply.version,
        diff.added.len(),
        diff.changed.len(),
        diff.removed.len()
    );
    let deferred = |i: &&pb::CheckItem| i.ratio.as_ref().is_some_and(|r| !r.deferred.is_empty());
    let deferred: Vec<&str> = list.items.iter().filter(deferred).map(|i| i.code.as_str()).collect();
    if !deferred.is_empty() {
        println!("ratio left to other texts, to be decided per campaign: {}", deferred.join(", "));
    }
    Ok(ExitCode::SUCCESS)
}

/// Drops the items that the service named, and says so.
fn leave_out(list: &mut pb::ItemList, status: &tonic::Status) {
    let violations = status.get_details_bad_request().map(|d| d.field_violations);
    let mut bad = BTreeMap::new();
    for violation in violations.unwrap_or_default() {
        let rest = violation.field.strip_prefix("item_list.items[");
        if let Some((at, field)) = rest.and_then(|r| r.split_once(']'))
            && let Ok(at) = at.parse::<usize>()
        {
            let field = field.trim_start_matches('.').to_owned();
            bad.entry(at).or_insert_with(Vec::new).push((field, violation.description));
        }
    }
    for (at, broken) in bad.iter().rev() {
        let item = list.items.remove(*at);
        for (field, rule) in broken {
            println!("  item {} ({}) left out: {field} {rule}", item.code, item.name);
        }
    }
}

fn read(args: &Args) -> anyhow::Result<Vec<pb::CheckItem>> {
    let mut table = Table::open(&args.file)?;
    let find = |name: &str| table.find(&[name]);
    let columns: BTreeMap<&str, Option<usize>> = [
        "department",
        "item_no",
        "item_name",
        "sub_item",
        "basis",
        "check_body",
        "object",
        "content",
        "ratio",
        "frequency",
        "method",
        "inspector_requirement",
        "power",
        "external_code",
    ]
    .map(|name| (name, find(name)))
    .into();
    let defaults: Vec<(&str, &str)> =
        args.defaults.iter().filter_map(|d| d.split_once('=')).collect();
    let mut row = StringRecord::new();
    let mut items = Vec::new();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    while table.next(&mut row)? {
        let get = |name: &str| match field(&row, columns[name]).trim() {
            "" => defaults.iter().find(|(c, _)| *c == name).map_or("", |(_, value)| value),
            cell => cell,
        };
        if args.only.as_deref().is_some_and(|only| only != get("department")) {
            continue;
        }
        let code = numbered(get("item_no"), &mut seen);
        items.push(item_out(item(code, get)));
    }
    Ok(items)
}
