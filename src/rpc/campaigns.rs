//! CampaignService.

use tonic::{Request, Response, Status};

use super::auth::{enter, enter_read};
use super::convert::{campaign as convert, draw as convert_draw};
use super::pb::campaign_service_server::CampaignService;
use super::{DOWNLOAD_CHUNK_BYTES, page, pb, watch};
use crate::app::Page;
use crate::app::attempt::{self, Attempt};
use crate::app::{
    App, AppError, abort, campaigns, ceremony, certify, draws, openings, page_size, visits,
};

/// Serves CampaignService.
pub struct Campaigns(
    /// The use-cases.
    pub App,
);

type Reply<T> = Result<Response<T>, Status>;

fn draw(attempt: Attempt) -> Result<Option<pb::Draw>, AppError> {
    convert_draw::out(attempt).map(Some)
}

/// A file in pieces.
type Pieces<T> = tokio_stream::Iter<std::vec::IntoIter<Result<T, Status>>>;

fn pieces<T>(bytes: &[u8], piece: impl Fn(Vec<u8>) -> T) -> Pieces<T> {
    let pieces: Vec<Result<T, Status>> =
        bytes.chunks(DOWNLOAD_CHUNK_BYTES).map(|chunk| Ok(piece(chunk.to_vec()))).collect();
    tokio_stream::iter(pieces)
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
        let page = Page { after: &after, limit };
        let found = campaigns::list(&self.0, &page, m.unplanned).await?;
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
        let attempt = abort::request(&self.0, &call, &m.campaign_id, &m.reason).await?;
        Ok(Response::new(pb::AbortDrawResponse { draw: draw(attempt)? }))
    }

    async fn approve_abort(
        &self,
        request: Request<pb::ApproveAbortRequest>,
    ) -> Reply<pb::ApproveAbortResponse> {
        let (call, m) = enter(&self.0, request, "ApproveAbort", |m| &m.request_id).await?;
        let attempt = abort::approve(&self.0, &call, &m.campaign_id).await?;
        Ok(Response::new(pb::ApproveAbortResponse { draw: draw(attempt)? }))
    }

    async fn approve_attempt(
        &self,
        request: Request<pb::ApproveAttemptRequest>,
    ) -> Reply<pb::ApproveAttemptResponse> {
        let (call, m) = enter(&self.0, request, "ApproveAttempt", |m| &m.request_id).await?;
        let (id, why) = (&m.campaign_id, &m.reason);
        let campaign = abort::retry(&self.0, &call, id, why, &m.on_site).await?;
        Ok(Response::new(pb::ApproveAttemptResponse { campaign: Some(convert::out(campaign)) }))
    }

    async fn close_campaign(
        &self,
        request: Request<pb::CloseCampaignRequest>,
    ) -> Reply<pb::CloseCampaignResponse> {
        let (call, m) = enter(&self.0, request, "CloseCampaign", |m| &m.request_id).await?;
        let campaign = openings::close(&self.0, &call, &m.campaign_id).await?;
        Ok(Response::new(pb::CloseCampaignResponse { campaign: Some(convert::out(campaign)) }))
    }

    async fn bring_beacon(
        &self,
        request: Request<pb::BringBeaconRequest>,
    ) -> Reply<pb::BringBeaconResponse> {
        let (call, m) = enter(&self.0, request, "BringBeacon", |m| &m.request_id).await?;
        let attempt = ceremony::bring_beacon(&self.0, &call, &m.campaign_id, &m.value).await?;
        Ok(Response::new(pb::BringBeaconResponse { draw: draw(attempt)? }))
    }

    type WatchDrawStream = watch::News;

    /// What is watched is public: it takes no credential.
    async fn watch_draw(
        &self,
        request: Request<pb::WatchDrawRequest>,
    ) -> Reply<Self::WatchDrawStream> {
        let m = request.into_inner();
        Ok(Response::new(watch::start(&self.0, &m.campaign_id, m.attempt).await?))
    }

    async fn get_draw(&self, request: Request<pb::GetDrawRequest>) -> Reply<pb::GetDrawResponse> {
        let (_, m) = enter_read(&self.0, request, "GetDraw").await?;
        let attempt = attempt::get(&self.0, &m.campaign_id, m.attempt).await?;
        Ok(Response::new(pb::GetDrawResponse { draw: draw(attempt)? }))
    }

    type DownloadBundleStream = Pieces<pb::DownloadBundleResponse>;

    /// The bundle is public: it takes no credential.
    async fn download_bundle(
        &self,
        request: Request<pb::DownloadBundleRequest>,
    ) -> Reply<Self::DownloadBundleStream> {
        let m = request.into_inner();
        let bytes = draws::bundle(&self.0, &m.campaign_id, m.attempt).await?;
        Ok(Response::new(pieces(&bytes, |chunk| pb::DownloadBundleResponse { chunk })))
    }

    type DownloadCertificateStream = Pieces<pb::DownloadCertificateResponse>;

    /// The certificate is public: it takes no credential.
    async fn download_certificate(
        &self,
        request: Request<pb::DownloadCertificateRequest>,
    ) -> Reply<Self::DownloadCertificateStream> {
        let m = request.into_inner();
        let bytes = certify::certificate(&self.0, &m.campaign_id, m.attempt).await?;
        Ok(Response::new(pieces(&bytes, |chunk| pb::DownloadCertificateResponse { chunk })))
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
