//! ArchiveService. Archives without personal data are read without a key.

use tonic::{Request, Response, Status};

use super::auth::{enter, enter_read};
use super::convert::archive as convert;
use super::pb::archive_service_server::ArchiveService;
use super::{DOWNLOAD_CHUNK_BYTES, page, pb};
use crate::app::archive::{make, read};
use crate::app::{App, AppError, page_size};

/// Serves ArchiveService.
pub struct Archives(
    /// The use-cases.
    pub App,
);

type Reply<T> = Result<Response<T>, Status>;

/// A file in pieces.
type Pieces<T> = tokio_stream::Iter<std::vec::IntoIter<Result<T, Status>>>;

fn pieces<T>(bytes: &[u8], piece: impl Fn(Vec<u8>) -> T) -> Pieces<T> {
    let pieces: Vec<Result<T, Status>> =
        bytes.chunks(DOWNLOAD_CHUNK_BYTES).map(|chunk| Ok(piece(chunk.to_vec()))).collect();
    tokio_stream::iter(pieces)
}

#[tonic::async_trait]
impl ArchiveService for Archives {
    async fn archive_campaign(
        &self,
        request: Request<pb::ArchiveCampaignRequest>,
    ) -> Reply<pb::ArchiveCampaignResponse> {
        let (call, m) = enter(&self.0, request, "ArchiveCampaign", |m| &m.request_id).await?;
        let archive = make(&self.0, &call, &m.campaign_id, 0).await?;
        Ok(Response::new(pb::ArchiveCampaignResponse { archive: Some(convert::out(archive)) }))
    }

    async fn archive_visit(
        &self,
        request: Request<pb::ArchiveVisitRequest>,
    ) -> Reply<pb::ArchiveVisitResponse> {
        let (call, m) = enter(&self.0, request, "ArchiveVisit", |m| &m.request_id).await?;
        if m.rank < 1 {
            return Err(AppError::invalid("rank", "AT_LEAST_ONE", &m.rank.to_string()).into());
        }
        let archive = make(&self.0, &call, &m.campaign_id, m.rank).await?;
        Ok(Response::new(pb::ArchiveVisitResponse { archive: Some(convert::out(archive)) }))
    }

    async fn list_archives(
        &self,
        request: Request<pb::ListArchivesRequest>,
    ) -> Reply<pb::ListArchivesResponse> {
        let m = request.into_inner();
        let (after, limit) = (page::numbers(&m.page_token)?, page_size(m.page_size)?);
        let found = read::list(&self.0, &m.campaign_id, after, limit).await?;
        let token = |a: &crate::domain::archive::Archive| {
            page::token(&[&a.visit.to_string(), &a.nth.to_string()])
        };
        Ok(Response::new(pb::ListArchivesResponse {
            next_page_token: page::next(&found, limit, token),
            archives: found.into_iter().map(convert::out).collect(),
        }))
    }

    type DownloadArchiveStream = Pieces<pb::DownloadArchiveResponse>;

    async fn download_archive(
        &self,
        request: Request<pb::DownloadArchiveRequest>,
    ) -> Reply<Self::DownloadArchiveStream> {
        let m = request.into_inner();
        let bytes = read::public(&self.0, &m.campaign_id, (m.rank, m.nth)).await?;
        Ok(Response::new(pieces(&bytes, |chunk| pb::DownloadArchiveResponse { chunk })))
    }

    type DownloadWholeArchiveStream = Pieces<pb::DownloadWholeArchiveResponse>;

    async fn download_whole_archive(
        &self,
        request: Request<pb::DownloadWholeArchiveRequest>,
    ) -> Reply<Self::DownloadWholeArchiveStream> {
        let (call, m) = enter_read(&self.0, request, "DownloadWholeArchive").await?;
        let at = (m.rank, m.nth);
        let bytes = read::whole(&self.0, &call.caller, &m.campaign_id, at).await?;
        Ok(Response::new(pieces(&bytes, |chunk| pb::DownloadWholeArchiveResponse { chunk })))
    }
}
