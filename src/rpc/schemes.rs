//! SchemeService.

use tonic::{Request, Response, Status};

use super::auth::{enter, enter_read};
use super::convert::campaign::etag;
use super::convert::scheme as out_scheme;
use super::pb::scheme_service_server::SchemeService;
use super::{convert, page, pb};
use crate::app::{Aim, App, Page, PaperFilter, page_size, papers, schemes};
use crate::domain::Violations;
use crate::domain::approval::{Paper, PaperState};
use crate::domain::scheme::Scheme;

/// Serves SchemeService.
pub struct Schemes(
    /// The use-cases.
    pub App,
);

type Reply<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl SchemeService for Schemes {
    async fn put_scheme(
        &self,
        request: Request<pb::PutSchemeRequest>,
    ) -> Reply<pb::PutSchemeResponse> {
        let (call, m) = enter(&self.0, request, "PutScheme", |m| &m.request_id).await?;
        let mut violations = Violations::default();
        let etag = convert::department::etag(&mut violations, "etag", &m.etag);
        violations.finish(())?;
        let (id, plan, said) = out_scheme::scheme(m.scheme)?;
        let stored = schemes::put(&self.0, &call, (id, &plan, etag), said).await?;
        let scheme = Some(out_scheme::out(stored));
        Ok(Response::new(pb::PutSchemeResponse { scheme }))
    }

    async fn amend_scheme(
        &self,
        request: Request<pb::AmendSchemeRequest>,
    ) -> Reply<pb::AmendSchemeResponse> {
        let (call, m) = enter(&self.0, request, "AmendScheme", |m| &m.request_id).await?;
        let aim = Aim { id: &m.scheme_id, etag: etag(&m.etag)? };
        let stored = papers::amend(&self.0, &call, aim, &m.reason).await?;
        let scheme = Some(out_scheme::out(stored));
        Ok(Response::new(pb::AmendSchemeResponse { scheme }))
    }

    async fn submit_scheme(
        &self,
        request: Request<pb::SubmitSchemeRequest>,
    ) -> Reply<pb::SubmitSchemeResponse> {
        let (call, m) = enter(&self.0, request, "SubmitScheme", |m| &m.request_id).await?;
        let aim = Aim { id: &m.scheme_id, etag: etag(&m.etag)? };
        let stored = papers::submit(&self.0, &call, aim).await?;
        let scheme = Some(out_scheme::out(stored));
        Ok(Response::new(pb::SubmitSchemeResponse { scheme }))
    }

    async fn approve_scheme(
        &self,
        request: Request<pb::ApproveSchemeRequest>,
    ) -> Reply<pb::ApproveSchemeResponse> {
        let (call, m) = enter(&self.0, request, "ApproveScheme", |m| &m.request_id).await?;
        let aim = Aim { id: &m.scheme_id, etag: etag(&m.etag)? };
        let stored = schemes::approve(&self.0, &call, aim).await?;
        let scheme = Some(out_scheme::out(stored));
        Ok(Response::new(pb::ApproveSchemeResponse { scheme }))
    }

    async fn return_scheme(
        &self,
        request: Request<pb::ReturnSchemeRequest>,
    ) -> Reply<pb::ReturnSchemeResponse> {
        let (call, m) = enter(&self.0, request, "ReturnScheme", |m| &m.request_id).await?;
        let aim = Aim { id: &m.scheme_id, etag: etag(&m.etag)? };
        let stored = papers::send_back(&self.0, &call, aim, &m.reason).await?;
        let scheme = Some(out_scheme::out(stored));
        Ok(Response::new(pb::ReturnSchemeResponse { scheme }))
    }

    async fn publish_scheme(
        &self,
        request: Request<pb::PublishSchemeRequest>,
    ) -> Reply<pb::PublishSchemeResponse> {
        let (call, m) = enter(&self.0, request, "PublishScheme", |m| &m.request_id).await?;
        let aim = Aim { id: &m.scheme_id, etag: etag(&m.etag)? };
        let stored = papers::publish(&self.0, &call, aim).await?;
        let scheme = Some(out_scheme::out(stored));
        Ok(Response::new(pb::PublishSchemeResponse { scheme }))
    }

    async fn get_scheme(
        &self,
        request: Request<pb::GetSchemeRequest>,
    ) -> Reply<pb::GetSchemeResponse> {
        let (_, m) = enter_read(&self.0, request, "GetScheme").await?;
        let stored = papers::get(&self.0, &m.scheme_id, m.version).await?;
        let scheme = Some(out_scheme::out(stored));
        Ok(Response::new(pb::GetSchemeResponse { scheme }))
    }

    async fn list_schemes(
        &self,
        request: Request<pb::ListSchemesRequest>,
    ) -> Reply<pb::ListSchemesResponse> {
        let (_, m) = enter_read(&self.0, request, "ListSchemes").await?;
        let (after, limit) = (page::key(&m.page_token)?, page_size(m.page_size)?);
        let year = convert::annual_plan::listed_year(m.year)?;
        let filter =
            PaperFilter { jurisdiction: &m.jurisdiction, year, parent: &m.plan_id, state: None };
        let found = papers::list(&self.0, &filter, &Page { after: &after, limit }).await?;
        Ok(Response::new(pb::ListSchemesResponse {
            next_page_token: page::next(&found, limit, |p: &Paper<Scheme>| page::token(&[&p.id])),
            schemes: found.into_iter().map(out_scheme::out).collect(),
        }))
    }

    async fn list_scheme_versions(
        &self,
        request: Request<pb::ListSchemeVersionsRequest>,
    ) -> Reply<pb::ListSchemeVersionsResponse> {
        let (_, m) = enter_read(&self.0, request, "ListSchemeVersions").await?;
        let (after, limit) = (page::number(&m.page_token)?, page_size(m.page_size)?);
        let found = papers::versions(&self.0, &m.scheme_id, after, limit).await?;
        let key = |p: &Paper<Scheme>| page::token(&[&p.flow.version.to_string()]);
        Ok(Response::new(pb::ListSchemeVersionsResponse {
            next_page_token: page::next(&found, limit, key),
            schemes: found.into_iter().map(out_scheme::out).collect(),
        }))
    }

    /// What is published is public: it takes no credential.
    async fn get_published_scheme(
        &self,
        request: Request<pb::GetPublishedSchemeRequest>,
    ) -> Reply<pb::GetPublishedSchemeResponse> {
        let m = request.into_inner();
        let found = papers::published(&self.0, &m.scheme_id).await?;
        let scheme = Some(out_scheme::out(schemes::for_everybody(found)));
        Ok(Response::new(pb::GetPublishedSchemeResponse { scheme }))
    }

    /// What is published is public: it takes no credential.
    async fn list_published_schemes(
        &self,
        request: Request<pb::ListPublishedSchemesRequest>,
    ) -> Reply<pb::ListPublishedSchemesResponse> {
        let m = request.into_inner();
        let (after, limit) = (page::key(&m.page_token)?, page_size(m.page_size)?);
        let year = convert::annual_plan::listed_year(m.year)?;
        let filter = PaperFilter {
            jurisdiction: &m.jurisdiction,
            year,
            parent: &m.plan_id,
            state: Some(PaperState::Published),
        };
        let found = papers::list(&self.0, &filter, &Page { after: &after, limit }).await?;
        Ok(Response::new(pb::ListPublishedSchemesResponse {
            next_page_token: page::next(&found, limit, |p: &Paper<Scheme>| page::token(&[&p.id])),
            schemes: found.into_iter().map(schemes::for_everybody).map(out_scheme::out).collect(),
        }))
    }
}
