//! A year is assessed, exported and read back; how fair its draws were.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::{Command, Stdio};

use onevisit::app::liability::round;
use onevisit::rpc::pb;
use onevisit::rpc::pb::assessed_measure::Kind as Measure;
use serde_json::Value;
use tonic::{Code, Status};

use super::check::Site;
use super::disclosure::{checked, id, submit};
use super::{reason, violations};
use crate::harness::client::DISTRICT;
use crate::harness::{Engine, on_every_engine};

on_every_engine! {
    a_unit_is_assessed_and_the_workbook_reads_back,
    fairness_is_told_of_closed_campaigns_only,
}

const DAY: i64 = 24 * 60;

async fn assessments(site: &Site, secret: &str, page_size: i32) -> Vec<pb::Assessment> {
    let (mut found, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = pb::ListAssessmentsRequest {
            jurisdiction: DISTRICT.into(),
            year: 2026,
            page_size,
            page_token,
        };
        let reply = site.joint.service.with(secret).assessments().list_assessments(request).await;
        let reply = reply.expect("list").into_inner();
        found.extend(reply.assessments);
        page_token = reply.next_page_token;
        if page_token.is_empty() {
            return found;
        }
    }
}

async fn export(site: &Site, secret: &str) -> Vec<u8> {
    let request = pb::ExportAssessmentsRequest { jurisdiction: DISTRICT.into(), year: 2026 };
    let reply = site.joint.service.with(secret).assessments().export_assessments(request).await;
    reply.expect("export").into_inner().workbook
}

/// Cells of the first sheet of a workbook, read by another program than wrote it.
fn cells(workbook: &[u8]) -> Value {
    const READ: &str = "
import io, json, sys, zipfile
from xml.etree import ElementTree as E
N = '{http://schemas.openxmlformats.org/spreadsheetml/2006/main}'
book = zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read()))
text = E.fromstring(book.read('xl/sharedStrings.xml'))
words = [''.join(t.text or '' for t in s.iter(N + 't')) for s in text.iter(N + 'si')]
sheet = E.fromstring(book.read('xl/worksheets/sheet1.xml'))
def cell(c):
    assert c.find(N + 'f') is None, 'a formula'
    value = c.find(N + 'v').text
    return words[int(value)] if c.get('t') == 's' else int(value)
