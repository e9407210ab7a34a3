//! One throw-away PostgreSQL for the whole run, a database per test; and servers of their own.

use std::io::{BufReader, Write};
use std::net::TcpListener;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use onevisit::store::Db;

use super::process::line;

/// It ends when this is dropped, or the process ends: it watches its standard input.
pub struct Server {
    port: u16,
    child: Child,
    said: Option<BufReader<ChildStdout>>,
}

static SERVER: OnceLock<Server> = OnceLock::new();
static NEXT: AtomicU32 = AtomicU32::new(0);

impl Server {
    /// One that syncs what it commits, for a test that kills it.
    pub fn durable() -> Self {
        Self::start("on")
    }

    fn start(durable: &str) -> Self {
        let port =
            TcpListener::bind("127.0.0.1:0").expect("port").local_addr().expect("port").port();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/postgres.sh");
        let mut child = Command::new(script)
            .arg(port.to_string())
            .env("PG_DURABLE", durable)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("tests/postgres.sh");
        let said = child.stdout.take().map(BufReader::new);
        let mut server = Self { port, child, said };
        server.ready();
        server
    }

    fn ready(&mut self) {
        let said = self.said.take().expect("its output");
        let (line, said) = line("PostgreSQL is not ready", said);
        assert_eq!(line.trim(), "ready", "PostgreSQL did not start");
        self.said = Some(said);
    }

    /// Kills all its processes at once; it comes up again on what is on the disk.
    pub fn crash(&mut self) {
        writeln!(self.child.stdin.as_ref().expect("its input"), "crash").expect("told");
        self.ready();
    }

    /// Creates a database and returns its URL.
    pub async fn create(&self) -> String {
        self.copy("template1").await
    }

    async fn copy(&self, template: &str) -> String {
        let name = format!("t{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let base = format!("postgres://postgres@127.0.0.1:{}", self.port);
        let sql = format!("CREATE DATABASE {name} TEMPLATE {template}");
        let Db::Postgres(pool) = Db::open(&format!("{base}/postgres")).await.expect("open") else {
            panic!("a PostgreSQL URL opens PostgreSQL");
        };
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&pool).await.expect("create");
        pool.close().await;
        format!("{base}/{name}")
    }
}

async fn server() -> &'static Server {
    let started = || SERVER.get_or_init(|| Server::start("off"));
    tokio::task::spawn_blocking(started).await.expect("server")
}

/// Creates a database and returns its URL.
pub async fn create() -> String {
    server().await.create().await
}

/// Copies a database that nobody is connected to; returns the copy's URL.
pub async fn copy(url: &str) -> String {
    server().await.copy(url.rsplit('/').next().expect("a name")).await
}
