//! Whether draws of a year were fair (R79, R95): how often each subject was drawn against what was to be
//! expected, who went together again and again, and who came back to the same subject. Closed campaigns only.
//!
//! Whole numbers: a chance is in millionths, and so are sums of chances.

use std::collections::{BTreeMap, BTreeSet};

/// Millionths of a whole.
pub const WHOLE: u64 = 1_000_000;
/// Most subjects, pairs or returns that are told by name.
pub const TOLD_MAX: usize = 100;

/// One department's chance to draw one unit in one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chance {
    /// The department.
    pub department: String,
    /// The stratum.
    pub stratum: String,
    /// The subject behind the unit.
    pub subject: String,
    /// Units that were to be drawn.
    pub draw: u64,
    /// Units that could be.
    pub eligible: u64,
    /// Whether this one was.
    pub drawn: bool,
}

impl Chance {
    /// In millionths, rounded down.
    fn millionths(&self) -> u64 {
        let chance = u128::from(self.draw) * u128::from(WHOLE);
        let chance = chance.checked_div(u128::from(self.eligible)).unwrap_or(0);
        u64::try_from(chance).unwrap_or(WHOLE).min(WHOLE)
    }
}

/// How a department's draws in a stratum came out over the year.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Subjects that could be drawn.
    pub subjects: u64,
    /// How often any of them was.
    pub drawn: u64,
    /// How often it was to be expected, in millionths.
    pub expected: u64,
    /// Sum over the subjects of the squared difference between both, in millionths.
    pub deviation: u64,
    /// What that sum is to be expected to be, in millionths.
    pub variance: u64,
}

impl Row {
    /// The squared differences against what is to be expected, in thousandths: about 1,000 where only
    /// chance decides; `None` where nothing was left to chance.
    #[must_use]
    pub fn dispersion(&self) -> Option<u64> {
        let ratio = (u128::from(self.deviation) * 1_000).checked_div(u128::from(self.variance))?;
        u64::try_from(ratio).ok()
    }
}

/// A subject that was drawn more or less often than expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inclusion {
    /// The subject.
    pub subject: String,
    /// How often departments drew it.
    pub drawn: u64,
    /// How often it was to be expected, in millionths.
    pub expected: u64,
}

#[derive(Default)]
struct Of {
    drawn: u64,
    expected: u64,
    variance: u64,
}

impl Of {
    fn add(&mut self, chance: &Chance) {
        let p = chance.millionths();
        self.drawn += u64::from(chance.drawn);
        self.expected += p;
        self.variance += p * (WHOLE - p) / WHOLE;
    }

    fn deviation(&self) -> u128 {
        let difference = u128::from((self.drawn * WHOLE).abs_diff(self.expected));
        difference * difference / u128::from(WHOLE)
    }
}

/// Draws of a year by department and stratum.
#[must_use]
pub fn rows(chances: &[Chance]) -> BTreeMap<(String, String), Row> {
    let mut of: BTreeMap<(&str, &str), BTreeMap<&str, Of>> = BTreeMap::new();
    for chance in chances {
        let place = (&*chance.department, &*chance.stratum);
        of.entry(place).or_default().entry(&chance.subject).or_default().add(chance);
    }
    let row = |subjects: &BTreeMap<&str, Of>| {
        let mut row = Row { subjects: subjects.len() as u64, ..Row::default() };
        let mut deviation = 0;
        for of in subjects.values() {
            row.drawn += of.drawn;
            row.expected += of.expected;
            row.variance += of.variance;
            deviation += of.deviation();
        }
        row.deviation = u64::try_from(deviation).unwrap_or(u64::MAX);
        row
    };
    of.iter().map(|((d, s), all)| (((*d).to_owned(), (*s).to_owned()), row(all))).collect()
}

/// The subjects whose draws differ most from what was to be expected, the furthest first.
#[must_use]
pub fn furthest(chances: &[Chance]) -> Vec<Inclusion> {
    let mut of: BTreeMap<&str, Of> = BTreeMap::new();
    chances.iter().for_each(|c| of.entry(&c.subject).or_default().add(c));
    let mut all: Vec<(&str, Of)> = of.into_iter().collect();
    all.sort_by_key(|(subject, of)| (std::cmp::Reverse(of.deviation()), *subject));
    all.truncate(TOLD_MAX);
    let told = |(subject, of): (&str, Of)| Inclusion {
        subject: subject.to_owned(),
        drawn: of.drawn,
        expected: of.expected,
    };
    all.into_iter().map(told).collect()
}

/// A visit as it was made: the subject and everybody who went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Met {
    /// The subject.
    pub subject: String,
    /// Department and person of each.
    pub team: BTreeSet<String>,
}

/// Two that met, and how often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeated {
    /// A person.
    pub person: String,
    /// Another person, or a subject.
    pub with: String,
    /// How often.
    pub times: u64,
}

/// How often the same met again over a year.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repetition {
    /// How many pairs met at all.
    pub pairs: u64,
    /// How many of them more than once.
    pub again: u64,
    /// Those, the most frequent first.
    pub told: Vec<Repeated>,
}

fn repetition(counts: BTreeMap<(&str, &str), u64>) -> Repetition {
    let pairs = counts.len() as u64;
    let mut told: Vec<Repeated> = counts
        .into_iter()
        .filter(|(_, times)| *times > 1)
        .map(|((a, b), times)| Repeated { person: a.to_owned(), with: b.to_owned(), times })
        .collect();
    let again = told.len() as u64;
    told.sort_by(|a, b| {
        b.times.cmp(&a.times).then_with(|| (&a.person, &a.with).cmp(&(&b.person, &b.with)))
    });
    told.truncate(TOLD_MAX);
    Repetition { pairs, again, told }
}

/// Pairs of people who went together.
#[must_use]
pub fn companions(visits: &[Met]) -> Repetition {
    let mut counts: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for visit in visits {
        for (nth, one) in visit.team.iter().enumerate() {
            for other in visit.team.iter().skip(nth + 1) {
                *counts.entry((one, other)).or_default() += 1;
            }
        }
    }
    repetition(counts)
}

/// People who came to the same subject again.
#[must_use]
pub fn returns(visits: &[Met]) -> Repetition {
    let mut counts: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for visit in visits {
        for person in &visit.team {
            *counts.entry((person, &visit.subject)).or_default() += 1;
        }
    }
    repetition(counts)
}
