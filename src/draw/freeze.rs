//! Sealing a frame: tickets, roots, and the bytes that bind everything (SPEC.md section 2).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::DrawError;
use super::frame::{Beacon, EXCLUDED, Frame, IN, Inspector, Join, Slot, Unit};
use super::hash::{DIGEST_BYTES, Digest, Suite};
use super::pool::{InspectorLeaf, Pair, Pool, Rooted};
use super::quota::{Quota, QuotaRule, RatioBase};
use super::units::{Kind, Units};
use crate::domain::canon::{self, require_nfc};

/// The three kinds of identity that open at different times (SPEC.md section 8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Units that at least one department may draw.
    Selectable,
    /// Units that none may draw.
    Excluded,
    /// Inspectors.
    Inspector,
}

impl Class {
    /// The letter that stands in the hashes.
    #[must_use]
    pub const fn letter(self) -> &'static str {
        match self {
            Self::Selectable => "S",
            Self::Excluded => "X",
            Self::Inspector => "I",
        }
    }
}

/// Commitments to the three master keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MasterCommitments {
    /// Inspectors.
    #[serde(rename = "I")]
    pub inspectors: Digest,
    /// Selectable units.
    #[serde(rename = "S")]
    pub selectable: Digest,
    /// Excluded units.
    #[serde(rename = "X")]
    pub excluded: Digest,
}

/// The statement that freezes a draw; its canonical JSON is `freeze_bytes`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Freeze {
    /// Hash suite.
    pub alg: Suite,
    /// 1 for the first attempt.
    pub attempt: u64,
    /// Root of the pairs that may not meet.
    pub avoid: Rooted,
    /// Public randomness round, if one is used.
    pub beacon: Option<Beacon>,
    /// Texts bound without being read.
    pub context: BTreeMap<String, String>,
    /// Supervising offices in order.
    pub contributors: Vec<String>,
    /// Resource name of the draw.
    pub draw_id: String,
    /// Root of the inspectors.
    pub inspectors: Rooted,
    /// Who joins a visit.
    pub join: Join,
    /// Root of the pairs that should meet again.
    pub keep: Rooted,
    /// The lead department.
    pub lead: String,
    /// Master key commitments.
    pub mc: MasterCommitments,
    /// Root of the units.
    pub pool: Rooted,
    /// Named slot lists.
    pub profiles: BTreeMap<String, Vec<Slot>>,
    /// What to draw, per department and stratum.
    pub quotas: BTreeMap<String, BTreeMap<String, Quota>>,
    /// What a ratio is a ratio of.
    pub ratio_base: RatioBase,
}

impl Freeze {
    /// Reads stored freeze bytes and refuses any that are not canonical.
    ///
    /// # Errors
    /// [`DrawError::BadFreeze`] when they are not the canonical JSON of a freeze statement.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DrawError> {
        let freeze: Self =
            serde_json::from_slice(bytes).map_err(|e| DrawError::BadFreeze(e.to_string()))?;
        if freeze.to_bytes()? != bytes {
            return Err(DrawError::BadFreeze("not in canonical form".to_owned()));
        }
        Ok(freeze)
    }

    /// The canonical bytes of the statement.
    ///
    /// # Errors
    /// [`DrawError::Canon`] when a text is not in normalisation form C.
    pub fn to_bytes(&self) -> Result<Vec<u8>, DrawError> {
        let value = serde_json::to_value(self).map_err(|e| DrawError::BadFreeze(e.to_string()))?;
        Ok(canon::to_bytes(&value)?)
    }
}

/// `freeze_hash = T("dr1/freeze", freeze_bytes)`, over the stored bytes.
#[must_use]
pub fn freeze_hash(suite: Suite, freeze_bytes: &[u8]) -> Digest {
    suite.tagged("dr1/freeze", &[freeze_bytes])
}

/// `master_K = M(root_secret, "dr1/master", K)`: opens every ticket of one class.
#[must_use]
pub fn master_key(suite: Suite, root_secret: &[u8; DIGEST_BYTES], class: Class) -> Digest {
    suite.keyed(root_secret, "dr1/master", &[class.letter().as_bytes()])
}

/// `salt = M(master_K, "dr1/salt", draw_id, K, id)`.
#[must_use]
pub fn salt(suite: Suite, master: &Digest, draw_id: &str, class: Class, id: &str) -> Digest {
    let fields = [draw_id.as_bytes(), class.letter().as_bytes(), id.as_bytes()];
    suite.keyed(master.bytes(), "dr1/salt", &fields)
}

