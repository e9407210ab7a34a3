//! CampaignService.

use tokio_stream::Stream;
use tonic::{Request, Response, Status};

use super::auth::{enter, enter_read};
use super::convert::campaign as convert;
use super::pb::campaign_service_server::CampaignService;
use super::{DOWNLOAD_CHUNK_BYTES, page, pb};
use crate::app::Page;
use crate::app::draws::Attempt;
use crate::app::{App, AppError, campaigns, ceremony, draws, page_size, visits};

/// Serves CampaignService.
pub struct Campaigns(
    /// The use-cases.
    pub App,
);

type Reply<T> = Result<Response<T>, Status>;

fn draw(attempt: Attempt) -> Result<Option<pb::Draw>, AppError> {
    convert::draw_out(attempt).map(Some)
}

#[tonic::async_trait]
impl CampaignService for Campaigns {
    async fn create_campaign(
        &self,
        request: Request<pb::CreateCampaignRequest>,
    ) -> Reply<pb::CreateCampaignResponse> {
        let (call, m) = enter(&self.0, request, "CreateCampaign", |m| &m.request_id).await?;
        let stored = campaigns::create(&self.0, &call, convert::campaign(m.campaign)?).await?;
        let campaign = Some(convert::out(stored));
        Ok(Response::new(pb::CreateCampaignResponse { campaign }))
    }

    async fn get_campaign(
        &self,
        request: Request<pb::GetCampaignRequest>,
    ) -> Reply<pb::GetCampaignResponse> {
        let (_, m) = enter_read(&self.0, request, "GetCampaign").await?;
        let campaign = Some(convert::out(campaigns::get(&self.0, &m.campaign_id).await?));
        Ok(Response::new(pb::GetCampaignResponse { campaign }))
    }

    async fn list_campaigns(
        &self,
        request: Request<pb::ListCampaignsRequest>,
    ) -> Reply<pb::ListCampaignsResponse> {
        let (_, m) = enter_read(&self.0, request, "ListCampaigns").await?;
        let (after, limit) = (page::key(&m.page_token)?, page_size(m.page_size)?);
        let found = campaigns::list(&self.0, &Page { after: &after, limit }).await?;
        Ok(Response::new(pb::ListCampaignsResponse {
            next_page_token: page::next(&found, limit, |c| page::token(&[&c.id])),
            campaigns: found.into_iter().map(convert::out).collect(),
        }))
    }

    async fn answer_invitation(
        &self,
        request: Request<pb::AnswerInvitationRequest>,
    ) -> Reply<pb::AnswerInvitationResponse> {
        let (call, m) = enter(&self.0, request, "AnswerInvitation", |m| &m.request_id).await?;
        let stored = campaigns::answer(&self.0, &call, &m.campaign_id, m.accept).await?;
        let campaign = Some(convert::out(stored));
        Ok(Response::new(pb::AnswerInvitationResponse { campaign }))
    }

    async fn approve_campaign(
        &self,
        request: Request<pb::ApproveCampaignRequest>,
    ) -> Reply<pb::ApproveCampaignResponse> {
        let (call, m) = enter(&self.0, request, "ApproveCampaign", |m| &m.request_id).await?;
        let etag = convert::etag(&m.etag)?;
        let stored = campaigns::approve(&self.0, &call, &m.campaign_id, etag).await?;
        let campaign = Some(convert::out(stored));
        Ok(Response::new(pb::ApproveCampaignResponse { campaign }))
    }

    async fn preview_campaign(
        &self,
        request: Request<pb::PreviewCampaignRequest>,
    ) -> Reply<pb::PreviewCampaignResponse> {
        let (call, m) = enter_read(&self.0, request, "PreviewCampaign").await?;
        let figures = campaigns::preview(&self.0, &call, &m.campaign_id).await?;
        let preview = Some(convert::figures_out(figures));
        Ok(Response::new(pb::PreviewCampaignResponse { preview }))
    }

