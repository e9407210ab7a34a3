//! What somebody finds who has got hold of a database, and how to look for words in it.

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::PathBuf;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use flate2::read::GzDecoder;
use onevisit::store::Db;
use sqlx::Row as _;

/// What departments have sent: names stand in it, drawn or not. Every other table is searched.
pub const REGISTRIES: [&str; 14] = [
    "blackouts",
    "entries",
    "exceptions",
    "import_chunks",
    "import_reports",
    "inspections",
    "inspectors",
    "links",
    "proposals",
    "recusals",
    "reviews",
    "risk_facts",
    "tasks",
    "trainings",
];

/// How compressed bytes begin.
const GZIP: [u8; 3] = [0x1f, 0x8b, 8];

/// All rows of the tables that are wanted as text, bytes in hexadecimal.
pub async fn tables(db: &Db, wanted: impl Fn(&str) -> bool) -> String {
    let sql = match db {
        Db::Sqlite(_) => "SELECT name FROM sqlite_master WHERE type = 'table'",
        Db::Postgres(_) => {
            "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'"
        }
    };
    let mut out = String::new();
    for table in column(db, sql.to_owned()).await.into_iter().filter(|t| wanted(t)) {
        let sql = match db {
            Db::Sqlite(_) => {
                let sql = format!("SELECT name FROM pragma_table_info('{table}')");
                let columns = column(db, sql).await;
                let parts: Vec<String> =
                    columns.iter().map(|c| format!("quote(\"{c}\")")).collect();
                format!("SELECT {} FROM \"{table}\"", parts.join("||' '||"))
            }
            Db::Postgres(_) => format!("SELECT t::text FROM \"{table}\" t"),
        };
        for row in column(db, sql).await {
            writeln!(out, "{table} {row}").expect("text");
        }
    }
    out
}

async fn column(db: &Db, sql: String) -> Vec<String> {
    let sql = sqlx::AssertSqlSafe(sql);
    match db {
        Db::Sqlite(pool) => {
            let rows = sqlx::query(sql).fetch_all(pool).await.expect("rows");
            rows.iter().map(|row| row.get(0)).collect()
        }
        Db::Postgres(pool) => {
            let rows = sqlx::query(sql).fetch_all(pool).await.expect("rows");
            rows.iter().map(|row| row.get(0)).collect()
        }
    }
}

/// PostgreSQL's own dump of everything but some tables.
pub fn pg_dump(url: &str, without: &[&str]) -> String {
    let list = "ls -d ${PG_BIN:-/usr/lib/postgresql/*/bin} | sort -V | tail -1";
    let bin = Command::new("sh").args(["-c", list]).output().expect("sh");
    let bin = PathBuf::from(String::from_utf8_lossy(&bin.stdout).trim());
    let mut command = Command::new(bin.join("pg_dump"));
    command.args(without.iter().map(|table| format!("--exclude-table={table}"))).arg(url);
    let output = command.output().expect("pg_dump, which comes with the server");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// What is searched: bytes as they are, and what is compressed in them or in their hexadecimal.
pub struct Haystack(Vec<String>);

impl Haystack {
    pub fn new(bytes: &[u8]) -> Self {
        let mut layers = vec![bytes.to_vec()];
        let text = String::from_utf8_lossy(bytes).to_lowercase();
        let magic = hex::encode(GZIP);
        for run in
            text.split(|c: char| !c.is_ascii_hexdigit()).filter(|run| run.len() > 2 * GZIP.len())
        {
            let bytes = run
                .find(&magic)
                .and_then(|at| hex::decode(&run[at..run.len() - (run.len() - at) % 2]).ok());
            layers.extend(bytes.and_then(|bytes| inflate(&bytes)));
        }
        let starts = bytes.windows(GZIP.len()).enumerate().filter(|(_, w)| *w == GZIP);
        layers.extend(starts.filter_map(|(at, _)| inflate(&bytes[at..])));
        Self(layers.iter().map(|layer| String::from_utf8_lossy(layer).to_lowercase()).collect())
    }

    /// In which form a word is found, if it is.
    pub fn find(&self, word: &str) -> Option<&'static str> {
        let has = |form: &str| self.0.iter().any(|layer| layer.contains(form));
        let escaped: String = word.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
        // Three ways in which a word can lie across the groups of three; the edges are the neighbours'.
        let groups = (0..3).map(|shift| {
            let text = BASE64.encode([&vec![0; shift], word.as_bytes()].concat());
            let whole = (shift + word.len()) / 3 * 4;
            text[if shift == 0 { 0 } else { 4 }..whole].to_lowercase()
        });
        let forms = [("text", word.to_lowercase()), ("hex", hex::encode(word)), ("JSON", escaped)];
        let forms = forms.into_iter().chain(groups.map(|group| ("base64", group)));
        forms.into_iter().find(|(_, form)| has(form)).map(|(name, _)| name)
    }

    pub fn len(&self) -> usize {
        self.0.iter().map(String::len).sum()
    }
}

fn inflate(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    // What follows the compressed bytes does not matter, nor that they were cut.
    let _ = GzDecoder::new(bytes).read_to_end(&mut out);
    (!out.is_empty()).then_some(out)
}

#[test]
fn a_word_is_found_however_it_is_kept() {
    use std::io::Write as _;
    let packed = |text: &str| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).expect("packed");
        encoder.finish().expect("packed")
    };
    let word = "金丝雀Road";
    let around = |word: &str| format!("before {word} behind");
    for (bytes, form) in [
        (around(word).into_bytes(), "text"),
        (hex::encode_upper(around(word)).into_bytes(), "hex"),
        (serde_json::to_vec(&around(word)).expect("json"), "text"),
        (b"\"\\u91D1\\u4e1d\\u96c0\\u0052\\u006f\\u0061\\u0064\"".to_vec(), "JSON"),
        (packed(&around(word)), "text"),
        (format!("X'{}' 1", hex::encode(packed(&around(word)))).into_bytes(), "text"),
        (
            format!("\\\\x{}\t1", hex::encode(packed(&hex::encode(around(word))))).into_bytes(),
            "hex",
        ),
    ] {
        assert_eq!(Haystack::new(&bytes).find(word), Some(form));
    }
    for shift in 0..3 {
        let text = BASE64.encode(format!("{}{word}?", "x".repeat(shift)));
        assert_eq!(Haystack::new(text.as_bytes()).find(word), Some("base64"), "{shift}");
    }
    assert_eq!(Haystack::new(around("金丝雁Road").as_bytes()).find(word), None);
}
