//! Drawing 5 % from a frozen pool against `ORDER BY md5(seed || id) LIMIT k` in PostgreSQL.

use std::collections::BTreeMap;

use onevisit::domain::profile::{Join, Slot};
use onevisit::draw::frame::{Frame, Unit};
use onevisit::draw::freeze::seal;
use onevisit::draw::lot::{lots, select};
use onevisit::draw::quota::{QuotaRule, RatioBase};
use onevisit::draw::seed::Seed;
use onevisit::draw::{Digest, Suite};
use onevisit::store::Db;
use tokio::runtime::Runtime;

use super::server::Postgres;
use super::{Measured, RUNS, time};

fn frame(rows: usize) -> Frame {
    let unit = |i: usize| Unit {
        id: format!("{i:018}"),
        record: serde_json::Value::Null,
        stratum: format!("risk:{}", ["A", "B", "C", "D"][i % 4]),
        departments: BTreeMap::from([("market".to_owned(), "in:default".to_owned())]),
    };
    let rules: BTreeMap<String, QuotaRule> =
        ["A", "B", "C", "D"].iter().map(|c| (format!("risk:{c}"), QuotaRule::share(500))).collect();
    Frame {
        alg: Suite::Sha256,
        draw_id: "campaigns/bench/draws/1".into(),
        attempt: 1,
        lead: "market".into(),
        join: Join::DrawnOnly,
        ratio_base: RatioBase::Eligible,
        profiles: BTreeMap::from([(
            "default".to_owned(),
            vec![Slot { lead: true, requires: Vec::new() }],
        )]),
        quotas: BTreeMap::from([("market".to_owned(), rules)]),
        units: (0..rows).map(unit).collect(),
        inspectors: Vec::new(),
        avoid: Vec::new(),
        keep: Vec::new(),
        contributors: vec!["a".into(), "b".into()],
        beacon: None,
        context: BTreeMap::new(),
    }
}

pub fn against_order_by_md5(postgres: &Postgres, rows: usize) -> Vec<Measured> {
    let runtime = Runtime::new().expect("runtime");
    let sealed = seal(&frame(rows), &[1; 32]).expect("seal");
    let Db::Postgres(pool) = runtime.block_on(Db::open(&postgres.url("postgres"))).expect("open")
    else {
        panic!("a PostgreSQL URL opens PostgreSQL");
    };
    runtime.block_on(async {
        for sql in [
            "DROP TABLE IF EXISTS roster".to_owned(),
            "CREATE TABLE roster (id text PRIMARY KEY, risk text NOT NULL)".to_owned(),
            format!(
                "INSERT INTO roster SELECT lpad(i::text, 18, '0'), chr(65 + i % 4)
                 FROM generate_series(0, {}) i",
                rows - 1
            ),
            "ANALYZE roster".to_owned(),
        ] {
            sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&pool).await.expect("roster");
        }
    });
    let plain = format!("SELECT id FROM roster ORDER BY md5('seed' || id) LIMIT {}", rows / 20);
    let stratified = "SELECT id FROM (
            SELECT id, row_number() OVER (PARTITION BY risk ORDER BY md5('seed' || id)) n,
                   count(*) OVER (PARTITION BY risk) c
            FROM roster) r
        WHERE n <= ceil(c * 0.05)"
        .to_owned();
    let (mut ours, mut by_md5, mut by_window) = (Vec::new(), Vec::new(), Vec::new());
    for run in 0..RUNS {
        let entropy = [u8::try_from(run).expect("few"); 32];
        let seed = Seed::preview(Suite::Sha256, &Digest::default(), &entropy);
        let (took, winners) = time(|| {
            let lots = lots(&sealed.pool, &seed.subject_key());
            select(&sealed.freeze, &sealed.pool, &lots, 0).len()
        });
        assert!(winners >= rows / 20);
        ours.push(took);
        for (sql, runs) in [(&plain, &mut by_md5), (&stratified, &mut by_window)] {
            let (took, found) = time(|| {
                let query = sqlx::query(sqlx::AssertSqlSafe(sql.as_str())).fetch_all(&pool);
                runtime.block_on(query).expect("query").len()
            });
            assert!(found >= rows / 20);
            runs.push(took);
        }
    }
    runtime.block_on(pool.close());
    let row = |what: &str, reference, aim| Measured {
        what: what.to_owned(),
        ours: ours.clone(),
        reference,
        aim,
        note: "from a frozen pool, four strata; verifiable".to_owned(),
    };
    vec![
        row("drawing 5 %, against ORDER BY md5(seed || id) LIMIT k in PostgreSQL", by_md5, "20 x"),
        row(
            "drawing 5 %, against row_number() OVER (PARTITION BY risk ORDER BY md5)",
            by_window,
            "-",
        ),
    ]
}
