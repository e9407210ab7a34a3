//! NoticeService.

use tonic::{Request, Response, Status};

use super::auth::{enter, enter_read};
use super::convert::notice as convert;
use super::pb;
use super::pb::notice_service_server::NoticeService;
use crate::app::{App, notices};

/// Serves NoticeService.
pub struct Notices(
    /// The use-cases.
    pub App,
);

#[tonic::async_trait]
impl NoticeService for Notices {
    async fn record_notice(
        &self,
        request: Request<pb::RecordNoticeRequest>,
    ) -> Result<Response<pb::RecordNoticeResponse>, Status> {
        let (call, m) = enter(&self.0, request, "RecordNotice", |m| &m.request_id).await?;
        let (at, channel) = ((m.campaign_id.as_str(), m.rank), convert::channel(m.channel)?);
        let notice = notices::record(&self.0, &call, at, channel).await?;
        Ok(Response::new(pb::RecordNoticeResponse { notice: Some(convert::out(notice)) }))
    }

    async fn get_notice(
        &self,
        request: Request<pb::GetNoticeRequest>,
    ) -> Result<Response<pb::GetNoticeResponse>, Status> {
        let (call, m) = enter_read(&self.0, request, "GetNotice").await?;
        let notice = notices::get(&self.0, &call, &m.campaign_id, m.rank).await?;
        Ok(Response::new(pb::GetNoticeResponse { notice: Some(convert::out(notice)) }))
    }
}