/// `ticket = T("dr1/ticket", draw_id, K, salt, id, rec)`.
#[must_use]
pub fn ticket(
    suite: Suite,
    draw_id: &str,
    class: Class,
    salt: &Digest,
    id: &str,
    rec: &Digest,
) -> Digest {
    let letter = class.letter().as_bytes();
    let fields = [draw_id.as_bytes(), letter, salt.bytes(), id.as_bytes(), rec.bytes()];
    suite.tagged("dr1/ticket", &fields)
}

/// A frozen draw: what is published, and the private map from names to tickets.
#[derive(Clone, Debug)]
pub struct Sealed {
    /// The statement.
    pub freeze: Freeze,
    /// Its canonical bytes, stored and hashed as they are.
    pub freeze_bytes: Vec<u8>,
    /// The published lists.
    pub pool: Pool,
    /// Unit id to ticket. Secret until the visit.
    pub unit_tickets: BTreeMap<String, Digest>,
    /// Inspector id to ticket. Secret.
    pub inspector_tickets: BTreeMap<String, Digest>,
}

/// Seals a frame under a root secret.
///
/// # Errors
/// A [`DrawError`] when the frame breaks a rule of SPEC.md: text not NFC, an id twice, an
/// unknown profile or status, a pair that names a stranger.
pub fn seal(frame: &Frame, root_secret: &[u8; DIGEST_BYTES]) -> Result<Sealed, DrawError> {
    check_texts(frame)?;
    let (units, unit_tickets) = seal_units(frame, root_secret)?;
    let (inspectors, inspector_tickets) = seal_inspectors(frame, root_secret)?;
    let pool = Pool {
        avoid: seal_pairs(&frame.avoid, &unit_tickets, &inspector_tickets)?,
        keep: seal_pairs(&frame.keep, &unit_tickets, &inspector_tickets)?,
        units,
        inspectors,
    };
    let freeze = statement(frame, &pool, root_secret);
    let freeze_bytes = freeze.to_bytes()?;
    Ok(Sealed { freeze, freeze_bytes, pool, unit_tickets, inspector_tickets })
}

fn statement(frame: &Frame, pool: &Pool, root_secret: &[u8; DIGEST_BYTES]) -> Freeze {
    let suite = frame.alg;
    let commitment = |class: Class| {
        let master = master_key(suite, root_secret, class);
        suite.tagged("dr1/master-commit", &[class.letter().as_bytes(), master.bytes()])
    };
    Freeze {
        alg: suite,
        attempt: frame.attempt,
        avoid: Pool::rooted_pairs(suite, &pool.avoid),
        beacon: frame.beacon.clone(),
        context: frame.context.clone(),
        contributors: frame.contributors.clone(),
        draw_id: frame.draw_id.clone(),
        inspectors: pool.rooted_inspectors(suite),
        join: frame.join,
        keep: Pool::rooted_pairs(suite, &pool.keep),
        lead: frame.lead.clone(),
        mc: MasterCommitments {
            inspectors: commitment(Class::Inspector),
            selectable: commitment(Class::Selectable),
            excluded: commitment(Class::Excluded),
        },
        pool: pool.units.rooted(suite),
        profiles: frame.profiles.clone(),
        quotas: quotas(&frame.quotas, frame.ratio_base, &pool.units),
        ratio_base: frame.ratio_base,
    }
}

/// Counts each department's strata in the leaves and applies the rules.
#[must_use]
pub fn quotas(
    rules: &BTreeMap<String, BTreeMap<String, QuotaRule>>,
    base: RatioBase,
    units: &Units,
) -> BTreeMap<String, BTreeMap<String, Quota>> {
    let mut counts: BTreeMap<&str, BTreeMap<&str, (u64, u64)>> = rules
        .iter()
        .map(|(d, strata)| (d.as_str(), strata.keys().map(|s| (s.as_str(), (0, 0))).collect()))
        .collect();
    for (kind, units) in units.counted() {
        for (department, status) in &kind.statuses {
            let strata = counts.get_mut(department.as_str());
            let count = strata.and_then(|s| s.get_mut(kind.stratum.as_str()));
            if let Some((registered, eligible)) = count {
                *registered += units;
                *eligible += if status.starts_with(IN) { units } else { 0 };
            }
        }
    }
    let quota = |department: &str, stratum: &str, rule: &QuotaRule| {
        let (registered, eligible) = counts[department][stratum];
        let draw = rule.draw(base, registered, eligible);
        Quota { draw, eligible, registered, rule: rule.clone() }
    };
    rules
        .iter()
        .map(|(d, strata)| {
            (d.clone(), strata.iter().map(|(s, r)| (s.clone(), quota(d, s, r))).collect())
        })
        .collect()
}

