//! Sending teams: keeps first, then the least loaded suiting inspector (SPEC.md section 6).
//!
//! Each department is dealt by itself, so the order of departments changes nothing.

use std::cmp::Reverse;
use std::collections::binary_heap::PeekMut;
use std::collections::{BTreeMap, BinaryHeap};
use std::ops::Range;

use super::chacha::{Blocks, LANES_MAX};
use super::freeze::Freeze;
use super::hash::Digest;
use super::pool::{InspectorLeaf, Pair, Pool};
use super::repair;
use super::seed::Seed;
use super::visits::Visit;

/// What dealing did besides the teams themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DealCount {
    /// Slots filled by a keep pair.
    pub kept: u64,
    /// Slots filled by an augmenting path.
    pub repaired: u64,
    /// Slots left empty: shortages.
    pub short: u64,
}

/// A slot of one department, somewhere in the visits.
pub(super) struct Place<'a> {
    /// Index into the visits.
    visit: usize,
    /// Index of the department's section in the visit.
    section: usize,
    /// Index of the slot in the section.
    position: usize,
    /// The department's places in this visit; they stand together.
    section_places: Range<usize>,
    requires: &'a [String],
    leads: bool,
}

/// One department's deal while it is under way. Inspectors are indexed in ticket order.
pub(super) struct Table<'a> {
    blocks: Blocks,
    /// The next priorities of each person: (first load they are for, one per load).
    priorities: Vec<(u64, [u64; LANES_MAX])>,
    pub(super) people: Vec<&'a InspectorLeaf>,
    /// Position of each person in the whole pool.
    seats: Vec<usize>,
    pub(super) places: Vec<Place<'a>>,
    /// Order in which places are dealt.
    pub(super) order: Vec<usize>,
    /// Who holds each place.
    pub(super) holder: Vec<Option<usize>>,
    /// Places each person holds.
    pub(super) held: Vec<Vec<usize>>,
    /// Per visit, the pairs of its unit.
    avoided: &'a [&'a [Pair]],
}

impl Table<'_> {
    fn load(&self, person: usize) -> u64 {
        self.held[person].len() as u64
    }

    /// `prio(person, load)`. Loads grow one by one, so a computation serves the next few as well.
    pub(super) fn priority(&mut self, person: usize, load: u64) -> u64 {
        let (first, numbers) = &mut self.priorities[person];
        let start = load - load % LANES_MAX as u64;
        if *first != start {
            (*first, *numbers) = (start, self.blocks.numbers(person as u64, start));
        }
        numbers[(load % LANES_MAX as u64) as usize]
    }

    pub(super) fn is_full(&self, person: usize) -> bool {
        self.load(person) >= self.people[person].cap
    }

    /// Tags and the lead's right to lead.
    fn is_able(&self, person: usize, (requires, leads): Demand<'_>) -> bool {
        let leaf = self.people[person];
        requires.iter().all(|tag| leaf.tags.binary_search(tag).is_ok()) && (leaf.may_lead || !leads)
    }

    pub(super) fn suits(&self, person: usize, place: usize) -> bool {
        let Place { visit, requires, leads, .. } = self.places[place];
        let ticket = &self.people[person].ticket;
        self.is_able(person, (requires, leads))
            && self.avoided[visit].iter().all(|(_, avoided)| avoided != ticket)
            && !self.team(place).contains(&Some(person))
    }

    /// Who is at the places of a place's section.
    fn team(&self, place: usize) -> &[Option<usize>] {
        &self.holder[self.places[place].section_places.clone()]
    }

    pub(super) fn put(&mut self, person: usize, place: usize) {
        self.holder[place] = Some(person);
        self.held[person].push(place);
    }

    pub(super) fn take(&mut self, person: usize, place: usize) {
        self.holder[place] = None;
        self.held[person].retain(|&p| p != place);
    }

    /// Whether somebody stands twice in the section of a place.
    pub(super) fn has_twice(&self, place: usize) -> bool {
        let team = self.team(place);
        (1..team.len()).any(|i| team[i].is_some() && team[..i].contains(&team[i]))
    }
}

/// Fills the teams of all visits and says how it went.
pub fn deal(freeze: &Freeze, pool: &Pool, seed: &Seed, visits: &mut [Visit]) -> DealCount {
    let avoided: Vec<&[Pair]> =
        visits.iter().map(|v| pairs_of(&pool.avoid, pool.units.ticket(v.unit))).collect();
    let keeps: Vec<&[Pair]> =
        visits.iter().map(|v| pairs_of(&pool.keep, pool.units.ticket(v.unit))).collect();
    let mut seats: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (seat, leaf) in pool.inspectors.iter().enumerate() {
        seats.entry(&leaf.department).or_default().push(seat);
    }
    let mut count = DealCount::default();
    let mut outcome: Vec<(usize, usize, usize, usize)> = Vec::new();
    for (department, places) in places(freeze, visits) {
        let seats = seats.remove(department).unwrap_or_default();
        let blocks = Blocks::new(&seed.inspector_key(department));
        let mut table = lay(blocks, pool, seats, places, &avoided);
        count.kept += keep(&mut table, &keeps);
        deal_places(&mut table);
        count.repaired += repair::repair(&mut table);
        for (place, holder) in table.places.iter().zip(&table.holder) {
            match holder {
                Some(i) => {
                    outcome.push((place.visit, place.section, place.position, table.seats[*i]));
                }
                None => count.short += 1,
            }
        }
    }
    for (visit, section, position, seat) in outcome {
        visits[visit].sections[section].team[position] = Some(seat);
    }
    count
}

