//! LiabilityService.

use tonic::{Request, Response, Status};

use super::auth::{enter, enter_read};
use super::convert::campaign::etag;
use super::convert::liability as convert;
use super::pb::liability_service_server::LiabilityService;
use super::{page, pb};
use crate::app::liability::attach::{self, About};
use crate::app::liability::{read, rule};
use crate::app::{Aim, App, AppError, Page, page_size};

/// Serves LiabilityService.
pub struct Liabilities(
    /// The use-cases.
    pub App,
);

type Reply<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl LiabilityService for Liabilities {
    async fn list_liabilities(
        &self,
        request: Request<pb::ListLiabilitiesRequest>,
    ) -> Reply<pb::ListLiabilitiesResponse> {
        let (call, m) = enter_read(&self.0, request, "ListLiabilities").await?;
        let (after, limit) = (page::key(&m.page_token)?, page_size(m.page_size)?);
        let wanted = (m.jurisdiction.as_str(), m.unit.as_str(), convert::state(m.state)?);
        let found = read::list(&self.0, &call, wanted, &Page { after: &after, limit }).await?;
        Ok(Response::new(pb::ListLiabilitiesResponse {
            next_page_token: page::next(&found, limit, |l| page::token(&[&l.id])),
            liabilities: found.into_iter().map(convert::out).collect(),
        }))
    }

    async fn get_liability(
        &self,
        request: Request<pb::GetLiabilityRequest>,
    ) -> Reply<pb::GetLiabilityResponse> {
        let (call, m) = enter_read(&self.0, request, "GetLiability").await?;
        let (found, evidence) = read::get(&self.0, &call, &m.liability_id).await?;
        Ok(Response::new(pb::GetLiabilityResponse {
            liability: Some(convert::out(found)),
            evidence: evidence.into_iter().map(convert::evidence_out).collect(),
        }))
    }

    async fn attach_duty_evidence(
        &self,
        request: Request<pb::AttachDutyEvidenceRequest>,
    ) -> Reply<pb::AttachDutyEvidenceResponse> {
        let name = "AttachDutyEvidence";
        let (call, m) = enter(&self.0, request, name, |m| &m.request_id).await?;
        let evidence = convert::evidence(m.evidence)?;
        let about = match (m.liability_id.as_str(), m.campaign_id.as_str()) {
            (id, "") if !id.is_empty() && m.rank == 0 => About::Liability(id),
            ("", campaign) if !campaign.is_empty() => About::Visit(campaign, m.rank),
            _ => return Err(AppError::invalid("liability_id", "LIABILITY_OR_VISIT", "").into()),
        };
        let kept = attach::attach(&self.0, &call, about, evidence).await?;
        let evidence = Some(convert::evidence_out(kept));
        Ok(Response::new(pb::AttachDutyEvidenceResponse { evidence }))
    }

    async fn decide_liability(
        &self,
        request: Request<pb::DecideLiabilityRequest>,
    ) -> Reply<pb::DecideLiabilityResponse> {
        let (call, m) = enter(&self.0, request, "DecideLiability", |m| &m.request_id).await?;
        let ruling = convert::ruling(m.ruling)?;
        let aim = Aim { id: &m.liability_id, etag: etag(&m.etag)? };
        let decided = rule::decide(&self.0, &call, aim, ruling).await?;
        let liability = Some(convert::out(decided));
        Ok(Response::new(pb::DecideLiabilityResponse { liability }))
    }
}