fn seal_units(
    frame: &Frame,
    root_secret: &[u8; DIGEST_BYTES],
) -> Result<(Units, BTreeMap<String, Digest>), DrawError> {
    let suite = frame.alg;
    let selectable = master_key(suite, root_secret, Class::Selectable);
    let excluded = master_key(suite, root_secret, Class::Excluded);
    let mut leaves = Vec::with_capacity(frame.units.len());
    let mut tickets = BTreeMap::new();
    for unit in &frame.units {
        check_statuses(frame, unit)?;
        let (class, master) = match unit.is_excluded() {
            true => (Class::Excluded, &excluded),
            false => (Class::Selectable, &selectable),
        };
        let rec = suite.hash(&canon::to_bytes(&unit.record)?);
        let salt = salt(suite, master, &frame.draw_id, class, &unit.id);
        let ticket = ticket(suite, &frame.draw_id, class, &salt, &unit.id, &rec);
        if tickets.insert(unit.id.clone(), ticket).is_some() {
            return Err(DrawError::Duplicate { kind: "unit", id: unit.id.clone() });
        }
        leaves.push((ticket, unit));
    }
    leaves.sort_unstable_by_key(|(ticket, _)| *ticket);
    let kind = |(ticket, unit): (Digest, &Unit)| {
        let statuses = unit.departments.iter().map(|(d, s)| (d.clone(), s.clone())).collect();
        (ticket, Kind { stratum: unit.stratum.clone(), statuses })
    };
    Ok((leaves.into_iter().map(kind).collect(), tickets))
}

fn seal_inspectors(
    frame: &Frame,
    root_secret: &[u8; DIGEST_BYTES],
) -> Result<(Vec<InspectorLeaf>, BTreeMap<String, Digest>), DrawError> {
    let suite = frame.alg;
    let master = master_key(suite, root_secret, Class::Inspector);
    let mut leaves = Vec::with_capacity(frame.inspectors.len());
    let mut tickets = BTreeMap::new();
    for inspector in &frame.inspectors {
        let rec = suite.hash(&canon::to_bytes(&inspector.record)?);
        let salt = salt(suite, &master, &frame.draw_id, Class::Inspector, &inspector.id);
        let id = &inspector.id;
        let ticket = ticket(suite, &frame.draw_id, Class::Inspector, &salt, id, &rec);
        if tickets.insert(id.clone(), ticket).is_some() {
            return Err(DrawError::Duplicate { kind: "inspector", id: id.clone() });
        }
        leaves.push(inspector_leaf(ticket, inspector));
    }
    leaves.sort_unstable_by_key(|leaf| leaf.ticket);
    Ok((leaves, tickets))
}

fn inspector_leaf(ticket: Digest, inspector: &Inspector) -> InspectorLeaf {
    let tags: BTreeSet<String> = inspector.tags.iter().cloned().collect();
    InspectorLeaf {
        ticket,
        department: inspector.department.clone(),
        tier: inspector.tier,
        may_lead: inspector.may_lead,
        cap: inspector.cap,
        tags: tags.into_iter().collect(),
    }
}

fn seal_pairs(
    pairs: &[(String, String)],
    units: &BTreeMap<String, Digest>,
    inspectors: &BTreeMap<String, Digest>,
) -> Result<Vec<Pair>, DrawError> {
    let find = |map: &BTreeMap<String, Digest>, id: &String| {
        map.get(id).copied().ok_or_else(|| DrawError::UnknownPair(id.clone()))
    };
    let sealed: BTreeSet<Pair> = pairs
        .iter()
        .map(|(unit, inspector)| Ok((find(units, unit)?, find(inspectors, inspector)?)))
        .collect::<Result<_, DrawError>>()?;
    Ok(sealed.into_iter().collect())
}

fn check_statuses(frame: &Frame, unit: &Unit) -> Result<(), DrawError> {
    for (department, status) in &unit.departments {
        require_nfc("unit.departments", department)?;
        require_nfc("unit.departments", status)?;
        match (status.strip_prefix(IN), status.strip_prefix(EXCLUDED)) {
            (Some(profile), _) if !frame.profiles.contains_key(profile) => {
                return Err(DrawError::UnknownProfile {
                    department: department.clone(),
                    profile: profile.to_owned(),
                });
            }
            (None, None) => return Err(DrawError::BadStatus(status.clone())),
            _ => {}
        }
    }
    Ok(())
}

fn check_texts(frame: &Frame) -> Result<(), DrawError> {
    require_nfc("draw_id", &frame.draw_id)?;
    for unit in &frame.units {
        require_nfc("unit.id", &unit.id)?;
        require_nfc("unit.stratum", &unit.stratum)?;
    }
    for inspector in &frame.inspectors {
        require_nfc("inspector.id", &inspector.id)?;
        require_nfc("inspector.department", &inspector.department)?;
        inspector.tags.iter().try_for_each(|tag| require_nfc("inspector.tags", tag))?;
    }
    Ok(())
}
