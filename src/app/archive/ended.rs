//! Whether a campaign, or one visit, has ended with everything that follows from it.

use crate::app::AppError;
use crate::domain::archive::Unended;
use crate::domain::campaign::Campaign;
use crate::domain::correction::CorrectionState;
use crate::domain::follow_up::FollowUpState;
use crate::domain::publication::ResultState;
use crate::store::{ResultFilter, Tx};

/// Refuses while something is open: the campaign or a supplement is not closed, a result is neither
/// published nor withheld, a correction is undecided, an objection unanswered, a follow-up not closed.
///
/// # Errors
/// [`AppError::Precondition`]; [`AppError::NotFound`] for a visit that is not there.
pub async fn require(tx: &mut Tx, campaign: &Campaign, visit: i64) -> Result<(), AppError> {
    let id = campaign.id.as_str();
    if visit < 0 || (visit > 0 && tx.visit(id, visit).await?.is_none()) {
        return Err(AppError::not_found("visit", &format!("{id}/{visit}")));
    }
    let mut open = Unended::default();
    open.campaign(id, campaign.state);
    for supplement in tx.supplements(id).await? {
        if let Some(campaign) = tx.campaign(&supplement.campaign).await? {
            open.campaign(&campaign.id, campaign.state);
        }
    }
    let mut ids = Vec::new();
    let filter = ResultFilter { campaign: id, ..ResultFilter::default() };
    for stored in tx.results(&filter, "", i64::MAX).await? {
        let record = stored.record;
        if visit > 0 && record.rank != visit {
            continue;
        }
        let over = matches!(record.state, ResultState::Published | ResultState::Withheld);
        open.note(!over, format!("result {} is {}", record.id, record.state.word()));
        ids.push(record.id);
    }
    for result in &ids {
        for correction in tx.corrections(result).await? {
            let asked = correction.state == CorrectionState::Requested;
            open.note(asked, format!("correction {} of result {result} is open", correction.nth));
        }
        if let Some(follow_up) = tx.follow_up(result).await? {
            let over = follow_up.state == FollowUpState::Closed.word();
            open.note(!over, format!("what follows from result {result} is {}", follow_up.state));
        }
    }
    for objection in tx.objection_ids(id).await? {
        let Some(stored) = tx.objection(&objection).await? else { continue };
        let over = ["ANSWERED", "WITHDRAWN"].contains(&stored.state.as_str());
        let open_here = !over && ids.contains(&stored.result);
        open.note(open_here, format!("objection {objection} is {}", stored.state));
    }
    match open.words() {
        None => Ok(()),
        Some(words) => Err(AppError::precondition("NOT_EVERYTHING_HAS_ENDED", words)),
    }
}
