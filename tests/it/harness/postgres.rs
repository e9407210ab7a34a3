//! One throw-away PostgreSQL for the whole run; a database per test.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use onevisit::store::Db;

/// The server ends when this process does: it watches its standard input.
struct Server {
    port: u16,
    _child: Child,
}

static SERVER: OnceLock<Server> = OnceLock::new();
static NEXT: AtomicU32 = AtomicU32::new(0);

fn server() -> &'static Server {
    SERVER.get_or_init(|| {
        let port =
            TcpListener::bind("127.0.0.1:0").expect("port").local_addr().expect("port").port();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/postgres.sh");
        let mut child = Command::new(script)
            .arg(port.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("tests/postgres.sh");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("stdout")).read_line(&mut line).expect("ready");
        assert_eq!(line.trim(), "ready", "PostgreSQL did not start");
        Server { port, _child: child }
    })
}

/// Creates a database and returns its URL.
pub async fn create() -> String {
    from("template1").await
}

/// Copies a database that nobody is connected to; returns the copy's URL.
pub async fn copy(url: &str) -> String {
    from(url.rsplit('/').next().expect("a name")).await
}

async fn from(template: &str) -> String {
    let port = tokio::task::spawn_blocking(|| server().port).await.expect("server");
    let name = format!("t{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let base = format!("postgres://postgres@127.0.0.1:{port}");
    let sql = format!("CREATE DATABASE {name} TEMPLATE {template}");
    let Db::Postgres(pool) = Db::open(&format!("{base}/postgres")).await.expect("open") else {
        panic!("a PostgreSQL URL opens PostgreSQL");
    };
    sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&pool).await.expect("create");
    pool.close().await;
    format!("{base}/{name}")
}
