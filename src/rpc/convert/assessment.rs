//! Assessments, figures of a year, fairness.

use super::super::pb;
use super::signed;
use crate::app::AppError;
use crate::app::oversight::assessment::Figures;
use crate::app::oversight::fairness::{Fairness, by_department};
use crate::oversight::assessment::{Assessment, Fulfilment, Measure, Share};
use crate::oversight::fairness::{Inclusion, Repeated, Repetition, Row};
use crate::oversight::share::Checks;

/// Years that can be asked for.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2199;

/// Reads a year.
///
/// # Errors
/// A violation for one that no plan can be of.
pub fn year(given: i32) -> Result<i16, AppError> {
    let year = i16::try_from(given).ok().filter(|_| YEARS.contains(&given));
    year.ok_or_else(|| AppError::invalid("year", "YEAR_RANGE", &given.to_string()))
}

fn measure_out((measure, share, weight): (Measure, Share, u64)) -> pb::AssessedMeasure {
    use pb::assessed_measure::Kind;
    let kind = match measure {
        Measure::PlanFulfilment => Kind::PlanFulfilment,
        Measure::Completion => Kind::Completion,
        Measure::Publication => Kind::Publication,
        Measure::JointParticipation => Kind::JointParticipation,
        Measure::Objections => Kind::Objections,
        Measure::Corrections => Kind::Corrections,
        Measure::Liability => Kind::Liability,
        Measure::Training => Kind::Training,
    };
    pb::AssessedMeasure {
        kind: kind.into(),
        part: signed(share.part),
        whole: signed(share.whole),
        basis_points: share.basis_points().map(signed),
        weight: signed(weight),
    }
}

/// Writes an assessment.
#[must_use]
pub fn out(a: Assessment) -> pb::Assessment {
    pb::Assessment {
        department: a.department,
        year: a.year.into(),
        measures: a.measures.into_iter().map(measure_out).collect(),
        score: a.score.map(signed),
    }
}

/// Writes the figures of a year.
#[must_use]
pub fn figures_out(figures: Figures) -> pb::GetYearFiguresResponse {
    let task = |t: Fulfilment| pb::TaskFulfilment {
        plan_id: t.plan,
        task_id: t.task,
        lead: t.lead,
        drawn: signed(t.drawn.part),
        planned: signed(t.drawn.whole),
        budget_fen: t.budget_fen,
        spent_fen: t.spent_fen,
    };
    let month = |c: Checks| pb::MonthlyChecks {
        month: c.month.into(),
        random: signed(c.random),
        all: signed(c.all),
        basis_points: c.basis_points().map(signed),
    };
    pb::GetYearFiguresResponse {
        tasks: figures.tasks.into_iter().map(task).collect(),
        months: figures.months.into_iter().map(month).collect(),
    }
}

fn row_out(department: &str, stratum: &str, row: &Row) -> pb::FairnessRow {
    pb::FairnessRow {
        department: department.to_owned(),
        stratum: stratum.to_owned(),
        subjects: signed(row.subjects),
        drawn: signed(row.drawn),
        expected_millionths: signed(row.expected),
        deviation_millionths: signed(row.deviation),
        variance_millionths: signed(row.variance),
        dispersion_thousandths: row.dispersion().map(signed),
    }
}

fn repetition_out(r: Repetition) -> pb::Repetition {
    let meeting =
        |m: Repeated| pb::Meeting { person: m.person, with: m.with, times: signed(m.times) };
    pb::Repetition {
        pairs: signed(r.pairs),
        again: signed(r.again),
        meetings: r.told.into_iter().map(meeting).collect(),
    }
}

/// Writes how fair draws were.
#[must_use]
pub fn fairness_out(f: Fairness) -> pb::GetFairnessResponse {
    let sums = by_department(&f.rows);
    let mut rows: Vec<_> =
        sums.iter().map(|(department, sum)| row_out(department, "", sum)).collect();
    rows.extend(
        f.rows.iter().map(|((department, stratum), row)| row_out(department, stratum, row)),
    );
    rows.sort_by(|a, b| (&a.department, &a.stratum).cmp(&(&b.department, &b.stratum)));
    let subject = |i: Inclusion| pb::SubjectInclusion {
        subject_id: i.subject,
        drawn: signed(i.drawn),
        expected_millionths: signed(i.expected),
    };
    pb::GetFairnessResponse {
        campaigns: signed(f.campaigns),
        left_out: signed(f.left_out),
        rows,
        subjects: f.subjects.into_iter().map(subject).collect(),
        companions: Some(repetition_out(f.companions)),
        returns: Some(repetition_out(f.returns)),
    }
}
