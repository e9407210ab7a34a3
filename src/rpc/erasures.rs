//! ErasureService.

use tonic::{Request, Response, Status};

use super::auth::{enter, enter_read};
use super::convert::erasure as convert;
use super::pb::erasure_service_server::ErasureService;
use super::{page, pb};
use crate::app::{App, erasures, page_size};

/// Serves ErasureService.
pub struct Erasures(
    /// The use-cases.
    pub App,
);

#[tonic::async_trait]
impl ErasureService for Erasures {
    async fn request_erasure(
        &self,
        request: Request<pb::RequestErasureRequest>,
    ) -> Result<Response<pb::RequestErasureResponse>, Status> {
        let (call, m) = enter(&self.0, request, "RequestErasure", |m| &m.request_id).await?;
        let erasure = erasures::request(&self.0, &call, convert::asked_in(m)?).await?;
        Ok(Response::new(pb::RequestErasureResponse { erasure: Some(convert::out(erasure)) }))
    }

    async fn decide_erasure(
        &self,
        request: Request<pb::DecideErasureRequest>,
    ) -> Result<Response<pb::DecideErasureResponse>, Status> {
        let (call, m) = enter(&self.0, request, "DecideErasure", |m| &m.request_id).await?;
        let erasure = erasures::decide(&self.0, &call, m.nth, m.approve).await?;
        Ok(Response::new(pb::DecideErasureResponse { erasure: Some(convert::out(erasure)) }))
    }

    async fn list_erasures(
        &self,
        request: Request<pb::ListErasuresRequest>,
    ) -> Result<Response<pb::ListErasuresResponse>, Status> {
        let (call, m) = enter_read(&self.0, request, "ListErasures").await?;
        let (after, limit) = (page::number(&m.page_token)?, page_size(m.page_size)?);
        let found = erasures::list(&self.0, &call, after, limit).await?;
        Ok(Response::new(pb::ListErasuresResponse {
            next_page_token: page::next(&found, limit, |e| page::token(&[&e.nth.to_string()])),
            erasures: found.into_iter().map(convert::out).collect(),
        }))
    }
}
