//! ExpertService.

use tonic::{Request, Response, Status};

use super::auth::{enter, enter_read};
use super::convert::expert as convert;
use super::pb::expert_service_server::ExpertService;
use super::{page, pb};
use crate::app::experts::{self, Assignment};
use crate::app::{App, page_size};

/// Serves ExpertService.
pub struct Experts(
    /// The use-cases.
    pub App,
);

type Reply<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl ExpertService for Experts {
    /// What is drawn is public: it takes no credential.
    async fn get_expert_draw(
        &self,
        request: Request<pb::GetExpertDrawRequest>,
    ) -> Reply<pb::GetExpertDrawResponse> {
        let m = request.into_inner();
        let found = experts::published(&self.0, &m.campaign_id, m.attempt).await?;
        Ok(Response::new(convert::published(found)))
    }

    async fn list_visit_experts(
        &self,
        request: Request<pb::ListVisitExpertsRequest>,
    ) -> Reply<pb::ListVisitExpertsResponse> {
        let (call, m) = enter_read(&self.0, request, "ListVisitExperts").await?;
        let (after, limit) = (page::key(&m.page_token)?, page_size(m.page_size)?);
        let mut found = experts::of_visit(&self.0, &call, &m.campaign_id, m.rank).await?;
        found.retain(|a| a.profession > after);
        found.truncate(usize::try_from(limit).unwrap_or(0));
        Ok(Response::new(pb::ListVisitExpertsResponse {
            next_page_token: page::next(&found, limit, |a| page::token(&[&a.profession])),
            experts: found.into_iter().map(convert::advisor).collect(),
        }))
    }

    async fn assign_expert(
        &self,
        request: Request<pb::AssignExpertRequest>,
    ) -> Reply<pb::AssignExpertResponse> {
        let (call, m) = enter(&self.0, request, "AssignExpert", |m| &m.request_id).await?;
        let of = Assignment {
            campaign: &m.campaign_id,
            rank: m.rank,
            profession: &m.profession,
            department: &m.department,
            expert: &m.expert_id,
            reason: &m.reason,
        };
        experts::assign(&self.0, &call, &of).await?;
        Ok(Response::new(pb::AssignExpertResponse {}))
    }
}
