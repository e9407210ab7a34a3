//! ExceptionService.

use tonic::{Request, Response, Status};

use super::auth::{enter, enter_read};
use super::convert::campaign::etag;
use super::convert::exception as convert;
use super::pb::exception_service_server::ExceptionService;
use super::{page, pb};
use crate::app::{Aim, App, Page, exceptions, page_size};

/// Serves ExceptionService.
pub struct Exceptions(
    /// The use-cases.
    pub App,
);

type Reply<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl ExceptionService for Exceptions {
    async fn record_exception(
        &self,
        request: Request<pb::RecordExceptionRequest>,
    ) -> Reply<pb::RecordExceptionResponse> {
        let (call, m) = enter(&self.0, request, "RecordException", |m| &m.request_id).await?;
        let exception = convert::exception(m.exception)?;
        let stored = exceptions::record(&self.0, &call, exception).await?;
        let exception = Some(convert::out(stored));
        Ok(Response::new(pb::RecordExceptionResponse { exception }))
    }

    async fn decide_exception(
        &self,
        request: Request<pb::DecideExceptionRequest>,
    ) -> Reply<pb::DecideExceptionResponse> {
        let (call, m) = enter(&self.0, request, "DecideException", |m| &m.request_id).await?;
        let aim = Aim { id: &m.exception_id, etag: etag(&m.etag)? };
        let stored = exceptions::decide(&self.0, &call, aim, m.approve).await?;
        let exception = Some(convert::out(stored));
        Ok(Response::new(pb::DecideExceptionResponse { exception }))
    }

    async fn withdraw_exception(
        &self,
        request: Request<pb::WithdrawExceptionRequest>,
    ) -> Reply<pb::WithdrawExceptionResponse> {
        let (call, m) = enter(&self.0, request, "WithdrawException", |m| &m.request_id).await?;
        let aim = Aim { id: &m.exception_id, etag: etag(&m.etag)? };
        let stored = exceptions::withdraw(&self.0, &call, aim).await?;
        let exception = Some(convert::out(stored));
        Ok(Response::new(pb::WithdrawExceptionResponse { exception }))
    }

    async fn get_exception(
        &self,
        request: Request<pb::GetExceptionRequest>,
    ) -> Reply<pb::GetExceptionResponse> {
        let (call, m) = enter_read(&self.0, request, "GetException").await?;
        let found = exceptions::get(&self.0, &call.caller, &m.exception_id).await?;
        let exception = Some(convert::out(found));
        Ok(Response::new(pb::GetExceptionResponse { exception }))
    }

    async fn list_exceptions(
        &self,
        request: Request<pb::ListExceptionsRequest>,
    ) -> Reply<pb::ListExceptionsResponse> {
        let (call, m) = enter_read(&self.0, request, "ListExceptions").await?;
        let (after, limit) = (page::key(&m.page_token)?, page_size(m.page_size)?);
        let wanted = [m.department.as_str(), convert::state(m.state)?];
        let page = Page { after: &after, limit };
        let found = exceptions::list(&self.0, &call.caller, wanted, &page).await?;
        Ok(Response::new(pb::ListExceptionsResponse {
            next_page_token: page::next(&found, limit, |e| page::token(&[&e.id])),
            exceptions: found.into_iter().map(convert::out).collect(),
        }))
    }
}
