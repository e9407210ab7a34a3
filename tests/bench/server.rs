//! A durable PostgreSQL for the run.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use onevisit::store::Db;

pub struct Postgres {
    pub port: u16,
    child: Child,
}

impl Postgres {
    pub fn start() -> Self {
        let port =
            TcpListener::bind("127.0.0.1:0").expect("port").local_addr().expect("port").port();
        let mut child = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/postgres.sh"))
            .arg(port.to_string())
            .env("PG_DURABLE", "on")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("tests/postgres.sh");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("stdout")).read_line(&mut line).expect("ready");
        assert_eq!(line.trim(), "ready");
        Self { port, child }
    }

    /// An empty database.
    pub async fn database(&self, name: &str) -> Db {
        let Db::Postgres(pool) = Db::open(&self.url("postgres")).await.expect("open") else {
            panic!("a PostgreSQL URL opens PostgreSQL");
        };
        for sql in [format!("DROP DATABASE IF EXISTS {name}"), format!("CREATE DATABASE {name}")] {
            sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&pool).await.expect("database");
        }
        pool.close().await;
        Db::open(&self.url(name)).await.expect("open")
    }

    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // The script ends when its standard input does.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
