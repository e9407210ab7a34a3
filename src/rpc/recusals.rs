//! RecusalService.

use tonic::{Request, Response, Status};

use super::auth::{enter, enter_read};
use super::convert::recusal as convert;
use super::pb::recusal_service_server::RecusalService;
use super::{page, pb};
use crate::app::recusals::Stated;
use crate::app::{App, page_size, recusals};

/// Serves RecusalService.
pub struct Recusals(
    /// The use-cases.
    pub App,
);

#[tonic::async_trait]
impl RecusalService for Recusals {
    async fn list_recusals(
        &self,
        request: Request<pb::ListRecusalsRequest>,
    ) -> Result<Response<pb::ListRecusalsResponse>, Status> {
        let (call, m) = enter_read(&self.0, request, "ListRecusals").await?;
        let (after, limit) = (page::number(&m.page_token)?, page_size(m.page_size)?);
        let found = recusals::list(&self.0, &call, &m.campaign_id, after, limit).await?;
        let token = |r: &Stated| page::token(&[&r.ask.nth.to_string()]);
        Ok(Response::new(pb::ListRecusalsResponse {
            next_page_token: page::next(&found, limit, token),
            recusals: found.into_iter().map(|r| convert::out(r.ask, r.statement)).collect(),
        }))
    }

    async fn decide_recusal(
        &self,
        request: Request<pb::DecideRecusalRequest>,
    ) -> Result<Response<pb::DecideRecusalResponse>, Status> {
        let (call, m) = enter(&self.0, request, "DecideRecusal", |m| &m.request_id).await?;
        let ask = recusals::decide(&self.0, &call, &m.campaign_id, m.nth, m.grant).await?;
        let recusal = Some(convert::out(ask, String::new()));
        Ok(Response::new(pb::DecideRecusalResponse { recusal }))
    }
}
