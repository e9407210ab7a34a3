//! The log's part of a certificate: its keys, its policy, its two checkpoints (step L2).

use super::file::{Certificate, Entry};
use super::verify::Trust;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::note::{Note, NoteKey};
use crate::ledger::quorum::Policy;
use crate::ledger::succession::{self, KeyChange};
use crate::ledger::tree;

/// The policy that cosignatures are held against: the given one, or the file's.
pub(super) fn policy(file: &Certificate, trust: &Trust) -> Result<Policy, String> {
    let text = trust.policy.as_ref().unwrap_or(&file.log.policy);
    match text.is_empty() {
        true => Ok(Policy::default()),
        false => Policy::parse(text).map_err(|e| e.to_string()),
    }
}

/// Both checkpoints: signed by a key of the log, cosigned enough, the later continuing the earlier.
pub(super) fn checkpoints(
    file: &Certificate,
    trust: &Trust,
) -> Result<(Checkpoint, Checkpoint), String> {
    let log = &file.log;
    let key = NoteKey::parse(&log.key).ok_or("the log's key cannot be read")?;
    let late = Checkpoint::open(&log.checkpoint, &key).ok_or("a checkpoint is not signed")?;
    let changes = key_changes(&log.key_changes, &late, &key)?;
    let keys: Vec<&NoteKey> = changes.iter().map(|c| &c.old).chain([&key]).collect();
    if trust.key.as_ref().is_some_and(|known| keys.iter().all(|key| key.to_string() != *known)) {
        return Err("the file names another log key than the one given".to_owned());
    }
    let policy = policy(file, trust)?;
    let open = |note: &str| {
        let signed = keys.iter().find_map(|key| Checkpoint::open(note, key));
        let checkpoint = signed.ok_or("a checkpoint is not signed")?;
        let note = Note::parse(note).ok_or("a checkpoint is not signed")?;
        policy.is_met(&note).then_some(checkpoint).ok_or("a checkpoint is not cosigned enough")
    };
    let (early, late) = (open(&log.frozen_under)?, open(&log.checkpoint)?);
    match tree::continues(early.size, &early.root, late.size, &late.root, &log.consistency) {
        true => Ok((early, late)),
        false => Err("the later checkpoint does not continue the earlier: a fork".to_owned()),
    }
}

/// The changes that led to the log's key, each signed by both of its keys and in the log.
fn key_changes(
    given: &[Entry],
    late: &Checkpoint,
    key: &NoteKey,
) -> Result<Vec<KeyChange>, String> {
    let mut changes = Vec::new();
    for Entry { event, position, proof } in given {
        let stands = tree::includes(event.as_bytes(), *position, late.size, proof, &late.root);
        let change = KeyChange::read(event.as_bytes()).filter(|_| stands);
        changes.push(change.ok_or("a change of the log's key is not signed or not in the log")?);
    }
    match succession::is_chain(&changes, key) {
        true => Ok(changes),
        false => Err("the changes of the log's key do not lead to it".to_owned()),
    }
}
