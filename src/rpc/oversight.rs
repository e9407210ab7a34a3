//! OversightService.

use tonic::{Request, Response, Status};

use super::auth::enter_read;
use super::convert::oversight as convert;
use super::pb::oversight_service_server::OversightService;
use super::{page, pb};
use crate::app::oversight::{burden, warnings};
use crate::app::{App, Page, page_size};
use crate::oversight::warning::Warning;

/// Serves OversightService.
pub struct Oversight(
    /// The use-cases.
    pub App,
);

type Reply<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl OversightService for Oversight {
    async fn list_warnings(
        &self,
        request: Request<pb::ListWarningsRequest>,
    ) -> Reply<pb::ListWarningsResponse> {
        let (call, m) = enter_read(&self.0, request, "ListWarnings").await?;
        let (after, limit) = (page::key(&m.page_token)?, page_size(m.page_size)?);
        let wanted = (m.jurisdiction.as_str(), convert::kind(m.kind)?);
        let found = warnings::list(&self.0, &call, wanted, &Page { after: &after, limit }).await?;
        let token = |w: &Warning| page::token(&[&w.key()]);
        Ok(Response::new(pb::ListWarningsResponse {
            next_page_token: page::next(&found, limit, token),
            warnings: found.into_iter().map(convert::warning_out).collect(),
        }))
    }

    async fn get_burden_file(
        &self,
        request: Request<pb::GetBurdenFileRequest>,
    ) -> Reply<pb::GetBurdenFileResponse> {
        let (call, m) = enter_read(&self.0, request, "GetBurdenFile").await?;
        let found = burden::get(&self.0, &call, (&m.jurisdiction, &m.subject_id)).await?;
        let burden_file = Some(convert::burden_out(found));
        Ok(Response::new(pb::GetBurdenFileResponse { burden_file }))
    }
}
