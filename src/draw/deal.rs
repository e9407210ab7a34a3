//! Sending teams: keeps first, then the least loaded suiting inspector (SPEC.md section 6).
//!
//! Each department is dealt by itself, so the order of departments changes nothing.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::chacha::{Blocks, LANES};
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
    pub(super) visit: usize,
    /// Index of the department's section in the visit.
    section: usize,
    /// Index of the slot in the section.
    position: usize,
    pub(super) unit: Digest,
    requires: &'a [String],
    leads: bool,
}

/// One department's deal while it is under way. Inspectors are indexed in ticket order.
pub(super) struct Table<'a> {
    blocks: Blocks,
    /// The next priorities of each person: (first load they are for, one per load).
    priorities: Vec<(u64, [u64; LANES])>,
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
    /// Who is in each visit's team.
    teams: BTreeMap<usize, Vec<usize>>,
    avoid: &'a [Pair],
}

impl Table<'_> {
    fn load(&self, person: usize) -> u64 {
        self.held[person].len() as u64
    }

    /// `prio(person, load)`. Loads grow one by one, so a computation serves the next few as well.
    pub(super) fn priority(&mut self, person: usize, load: u64) -> u64 {
        let (first, numbers) = &mut self.priorities[person];
        let start = load - load % LANES as u64;
        if *first != start {
            (*first, *numbers) = (start, self.blocks.numbers(person as u64, start));
        }
        numbers[(load % LANES as u64) as usize]
    }

    pub(super) fn is_full(&self, person: usize) -> bool {
        self.load(person) >= self.people[person].cap
    }

    /// Tags, the lead's right to lead, and avoidance: what never changes during the deal.
    pub(super) fn qualifies(&self, person: usize, place: usize) -> bool {
        let (leaf, place) = (self.people[person], &self.places[place]);
        place.requires.iter().all(|tag| leaf.tags.binary_search(tag).is_ok())
            && (leaf.may_lead || !place.leads)
            && self.avoid.binary_search(&(place.unit, leaf.ticket)).is_err()
    }

    pub(super) fn suits(&self, person: usize, place: usize) -> bool {
        self.qualifies(person, place)
            && !self.teams.get(&self.places[place].visit).is_some_and(|t| t.contains(&person))
    }

    pub(super) fn put(&mut self, person: usize, place: usize) {
        self.holder[place] = Some(person);
        self.held[person].push(place);
        self.teams.entry(self.places[place].visit).or_default().push(person);
    }

    pub(super) fn take(&mut self, person: usize, place: usize) {
        self.holder[place] = None;
        self.held[person].retain(|&p| p != place);
        if let Some(team) = self.teams.get_mut(&self.places[place].visit)
            && let Some(at) = team.iter().position(|&p| p == person)
        {
            team.swap_remove(at);
        }
    }

    pub(super) fn has_twice(&self, visit: usize) -> bool {
        self.teams
            .get(&visit)
            .is_some_and(|team| (1..team.len()).any(|i| team[..i].contains(&team[i])))
    }
}

/// Fills the teams of all visits and says how it went.
pub fn deal(freeze: &Freeze, pool: &Pool, seed: &Seed, visits: &mut [Visit]) -> DealCount {
    let mut departments: Vec<String> =
        visits.iter().flat_map(|v| v.sections.iter().map(|s| s.department.clone())).collect();
    departments.sort_unstable();
    departments.dedup();
    let mut count = DealCount::default();
    for department in departments {
        let mut table = lay(freeze, pool, seed, &department, visits);
        count.kept += keep(&mut table, &pool.keep);
        deal_places(&mut table);
        count.repaired += repair::repair(&mut table);
        count.short += table.holder.iter().filter(|h| h.is_none()).count() as u64;
        let outcome: Vec<(usize, usize, usize, Option<usize>)> = table
            .places
            .iter()
            .zip(&table.holder)
            .map(|(p, h)| (p.visit, p.section, p.position, h.map(|i| table.seats[i])))
            .collect();
        for (visit, section, position, inspector) in outcome {
            visits[visit].sections[section].team[position] = inspector;
        }
    }
    count
}