    async fn freeze_campaign(
        &self,
        request: Request<pb::FreezeCampaignRequest>,
    ) -> Reply<pb::FreezeCampaignResponse> {
        let (call, m) = enter(&self.0, request, "FreezeCampaign", |m| &m.request_id).await?;
        let draw = draw(ceremony::freeze(&self.0, &call, &m.campaign_id).await?)?;
        Ok(Response::new(pb::FreezeCampaignResponse { draw }))
    }

    async fn commit_number(
        &self,
        request: Request<pb::CommitNumberRequest>,
    ) -> Reply<pb::CommitNumberResponse> {
        let (call, m) = enter(&self.0, request, "CommitNumber", |m| &m.request_id).await?;
        let attempt = ceremony::commit(&self.0, &call, &m.campaign_id, &m.commitment).await?;
        Ok(Response::new(pb::CommitNumberResponse { draw: draw(attempt)? }))
    }

    async fn reveal_number(
        &self,
        request: Request<pb::RevealNumberRequest>,
    ) -> Reply<pb::RevealNumberResponse> {
        let (call, m) = enter(&self.0, request, "RevealNumber", |m| &m.request_id).await?;
        let attempt = ceremony::reveal(&self.0, &call, &m.campaign_id, &m.number).await?;
        Ok(Response::new(pb::RevealNumberResponse { draw: draw(attempt)? }))
    }

    async fn draw_campaign(
        &self,
        request: Request<pb::DrawCampaignRequest>,
    ) -> Reply<pb::DrawCampaignResponse> {
        let (call, m) = enter(&self.0, request, "DrawCampaign", |m| &m.request_id).await?;
        let attempt = draws::execute(&self.0, &call, &m.campaign_id).await?;
        Ok(Response::new(pb::DrawCampaignResponse { draw: draw(attempt)? }))
    }

    async fn abort_draw(
        &self,
        request: Request<pb::AbortDrawRequest>,
    ) -> Reply<pb::AbortDrawResponse> {
        let (call, m) = enter(&self.0, request, "AbortDraw", |m| &m.request_id).await?;
        let attempt = draws::abort(&self.0, &call, &m.campaign_id, &m.reason).await?;
        Ok(Response::new(pb::AbortDrawResponse { draw: draw(attempt)? }))
    }

    async fn get_draw(&self, request: Request<pb::GetDrawRequest>) -> Reply<pb::GetDrawResponse> {
        let (_, m) = enter_read(&self.0, request, "GetDraw").await?;
        let attempt = draws::get(&self.0, &m.campaign_id, m.attempt).await?;
        Ok(Response::new(pb::GetDrawResponse { draw: draw(attempt)? }))
    }

    type DownloadBundleStream =
        std::pin::Pin<Box<dyn Stream<Item = Result<pb::DownloadBundleResponse, Status>> + Send>>;

    /// The bundle is public: it takes no credential.
    async fn download_bundle(
        &self,
        request: Request<pb::DownloadBundleRequest>,
    ) -> Reply<Self::DownloadBundleStream> {
        let m = request.into_inner();
        let bytes = draws::bundle(&self.0, &m.campaign_id, m.attempt).await?;
        let chunks: Vec<Result<pb::DownloadBundleResponse, Status>> = bytes
            .chunks(DOWNLOAD_CHUNK_BYTES)
            .map(|chunk| Ok(pb::DownloadBundleResponse { chunk: chunk.to_vec() }))
            .collect();
        Ok(Response::new(Box::pin(tokio_stream::iter(chunks))))
    }

    async fn list_shortages(
        &self,
        request: Request<pb::ListShortagesRequest>,
    ) -> Reply<pb::ListShortagesResponse> {
        let (_, m) = enter_read(&self.0, request, "ListShortages").await?;
        let (after, limit) = (page::number(&m.page_token)?, page_size(m.page_size)?);
        let found = visits::shortages(&self.0, &m.campaign_id, after, limit).await?;
        let last = after + i64::try_from(found.len()).unwrap_or(0);
        Ok(Response::new(pb::ListShortagesResponse {
            next_page_token: page::next(&found, limit, |_| page::token(&[&last.to_string()])),
            shortages: found.into_iter().map(convert::shortage_out).collect(),
        }))
    }
}
