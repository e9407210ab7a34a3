//! `onevisit import items`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use csv::StringRecord;

use crate::rpc::pb;

use super::import::Client;
use super::item_text;
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
}

/// Sends an item list and prints what changed. Rows that the list's own words leave open are
/// kept with those words; rows that break a rule refuse the whole list.
pub async fn run(mut client: Client, request_id: String, args: Args) -> anyhow::Result<ExitCode> {
    let items = read(&args)?;
    let list = pb::ItemList {
        department: String::new(),
        version: 0,
        effective_from: args.effective_from,
        reason: args.reason,
        items,
    };
    let deferred: Vec<String> = list
        .items
        .iter()
        .filter(|i| i.ratio.as_ref().is_some_and(|r| !r.deferred.is_empty()))
        .map(|i| i.code.clone())
        .collect();
    let request = pb::PutItemListRequest { request_id, item_list: Some(list) };
    let reply = client.put_item_list(request).await?.into_inner();
    let diff = reply.diff.unwrap_or_default();
    println!(
        "version {}: {} items new, {} changed, {} gone",
        reply.version,
        diff.added.len(),
        diff.changed.len(),
        diff.removed.len()
    );
    if !deferred.is_empty() {
        println!("ratio left to other texts, to be decided per campaign: {}", deferred.join(", "));
    }
    Ok(ExitCode::SUCCESS)
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
    let mut row = StringRecord::new();
    let mut items = Vec::new();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    while table.next(&mut row)? {
        let get = |name: &str| field(&row, columns[name]).trim();
        if args.only.as_deref().is_some_and(|only| only != get("department")) {
            continue;
        }
        // Lists repeat a number for each sub-item: the second one becomes NUMBER-2.
        let nth = seen.entry(get("item_no").to_owned()).and_modify(|n| *n += 1).or_insert(1);
        let code = match nth {
            1 => get("item_no").to_owned(),
            n => format!("{}-{n}", get("item_no")),
        };
        items.push(item(code, get));
    }
    Ok(items)
}

fn item<'r>(code: String, get: impl Fn(&str) -> &'r str) -> pb::CheckItem {
    let name = match get("sub_item") {
        "" => get("item_name").to_owned(),
        sub => format!("{}：{sub}", get("item_name")),
    };
    let requirement = get("inspector_requirement");
    let competence =
        if requirement.starts_with('需') { &requirement['需'.len_utf8()..] } else { "" };
    pb::CheckItem {
        code,
        content: if get("content").is_empty() { name.clone() } else { get("content").to_owned() },
        name,
        basis: get("basis").to_owned(),
        body: get("check_body").to_owned(),
        object: get("object").to_owned(),
        methods: item_text::methods(get("method")),
        standard: String::new(),
        operating_rule: String::new(),
        ratio: Some(item_text::ratio(get("ratio"))),
        frequency: Some(item_text::frequency(get("frequency"))),
        item_class: pb::ItemClass::General.into(),
        competence: competence.to_owned(),
        joint: false,
        external_code: get("external_code").to_owned(),
        power: get("power").to_owned(),
    }
}
