//! The log's tree, proofs and notes.

use onevisit::domain::hash::{Digest, Suite};
use onevisit::ledger::checkpoint::Checkpoint;
use onevisit::ledger::note::{Note, NoteKey, NoteSigner, Purpose};
use onevisit::ledger::tree::{self, Tiles};

/// Past the first full tile and into the second.
const MANY: u64 = 600;
/// Sizes whose proofs are all checked, and some around a tile's border.
const SIZES: [u64; 9] = [1, 2, 3, 7, 8, 33, 255, 257, 520];

fn data(leaf: u64) -> Vec<u8> {
    format!("leaf {leaf}").into_bytes()
}

fn grown(size: u64, step: usize) -> Tiles {
    let leaves: Vec<Digest> = (0..size).map(|i| Suite::Sha256.leaf(&data(i))).collect();
    let mut tiles = Tiles::default();
    let mut at = 0;
    for chunk in leaves.chunks(step) {
        tiles.grow(at, chunk);
        at += chunk.len() as u64;
    }
    tiles
}

#[test]
fn the_tree_is_that_of_rfc_6962() {
    let published = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"];
    let last = "606162636465666768696a6b6c6d6e6f";
    let leaves: Vec<Digest> = published
        .iter()
        .chain([&last])
        .map(|hex| Suite::Sha256.leaf(&hex::decode(hex).expect("hex")))
        .collect();
    let mut tiles = Tiles::default();
    tiles.grow(0, &leaves);
    let root = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328";
    assert_eq!(tiles.root(8).expect("root").to_string(), root);
}

#[test]
fn growing_in_any_steps_gives_the_tree_of_all_leaves() {
    for step in [1, 7, 256, 600] {
        let tiles = grown(MANY, step);
        for size in (0..=MANY).step_by(37).chain(SIZES) {
            let whole = Suite::Sha256.tree((0..size).map(data));
            assert_eq!(tiles.root(size), Some(whole), "size {size} by {step}");
        }
    }
}

#[test]
fn the_edge_is_all_that_growing_needs() {
    let whole = grown(MANY, 600);
    for size in 0..MANY {
        let edge = tree::edge(size);
        let before = grown(size, 600);
        let mut tiles = Tiles(before.0.into_iter().filter(|(id, _)| edge.contains(id)).collect());
        let rest: Vec<Digest> = (size..MANY).map(|i| Suite::Sha256.leaf(&data(i))).collect();
        tiles.grow(size, &rest);
        assert_eq!(tiles.root(MANY), whole.root(MANY), "from {size}");
    }
}

#[test]
fn an_entry_is_proved_where_it_is_and_nowhere_else() {
    let tiles = grown(MANY, 600);
    for size in SIZES {
        let root = tiles.root(size).expect("root");
        for index in 0..size {
            let ranges = tree::inclusion(index, size);
            let proof: Vec<Digest> =
                ranges.iter().map(|r| tiles.hash(r).expect("stored")).collect();
            assert!(tree::includes(&data(index), index, size, &proof, &root), "{index} of {size}");
            assert!(!tree::includes(&data(index + 1), index, size, &proof, &root));
            assert!(!tree::includes(&data(index), index ^ 1, size, &proof, &root) || size == 1);
            for at in 0..proof.len() {
                let mut wrong = proof.clone();
                wrong[at].0[0] ^= 1;
                assert!(!tree::includes(&data(index), index, size, &wrong, &root));
            }
        }
    }
}

#[test]
fn a_tree_is_proved_to_continue_the_earlier_ones_only() {
    let tiles = grown(MANY, 600);
    for size in SIZES {
        let root = tiles.root(size).expect("root");
        for from in 0..=size {
            let old = tiles.root(from).expect("root");
            let ranges = tree::consistency(from, size);
            let proof: Vec<Digest> =
                ranges.iter().map(|r| tiles.hash(r).expect("stored")).collect();
            assert!(tree::continues(from, &old, size, &root, &proof), "{from} to {size}");
            let mut other = old;
            other.0[31] ^= 1;
            assert!(from == 0 || !tree::continues(from, &other, size, &root, &proof));
            assert!(from == 0 || !tree::continues(from, &old, size, &other, &proof));
            assert!(!tree::continues(size + 1, &old, size, &root, &proof));
            for at in 0..proof.len() {
                let mut wrong = proof.clone();
                wrong[at].0[5] ^= 1;
                assert!(!tree::continues(from, &old, size, &root, &wrong));
            }
        }
    }
}

#[test]
fn a_checkpoint_opens_with_its_own_key_only() {
    let signer = NoteSigner::new("onevisit.test/log", Purpose::Log, &[1; 32]);
    let other = NoteSigner::new("onevisit.test/log", Purpose::Log, &[2; 32]);
    let origin = "onevisit.test/log".to_owned();
    let checkpoint = Checkpoint { origin, size: 7, root: Suite::Sha256.hash(b"root") };
    let note = checkpoint.sign(&signer);
    assert_eq!(Checkpoint::open(&note, signer.public()), Some(checkpoint.clone()));
    assert_eq!(Checkpoint::open(&note, other.public()), None);
    for at in 0..note.len() {
        let mut bytes = note.clone().into_bytes();
        bytes[at] ^= 1;
        let opened =
            String::from_utf8(bytes).ok().and_then(|n| Checkpoint::open(&n, signer.public()));
        assert_eq!(opened, None, "byte {at}");
    }
    let elsewhere = Checkpoint { origin: "another/log".to_owned(), ..checkpoint };
    assert_eq!(Checkpoint::open(&elsewhere.sign(&signer), signer.public()), None);
    let text = signer.public().to_string();
    assert_eq!(NoteKey::parse(&text).as_ref(), Some(signer.public()));
    assert_eq!(NoteKey::parse(&text.replace("test", "best")), None);
}

#[test]
fn a_witness_says_when() {
    let witness = NoteSigner::new("监察室", Purpose::Witness, &[3; 32]);
    let text = "onevisit.test/log\n7\nAAAA\n";
    let note = format!("{text}\n{}", witness.line(text, 1_781_488_800));
    let note = Note::parse(&note).expect("a note");
    assert_eq!(witness.public().verify(&note), Some(1_781_488_800));
    let later = witness.line("onevisit.test/log\n8\nAAAA\n", 1_781_488_800);
    let moved = format!("{text}\n{later}");
    assert_eq!(witness.public().verify(&Note::parse(&moved).expect("a note")), None);
}