fn lay<'a>(
    freeze: &'a Freeze,
    pool: &'a Pool,
    seed: &Seed,
    department: &str,
    visits: &[Visit],
) -> Table<'a> {
    let mut places = Vec::new();
    for (v, visit) in visits.iter().enumerate() {
        let found = visit.sections.binary_search_by(|s| s.department.as_str().cmp(department));
        let Ok(section) = found else { continue };
        let Some(slots) = freeze.profiles.get(&visit.sections[section].profile) else { continue };
        places.extend(slots.iter().enumerate().map(|(position, slot)| Place {
            visit: v,
            section,
            position,
            unit: pool.units[visit.unit].ticket,
            requires: &slot.requires,
            leads: slot.lead && department == freeze.lead,
        }));
    }
    let demanding = |place: &Place<'_>| !place.requires.is_empty() || place.leads;
    let (first, then): (Vec<usize>, Vec<usize>) =
        (0..places.len()).partition(|&p| demanding(&places[p]));
    let seats: Vec<usize> = (0..pool.inspectors.len())
        .filter(|&i| pool.inspectors[i].department == department)
        .collect();
    Table {
        blocks: Blocks::new(&seed.inspector_key(department)),
        people: seats.iter().map(|&i| &pool.inspectors[i]).collect(),
        held: vec![Vec::new(); seats.len()],
        // No load begins at this number, so the first question computes.
        priorities: vec![(u64::MAX, [0; LANES]); seats.len()],
        seats,
        holder: vec![None; places.len()],
        places,
        order: first.into_iter().chain(then).collect(),
        teams: BTreeMap::new(),
        avoid: &pool.avoid,
    }
}

fn keep(table: &mut Table<'_>, keeps: &[Pair]) -> u64 {
    let mut kept = 0;
    // Places stand in (visit, position) order, so each run of one visit is a range.
    let mut from = 0;
    while from < table.places.len() {
        let (visit, unit) = (table.places[from].visit, table.places[from].unit);
        let to = from + table.places[from..].iter().take_while(|p| p.visit == visit).count();
        let first = keeps.partition_point(|(u, _)| *u < unit);
        for (_, ticket) in keeps[first..].iter().take_while(|(u, _)| *u == unit) {
            let Ok(person) = table.people.binary_search_by(|leaf| leaf.ticket.cmp(ticket)) else {
                continue;
            };
            if table.is_full(person) {
                continue;
            }
            let free = (from..to).find(|&p| table.holder[p].is_none() && table.suits(person, p));
            if let Some(place) = free {
                table.put(person, place);
                kept += 1;
            }
        }
        from = to;
    }
    kept
}

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
    let mut heaps: BTreeMap<(&[String], bool), BinaryHeap<Reverse<Turn>>> = BTreeMap::new();
    for at in 0..table.order.len() {
        let place = table.order[at];
        if table.holder[place].is_some() {
            continue;
        }
        let kind = (table.places[place].requires, table.places[place].leads);
        let mut heap = heaps.remove(&kind).unwrap_or_else(|| {
            let able: Vec<usize> =
                (0..table.people.len()).filter(|&i| able(table, i, kind)).collect();
            able.into_iter().map(|i| Reverse(turn(table, i))).collect()
        });
        let mut passed = Vec::new();
        while let Some(Reverse(top)) = heap.pop() {
            let person = top.3;
            if table.is_full(person) {
                continue;
            }
            if top.1 != table.load(person) {
                heap.push(Reverse(turn(table, person)));
            } else if table.suits(person, place) {
                table.put(person, place);
                passed.push(Reverse(turn(table, person)));
                break;
            } else {
                passed.push(Reverse(top));
            }
        }
        heap.extend(passed);
        heaps.insert(kind, heap);
    }
}

fn able(table: &Table<'_>, person: usize, (requires, leads): (&[String], bool)) -> bool {
    let leaf = table.people[person];
    requires.iter().all(|tag| leaf.tags.binary_search(tag).is_ok()) && (leaf.may_lead || !leads)
}
