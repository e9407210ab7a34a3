//! VisitService.

use tonic::{Request, Response, Status};

use super::auth::{enter, enter_read};
use super::convert::{change, visit as convert};
use super::pb::visit_service_server::VisitService;
use super::{page, pb};
use crate::app::{App, audit, changes, openings, page_size, visits};

/// Serves VisitService.
pub struct Visits(
    /// The use-cases.
    pub App,
);

#[tonic::async_trait]
impl VisitService for Visits {
    async fn open_visit(
        &self,
        request: Request<pb::OpenVisitRequest>,
    ) -> Result<Response<pb::OpenVisitResponse>, Status> {
        let (call, m) = enter(&self.0, request, openings::METHOD, |m| &m.request_id).await?;
        let (id, case) = (&m.campaign_id, &m.case_number);
        let opened = openings::open(&self.0, &call, id, m.rank, case).await?;
        Ok(Response::new(convert::opened_out(opened)?))
    }

    async fn open_unit(
        &self,
        request: Request<pb::OpenUnitRequest>,
    ) -> Result<Response<pb::OpenUnitResponse>, Status> {
        let (call, m) = enter(&self.0, request, "OpenUnit", |m| &m.request_id).await?;
        let of = (m.campaign_id.as_str(), m.attempt);
        let unit = audit::open(&self.0, &call, of, &m.ticket, &m.case_number).await?;
        let unit = Some(convert::unit_out(unit)?);
        Ok(Response::new(pb::OpenUnitResponse { unit }))
    }

    async fn list_visits(
        &self,
        request: Request<pb::ListVisitsRequest>,
    ) -> Result<Response<pb::ListVisitsResponse>, Status> {
        let (call, m) = enter_read(&self.0, request, "ListVisits").await?;
        let (after, limit) = (page::number(&m.page_token)?, page_size(m.page_size)?);
        let id = &m.campaign_id;
        let found = visits::list(&self.0, &call, id, &m.department, after, limit).await?;
        Ok(Response::new(pb::ListVisitsResponse {
            next_page_token: page::next(&found, limit, |v| page::token(&[&v.rank.to_string()])),
            visits: found.into_iter().map(convert::out).collect(),
        }))
    }

    async fn get_visit(
        &self,
        request: Request<pb::GetVisitRequest>,
    ) -> Result<Response<pb::GetVisitResponse>, Status> {
        let (call, m) = enter_read(&self.0, request, "GetVisit").await?;
        let visit = visits::get(&self.0, &call, &m.campaign_id, m.rank).await?;
        Ok(Response::new(pb::GetVisitResponse { visit: Some(convert::out(visit)) }))
    }

    async fn list_reserve(
        &self,
        request: Request<pb::ListReserveRequest>,
    ) -> Result<Response<pb::ListReserveResponse>, Status> {
        let (call, m) = enter_read(&self.0, request, "ListReserve").await?;
        let limit = page_size(m.page_size)?;
        let (campaign, department, stratum) = (&m.campaign_id, &m.department, &m.stratum);
        let found = visits::reserve(&self.0, &call, campaign, department, stratum, limit).await?;
        let reserve = |r: visits::Reserve| pb::Reserve {
            department: department.clone(),
            stratum: stratum.clone(),
            rank: r.rank,
            ticket: r.ticket,
        };
        let reserve = found.into_iter().map(reserve).collect();
        Ok(Response::new(pb::ListReserveResponse { reserve }))
    }

    async fn request_substitution(
        &self,
        request: Request<pb::RequestSubstitutionRequest>,
    ) -> Result<Response<pb::RequestSubstitutionResponse>, Status> {
        let (call, m) = enter(&self.0, request, "RequestSubstitution", |m| &m.request_id).await?;
        let asked = change::substitution_in(m)?;
        let change = changes::request(&self.0, &call, asked).await?;
        Ok(Response::new(pb::RequestSubstitutionResponse { change: Some(change::out(change)) }))
    }

    async fn request_replacement(
        &self,
        request: Request<pb::RequestReplacementRequest>,
    ) -> Result<Response<pb::RequestReplacementResponse>, Status> {
        let (call, m) = enter(&self.0, request, "RequestReplacement", |m| &m.request_id).await?;
        let asked = change::replacement_in(m)?;
        let change = changes::request(&self.0, &call, asked).await?;
        Ok(Response::new(pb::RequestReplacementResponse { change: Some(change::out(change)) }))
    }

    async fn decide_change(
        &self,
        request: Request<pb::DecideChangeRequest>,
    ) -> Result<Response<pb::DecideChangeResponse>, Status> {
        let (call, m) = enter(&self.0, request, "DecideChange", |m| &m.request_id).await?;
        let change = changes::decide(&self.0, &call, &m.campaign_id, m.nth, m.approve).await?;
        Ok(Response::new(pb::DecideChangeResponse { change: Some(change::out(change)) }))
    }

    async fn list_changes(
        &self,
        request: Request<pb::ListChangesRequest>,
    ) -> Result<Response<pb::ListChangesResponse>, Status> {
        let m = request.into_inner();
        let (after, limit) = (page::number(&m.page_token)?, page_size(m.page_size)?);
        let found = changes::list(&self.0, &m.campaign_id, after, limit).await?;
        Ok(Response::new(pb::ListChangesResponse {
            next_page_token: page::next(&found, limit, |c| page::token(&[&c.nth.to_string()])),
            changes: found.into_iter().map(change::out).collect(),
        }))
    }
}
