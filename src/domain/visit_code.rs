//! What a visit code says: who may come to a door, for what, and when. A business checks its
//! signature offline (`web/verify/visit.html`, `onevisit verify`).

use jiff::civil::Date;

use super::visit::Visit;

/// First line of every visit code.
pub const TITLE: &str = "onevisit visit";

/// One department's part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeSection {
    /// The department.
    pub department: String,
    /// Codes of the items it checks.
    pub items: Vec<String>,
    /// Ids of who may come.
    pub people: Vec<String>,
}

/// A visit code without its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitCode {
    /// The campaign.
    pub campaign: String,
    /// Rank of the visit.
    pub rank: i64,
    /// First day on which it may take place.
    pub first_day: Date,
    /// Last day.
    pub last_day: Date,
    /// The unit's ticket.
    pub ticket: String,
    /// Each department's part.
    pub sections: Vec<CodeSection>,
}

impl VisitCode {
    /// The code of an opened visit; an empty slot is nobody.
    #[must_use]
    pub fn of(visit: &Visit) -> Self {
        let section = |s: &super::visit::Section| CodeSection {
            department: s.department.clone(),
            items: s.items.iter().map(|i| i.code.clone()).collect(),
            people: s.team.iter().map(|m| m.inspector.clone()).filter(|i| !i.is_empty()).collect(),
        };
        Self {
            campaign: visit.campaign.clone(),
            rank: visit.rank,
            first_day: visit.first_day,
            last_day: visit.last_day,
            ticket: visit.ticket.clone(),
            sections: visit.sections.iter().map(section).collect(),
        }
    }

    /// The text that is signed: title, campaign and rank, days, ticket, a line per department.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!(
            "{TITLE}\n{} {}\n{} {}\n{}\n",
            self.campaign, self.rank, self.first_day, self.last_day, self.ticket
        );
        for s in &self.sections {
            text += &format!("{} {} {}\n", s.department, s.items.join(","), s.people.join(","));
        }
        text
    }

    /// Reads a text that [`VisitCode::text`] wrote; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        if lines.next() != Some(TITLE) {
            return None;
        }
        let (campaign, rank) = lines.next()?.split_once(' ')?;
        let (first, last) = lines.next()?.split_once(' ')?;
        let ticket = lines.next()?;
        let section = |line: &str| {
            let mut words = line.split(' ');
            let department = words.next()?.to_owned();
            let list = |word: &str| -> Vec<String> {
                word.split(',').filter(|w| !w.is_empty()).map(str::to_owned).collect()
            };
            let out =
                CodeSection { department, items: list(words.next()?), people: list(words.next()?) };
            words.next().is_none().then_some(out)
        };
        Some(Self {
            campaign: campaign.to_owned(),
            rank: rank.parse().ok()?,
            first_day: first.parse().ok()?,
            last_day: last.parse().ok()?,
            ticket: ticket.to_owned(),
            sections: lines.map(section).collect::<Option<_>>()?,
        })
    }
}
