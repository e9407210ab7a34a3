//! LocalModeService.

use tonic::{Request, Response, Status};

use super::auth::{enter, enter_read};
use super::convert::local_mode as convert;
use super::pb::local_mode_service_server::LocalModeService;
use super::{page, pb};
use crate::app::{App, Page, local_modes, page_size};

/// Serves LocalModeService.
pub struct LocalModes(
    /// The use-cases.
    pub App,
);

#[tonic::async_trait]
impl LocalModeService for LocalModes {
    async fn put_local_mode(
        &self,
        request: Request<pb::PutLocalModeRequest>,
    ) -> Result<Response<pb::PutLocalModeResponse>, Status> {
        let (call, m) = enter(&self.0, request, "PutLocalMode", |m| &m.request_id).await?;
        let stored = local_modes::put(&self.0, &call, convert::mode(m.local_mode)?).await?;
        let local_mode = Some(convert::out(stored));
        Ok(Response::new(pb::PutLocalModeResponse { local_mode }))
    }

    async fn list_local_modes(
        &self,
        request: Request<pb::ListLocalModesRequest>,
    ) -> Result<Response<pb::ListLocalModesResponse>, Status> {
        let (_, m) = enter_read(&self.0, request, "ListLocalModes").await?;
        let (after, limit) = (page::key(&m.page_token)?, page_size(m.page_size)?);
        let page = Page { after: &after, limit };
        let found = local_modes::list(&self.0, &m.jurisdiction, &page).await?;
        Ok(Response::new(pb::ListLocalModesResponse {
            next_page_token: page::next(&found, limit, |m| page::token(&[&m.id])),
            local_modes: found.into_iter().map(convert::out).collect(),
        }))
    }
}
