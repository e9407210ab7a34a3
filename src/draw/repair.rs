//! Mending empty slots by augmenting paths (SPEC.md section 6, step 3).

use std::collections::VecDeque;

use super::deal::Table;

/// Tries to fill each empty slot in deal order; returns how many were filled.
pub(super) fn repair(table: &mut Table<'_>) -> u64 {
    let empty: Vec<usize> =
        table.order.iter().copied().filter(|&p| table.holder[p].is_none()).collect();
    if empty.is_empty() {
        return 0;
    }
    let mut rank = vec![0; table.places.len()];
    for (at, &place) in table.order.iter().enumerate() {
        rank[place] = at;
    }
    let mut first_choice: Vec<(u64, u64, usize)> =
        (0..table.people.len()).map(|i| (table.people[i].tier, table.priority(i, 0), i)).collect();
    first_choice.sort_unstable();
    let people: Vec<usize> = first_choice.into_iter().map(|(_, _, i)| i).collect();
    let mut filled = 0;
    for place in empty {
        if let Some(path) = search(table, &people, &rank, place)
            && apply(table, &path)
        {
            filled += 1;
        }
    }
    filled
}

/// A path of (person, place the person moves to), last mover first.
type Path = Vec<(usize, usize)>;

fn search(table: &Table<'_>, people: &[usize], rank: &[usize], start: usize) -> Option<Path> {
    let mut reached_by: Vec<Option<usize>> = vec![None; table.people.len()];
    let mut seen_place = vec![false; table.places.len()];
    seen_place[start] = true;
    let mut queue = VecDeque::from([start]);
    while let Some(place) = queue.pop_front() {
        for &person in people {
            if reached_by[person].is_some() || !table.suits(person, place) {
                continue;
            }
            reached_by[person] = Some(place);
            if !table.is_full(person) {
                return Some(trace(table, &reached_by, start, person));
            }
            let mut next: Vec<usize> =
                table.held[person].iter().copied().filter(|&p| !seen_place[p]).collect();
            next.sort_unstable_by_key(|&p| rank[p]);
            for p in next {
                seen_place[p] = true;
                queue.push_back(p);
            }
        }
    }
    None
}

fn trace(table: &Table<'_>, reached_by: &[Option<usize>], start: usize, last: usize) -> Path {
    let mut path = Vec::new();
    let mut person = last;
    while let Some(place) = reached_by[person] {
        path.push((person, place));
        if place == start {
            break;
        }
        let Some(holder) = table.holder[place] else { break };
        person = holder;
    }
    path
}

/// Moves everybody one step; takes it all back when somebody would stand twice in one visit.
fn apply(table: &mut Table<'_>, path: &Path) -> bool {
    let moves: Vec<(usize, usize, Option<usize>)> =
        path.iter().map(|&(person, place)| (person, place, table.holder[place])).collect();
    for &(_, place, holder) in &moves {
        if let Some(holder) = holder {
            table.take(holder, place);
        }
    }
    for &(person, place, _) in &moves {
        table.put(person, place);
    }
    if !path.iter().any(|&(_, place)| table.has_twice(place)) {
        return true;
    }
    for &(person, place, _) in &moves {
        table.take(person, place);
    }
    for &(_, place, holder) in &moves {
        if let Some(holder) = holder {
            table.put(holder, place);
        }
    }
    false
}
