//! The root that binds winners and visits (SPEC.md section 7).

use super::hash::{Digest, Suite, encode, push_field};
use super::lot::Winner;
use super::pool::Pool;
use super::visits::{Section, Visit};

fn winner_leaf(pool: &Pool, winner: &Winner) -> Vec<u8> {
    encode(&[
        b"winner",
        winner.department.as_bytes(),
        winner.stratum.as_bytes(),
        &winner.rank.to_be_bytes(),
        pool.units.ticket(winner.unit).bytes(),
    ])
}

fn section_bytes(pool: &Pool, section: &Section) -> Vec<u8> {
    let mut out = encode(&[section.department.as_bytes(), section.how.word().as_bytes()]);
    for slot in &section.team {
        push_field(&mut out, slot.map_or(&[][..], |i| &pool.inspectors[i].ticket.bytes()[..]));
    }
    out
}

fn visit_leaf(pool: &Pool, visit: &Visit) -> Vec<u8> {
    let mut out =
        encode(&[b"visit", &visit.rank.to_be_bytes(), pool.units.ticket(visit.unit).bytes()]);
    for section in &visit.sections {
        push_field(&mut out, &section_bytes(pool, section));
    }
    out
}

/// `MTH(winner leaves by (dept, stratum, rank), then visit leaves by rank)`.
#[must_use]
pub fn root(suite: Suite, pool: &Pool, winners: &[Winner], visits: &[Visit]) -> Digest {
    let winners = winners.iter().map(|w| winner_leaf(pool, w));
    suite.tree(winners.chain(visits.iter().map(|v| visit_leaf(pool, v))))
}
