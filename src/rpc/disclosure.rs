//! DisclosureService. What is published is read without a key.

use tonic::{Request, Response, Status};

use super::auth::{enter, enter_read};
use super::convert::campaign::etag;
use super::convert::disclosure as convert;
use super::pb::disclosure_service_server::DisclosureService;
use super::{DOWNLOAD_CHUNK_BYTES, page, pb};
use crate::app::disclosure::{bulletin, correct, export, public, publish, read};
use crate::app::{Aim, App, page_size};

/// Serves DisclosureService.
pub struct Disclosure(
    /// The use-cases.
    pub App,
);

type Reply<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl DisclosureService for Disclosure {
    async fn list_results(
        &self,
        request: Request<pb::ListResultsRequest>,
    ) -> Reply<pb::ListResultsResponse> {
        let (call, m) = enter_read(&self.0, request, "ListResults").await?;
        let (after, limit) = (page::key(&m.page_token)?, page_size(m.page_size)?);
        let wanted = read::Wanted {
            campaign: &m.campaign_id,
            department: &m.department,
            state: convert::state(m.state)?,
            overdue: m.overdue,
        };
        let found = read::list(&self.0, &call, &wanted, &after, limit).await?;
        Ok(Response::new(pb::ListResultsResponse {
            next_page_token: page::next(&found, limit, |r| page::token(&[&r.record.id])),
            results: found.into_iter().map(convert::out).collect(),
        }))
    }

    async fn get_result(
        &self,
        request: Request<pb::GetResultRequest>,
    ) -> Reply<pb::GetResultResponse> {
        let (call, m) = enter_read(&self.0, request, "GetResult").await?;
        let (shown, corrections) = read::get(&self.0, &call, &m.result_id).await?;
        Ok(Response::new(pb::GetResultResponse {
            result: Some(convert::out(shown)),
            corrections: corrections.into_iter().map(convert::correction).collect(),
        }))
    }

    async fn submit_result(
        &self,
        request: Request<pb::SubmitResultRequest>,
    ) -> Reply<pb::SubmitResultResponse> {
        let (call, m) = enter(&self.0, request, "SubmitResult", |m| &m.request_id).await?;
        let withhold = convert::withholding(m.withhold)?;
        let aim = Aim { id: &m.result_id, etag: etag(&m.etag)? };
        let record = publish::submit(&self.0, &call, aim, withhold).await?;
        let (state, version) = (convert::state_out(record.state), record.version.to_string());
        Ok(Response::new(pb::SubmitResultResponse { state, etag: version }))
    }

    async fn decide_result(
        &self,
        request: Request<pb::DecideResultRequest>,
    ) -> Reply<pb::DecideResultResponse> {
        let (call, m) = enter(&self.0, request, "DecideResult", |m| &m.request_id).await?;
        let aim = Aim { id: &m.result_id, etag: etag(&m.etag)? };
        let record = publish::decide(&self.0, &call, aim, m.approve, &m.note).await?;
        let (state, version) = (convert::state_out(record.state), record.version.to_string());
        Ok(Response::new(pb::DecideResultResponse { state, etag: version }))
    }

    async fn request_correction(
        &self,
        request: Request<pb::RequestCorrectionRequest>,
    ) -> Reply<pb::RequestCorrectionResponse> {
        let (call, m) = enter(&self.0, request, "RequestCorrection", |m| &m.request_id).await?;
        let erratum = convert::erratum(m.erratum, "erratum")?;
        let found = correct::request(&self.0, &call, &m.result_id, erratum).await?;
        let correction = Some(convert::correction(found));
        Ok(Response::new(pb::RequestCorrectionResponse { correction }))
    }

    async fn decide_correction(
        &self,
        request: Request<pb::DecideCorrectionRequest>,
    ) -> Reply<pb::DecideCorrectionResponse> {
        let (call, m) = enter(&self.0, request, "DecideCorrection", |m| &m.request_id).await?;
        let found = correct::decide(&self.0, &call, (&m.result_id, m.nth), m.approve).await?;
        let correction = Some(convert::correction(found));
        Ok(Response::new(pb::DecideCorrectionResponse { correction }))
    }

    async fn publish_bulletin(
        &self,
        request: Request<pb::PublishBulletinRequest>,
    ) -> Reply<pb::PublishBulletinResponse> {
        let (call, m) = enter(&self.0, request, "PublishBulletin", |m| &m.request_id).await?;
        let found = bulletin::publish(&self.0, &call, &m.campaign_id, &m.summary).await?;
        let bulletin = Some(convert::bulletin(found));
        Ok(Response::new(pb::PublishBulletinResponse { bulletin }))
    }

    async fn list_published_results(
        &self,
        request: Request<pb::ListPublishedResultsRequest>,
    ) -> Reply<pb::ListPublishedResultsResponse> {
        let m = request.into_inner();
        let (after, limit) = (page::key(&m.page_token)?, page_size(m.page_size)?);
        let wanted = [m.campaign_id.as_str(), m.subject_id.as_str()];
        let found = public::list(&self.0, wanted, &after, limit).await?;
        Ok(Response::new(pb::ListPublishedResultsResponse {
            next_page_token: page::next(&found, limit, |p| page::token(&[&p.result])),
            results: found.into_iter().map(convert::published).collect(),
        }))
    }

    async fn get_published_result(
        &self,
        request: Request<pb::GetPublishedResultRequest>,
    ) -> Reply<pb::GetPublishedResultResponse> {
        let found = public::versions(&self.0, &request.into_inner().result_id).await?;
        let versions = found.into_iter().map(convert::published).collect();
        Ok(Response::new(pb::GetPublishedResultResponse { versions }))
    }

    async fn get_bulletin(
        &self,
        request: Request<pb::GetBulletinRequest>,
    ) -> Reply<pb::GetBulletinResponse> {
        let found = public::bulletin(&self.0, &request.into_inner().campaign_id).await?;
        let bulletin = Some(convert::bulletin(found));
        Ok(Response::new(pb::GetBulletinResponse { bulletin }))
    }

    type ExportResultsStream =
        tokio_stream::Iter<std::vec::IntoIter<Result<pb::ExportResultsResponse, Status>>>;

    async fn export_results(
        &self,
        request: Request<pb::ExportResultsRequest>,
    ) -> Reply<Self::ExportResultsStream> {
        let m = request.into_inner();
        let bytes = export::export(&self.0, &m.campaign_id, convert::table(m.table)?).await?;
        let piece = |chunk: &[u8]| Ok(pb::ExportResultsResponse { chunk: chunk.to_vec() });
        let pieces: Vec<_> = bytes.chunks(DOWNLOAD_CHUNK_BYTES).map(piece).collect();
        Ok(Response::new(tokio_stream::iter(pieces)))
    }
}
