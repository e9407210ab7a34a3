//! Whose cosignatures a checkpoint needs (C2SP tlog-policy): witnesses, groups of them, a quorum.

use std::collections::BTreeMap;

use super::note::{Note, NoteKey, Purpose};

/// Longest policy, in bytes.
pub const POLICY_BYTES_MAX: usize = 64 * 1024;
const NONE: &str = "none";

/// A witness that the policy knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// Its public key.
    pub key: NoteKey,
    /// Where it takes checkpoints; `None` when they are carried to it.
    pub url: Option<String>,
}

/// A group: so many of its members.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Group {
    needed: usize,
    members: Vec<String>,
}

/// A policy as read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// The text it was read from.
    pub text: String,
    /// Logs it accepts.
    pub logs: Vec<NoteKey>,
    /// Witnesses by the policy's own names.
    pub witnesses: BTreeMap<String, Witness>,
    groups: BTreeMap<String, Group>,
    /// `None`: a checkpoint needs no cosignature.
    quorum: Option<String>,
}

/// A line of a policy that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("policy, line {line}: {why}")]
pub struct PolicyError {
    /// From 1; 0 for the whole.
    pub line: usize,
    /// What is wrong.
    pub why: &'static str,
}

impl Policy {
    /// Reads a policy: lines `log VKEY [URL]`, `witness NAME VKEY [URL]`,
    /// `group NAME any|all|K MEMBER..` and, once, `quorum NAME|none`. A name is defined before it
    /// is used; `#` begins a comment.
    ///
    /// # Errors
    /// The first wrong line.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let mut policy = Self { text: text.to_owned(), ..Self::default() };
        let mut quorum = None;
        if text.len() > POLICY_BYTES_MAX {
            return Err(PolicyError { line: 0, why: "too long" });
        }
        for (nth, line) in (1..).zip(text.lines()) {
            let words: Vec<&str> =
                line.split('#').next().unwrap_or("").split_whitespace().collect();
            let read = match words.as_slice() {
                [] => Ok(()),
                ["log", key] | ["log", key, _] => policy.add_log(key),
                ["witness", name, key] => policy.add_witness(name, key, None),
                ["witness", name, key, url] => policy.add_witness(name, key, Some(url)),
                ["group", name, needed, members @ ..] => policy.add_group(name, needed, members),
                ["quorum", name] if quorum.is_none() => {
                    quorum = Some((*name).to_owned());
                    match *name == NONE || policy.knows(name) {
                        true => Ok(()),
                        false => Err("the quorum names nobody"),
                    }
                }
                _ => Err("not a line of a policy"),
            };
            read.map_err(|why| PolicyError { line: nth, why })?;
        }
        match quorum {
            None => Err(PolicyError { line: 0, why: "no quorum is named" }),
            Some(name) => {
                policy.quorum = (name != NONE).then_some(name);
                Ok(policy)
            }
        }
    }

    fn knows(&self, name: &str) -> bool {
        self.witnesses.contains_key(name) || self.groups.contains_key(name)
    }

    fn new_name(&self, name: &str) -> Result<(), &'static str> {
        match self.knows(name) || name == NONE {
            true => Err("the name is taken"),
            false => Ok(()),
        }
    }

    fn add_log(&mut self, key: &str) -> Result<(), &'static str> {
        let key = NoteKey::parse(key).filter(|k| k.purpose == Purpose::Log);
        self.logs.push(key.ok_or("not a log's key")?);
        Ok(())
    }

    fn add_witness(
        &mut self,
        name: &str,
        key: &str,
        url: Option<&str>,
    ) -> Result<(), &'static str> {
        self.new_name(name)?;
        let key = NoteKey::parse(key).filter(|k| k.purpose == Purpose::Witness);
        let key = key.ok_or("not a witness's key")?;
        if self.witnesses.values().any(|w| w.key == key) {
            return Err("the key is another witness's");
        }
        let url = url.map(|u| u.trim_end_matches('/').to_owned());
        self.witnesses.insert(name.to_owned(), Witness { key, url });
        Ok(())
    }

    fn add_group(
        &mut self,
        name: &str,
        needed: &str,
        members: &[&str],
    ) -> Result<(), &'static str> {
        self.new_name(name)?;
        if members.is_empty() || !members.iter().all(|m| self.knows(m)) {
            return Err("a member of the group is not known");
        }
        let needed = match needed {
            "any" => 1,
            "all" => members.len(),
            number => number.parse().map_err(|_| "the group needs any, all or a number")?,
        };
        if !(1..=members.len()).contains(&needed) {
            return Err("the group needs more than its members");
        }
        let members = members.iter().map(|m| (*m).to_owned()).collect();
        self.groups.insert(name.to_owned(), Group { needed, members });
        Ok(())
    }

    /// Names of the witnesses whose cosignatures on a note are right, with their times.
    #[must_use]
    pub fn cosigned(&self, note: &Note<'_>) -> BTreeMap<String, u64> {
        let time = |(name, w): (&String, &Witness)| Some((name.clone(), w.key.verify(note)?));
        self.witnesses.iter().filter_map(time).collect()
    }

    /// Whether a note bears the cosignatures that the quorum asks for.
    #[must_use]
    pub fn is_met(&self, note: &Note<'_>) -> bool {
        let cosigned = self.cosigned(note);
        self.quorum.as_ref().is_none_or(|name| self.holds(name, &cosigned))
    }

    /// Whether a checkpoint needs no cosignature at all.
    #[must_use]
    pub fn needs_nobody(&self) -> bool {
        self.quorum.is_none()
    }

    /// Groups name only what stands before them, so this ends.
    fn holds(&self, name: &str, cosigned: &BTreeMap<String, u64>) -> bool {
        let Some(group) = self.groups.get(name) else { return cosigned.contains_key(name) };
        group.members.iter().filter(|m| self.holds(m, cosigned)).count() >= group.needed
    }
}
