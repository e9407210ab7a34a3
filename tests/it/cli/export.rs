//! Everything that is stored, out of one engine and into the other.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use onevisit::rpc::client::{Bearer, connect};
use onevisit::rpc::pb;
use onevisit::rpc::pb::campaign_service_client::CampaignServiceClient;
use sha2::{Digest as _, Sha256};

use crate::harness::joint::Joint;
use crate::harness::process::{Served, run, said, succeed};
use crate::harness::{Engine, LOG_NAME, LOG_SEED, SEAL_KEY, TestDb, on_every_engine};

on_every_engine! {
    what_is_exported_goes_on_in_the_other_engine, what_was_changed_on_the_way_is_not_restored,
    exports_by_time_replace_older_ones, a_replica_leaves_the_schema_to_the_migration,
}

/// An installation with the tests' keys.
struct Place {
    db: TestDb,
    key_file: PathBuf,
}

impl Place {
    async fn new(engine: Engine) -> Self {
        let db = TestDb::new(engine).await;
        let key_file = keys(db.folder.path());
        Self { db, key_file }
    }

    fn args<'a>(&'a self, command: &'a [&'a str]) -> Vec<&'a str> {
        let key_file = self.key_file.to_str().expect("path");
        let storage = ["--database", &*self.db.url, "--key-file", key_file, "--log-name", LOG_NAME];
        [command, &storage].concat()
    }
}

fn keys(folder: &Path) -> PathBuf {
    let key_file = folder.join("service.key");
    std::fs::write(&key_file, hex::encode(SEAL_KEY)).expect("key");
    std::fs::write(key_file.with_extension("log.key"), hex::encode(LOG_SEED)).expect("log's key");
    key_file
}

fn other(engine: Engine) -> Engine {
    match engine {
        Engine::Sqlite => Engine::Postgres,
        Engine::Postgres => Engine::Sqlite,
    }
}

/// A drawn campaign, and the file with everything.
async fn exported(engine: Engine) -> (Joint, PathBuf) {
    let (joint, frozen) = Joint::frozen(engine).await;
    joint.contribute(&frozen).await;
    joint.execute("c1", "draw").await.expect("drawn");
    let folder = joint.service.db.folder.path();
    let file = folder.join("all.gz");
    let export = ["export", file.to_str().expect("path"), "--database", &joint.service.db.url];
    succeed(&export);
    let again = run(&export);
    assert!(!again.status.success(), "a file that is there is not written over");
    (joint, file)
}

async fn what_is_exported_goes_on_in_the_other_engine(engine: Engine) {
    let (joint, file) = exported(engine).await;
    let place = Place::new(other(engine)).await;
    let restore = ["restore", file.to_str().expect("path")];
    let text = succeed(&place.args(&restore));
    assert!(text.contains("sound: "), "{text}");
    let twice = run(&place.args(&restore));
    assert!(!twice.status.success() && said(&twice).contains("NOT_EMPTY"), "{}", said(&twice));
    let back = place.db.folder.path().join("back.gz");
    succeed(&["export", back.to_str().expect("path"), "--database", &place.db.url]);
    let read = |path: &PathBuf| std::fs::read(path).expect("file");
    assert_eq!(read(&file), read(&back), "either engine writes the same bytes");
    // It serves, to those it knew, and its log goes on.
    let served = Served::start_as(&place.db, &place.key_file, |c| {
        c.args(["--log-name", LOG_NAME]);
    });
    let served = served.expect("it serves");
    let bearer = Bearer::new(&joint.approver).expect("secret");
    let channel = connect(&served.address).await.expect("connect");
    let mut client = CampaignServiceClient::with_interceptor(channel, bearer);
    let get = pb::GetCampaignRequest { campaign_id: "c1".into() };
    let campaign = client.get_campaign(get).await.expect("campaign").into_inner();
    assert_eq!(campaign.campaign.expect("campaign").state(), pb::campaign::State::Drawn);
    tokio::task::spawn_blocking(|| served.terminate()).await.expect("stopped");
    succeed(&place.args(&["key", "auditor", "审计科"]));
    let sound = succeed(&place.args(&["fsck"]));
    assert!(sound.contains("1 draws"), "{sound}");
}

/// The lines of a file, to be changed and packed again.
fn unpacked(file: &Path) -> Vec<String> {
    let mut text = String::new();
    let packed = std::fs::File::open(file).expect("file");
    GzDecoder::new(packed).read_to_string(&mut text).expect("gzip");
    text.lines().map(str::to_owned).collect()
}

fn packed(lines: &[String]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    for line in lines {
        writeln!(out, "{line}").expect("line");
    }
    out.finish().expect("gzip")
}

/// Makes the last line fit what stands before it.
fn fitted(mut lines: Vec<String>) -> Vec<String> {
    let last = lines.pop().expect("the last line");
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let rows = lines.iter().filter(|line| line.starts_with('[')).count();
    assert!(last.starts_with("{\"rows\":"));
    let sha256 = hex::encode(Sha256::digest(text));
    lines.push(format!("{{\"rows\":{rows},\"sha256\":\"{sha256}\"}}"));
    lines
}