/// The pairs of one unit in a sorted list.
fn pairs_of(pairs: &[Pair], unit: Digest) -> &[Pair] {
    let rest = &pairs[pairs.partition_point(|(u, _)| *u < unit)..];
    &rest[..rest.iter().take_while(|(u, _)| *u == unit).count()]
}

/// Each department's places by (visit, position).
fn places<'a>(freeze: &'a Freeze, visits: &'a [Visit]) -> BTreeMap<&'a str, Vec<Place<'a>>> {
    let mut out: BTreeMap<&str, Vec<Place<'_>>> = BTreeMap::new();
    for (visit, v) in visits.iter().enumerate() {
        for (section, s) in v.sections.iter().enumerate() {
            let slots = freeze.profiles.get(&s.profile).map_or(&[][..], Vec::as_slice);
            let places = out.entry(&s.department).or_default();
            let section_places = places.len()..places.len() + slots.len();
            places.extend(slots.iter().enumerate().map(|(position, slot)| Place {
                visit,
                section,
                position,
                section_places: section_places.clone(),
                requires: &slot.requires,
                leads: slot.lead && s.department == freeze.lead,
            }));
        }
    }
    out
}

fn lay<'a>(
    blocks: Blocks,
    pool: &'a Pool,
    seats: Vec<usize>,
    places: Vec<Place<'a>>,
    avoided: &'a [&'a [Pair]],
) -> Table<'a> {
    let demanding = |place: &Place<'_>| !place.requires.is_empty() || place.leads;
    let (first, then): (Vec<usize>, Vec<usize>) =
        (0..places.len()).partition(|&p| demanding(&places[p]));
    Table {
        blocks,
        people: seats.iter().map(|&i| &pool.inspectors[i]).collect(),
        held: vec![Vec::new(); seats.len()],
        // No load begins at this number, so the first question computes.
        priorities: vec![(u64::MAX, [0; LANES_MAX]); seats.len()],
        seats,
        holder: vec![None; places.len()],
        places,
        order: first.into_iter().chain(then).collect(),
        avoided,
    }
}

fn keep(table: &mut Table<'_>, keeps: &[&[Pair]]) -> u64 {
    let mut kept = 0;
    let mut at = 0;
    while at < table.places.len() {
        let Place { visit, section_places, .. } = &table.places[at];
        let (section_places, pairs) = (section_places.clone(), keeps[*visit]);
        at = section_places.end;
        for (_, ticket) in pairs {
            let Ok(person) = table.people.binary_search_by(|leaf| leaf.ticket.cmp(ticket)) else {
                continue;
            };
            if table.is_full(person) {
                continue;
            }
            let free = section_places
                .clone()
                .find(|&p| table.holder[p].is_none() && table.suits(person, p));
            if let Some(place) = free {
                table.put(person, place);
                kept += 1;
            }
        }
    }
    kept
}

/// What a place asks for: tags, and whether its holder leads.
type Demand<'a> = (&'a [String], bool);

/// (tier, load, priority, index): the smallest is sent.
type Turn = (u64, u64, u64, usize);

fn turn(table: &mut Table<'_>, person: usize) -> Turn {
    let load = table.load(person);
    let priority = table.priority(person, load);
    (table.people[person].tier, load, priority, person)
}

fn deal_places(table: &mut Table<'_>) {
    // One heap per kind of demand. Loads only grow while dealing, so a turn that has become
    // stale stands too early, never too late, and is renewed when it comes to the top.
    let mut heaps: Vec<(Demand<'_>, BinaryHeap<Reverse<Turn>>)> = Vec::new();
    let mut passed = Vec::new();
    for at in 0..table.order.len() {
        let place = table.order[at];
        if table.holder[place].is_some() {
            continue;
        }
        let demand = (table.places[place].requires, table.places[place].leads);
        let known = heaps.iter().position(|(d, _)| *d == demand).unwrap_or_else(|| {
            let able: Vec<usize> =
                (0..table.people.len()).filter(|&i| table.is_able(i, demand)).collect();
            heaps.push((demand, able.into_iter().map(|i| Reverse(turn(table, i))).collect()));
            heaps.len() - 1
        });
        let heap = &mut heaps[known].1;
        while let Some(mut top) = heap.peek_mut() {
            let Reverse((_, load, _, person)) = *top;
            if table.is_full(person) {
                PeekMut::pop(top);
            } else if load != table.load(person) {
                *top = Reverse(turn(table, person));
            } else if table.suits(person, place) {
                table.put(person, place);
                *top = Reverse(turn(table, person));
                break;
            } else {
                passed.push(PeekMut::pop(top));
            }
        }
        heap.extend(passed.drain(..));
    }
}
