//! The frame of a draw for empty slots (R94): doors with the slots to fill, own people first, then
//! those of departments next door that hold the same power.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::build::Behind;
use super::units::Opening;
use super::{Framed, people};
use crate::domain::inspector::{Inspector, InspectorKind, Recusal};
use crate::domain::profile::{Join, Slot};
use crate::domain::quota::{BASIS_POINTS, QuotaRule};
use crate::draw::frame::{self, IN, Unit};

/// Tier of people next door: own people are sent first.
const BORROWED: u64 = 1;

/// A visit with empty slots.
pub struct Door {
    /// What is opened at the door.
    pub opening: Opening,
    /// The unit's stratum.
    pub stratum: String,
    /// Empty slots by department.
    pub slots: BTreeMap<String, Vec<Slot>>,
    /// People who are there already, or were sent away.
    pub away: BTreeSet<String>,
}

/// Whom the draw may borrow.
pub struct Borrowed<'a> {
    /// Everybody here and next door: (jurisdiction, department, person).
    pub people: &'a [(String, String, Inspector)],
    /// (department here, jurisdiction, department there).
    pub counterparts: &'a [(String, String, String)],
    /// Declared recusals, with the department.
    pub recusals: &'a [(String, Recusal)],
    /// First and last day.
    pub days: (Date, Date),
}

impl Borrowed<'_> {
    /// People next door who may stand for a department.
    fn of<'s>(&'s self, here: &'s str) -> impl Iterator<Item = frame::Inspector> + 's {
        let there = self.counterparts.iter().filter(move |(own, ..)| own == here);
        let people = there.flat_map(move |(_, jurisdiction, department)| {
            let own = move |(j, d, _): &&(String, String, Inspector)| {
                j == jurisdiction && d == department
            };
            self.people.iter().filter(own)
        });
        let fit = |i: &Inspector| {
            i.kind == InspectorKind::Inspector && i.fit(self.days.0, self.days.1).is_ok()
        };
        people.filter(move |(.., i)| fit(i)).map(move |(_, department, i)| {
            let id = people::frame_id(department, &i.id);
            frame::Inspector {
                record: people::record(department, &id),
                id,
                department: here.to_owned(),
                tier: BORROWED,
                may_lead: i.may_lead,
                // What they can take at home is not this jurisdiction's to know: one visit each,
                // unless their list says more.
                cap: u64::try_from(i.cap).unwrap_or(0).max(1),
                tags: i.tags.clone(),
            }
        })
    }
}

/// Narrows a frame to doors and their empty slots, every one of which is drawn for.
pub fn narrow(
    framed: &mut Framed,
    doors: Vec<Door>,
    borrowed: &Borrowed<'_>,
    loads: &BTreeMap<String, u64>,
) {
    let frame = &mut framed.frame;
    frame.join = Join::DrawnOnly;
    (frame.units, frame.profiles, frame.quotas) = Default::default();
    framed.behind.clear();
    let needed: BTreeSet<String> = doors.iter().flat_map(|d| d.slots.keys().cloned()).collect();
    frame.inspectors.retain(|i| needed.contains(&i.department));
    frame.inspectors.extend(needed.iter().flat_map(|here| borrowed.of(here)));
    for person in &mut frame.inspectors {
        person.cap = person.cap.saturating_sub(loads.get(&person.id).copied().unwrap_or(0));
    }
    let known: BTreeSet<String> = frame.inspectors.iter().map(|i| i.id.clone()).collect();
    let units: BTreeSet<&str> = doors.iter().map(|d| &*d.opening.id).collect();
    frame.avoid.retain(|(unit, person)| units.contains(&**unit) && known.contains(person));
    frame.keep.clear();
    for (nth, door) in doors.into_iter().enumerate() {
        let kept = borrowed.recusals.iter().filter(|(_, r)| r.subject_id == door.opening.subject);
        let kept = kept.map(|(d, r)| people::frame_id(d, &r.inspector_id));
        let away = kept.chain(door.away).filter(|id| known.contains(id));
        frame.avoid.extend(away.map(|person| (door.opening.id.clone(), person)));
        let mut departments = BTreeMap::new();
        for (department, slots) in door.slots {
            let profile = format!("vacant-{}-{department}", nth + 1);
            departments.insert(department.clone(), format!("{IN}{profile}"));
            frame.profiles.insert(profile, slots);
            let quotas = frame.quotas.entry(department).or_default();
            quotas.insert(door.stratum.clone(), QuotaRule::share(BASIS_POINTS));
        }
        let id = door.opening.id.clone();
        let record = door.opening.record();
        frame.units.push(Unit { id: id.clone(), record, stratum: door.stratum, departments });
        framed.behind.insert(id, Behind { opening: door.opening, items: BTreeMap::new() });
    }
    frame.avoid.sort_unstable();
    frame.avoid.dedup();
}
