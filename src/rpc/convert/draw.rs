//! Attempts at a draw, and what is seen of an outcome.

use super::super::pb;
use super::campaign::figures_out;
use super::signed;
use crate::app::attempt::{Attempt, figures_of, freeze_of};
use crate::app::watch::{Dealt, News, Ticket};
use crate::app::{AppError, Contribution, Decision};
use crate::domain::day;

/// Writes an attempt.
///
/// # Errors
/// [`AppError`] when what is stored of it cannot be read.
pub fn out(a: Attempt) -> Result<pb::Draw, AppError> {
    let state = pb::draw::State::from_str_name(&format!("STATE_{}", a.draw.state));
    let contribution = |c: Contribution| pb::Contribution {
        office: c.office,
        commitment: c.commitment,
        number: c.number,
    };
    let beacon = freeze_of(&a.draw)?.beacon;
    Ok(pb::Draw {
        figures: figures_of(&a.draw)?.map(figures_out),
        campaign_id: a.draw.campaign,
        attempt: a.draw.attempt,
        state: state.map_or(0, i32::from),
        freeze_hash: a.draw.freeze_hash,
        freeze_bytes: a.draw.freeze_bytes,
        contributions: a.contributions.into_iter().map(contribution).collect(),
        seed: a.draw.seed,
        result_root: a.draw.result_root,
        abort_reason: a.draw.abort_reason,
        decisions: a.decisions.into_iter().map(decision).collect(),
        frozen_by: a.draw.frozen_by,
        commit_by: day::instant_text(a.draw.commit_by_us),
        reveal_by: day::instant_text(a.draw.reveal_by_us),
        beacon_round: beacon.map_or(0, |b| signed(b.round)),
        beacon_value: a.draw.beacon_value,
    })
}

fn decision(d: Decision) -> pb::Decision {
    let kind = pb::decision::Kind::from_str_name(&format!("KIND_{}", d.kind));
    pb::Decision {
        kind: kind.map_or(0, i32::from),
        reason: d.reason,
        requested_by: d.requested_by,
        approved_by: d.approved_by,
    }
}

/// Writes a piece of news.
///
/// # Errors
/// [`AppError`] when what is stored cannot be read.
pub fn news_out(news: News) -> Result<pb::WatchDrawResponse, AppError> {
    use pb::watch_draw_response::News as Out;
    let out = match news {
        News::Stands(attempt) => Out::Draw(out(*attempt)?.into()),
        News::Drawn(Ticket { department, stratum, rank, ticket }) => {
            Out::Ticket(pb::DrawnTicket { department, stratum, rank: signed(rank), ticket })
        }
        News::Dealt(Dealt { rank, ticket, teams }) => {
            let team = |(department, tickets)| pb::DealtTeam { department, tickets };
            let teams = teams.into_iter().map(team).collect();
            Out::Visit(pb::DealtVisit { rank: signed(rank), ticket, teams })
        }
    };
    Ok(pb::WatchDrawResponse { news: Some(out) })
}
