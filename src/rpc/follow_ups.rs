//! FollowUpService.

use tonic::{Request, Response, Status};

use super::auth::{enter, enter_read};
use super::convert::campaign::etag;
use super::convert::follow_up as convert;
use super::pb::follow_up_service_server::FollowUpService;
use super::{page, pb};
use crate::app::{Aim, App, AppError, credit, follow_ups, page_size};

/// Serves FollowUpService.
pub struct FollowUps(
    /// The use-cases.
    pub App,
);

type Reply<T> = Result<Response<T>, Status>;

/// The result and the version that a token names.
fn place(token: &str) -> Result<(String, i64), AppError> {
    let (result, version) = page::pair(token)?;
    let bad = || AppError::invalid("page_token", "PAGE_TOKEN", token);
    let version = if version.is_empty() { 0 } else { version.parse().map_err(|_| bad())? };
    Ok((result, version))
}

#[tonic::async_trait]
impl FollowUpService for FollowUps {
    async fn advance_follow_up(
        &self,
        request: Request<pb::AdvanceFollowUpRequest>,
    ) -> Reply<pb::AdvanceFollowUpResponse> {
        let (call, m) = enter(&self.0, request, "AdvanceFollowUp", |m| &m.request_id).await?;
        let step = convert::step(m.step)?;
        let aim = Aim { id: &m.result_id, etag: etag(&m.etag)? };
        let found = follow_ups::advance(&self.0, &call, aim, step).await?;
        let shown = follow_ups::with_result(&self.0, found).await?;
        Ok(Response::new(pb::AdvanceFollowUpResponse { follow_up: Some(convert::out(shown)) }))
    }

    async fn get_follow_up(
        &self,
        request: Request<pb::GetFollowUpRequest>,
    ) -> Reply<pb::GetFollowUpResponse> {
        let (call, m) = enter_read(&self.0, request, "GetFollowUp").await?;
        let shown = follow_ups::get(&self.0, &call, &m.result_id).await?;
        Ok(Response::new(pb::GetFollowUpResponse { follow_up: Some(convert::out(shown)) }))
    }

    async fn list_follow_ups(
        &self,
        request: Request<pb::ListFollowUpsRequest>,
    ) -> Reply<pb::ListFollowUpsResponse> {
        let (call, m) = enter_read(&self.0, request, "ListFollowUps").await?;
        let (after, limit) = (page::key(&m.page_token)?, page_size(m.page_size)?);
        let wanted = (m.department.as_str(), convert::state(m.state)?);
        let found = follow_ups::list(&self.0, &call, wanted, &after, limit).await?;
        Ok(Response::new(pb::ListFollowUpsResponse {
            next_page_token: page::next(&found, limit, |f| page::token(&[&f.follow_up.result])),
            follow_ups: found.into_iter().map(convert::out).collect(),
        }))
    }

    async fn list_credit_pushes(
        &self,
        request: Request<pb::ListCreditPushesRequest>,
    ) -> Reply<pb::ListCreditPushesResponse> {
        let (call, m) = enter_read(&self.0, request, "ListCreditPushes").await?;
        let ((result, version), limit) = (place(&m.page_token)?, page_size(m.page_size)?);
        let wanted = (m.department.as_str(), m.failed);
        let found = credit::pushes(&self.0, &call, wanted, (&result, version), limit).await?;
        let token = |p: &crate::app::Push| page::token(&[&p.result, &p.version.to_string()]);
        Ok(Response::new(pb::ListCreditPushesResponse {
            next_page_token: page::next(&found, limit, token),
            pushes: found.into_iter().map(convert::push).collect(),
        }))
    }

    async fn put_credit_states(
        &self,
        request: Request<pb::PutCreditStatesRequest>,
    ) -> Reply<pb::PutCreditStatesResponse> {
        let (call, m) = enter(&self.0, request, "PutCreditStates", |m| &m.request_id).await?;
        let states = convert::credit_states(m.credit_states)?;
        let recorded = credit::put_states(&self.0, &call, &states).await?;
        Ok(Response::new(pb::PutCreditStatesResponse { recorded }))
    }
}