fn changed(lines: &[String], table: &str, from: &str, to: &str) -> Vec<String> {
    let mut lines = lines.to_vec();
    let start = format!("{{\"table\":\"{table}\"");
    let at = lines.iter().position(|line| line.starts_with(&start)).expect("table");
    let row = lines[at + 1].replacen(from, to, 1);
    assert_ne!(row, lines[at + 1], "{from} is not in {table}");
    lines[at + 1] = row;
    lines
}

async fn what_was_changed_on_the_way_is_not_restored(engine: Engine) {
    let (_joint, file) = exported(engine).await;
    let place = Place::new(engine).await;
    let lines = unpacked(&file);
    let whole = std::fs::read(&file).expect("file");
    let without_last_row = {
        let mut lines = lines.clone();
        let row = lines.iter().rposition(|line| line.starts_with('[')).expect("rows");
        lines.remove(row);
        lines
    };
    let more = [&lines[..], &["[]".to_owned()]].concat();
    let drawn = changed(&lines, "campaigns", "DRAWN", "CLOSED");
    let renamed = changed(&lines, "draws", "\"c1\"", "\"c2\"");
    let other_schema =
        [&["{\"format\":\"onevisit-export/1\",\"schema\":1}".to_owned()][..], &lines[1..]].concat();
    let tries: [(&str, Vec<u8>, &str); 8] = [
        ("a row that says otherwise", packed(&drawn), "not those that were exported"),
        ("the same, made to fit", packed(&fitted(drawn)), "NOT_SOUND"),
        ("a draw of another campaign", packed(&fitted(renamed)), "NOT_SOUND"),
        ("a row less", packed(&without_last_row), "not those that were exported"),
        ("a line more", packed(&more), "the end expected"),
        ("half of it", whole[..whole.len() / 2].to_vec(), "file"),
        ("another schema", packed(&other_schema), "OTHER_SCHEMA"),
        ("no export", packed(&["{}".to_owned()]), "line 1: the header expected"),
    ];
    let sent = place.db.folder.path().join("sent.gz");
    let restore = ["restore", sent.to_str().expect("path")];
    for (what, bytes, wanted) in tries {
        std::fs::write(&sent, bytes).expect("file");
        let output = run(&place.args(&restore));
        assert!(
            !output.status.success() && said(&output).contains(wanted),
            "{what}: {}",
            said(&output)
        );
    }
    std::fs::write(&sent, whole).expect("file");
    let own = std::fs::read(&place.key_file).expect("key");
    std::fs::write(&place.key_file, hex::encode([8; 32])).expect("key");
    let output = run(&place.args(&restore));
    assert!(said(&output).contains("NOT_SOUND"), "another key: {}", said(&output));
    std::fs::remove_file(&place.key_file).expect("key");
    let output = run(&place.args(&restore));
    assert!(said(&output).contains("the key that was in use is needed"), "{}", said(&output));
    std::fs::write(&place.key_file, own).expect("key");
    // Nothing of all that is left: it is still empty.
    succeed(&place.args(&restore));
}

async fn a_replica_leaves_the_schema_to_the_migration(engine: Engine) {
    let place = Place::new(engine).await;
    let serve = place.args(&["serve", "--listen", "127.0.0.1:0", "--keep-schema"]);
    let early = run(&serve);
    assert!(!early.status.success() && said(&early).contains("run `onevisit migrate` first"));
    let export = ["export", "/nowhere/all.gz", "--database", &place.db.url];
    assert!(said(&run(&export)).contains("run `onevisit migrate` first"));
    succeed(&["migrate", "--database", &place.db.url]);
    let served = Served::spawn(&serve);
    tokio::task::spawn_blocking(|| served.terminate()).await.expect("stopped");
}

async fn exports_by_time_replace_older_ones(engine: Engine) {
    let place = Place::new(engine).await;
    succeed(&["migrate", "--database", &place.db.url]);
    let folder = place.db.folder.path().join("backups");
    std::fs::create_dir(&folder).expect("folder");
    let kept = [
        "other-20000101T000000Z.jsonl.gz",
        "onevisit-20000101.gz",
        "onevisit-29000101T000000Z.jsonl.gz",
    ];
    for name in [&kept[..], &["onevisit-20000101T000000Z.jsonl.gz"]].concat() {
        std::fs::write(folder.join(name), "").expect("file");
    }
    let into = ["export", "--into", folder.to_str().expect("path"), "--database", &place.db.url];
    let text = succeed(&[&into[..], &["--keep-days", "30"]].concat());
    assert_eq!(text.matches("removed").count(), 1, "{text}");
    let new = text.split(": ").next().expect("the file").to_owned();
    let names = std::fs::read_dir(&folder).expect("folder").map(|e| e.expect("entry").path());
    let mut names: Vec<PathBuf> = names.collect();
    let mut wanted: Vec<PathBuf> = kept.iter().map(|name| folder.join(name)).collect();
    wanted.push(new.into());
    names.sort();
    wanted.sort();
    assert_eq!(names, wanted);
    assert!(!run(&["export", "--database", &place.db.url]).status.success(), "no file is named");
}
