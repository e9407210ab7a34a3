//! Witnesses and quorums, by the bytes.

use onevisit::domain::hash::Suite;
use onevisit::ledger::checkpoint::Checkpoint;
use onevisit::ledger::note::{Note, NoteSigner, Purpose};
use onevisit::ledger::quorum::Policy;
use onevisit::ledger::tree::{self, Tiles};
use onevisit::ledger::witness::{self, Refusal, Request};
use proptest::prelude::*;

fn log() -> NoteSigner {
    NoteSigner::new("onevisit.test/log", Purpose::Log, &[9; 32])
}

fn witness_of(nth: u8) -> NoteSigner {
    NoteSigner::new(&format!("witness.test/{nth}"), Purpose::Witness, &[nth; 32])
}

/// A log of numbered leaves of a history.
struct History(Tiles);

impl History {
    fn new(name: &str, size: u64) -> Self {
        let leaf = |n: u64| Suite::Sha256.leaf(format!("{name} {n}").as_bytes());
        let mut tiles = Tiles::default();
        tiles.grow(0, &(0..size).map(leaf).collect::<Vec<_>>());
        Self(tiles)
    }

    fn checkpoint(&self, size: u64) -> Checkpoint {
        let root = self.0.root(size).expect("grown");
        Checkpoint { origin: log().public().name.clone(), size, root }
    }

    fn request(&self, old: u64, size: u64) -> Request {
        let ranges = tree::consistency(old, size);
        let proof = ranges.iter().map(|r| self.0.hash(r).expect("grown")).collect();
        Request { old, proof, note: self.checkpoint(size).sign(&log()) }
    }
}

#[test]
fn a_request_is_read_as_it_was_written() {
    let request = History::new("a", 300).request(7, 300);
    assert_eq!(Request::parse(&request.text()), Some(request.clone()));
    for wrong in ["", "old 7\n", "old 07\n\nx", "old -1\n\nx", "new 7\n\nx", "old 7\nzz\n\nx"] {
        assert_eq!(Request::parse(wrong), None, "{wrong:?}");
    }
}

#[test]
fn a_witness_says_why_it_refuses() {
    let (history, public) = (History::new("a", 20), log());
    let public = public.public();
    let at = |size| Some(history.checkpoint(size));
    let check = |request: &Request, latest: Option<Checkpoint>| {
        witness::check(request, public, latest.as_ref()).map(|c| c.size)
    };
    assert_eq!(check(&history.request(0, 5), None), Ok(5));
    assert_eq!(check(&history.request(5, 20), at(5)), Ok(20));
    assert_eq!(check(&history.request(5, 5), at(5)), Ok(5), "again");
    assert_eq!(check(&history.request(5, 20), at(7)), Err(Refusal::Conflict(7)));
    assert_eq!(check(&history.request(0, 5), at(5)), Err(Refusal::Conflict(5)));
    let backwards = Request { old: 20, ..history.request(5, 7) };
    assert_eq!(check(&backwards, at(20)), Err(Refusal::Malformed));
    let other = History::new("b", 20);
    assert_eq!(check(&other.request(5, 20), at(5)), Err(Refusal::Inconsistent));
    assert_eq!(check(&other.request(5, 5), at(5)), Err(Refusal::Conflict(5)));
    let stolen = NoteSigner::new(&public.name, Purpose::Log, &[8; 32]);
    let unsigned = Request { note: history.checkpoint(5).sign(&stolen), ..history.request(0, 5) };
    assert_eq!(check(&unsigned, None), Err(Refusal::Unsigned));
    let elsewhere = NoteSigner::new("another/log", Purpose::Log, &[9; 32]);
    let logs = [elsewhere.public().clone()];
    assert_eq!(witness::log_of(&history.request(0, 5), &logs), Err(Refusal::UnknownLog));
}

proptest! {
    /// However two histories are offered in whatever order, one witness never signs both.
    #[test]
    fn no_witness_signs_two_histories(
        offers in prop::collection::vec((any::<bool>(), 0_u64..40, 1_u64..40), 1..60),
    ) {
        let histories = [History::new("a", 40), History::new("b", 40)];
        let signer = log();
        let mut latest: Option<Checkpoint> = None;
        let mut signed: Vec<(bool, u64)> = Vec::new();
        for (which, old, size) in offers {
            let request = histories[usize::from(which)].request(old.min(size), size);
            if let Ok(new) = witness::check(&request, signer.public(), latest.as_ref()) {
                prop_assert!(latest.as_ref().is_none_or(|c| c.size <= new.size));
                signed.push((which, size));
                latest = Some(new);
            }
        }
        prop_assert!(signed.iter().all(|(which, _)| *which == signed[0].0), "{signed:?}");
    }
}

fn policy(quorum: &str) -> String {
    let key = |n| witness_of(n).public().to_string();
    format!(
        "# who keeps us honest\nlog {}\nwitness 监察室 {}\nwitness fire {} https://fire.test/w/\n\
         witness market {}\ngroup departments any fire market\n\
         group both all 监察室 departments # two walls\n{quorum}\n",
        log().public(),
        key(1),
        key(2),
        key(3)
    )
}

#[test]
fn a_quorum_counts_as_it_says() {
    let checkpoint = History::new("a", 5).checkpoint(5);
    let bare = checkpoint.sign(&log());
    let met = |quorum: &str, by: &[u8]| {
        let lines: String = by.iter().map(|n| witness_of(*n).line(&checkpoint.text(), 7)).collect();
        let note = format!("{bare}{lines}");
        Policy::parse(&policy(quorum)).expect("policy").is_met(&Note::parse(&note).expect("note"))
    };
    assert!(met("quorum none", &[]));
    assert!(!met("quorum both", &[]));
    assert!(!met("quorum both", &[1]));
    assert!(!met("quorum both", &[2, 3]));
    assert!(met("quorum both", &[1, 3]));
    assert!(met("quorum 监察室", &[1]));
    assert!(!met("quorum 监察室", &[2]));
    let read = Policy::parse(&policy("quorum both")).expect("policy");
    assert_eq!(read.witnesses["fire"].url.as_deref(), Some("https://fire.test/w"));
    assert_eq!(read.logs, [log().public().clone()]);
}

#[test]
fn a_wrong_policy_names_its_line() {
    let line = |text: &str| Policy::parse(text).expect_err(text).line;
    assert_eq!(line(""), 0);
    assert_eq!(line("quorum nobody"), 1);
    assert_eq!(line(&policy("group more 4 fire market 监察室\nquorum none")), 8);
    assert_eq!(line(&policy("group fire any market\nquorum none")), 8);
    assert_eq!(line(&policy("group later any nobody\nquorum none")), 8);
    assert_eq!(line(&policy("quorum none\nquorum none")), 9);
    assert_eq!(line(&policy(&format!("witness twice {}", witness_of(1).public()))), 8);
    assert_eq!(line(&format!("witness log {}", log().public())), 1);
    assert_eq!(line("hello"), 1);
}
