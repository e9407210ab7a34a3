//! One bulletin per draw (一抽查一通报, R113, R118): the initiating unit's summary with figures.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::publication::{Publication, ResultRecord, ResultState, result_text};

/// What a department's results come to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepartmentFigures {
    /// Results of visits that are over.
    pub results: i64,
    /// Published ones.
    pub published: i64,
    /// Lawfully withheld ones (R112).
    pub withheld: i64,
    /// Items by result, in the words of the national platform; published results only.
    pub items: BTreeMap<String, i64>,
}

/// What a draw has come to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// Visits that take place.
    pub visits: i64,
    /// Visits with a result for every item.
    pub examined: i64,
    /// Visits ended on a ground; counted as completed, reported apart (R106).
    pub terminated: i64,
    /// Subjects with a published result that calls for measures.
    pub wanting_follow_up: i64,
    /// By department.
    pub departments: BTreeMap<String, DepartmentFigures>,
}

impl Figures {
    /// Adds the results of departments and what stands published of them.
    pub fn count(&mut self, records: &[ResultRecord], published: &[Publication]) {
        for record in records {
            let own = self.departments.entry(record.department.clone()).or_default();
            own.results += 1;
            own.published += i64::from(record.state == ResultState::Published);
            own.withheld += i64::from(record.state == ResultState::Withheld);
        }
        let mut wanting = std::collections::BTreeSet::new();
        for publication in published {
            let own = self.departments.entry(publication.department.clone()).or_default();
            for item in &publication.items {
                *own.items.entry(result_text(item.result).to_owned()).or_default() += 1;
            }
            if publication.wants_follow_up() {
                wanting.insert(&publication.subject);
            }
        }
        self.wanting_follow_up = i64::try_from(wanting.len()).unwrap_or(i64::MAX);
    }
}

/// The summary of a draw, published once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bulletin {
    /// The campaign.
    pub campaign: String,
    /// Its name.
    pub title: String,
    /// The initiating unit.
    pub issued_by: String,
    /// When, in microseconds UTC.
    pub issued_us: i64,
    /// In words.
    pub summary: String,
    /// In figures.
    pub figures: Figures,
}
