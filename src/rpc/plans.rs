//! PlanService.

use tonic::{Request, Response, Status};

use super::auth::{enter, enter_read};
use super::pb::plan_service_server::PlanService;
use super::{convert, page, pb};
use crate::app::Page;
use crate::app::{App, page_size, plans};
use crate::domain::Violations;

/// Serves PlanService.
pub struct Plans(
    /// The use-cases.
    pub App,
);

#[tonic::async_trait]
impl PlanService for Plans {
    async fn submit_tasks(
        &self,
        request: Request<pb::SubmitTasksRequest>,
    ) -> Result<Response<pb::SubmitTasksResponse>, Status> {
        let (call, m) = enter(&self.0, request, "SubmitTasks", |m| &m.request_id).await?;
        let stored = plans::submit(&self.0, &call, convert::plan::tasks(m.tasks)?).await?;
        Ok(Response::new(pb::SubmitTasksResponse { stored }))
    }

    async fn propose_visits(
        &self,
        request: Request<pb::ProposeVisitsRequest>,
    ) -> Result<Response<pb::ProposeVisitsResponse>, Status> {
        let (call, m) = enter(&self.0, request, "ProposeVisits", |m| &m.request_id).await?;
        let mut violations = Violations::default();
        let blackout = convert::inspector::ranges(&mut violations, "blackout", m.blackout);
        violations.finish(())?;
        let found = plans::propose(&self.0, &call, &m.jurisdiction, blackout).await?;
        Ok(Response::new(pb::ProposeVisitsResponse {
            tasks: found.tasks,
            proposals: found.proposals,
            merged_tasks: found.merged,
            unmerged: found.unmerged.into_iter().map(convert::plan::task_out).collect(),
        }))
    }

    async fn list_proposals(
        &self,
        request: Request<pb::ListProposalsRequest>,
    ) -> Result<Response<pb::ListProposalsResponse>, Status> {
        let (call, m) = enter_read(&self.0, request, "ListProposals").await?;
        let (after, limit) = (page::key(&m.page_token)?, page_size(m.page_size)?);
        let page = Page { after: &after, limit };
        let found = plans::list(&self.0, &call, &m.jurisdiction, &page).await?;
        Ok(Response::new(pb::ListProposalsResponse {
            next_page_token: page::next(&found, limit, |p| page::token(&[&p.id])),
            proposals: found.into_iter().map(convert::plan::proposal_out).collect(),
        }))
    }

    async fn answer_proposal(
        &self,
        request: Request<pb::AnswerProposalRequest>,
    ) -> Result<Response<pb::AnswerProposalResponse>, Status> {
        let (call, m) = enter(&self.0, request, "AnswerProposal", |m| &m.request_id).await?;
        let proposal = plans::answer(&self.0, &call, &m.proposal_id, m.accept).await?;
        let proposal = Some(convert::plan::proposal_out(proposal));
        Ok(Response::new(pb::AnswerProposalResponse { proposal }))
    }

    async fn list_tasks(
        &self,
        request: Request<pb::ListTasksRequest>,
    ) -> Result<Response<pb::ListTasksResponse>, Status> {
        let (call, m) = enter_read(&self.0, request, "ListTasks").await?;
        let (after, limit) = (page::pair(&m.page_token)?, page_size(m.page_size)?);
        let after = (after.0.as_str(), after.1.as_str());
        let found = plans::tasks(&self.0, &call, &m.jurisdiction, after, limit).await?;
        Ok(Response::new(pb::ListTasksResponse {
            next_page_token: page::next(&found, limit, |t| page::token(&[&t.department, &t.id])),
            tasks: found.into_iter().map(convert::plan::task_out).collect(),
        }))
    }
}