rows = [{c.get('r').rstrip('0123456789'): cell(c) for c in r} for r in sheet.iter(N + 'row')]
print(json.dumps(rows))
";
    let mut python = Command::new("python3")
        .args(["-c", READ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3, which tests/run installs");
    python.stdin.take().expect("stdin").write_all(workbook).expect("written");
    let out = python.wait_with_output().expect("read");
    assert!(out.status.success());
    serde_json::from_slice(&out.stdout).expect("rows")
}

fn share(of: &pb::Assessment, kind: Measure) -> (i64, i64) {
    let found = of.measures.iter().find(|m| m.kind() == kind).expect("measure");
    (found.part, found.whole)
}

async fn a_unit_is_assessed_and_the_workbook_reads_back(engine: Engine) {
    let site = checked(engine).await;
    let (office, fire) = (site.joint.service.office.clone(), site.joint.keys["fire"].clone());
    submit(&site, &fire, "p", (&id(&site, "fire"), "1"), None).await.expect("published in time");
    site.hands.forward(40 * DAY);
    round::work(&site.joint.service.app).await.expect("round");
    let all = assessments(&site, &office, 1).await;
    let names: Vec<&str> = all.iter().map(|a| &*a.department).collect();
    assert_eq!(names, ["fire", "market"]);
    let (of_fire, of_market) = (&all[0], &all[1]);
    assert_eq!(share(of_fire, Measure::Publication), (1, 1));
    assert_eq!(share(of_market, Measure::Publication), (0, 1), "its day has passed");
    let (done, visits) = share(of_fire, Measure::Completion);
    assert!(done == 1 && visits > 1, "one visit was made of {visits}");
    // Every visit that was not made is a liability; market's result is one more.
    assert_eq!(share(of_fire, Measure::Liability), (2, visits + 1));
    let visits = share(of_market, Measure::Completion).1;
    assert_eq!(share(of_market, Measure::Liability), (1, visits + 1));
    assert_eq!(share(of_fire, Measure::Training), (0, 4));
    assert!(of_fire.score > of_market.score);
    let own = assessments(&site, &fire, 0).await;
    assert_eq!(own, std::slice::from_ref(of_fire), "its own");
    let of = |department: &str, year| pb::GetAssessmentRequest {
        jurisdiction: DISTRICT.into(),
        year,
        department: department.into(),
    };
    let mut client = site.joint.service.with(&fire).assessments();
    let got = client.get_assessment(of("fire", 2026)).await.expect("own").into_inner();
    assert_eq!(got.assessment.as_ref(), Some(of_fire));
    let foreign = client.get_assessment(of("market", 2026)).await.expect_err("another's");
    assert_eq!(foreign.code(), Code::NotFound);
    let year = client.get_assessment(of("fire", 1066)).await.expect_err("no year");
    assert_eq!(violations(&year), [("year".into(), "YEAR_RANGE".into())]);
    let request = pb::GetYearFiguresRequest { jurisdiction: DISTRICT.into(), year: 2026 };
    let figures = client.get_year_figures(request).await.expect("figures").into_inner();
    let june = &figures.months[5];
    assert_eq!((june.random, june.all, june.basis_points), (2, 2, Some(10_000)));
    let book = export(&site, &office).await;
    site.hands.forward(5);
    assert_eq!(export(&site, &office).await, book, "the same content, the same bytes");
    let rows = cells(&book);
    assert_eq!(rows.as_array().expect("rows").len(), 3);
    assert_eq!((&rows[0]["A"], &rows[0]["J"]), (&"单位".into(), &"按时公示率：达标".into()));
    for (row, of) in [(&rows[1], of_fire), (&rows[2], of_market)] {
        assert_eq!((&row["A"], &row["B"]), (&(&*of.department).into(), &2026.into()));
        assert_eq!(row["C"], of.score.expect("a score"));
        let (part, whole) = share(of, Measure::Publication);
        assert_eq!((&row["J"], &row["K"], &row["L"]), (&part.into(), &whole.into(), &20.into()));
    }
}

async fn fairness(site: &Site, secret: &str) -> Result<pb::GetFairnessResponse, Status> {
    let request = pb::GetFairnessRequest { jurisdiction: DISTRICT.into(), year: 2026 };
    let mut client = site.joint.service.with(secret).assessments();
    Ok(client.get_fairness(request).await?.into_inner())
}

async fn fairness_is_told_of_closed_campaigns_only(engine: Engine) {
    let site = checked(engine).await;
    let office = site.joint.service.office.clone();
    let before = fairness(&site, &office).await.expect("an office");
    assert_eq!((before.campaigns, before.left_out), (0, 1));
    assert!(before.rows.is_empty() && before.subjects.is_empty(), "nothing is told early");
    site.hands.forward(31 * DAY);
    let close = pb::CloseCampaignRequest { request_id: "c".into(), campaign_id: "c1".into() };
    site.joint.service.office().campaigns().close_campaign(close).await.expect("closed");
    let after = fairness(&site, &office).await.expect("an office");
    assert_eq!((after.campaigns, after.left_out), (1, 0));
    // Each department draws a fifth of twenty.
    let said: Vec<_> = after.rows.iter().map(|r| (&*r.department, &*r.stratum, r.drawn)).collect();
    let wanted =
        [("fire", "", 4), ("fire", "risk:U", 4), ("market", "", 4), ("market", "risk:U", 4)];
    assert_eq!(said, wanted);
    for row in &after.rows {
        assert_eq!((row.subjects, row.expected_millionths), (20, 4_000_000));
        // Four of twenty once: 4 × 0.8² + 16 × 0.2² against 20 × 0.2 × 0.8.
        assert_eq!((row.deviation_millionths, row.variance_millionths), (3_200_000, 3_200_000));
        assert_eq!(row.dispersion_thousandths, Some(1_000));
    }
    let drawn: BTreeSet<&str> =
        after.subjects.iter().filter(|s| s.drawn > 0).map(|s| &*s.subject_id).collect();
    assert!(drawn.contains(&*site.visit.subject_id));
    assert!(after.companions.expect("pairs").pairs > 0);
    let returns = after.returns.expect("returns");
    assert!(returns.pairs > 0 && returns.again == 0, "nobody has come twice");
    let refused = fairness(&site, &site.joint.keys["fire"]).await.expect_err("a department");
    assert_eq!(reason(&refused), "OFFICE_ONLY");
}
