//! ObjectionService.

use tonic::{Request, Response, Status};

use super::auth::{enter, enter_read};
use super::convert::campaign::etag;
use super::convert::{disclosure, objection as convert};
use super::pb::objection_service_server::ObjectionService;
use super::{page, pb};
use crate::app::objection::{file, read, review};
use crate::app::{Aim, App, AppError, page_size};
use crate::domain::objection::Objection;

/// Serves ObjectionService.
pub struct Objections(
    /// The use-cases.
    pub App,
);

type Reply<T> = Result<Response<T>, Status>;

impl Objections {
    async fn shown(&self, objection: Objection) -> Result<Option<pb::Objection>, AppError> {
        Ok(Some(convert::out(read::with_days(&self.0, objection).await?)))
    }
}

#[tonic::async_trait]
impl ObjectionService for Objections {
    async fn file_objection(
        &self,
        request: Request<pb::FileObjectionRequest>,
    ) -> Reply<pb::FileObjectionResponse> {
        let (call, m) = enter(&self.0, request, "FileObjection", |m| &m.request_id).await?;
        let application = convert::application(m.application)?;
        let found = file::on_paper(&self.0, &call, &m.result_id, application).await?;
        let objection = self.shown(found).await?;
        Ok(Response::new(pb::FileObjectionResponse { objection }))
    }

    async fn receive_materials(
        &self,
        request: Request<pb::ReceiveMaterialsRequest>,
    ) -> Reply<pb::ReceiveMaterialsResponse> {
        let (call, m) = enter(&self.0, request, "ReceiveMaterials", |m| &m.request_id).await?;
        let on = convert::optional_day("received_on", &m.received_on)?;
        let aim = Aim { id: &m.objection_id, etag: etag(&m.etag)? };
        let found = review::receive(&self.0, &call, aim, on, m.materials_sha256).await?;
        let objection = self.shown(found).await?;
        Ok(Response::new(pb::ReceiveMaterialsResponse { objection }))
    }

    async fn pause_review(
        &self,
        request: Request<pb::PauseReviewRequest>,
    ) -> Reply<pb::PauseReviewResponse> {
        let (call, m) = enter(&self.0, request, "PauseReview", |m| &m.request_id).await?;
        let aim = Aim { id: &m.objection_id, etag: etag(&m.etag)? };
        let found = review::pause(&self.0, &call, aim, &m.reason).await?;
        let objection = self.shown(found).await?;
        Ok(Response::new(pb::PauseReviewResponse { objection }))
    }

    async fn resume_review(
        &self,
        request: Request<pb::ResumeReviewRequest>,
    ) -> Reply<pb::ResumeReviewResponse> {
        let (call, m) = enter(&self.0, request, "ResumeReview", |m| &m.request_id).await?;
        let aim = Aim { id: &m.objection_id, etag: etag(&m.etag)? };
        let objection = self.shown(review::resume(&self.0, &call, aim).await?).await?;
        Ok(Response::new(pb::ResumeReviewResponse { objection }))
    }

    async fn decide_objection(
        &self,
        request: Request<pb::DecideObjectionRequest>,
    ) -> Reply<pb::DecideObjectionResponse> {
        let (call, m) = enter(&self.0, request, "DecideObjection", |m| &m.request_id).await?;
        if !m.uphold && m.erratum.is_some() {
            return Err(AppError::invalid("erratum", "ONLY_TO_UPHOLD", "").into());
        }
        let erratum = match m.uphold {
            true => Some(disclosure::erratum(m.erratum, "erratum")?),
            false => None,
        };
        let aim = Aim { id: &m.objection_id, etag: etag(&m.etag)? };
        let found = review::decide(&self.0, &call, aim, &m.reason, erratum).await?;
        let objection = self.shown(found).await?;
        Ok(Response::new(pb::DecideObjectionResponse { objection }))
    }

    async fn answer_objection(
        &self,
        request: Request<pb::AnswerObjectionRequest>,
    ) -> Reply<pb::AnswerObjectionResponse> {
        let (call, m) = enter(&self.0, request, "AnswerObjection", |m| &m.request_id).await?;
        let aim = Aim { id: &m.objection_id, etag: etag(&m.etag)? };
        let found = review::answer(&self.0, &call, aim, &m.receipt_sha256).await?;
        let objection = self.shown(found).await?;
        Ok(Response::new(pb::AnswerObjectionResponse { objection }))
    }

    async fn withdraw_objection(
        &self,
        request: Request<pb::WithdrawObjectionRequest>,
    ) -> Reply<pb::WithdrawObjectionResponse> {
        let (call, m) = enter(&self.0, request, "WithdrawObjection", |m| &m.request_id).await?;
        let aim = Aim { id: &m.objection_id, etag: etag(&m.etag)? };
        let found = review::withdraw(&self.0, &call, aim, &m.reason).await?;
        let objection = self.shown(found).await?;
        Ok(Response::new(pb::WithdrawObjectionResponse { objection }))
    }

    async fn get_objection(
        &self,
        request: Request<pb::GetObjectionRequest>,
    ) -> Reply<pb::GetObjectionResponse> {
        let (call, m) = enter_read(&self.0, request, "GetObjection").await?;
        let found = read::get(&self.0, &call, &m.objection_id).await?;
        let objection = Some(convert::out(found));
        Ok(Response::new(pb::GetObjectionResponse { objection }))
    }

    async fn list_objections(
        &self,
        request: Request<pb::ListObjectionsRequest>,
    ) -> Reply<pb::ListObjectionsResponse> {
        let (call, m) = enter_read(&self.0, request, "ListObjections").await?;
        let (after, limit) = (page::key(&m.page_token)?, page_size(m.page_size)?);
        let (department, state) = (m.department.as_str(), convert::state(m.state)?);
        let wanted = read::Wanted { department, state, overdue: m.overdue };
        let found = read::list(&self.0, &call, &wanted, &after, limit).await?;
        Ok(Response::new(pb::ListObjectionsResponse {
            next_page_token: page::next(&found, limit, |o| page::token(&[&o.objection.id])),
            objections: found.into_iter().map(convert::out).collect(),
        }))
    }
}
