//! Ratios to references measured in the same run. No absolute figure is a promise.

mod deal;
mod draws;
mod import;
mod server;
mod service;
mod writes;

use std::time::{Duration, Instant};

/// Interleaved runs of each side; the table shows medians.
const RUNS: usize = 3;

/// Subjects of the import and of the draw.
const ROWS_DEFAULT: usize = 300_000;

/// One row of the table.
struct Measured {
    what: String,
    ours: Vec<Duration>,
    reference: Vec<Duration>,
    aim: &'static str,
    note: String,
}

fn median(runs: &[Duration]) -> Duration {
    let mut sorted = runs.to_vec();
    sorted.sort();
    sorted[sorted.len() / 2]
}

/// Time one thing takes.
fn time<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    #[expect(clippy::disallowed_methods, reason = "a bench measures time")]
    let start = Instant::now();
    let out = work();
    (start.elapsed(), out)
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let after = args.iter().position(|a| a == "--rows").and_then(|i| args.get(i + 1));
    let rows = after.and_then(|n| n.parse().ok()).unwrap_or(ROWS_DEFAULT);
    let postgres = server::Postgres::start();
    let only = args.iter().position(|a| a == "--only").and_then(|i| args.get(i + 1));
    let wanted = |part: &str| only.is_none_or(|only| only == part);
    let mut table = Vec::new();
    if wanted("import") {
        table.push(import::postgres(&postgres, rows));
        table.push(import::sqlite(rows));
    }
    if wanted("writes") {
        table.extend([1, 16, 64].map(|clients| writes::postgres(&postgres, clients)));
    }
    if wanted("draw") {
        table.extend(draws::against_order_by_md5(&postgres, rows));
    }
    if wanted("deal") {
        table.extend(deal::against_min_cost_flow());
    }
    println!();
    println!("{rows} subjects, medians of {RUNS} interleaved runs, {} cores", cores());
    println!("| what | ours | reference | ratio | aim | note |");
    println!("|---|---|---|---|---|---|");
    for row in table {
        let (ours, reference) = (median(&row.ours), median(&row.reference));
        let ratio = reference.as_secs_f64() / ours.as_secs_f64();
        println!(
            "| {} | {ours:.1?} | {reference:.1?} | {ratio:.2} x | {} | {} |",
            row.what, row.aim, row.note
        );
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
