//! `onevisit witness` as an office runs it: beside the service, or with files carried by hand.

use onevisit::ledger::checkpoint::Checkpoint;
use onevisit::ledger::note::{Note, NoteKey};
use onevisit::ledger::witness::Request;
use onevisit::rpc::client::connect;
use onevisit::rpc::pb;
use onevisit::rpc::pb::ledger_service_client::LedgerServiceClient;
use onevisit::witness::client::{Answer, add_checkpoint};

use crate::harness::process::{Served, run, said, storage, succeed};
use crate::harness::{Engine, TestDb, on_every_engine, soon};

on_every_engine! {
    threat_t10_a_quorum_cosigns_the_log_and_no_fork_of_it, a_checkpoint_is_carried_as_a_file,
}

/// What a service says of its log once that is as wanted.
async fn head(
    address: &str,
    what: &str,
    wanted: impl Fn(&pb::GetCheckpointResponse) -> bool,
) -> pb::GetCheckpointResponse {
    let mut ledger = LedgerServiceClient::new(connect(address).await.expect("connect"));
    soon(what, async {
        loop {
            let request = pb::GetCheckpointRequest {};
            let head = ledger.get_checkpoint(request).await.expect("head").into_inner();
            if wanted(&head) {
                return head;
            }
        }
    })
    .await
}

async fn signed(address: &str) -> pb::GetCheckpointResponse {
    head(address, "a signed checkpoint", |head| !head.note.is_empty()).await
}

async fn witnessed(address: &str) -> pb::GetCheckpointResponse {
    head(address, "a witnessed checkpoint", |head| !head.witnessed.is_empty()).await
}

/// One office's witness: its name and its folder.
struct Office<'d>(&'d TestDb, &'static str);

impl Office<'_> {
    fn identity(&self, log: &str) -> Vec<String> {
        let folder = self.0.folder.path().join(self.1).display().to_string();
        let name = format!("witness.test/{}", self.1);
        let logs: &[&str] = if log.is_empty() { &[] } else { &["--log", log] };
        let args = [&["--name", &name, "--folder", &folder], logs].concat();
        args.into_iter().map(str::to_owned).collect()
    }

    fn run(&self, step: &str, log: &str, rest: &[&str]) -> Vec<String> {
        let mut args = vec!["witness".to_owned(), step.to_owned()];
        args.extend(self.identity(log));
        args.extend(rest.iter().map(|r| (*r).to_owned()));
        args
    }

    fn key(&self, log: &str) -> String {
        let args = self.run("key", log, &[]);
        succeed(&args.iter().map(String::as_str).collect::<Vec<_>>()).trim().to_owned()
    }

    fn serve(&self, log: &str) -> Served {
        let args = self.run("serve", log, &["--listen", "127.0.0.1:0"]);
        Served::spawn(&args.iter().map(String::as_str).collect::<Vec<_>>())
    }
}

async fn threat_t10_a_quorum_cosigns_the_log_and_no_fork_of_it(engine: Engine) {
    let db = TestDb::new(engine).await;
    let key_file = db.folder.path().join("key");
    succeed(&[&["key", "office", "领导小组办公室"][..], &storage(&db, &key_file)].concat());
    let first = Served::start(&db, &key_file);
    let pb::GetCheckpointResponse { key: log, note, .. } = signed(&first.address).await;
    drop(first);
    let offices = [Office(&db, "jiancha"), Office(&db, "market")];
    let witnesses: Vec<Served> = offices.iter().map(|o| o.serve(&log)).collect();
    // An answer that the service never got: it has to ask again.
    let lost = Request { old: 0, proof: Vec::new(), note };
    let lost = add_checkpoint(&witnesses[0].address, &lost.text()).expect("an answer");
    assert!(matches!(lost, Answer::Cosigned(_)), "{lost:?}");
    let lines = offices.iter().zip(&witnesses).map(|(office, served)| {
        format!("witness {} {} {}\n", office.1, office.key(&log), served.address)
    });
    let policy: String = lines.collect::<String>() + "group both all jiancha market\nquorum both\n";
    let policy_file = db.folder.path().join("policy");
    std::fs::write(&policy_file, policy).expect("policy");
    let policy_file = policy_file.to_str().expect("path");
    let base = storage(&db, &key_file);
    let serve = ["serve", "--listen", "127.0.0.1:0", "--log-policy", policy_file];
    let served = Served::spawn(&[&serve[..], &base].concat());
    let found = witnessed(&served.address).await;
    let note = Note::parse(&found.witnessed).expect("note");
    for office in &offices {
        let key = NoteKey::parse(&office.key(&log)).expect("key");
        assert!(key.verify(&note).is_some_and(|seconds| seconds > 1_700_000_000), "{}", office.1);
    }
    // Somebody with the log's key begins another history: no witness signs any of it.
    let fork = TestDb::new(engine).await;
    let base = storage(&fork, &key_file);
    let pin = fork.folder.path().join("pin");
    let pin = ["--log-pin", pin.to_str().expect("path")];
    succeed(&[&["key", "office", "另一段历史"][..], &base, &pin].concat());
    let forked = Served::spawn(&[&["serve", "--listen", "127.0.0.1:0"][..], &base, &pin].concat());
    let note = signed(&forked.address).await.note;
    let key = NoteKey::parse(&log).expect("key");
    let checkpoint = Checkpoint::open(&note, &key).expect("signed with the real key");
    for witness in &witnesses {
        for old in 0..=checkpoint.size {
            let request = Request { old, proof: Vec::new(), note: note.clone() };
            let answer = add_checkpoint(&witness.address, &request.text()).expect("an answer");
            assert!(!matches!(answer, Answer::Cosigned(_)), "{answer:?}");
        }
    }
}

async fn a_checkpoint_is_carried_as_a_file(engine: Engine) {
    let db = TestDb::new(engine).await;
    let key_file = db.folder.path().join("key");
    let office = Office(&db, "jiancha");
    succeed(&[&["key", "office", "领导小组办公室"][..], &storage(&db, &key_file)].concat());
    let policy = db.folder.path().join("policy");
    let text = format!("witness jiancha {}\nquorum jiancha\n", office.key(""));
    std::fs::write(&policy, text).expect("policy");
    let serve = ["serve", "--listen", "127.0.0.1:0", "--log-policy", policy.to_str().expect("p")];
    let served = Served::spawn(&[&serve[..], &storage(&db, &key_file)].concat());
    let head_before = signed(&served.address).await;
    assert_eq!(head_before.witnessed, "");
    let path = |name: &str| db.folder.path().join(name).display().to_string();
    let (request, line) = (path("request"), path("line"));
    succeed(&["witness", "request", "--server", &served.address, &request]);
    let args = office.run("sign", &head_before.key, &[&request]);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    std::fs::write(&line, succeed(&args)).expect("line");
    let key = NoteKey::parse(&head_before.key).expect("key");
    let size = Checkpoint::open(&head_before.note, &key).expect("signed").size.to_string();
    let deliver = ["witness", "deliver", "--server", &served.address, "--size", &size, &line];
    assert_eq!(succeed(&deliver), "kept the lines of jiancha\n");
    witnessed(&served.address).await;
    // The witness stands elsewhere now.
    let refused = run(&args);
    assert!(!refused.status.success() && said(&refused).contains("has cosigned"));
}
