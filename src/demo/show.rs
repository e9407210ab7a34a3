//! What the demo prints.

use std::collections::BTreeMap;
use std::path::Path;

use crate::draw::verify::{Step, Verified};
use crate::rpc::pb;

/// Visits printed in full.
const VISITS_SHOWN: usize = 2;

fn percent(part: i64, whole: i64) -> String {
    if whole == 0 { "0 %".to_owned() } else { format!("{} %", (part * 100 + whole / 2) / whole) }
}

/// What arrived in the registries.
pub fn registered(totals: &BTreeMap<&str, i64>, resolved: &pb::ResolveSubjectsResponse) {
    println!(
        "registered {} rows over gRPC: {} ids mended, {} rows rejected",
        totals["rows"], totals["mended"], totals["rejected"]
    );
    println!(
        "{} subjects, {} on two or more lists, {} linked by other evidence than their id, {} pairs to review",
        resolved.subjects, resolved.shared_subjects, resolved.links, resolved.open_reviews
    );
}

/// The dry run's figures.
pub fn preview(p: &pb::Preview) {
    println!(
        "preview (another seed): {} checks behind {} doors, {} shortages",
        p.checks, p.doors, p.shortages
    );
}

/// Units of a frozen attempt.
pub fn units(draw: &pb::Draw) -> u64 {
    crate::draw::Freeze::from_bytes(&draw.freeze_bytes).map_or(0, |f| f.pool.n)
}

/// The outcome, for people.
pub fn result(f: &pb::Preview, shortages: &[pb::Shortage], visits: &[pb::Visit]) {
    println!();
    println!("                          one shared draw      each department by itself (expected)");
    println!("  checks (检查户次)          {:>8}             {:>8}", f.checks, f.checks);
    println!("  doors (入户)               {:>8}             {:>8}", f.doors, f.independent_doors);
    println!(
        "  visits saved (减少干扰)    {:>8}             {:>8}",
        f.visits_saved,
        f.checks - f.independent_doors
    );
    println!(
        "  joint checks (联合抽查率)  {:>8}             {:>8}",
        percent(f.joint_checks, f.checks),
        percent(f.independent_joint_checks, f.checks)
    );
    println!("  joint visits               {:>8}", percent(f.joint_doors, f.doors));
    println!();
    println!(
        "  department            registry  may draw    checks  inspectors  visits each  short"
    );
    for l in &f.loads {
        let each = format!("{}-{}", l.load_min, l.load_max);
        println!(
            "  {:20}  {:>8}  {:>8}  {:>8}  {:>10}  {:>11}  {:>5}",
            l.department, l.registered, l.eligible, l.checks, l.inspectors, each, l.shortages
        );
    }
    println!();
    let mut rules: BTreeMap<&str, i64> = BTreeMap::new();
    for e in &f.exclusions {
        *rules.entry(&e.rule).or_default() += e.units;
    }
    let rules: Vec<String> = rules.iter().map(|(rule, n)| format!("{rule} {n}")).collect();
    println!("  excluded by rule (department rows): {}", rules.join(", "));
    print_shortages(f, shortages);
    for visit in visits.iter().filter(|v| v.sections.len() > 2).take(VISITS_SHOWN) {
        print_visit(visit);
    }
}

fn print_shortages(f: &pb::Preview, shortages: &[pb::Shortage]) {
    println!("  shortages: {} empty slots", f.shortages);
    if let Some(first) = shortages.first() {
        let ways: Vec<&str> = first.ways_out.iter().map(|w| w.kind().as_str_name()).collect();
        println!(
            "    such as visit {}, {}: {}; ways out: {}",
            first.visit,
            first.department,
            first.rule().as_str_name(),
            if ways.is_empty() { "none found".to_owned() } else { ways.join(", ") }
        );
    }
}

fn print_visit(visit: &pb::Visit) {
    println!();
    println!(
        "  visit {}: {} {} ({})",
        visit.rank, visit.subject_id, visit.subject_name, visit.address
    );
    for s in &visit.sections {
        let items: Vec<&str> = s.items.iter().map(|i| i.name.as_str()).collect();
        let member = |m: &pb::TeamMember| match (m.inspector_id.as_str(), m.leader) {
            ("", _) => "(short)".to_owned(),
            (id, true) => format!("{id} (组长)"),
            (id, false) => id.to_owned(),
        };
        let team: Vec<String> = s.team.iter().map(member).collect();
        println!("    {:12} {} | {}", s.department, items.join("、"), team.join(", "));
    }
    for line in &visit.explanation {
        println!("      {line}");
    }
}

/// That the bundle verifies.
pub fn bundle(path: &Path, bytes: usize, verified: &Verified) {
    println!();
    println!("bundle {} ({bytes} bytes), verified offline:", path.display());
    for step in Step::ALL {
        println!("  ok    {step}");
    }
    println!("  {} attempt {}", verified.draw_id, verified.attempt);
}

/// What to try next.
pub fn next_calls(address: &str, secret: &str, campaign: &str) {
    let host = address.trim_start_matches("http://");
    println!();
    println!("the service is up at {host}; stop it with Ctrl-C. Try next:");
    println!("  onevisit verify onevisit-demo-bundle.json");
    let call = |method: &str, body: &str| {
        println!(
            "  grpcurl -plaintext -H 'authorization: Bearer {secret}' -d '{body}' {host} onevisit.v1.{method}"
        );
    };
    call("CampaignService/GetDraw", &format!("{{\"campaign_id\":\"{campaign}\"}}"));
    call("VisitService/ListVisits", &format!("{{\"campaign_id\":\"{campaign}\",\"page_size\":3}}"));
    call(
        "VisitService/ListReserve",
        &format!(
            "{{\"campaign_id\":\"{campaign}\",\"department\":\"fire\",\"stratum\":\"risk:C\"}}"
        ),
    );
    call("RegistryService/ListPolicyValues", "{\"jurisdiction\":\"999901\"}");
}
