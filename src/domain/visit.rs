//! Visits as they are stored after a draw.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A slot of a team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The inspector's ticket, in hexadecimal; empty for a shortage.
    pub ticket: String,
    /// The inspector's id; empty for a shortage.
    pub inspector: String,
    /// Leads the team.
    pub leader: bool,
}

/// An item to check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SectionItem {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
}

/// What a visit hides until it is opened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Names {
    /// The unit's id.
    pub unit: String,
    /// The subject's id.
    pub subject: String,
    /// The subject's name.
    pub name: String,
    /// Address of the premises.
    pub address: String,
    /// Division code.
    pub district: String,
    /// Ids of the inspectors, per section and slot.
    pub inspectors: Vec<Vec<String>>,
}

impl Visit {
    /// Takes the names out; tickets stay.
    pub fn hide(&mut self) -> Names {
        let mut take =
            |s: &mut Section| s.team.iter_mut().map(|m| std::mem::take(&mut m.inspector)).collect();
        let inspectors = self.sections.iter_mut().map(&mut take).collect();
        Names {
            unit: std::mem::take(&mut self.unit),
            subject: std::mem::take(&mut self.subject),
            name: std::mem::take(&mut self.name),
            address: std::mem::take(&mut self.address),
            district: std::mem::take(&mut self.district),
            inspectors,
        }
    }

    /// Puts the names back.
    pub fn show(&mut self, names: Names) {
        let Names { unit, subject, name, address, district, inspectors } = names;
        (self.unit, self.subject, self.name) = (unit, subject, name);
        (self.address, self.district) = (address, district);
        for (section, ids) in self.sections.iter_mut().zip(inspectors) {
            for (member, id) in section.team.iter_mut().zip(ids) {
                member.inspector = id;
            }
        }
    }
}

/// One department's part of a visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// The department.
    pub department: String,
    /// Drew the unit itself.
    pub drawn: bool,
    /// Rank in its draw of the stratum; 0 when joined.
    pub rank: i64,
    /// Version of its item list.
    pub item_list_version: i64,
    /// What it checks.
    pub items: Vec<SectionItem>,
    /// Who goes.
    pub team: Vec<Member>,
}

/// One entry through one door.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// The campaign.
    pub campaign: String,
    /// The attempt that drew it.
    pub attempt: i64,
    /// Rank by lot.
    pub rank: i64,
    /// The unit's id.
    pub unit: String,
    /// The subject's id.
    pub subject: String,
    /// The subject's name.
    pub name: String,
    /// Address of the premises.
    pub address: String,
    /// Division code.
    #[serde(default)]
    pub district: String,
    /// The unit's ticket.
    pub ticket: String,
    /// Its lot, in hexadecimal.
    pub lot: String,
    /// Its stratum.
    pub stratum: String,
    /// First day.
    pub first_day: Date,
    /// Last day.
    pub last_day: Date,
    /// Sections by department.
    pub sections: Vec<Section>,
    /// Number of the change by which it dropped out; 0 for a visit that takes place.
    #[serde(default)]
    pub dropped: i64,
    /// Rank of the visit it stands for; 0 for a drawn one.
    #[serde(default)]
    pub stands_for: i64,
}

impl Visit {
    /// Tickets of everybody who goes, over all sections.
    pub fn members(&self) -> impl Iterator<Item = &str> {
        let all = self.sections.iter().flat_map(|s| &s.team).map(|m| m.ticket.as_str());
        all.filter(|ticket| !ticket.is_empty())
    }

    /// Ticket of who leads on site: the drawn leader, or, where the lead department has no part, the
    /// first member of the first section; empty for a visit that nobody makes.
    #[must_use]
    pub fn leader(&self) -> &str {
        let all = || self.sections.iter().flat_map(|s| &s.team).filter(|m| !m.ticket.is_empty());
        all().find(|m| m.leader).or_else(|| all().next()).map_or("", |m| &m.ticket)
    }
}
