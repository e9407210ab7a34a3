//! AnnualPlanService.

use tonic::{Request, Response, Status};

use super::auth::{enter, enter_read};
use super::convert::annual_plan as out_plan;
use super::convert::campaign::etag;
use super::pb::annual_plan_service_server::AnnualPlanService;
use super::{convert, page, pb};
use crate::app::papers::Filed;
use crate::app::{
    Aim, App, Page, PaperFilter, annual_plans, chains, dispatches, page_size, papers,
};
use crate::domain::annual_plan::AnnualPlan;
use crate::domain::approval::{Paper, PaperState};

/// Serves AnnualPlanService.
pub struct AnnualPlans(
    /// The use-cases.
    pub App,
);

type Reply<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl AnnualPlanService for AnnualPlans {
    async fn put_approval_chain(
        &self,
        request: Request<pb::PutApprovalChainRequest>,
    ) -> Reply<pb::PutApprovalChainResponse> {
        let (call, m) = enter(&self.0, request, "PutApprovalChain", |m| &m.request_id).await?;
        let stored = chains::put(&self.0, &call, convert::approval::chain(m.chain)?).await?;
        let chain = Some(convert::approval::chain_out(stored));
        Ok(Response::new(pb::PutApprovalChainResponse { chain }))
    }

    async fn list_approval_chains(
        &self,
        request: Request<pb::ListApprovalChainsRequest>,
    ) -> Reply<pb::ListApprovalChainsResponse> {
        let (_, m) = enter_read(&self.0, request, "ListApprovalChains").await?;
        let (after, limit) = (page::pair(&m.page_token)?, page_size(m.page_size)?);
        let after = (after.0.as_str(), after.1.as_str());
        let found = chains::list(&self.0, &m.jurisdiction, after, limit).await?;
        Ok(Response::new(pb::ListApprovalChainsResponse {
            next_page_token: page::next(&found, limit, |c| page::token(&[c.kind.word(), &c.unit])),
            chains: found.into_iter().map(convert::approval::chain_out).collect(),
        }))
    }

    async fn put_annual_plan(
        &self,
        request: Request<pb::PutAnnualPlanRequest>,
    ) -> Reply<pb::PutAnnualPlanResponse> {
        let (call, m) = enter(&self.0, request, "PutAnnualPlan", |m| &m.request_id).await?;
        let draft = out_plan::draft(m.annual_plan, &m.etag)?;
        let stored = annual_plans::put(&self.0, &call, draft).await?;
        let annual_plan = Some(out_plan::out(stored));
        Ok(Response::new(pb::PutAnnualPlanResponse { annual_plan }))
    }

    async fn amend_annual_plan(
        &self,
        request: Request<pb::AmendAnnualPlanRequest>,
    ) -> Reply<pb::AmendAnnualPlanResponse> {
        let (call, m) = enter(&self.0, request, "AmendAnnualPlan", |m| &m.request_id).await?;
        let aim = Aim { id: &m.plan_id, etag: etag(&m.etag)? };
        let stored = papers::amend(&self.0, &call, aim, &m.reason).await?;
        let annual_plan = Some(out_plan::out(stored));
        Ok(Response::new(pb::AmendAnnualPlanResponse { annual_plan }))
    }

    async fn submit_annual_plan(
        &self,
        request: Request<pb::SubmitAnnualPlanRequest>,
    ) -> Reply<pb::SubmitAnnualPlanResponse> {
        let (call, m) = enter(&self.0, request, "SubmitAnnualPlan", |m| &m.request_id).await?;
        let aim = Aim { id: &m.plan_id, etag: etag(&m.etag)? };
        let stored = papers::submit(&self.0, &call, aim).await?;
        let annual_plan = Some(out_plan::out(stored));
        Ok(Response::new(pb::SubmitAnnualPlanResponse { annual_plan }))
    }

    async fn approve_annual_plan(
        &self,
        request: Request<pb::ApproveAnnualPlanRequest>,
    ) -> Reply<pb::ApproveAnnualPlanResponse> {
        let (call, m) = enter(&self.0, request, "ApproveAnnualPlan", |m| &m.request_id).await?;
        let aim = Aim { id: &m.plan_id, etag: etag(&m.etag)? };
        let stored = annual_plans::approve(&self.0, &call, aim).await?;
        let annual_plan = Some(out_plan::out(stored));
        Ok(Response::new(pb::ApproveAnnualPlanResponse { annual_plan }))
    }

    async fn return_annual_plan(
        &self,
        request: Request<pb::ReturnAnnualPlanRequest>,
    ) -> Reply<pb::ReturnAnnualPlanResponse> {
        let (call, m) = enter(&self.0, request, "ReturnAnnualPlan", |m| &m.request_id).await?;
        let aim = Aim { id: &m.plan_id, etag: etag(&m.etag)? };
        let stored = papers::send_back(&self.0, &call, aim, &m.reason).await?;
        let annual_plan = Some(out_plan::out(stored));
        Ok(Response::new(pb::ReturnAnnualPlanResponse { annual_plan }))
    }

    async fn publish_annual_plan(
        &self,
        request: Request<pb::PublishAnnualPlanRequest>,
    ) -> Reply<pb::PublishAnnualPlanResponse> {
        let (call, m) = enter(&self.0, request, "PublishAnnualPlan", |m| &m.request_id).await?;
        let aim = Aim { id: &m.plan_id, etag: etag(&m.etag)? };
        let stored = papers::publish(&self.0, &call, aim).await?;
        let annual_plan = Some(out_plan::out(stored));
        Ok(Response::new(pb::PublishAnnualPlanResponse { annual_plan }))
    }

    async fn get_annual_plan(
        &self,
        request: Request<pb::GetAnnualPlanRequest>,
    ) -> Reply<pb::GetAnnualPlanResponse> {
        let (_, m) = enter_read(&self.0, request, "GetAnnualPlan").await?;
        let stored = papers::get(&self.0, &m.plan_id, m.version).await?;
        let annual_plan = Some(out_plan::out(stored));
        Ok(Response::new(pb::GetAnnualPlanResponse { annual_plan }))
    }

    async fn list_annual_plans(
        &self,
        request: Request<pb::ListAnnualPlansRequest>,
    ) -> Reply<pb::ListAnnualPlansResponse> {
        let (_, m) = enter_read(&self.0, request, "ListAnnualPlans").await?;
        let (after, limit) = (page::key(&m.page_token)?, page_size(m.page_size)?);
        let year = convert::annual_plan::listed_year(m.year)?;
        let filter = PaperFilter { jurisdiction: &m.jurisdiction, year, parent: "", state: None };
        let found = papers::list(&self.0, &filter, &Page { after: &after, limit }).await?;
        Ok(Response::new(pb::ListAnnualPlansResponse {
            next_page_token: page::next(&found, limit, |p: &Paper<AnnualPlan>| {
                page::token(&[&p.id])
            }),
            annual_plans: found.into_iter().map(out_plan::out).collect(),
        }))
    }

    async fn list_annual_plan_versions(
        &self,
        request: Request<pb::ListAnnualPlanVersionsRequest>,
    ) -> Reply<pb::ListAnnualPlanVersionsResponse> {
        let (_, m) = enter_read(&self.0, request, "ListAnnualPlanVersions").await?;
        let (after, limit) = (page::number(&m.page_token)?, page_size(m.page_size)?);
        let found = papers::versions(&self.0, &m.plan_id, after, limit).await?;
        let key = |p: &Paper<AnnualPlan>| page::token(&[&p.flow.version.to_string()]);
        Ok(Response::new(pb::ListAnnualPlanVersionsResponse {
            next_page_token: page::next(&found, limit, key),
            annual_plans: found.into_iter().map(out_plan::out).collect(),
        }))
    }

    /// What is published is public: it takes no credential.
    async fn get_published_annual_plan(
        &self,
        request: Request<pb::GetPublishedAnnualPlanRequest>,
    ) -> Reply<pb::GetPublishedAnnualPlanResponse> {
        let m = request.into_inner();
        let found = papers::published(&self.0, &m.plan_id).await?;
        let annual_plan = Some(out_plan::out(annual_plans::for_everybody(found)));
        Ok(Response::new(pb::GetPublishedAnnualPlanResponse { annual_plan }))
    }

    /// What is published is public: it takes no credential.
    async fn list_published_annual_plans(
        &self,
        request: Request<pb::ListPublishedAnnualPlansRequest>,
    ) -> Reply<pb::ListPublishedAnnualPlansResponse> {
        let m = request.into_inner();
        let (after, limit) = (page::key(&m.page_token)?, page_size(m.page_size)?);
        let year = convert::annual_plan::listed_year(m.year)?;
        let filter = PaperFilter {
            jurisdiction: &m.jurisdiction,
            year,
            parent: "",
            state: Some(PaperState::Published),
        };
        let found = papers::list(&self.0, &filter, &Page { after: &after, limit }).await?;
        Ok(Response::new(pb::ListPublishedAnnualPlansResponse {
            next_page_token: page::next(&found, limit, |p: &Paper<AnnualPlan>| {
                page::token(&[&p.id])
            }),
            annual_plans: found
                .into_iter()
                .map(annual_plans::for_everybody)
                .map(out_plan::out)
                .collect(),
        }))
    }

    async fn file_annual_plan(
        &self,
        request: Request<pb::FileAnnualPlanRequest>,
    ) -> Reply<pb::FileAnnualPlanResponse> {
        let (call, m) = enter(&self.0, request, "FileAnnualPlan", |m| &m.request_id).await?;
        let aim = Aim { id: &m.plan_id, etag: etag(&m.etag)? };
        let filed = Filed::Sent { with: &m.filed_with, number: &m.number };
        let annual_plan = Some(out_plan::out(papers::file(&self.0, &call, aim, filed).await?));
        Ok(Response::new(pb::FileAnnualPlanResponse { annual_plan }))
    }

    async fn acknowledge_filing(
        &self,
        request: Request<pb::AcknowledgeFilingRequest>,
    ) -> Reply<pb::AcknowledgeFilingResponse> {
        let (call, m) = enter(&self.0, request, "AcknowledgeFiling", |m| &m.request_id).await?;
        let aim = Aim { id: &m.plan_id, etag: etag(&m.etag)? };
        let filed = Filed::Received { receipt: &m.receipt };
        let annual_plan = Some(out_plan::out(papers::file(&self.0, &call, aim, filed).await?));
        Ok(Response::new(pb::AcknowledgeFilingResponse { annual_plan }))
    }

    async fn check_annual_plan(
        &self,
        request: Request<pb::CheckAnnualPlanRequest>,
    ) -> Reply<pb::CheckAnnualPlanResponse> {
        let (_, m) = enter_read(&self.0, request, "CheckAnnualPlan").await?;
        let checked = annual_plans::check(&self.0, &m.plan_id, m.version).await?;
        Ok(Response::new(out_plan::checked_out(checked)))
    }

    async fn dispatch_task(
        &self,
        request: Request<pb::DispatchTaskRequest>,
    ) -> Reply<pb::DispatchTaskResponse> {
        let (call, m) = enter(&self.0, request, "DispatchTask", |m| &m.request_id).await?;
        let task = dispatches::take_in(&self.0, &call, out_plan::dispatched(m.task)?).await?;
        let task = Some(out_plan::dispatched_out(task));
        Ok(Response::new(pb::DispatchTaskResponse { task }))
    }

    async fn route_dispatched_task(
        &self,
        request: Request<pb::RouteDispatchedTaskRequest>,
    ) -> Reply<pb::RouteDispatchedTaskResponse> {
        let (call, m) = enter(&self.0, request, "RouteDispatchedTask", |m| &m.request_id).await?;
        let aim = (m.jurisdiction.as_str(), m.task_id.as_str(), etag(&m.etag)?);
        let task = dispatches::route(&self.0, &call, aim, (&m.unit, &m.reason)).await?;
        let task = Some(out_plan::dispatched_out(task));
        Ok(Response::new(pb::RouteDispatchedTaskResponse { task }))
    }

    async fn answer_dispatched_task(
        &self,
        request: Request<pb::AnswerDispatchedTaskRequest>,
    ) -> Reply<pb::AnswerDispatchedTaskResponse> {
        let (call, m) = enter(&self.0, request, "AnswerDispatchedTask", |m| &m.request_id).await?;
        let aim = (m.task_id.as_str(), etag(&m.etag)?);
        let task = dispatches::answer(&self.0, &call, aim, m.accept, &m.reason).await?;
        let task = Some(out_plan::dispatched_out(task));
        Ok(Response::new(pb::AnswerDispatchedTaskResponse { task }))
    }

    async fn list_dispatched_tasks(
        &self,
        request: Request<pb::ListDispatchedTasksRequest>,
    ) -> Reply<pb::ListDispatchedTasksResponse> {
        let (call, m) = enter_read(&self.0, request, "ListDispatchedTasks").await?;
        let (after, limit) = (page::key(&m.page_token)?, page_size(m.page_size)?);
        let page = Page { after: &after, limit };
        let unit = annual_plans::seen_unit(&call);
        let found = dispatches::list(&self.0, &m.jurisdiction, unit, &page).await?;
        Ok(Response::new(pb::ListDispatchedTasksResponse {
            next_page_token: page::next(&found, limit, |t| page::token(&[&t.id])),
            tasks: found.into_iter().map(out_plan::dispatched_out).collect(),
        }))
    }
}
