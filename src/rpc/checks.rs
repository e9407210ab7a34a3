//! CheckService.

use tonic::{Request, Response, Status};

use super::auth::{enter, enter_read};
use super::convert::check as convert;
use super::pb::check_service_server::CheckService;
use super::{page, pb};
use crate::app::check::{deeds, read, start, sync};
use crate::app::{App, page_size};
use crate::domain::Violations;
use crate::domain::check::ending::Ending;
use crate::domain::check::{ResultCode, UNDERTAKING, undertaking_sha256};

/// Serves CheckService.
pub struct Checks(
    /// The use-cases.
    pub App,
);

type Reply<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl CheckService for Checks {
    async fn start_check(
        &self,
        request: Request<pb::StartCheckRequest>,
    ) -> Reply<pb::StartCheckResponse> {
        let (call, m) = enter(&self.0, request, "StartCheck", |m| &m.request_id).await?;
        let coming = start::Coming { code: &m.visit_code, undertaking: &m.undertaking_sha256 };
        let found = start::start(&self.0, &call, &m.campaign_id, m.rank, &coming).await?;
        Ok(Response::new(pb::StartCheckResponse { check: Some(convert::summary(found)) }))
    }

    async fn get_check_form(
        &self,
        request: Request<pb::GetCheckFormRequest>,
    ) -> Reply<pb::GetCheckFormResponse> {
        let (call, m) = enter_read(&self.0, request, "GetCheckForm").await?;
        let sections = read::form(&self.0, &call, &m.campaign_id, m.rank).await?;
        Ok(Response::new(pb::GetCheckFormResponse {
            sections: sections.into_iter().map(convert::form).collect(),
            undertaking: UNDERTAKING.to_owned(),
            undertaking_sha256: undertaking_sha256().to_string(),
        }))
    }

    async fn get_check(
        &self,
        request: Request<pb::GetCheckRequest>,
    ) -> Reply<pb::GetCheckResponse> {
        let (call, m) = enter_read(&self.0, request, "GetCheck").await?;
        let shown = read::get(&self.0, &call, &m.campaign_id, m.rank).await?;
        Ok(Response::new(pb::GetCheckResponse { check: Some(convert::out(shown)) }))
    }

    async fn record_findings(
        &self,
        request: Request<pb::RecordFindingsRequest>,
    ) -> Reply<pb::RecordFindingsResponse> {
        let (call, m) = enter(&self.0, request, "RecordFindings", |m| &m.request_id).await?;
        let given = convert::findings(m.findings)?;
        let at = (&*m.campaign_id, m.rank);
        let found = deeds::record(&self.0, &call, at, m.version, &given).await?;
        Ok(Response::new(pb::RecordFindingsResponse { check: Some(convert::summary(found)) }))
    }

    async fn attach_evidence(
        &self,
        request: Request<pb::AttachEvidenceRequest>,
    ) -> Reply<pb::AttachEvidenceResponse> {
        let (call, m) = enter(&self.0, request, "AttachEvidence", |m| &m.request_id).await?;
        let evidence = convert::evidence(m.evidence)?;
        let at = (&*m.campaign_id, m.rank);
        let found = deeds::attach(&self.0, &call, at, evidence).await?;
        Ok(Response::new(pb::AttachEvidenceResponse { check: Some(convert::summary(found)) }))
    }

    async fn sync_check(
        &self,
        request: Request<pb::SyncCheckRequest>,
    ) -> Reply<pb::SyncCheckResponse> {
        let (call, m) = enter(&self.0, request, "SyncCheck", |m| &m.request_id).await?;
        let operations = convert::operations(m.operations)?;
        let at = (&*m.campaign_id, m.rank);
        let done = sync::sync(&self.0, &call, at, operations).await?;
        Ok(Response::new(pb::SyncCheckResponse {
            outcomes: done.outcomes.into_iter().map(convert::outcome).collect(),
            check: Some(convert::summary(done.check)),
        }))
    }

    async fn sign_section(
        &self,
        request: Request<pb::SignSectionRequest>,
    ) -> Reply<pb::SignSectionResponse> {
        let (call, m) = enter(&self.0, request, "SignSection", |m| &m.request_id).await?;
        let at = (&*m.campaign_id, m.rank);
        let (department, sha256) = (&m.department, &m.section_sha256);
        let found = deeds::sign(&self.0, &call, at, department, sha256).await?;
        Ok(Response::new(pb::SignSectionResponse { check: Some(convert::summary(found)) }))
    }

    async fn reopen_section(
        &self,
        request: Request<pb::ReopenSectionRequest>,
    ) -> Reply<pb::ReopenSectionResponse> {
        let (call, m) = enter(&self.0, request, "ReopenSection", |m| &m.request_id).await?;
        let at = (&*m.campaign_id, m.rank);
        let found = deeds::reopen(&self.0, &call, at, &m.department).await?;
        Ok(Response::new(pb::ReopenSectionResponse { check: Some(convert::summary(found)) }))
    }

    async fn terminate_check(
        &self,
        request: Request<pb::TerminateCheckRequest>,
    ) -> Reply<pb::TerminateCheckResponse> {
        let (call, m) = enter(&self.0, request, "TerminateCheck", |m| &m.request_id).await?;
        let mut violations = Violations::default();
        let ground = convert::result(&mut violations, "ground", m.ground);
        violations.finish(())?;
        let ground = ground.unwrap_or(ResultCode::NoIssueFound);
        let ending = Ending { ground, evidence: m.evidence_sha256, note: m.note };
        let at = (&*m.campaign_id, m.rank);
        let found = deeds::terminate(&self.0, &call, at, ending).await?;
        Ok(Response::new(pb::TerminateCheckResponse { check: Some(convert::summary(found)) }))
    }

    async fn decide_termination(
        &self,
        request: Request<pb::DecideTerminationRequest>,
    ) -> Reply<pb::DecideTerminationResponse> {
        let (call, m) = enter(&self.0, request, "DecideTermination", |m| &m.request_id).await?;
        let (at, sha256) = ((&*m.campaign_id, m.rank), &m.termination_sha256);
        let found = deeds::decide_termination(&self.0, &call, at, m.confirm, sha256).await?;
        Ok(Response::new(pb::DecideTerminationResponse { check: Some(convert::summary(found)) }))
    }

    async fn complete_check(
        &self,
        request: Request<pb::CompleteCheckRequest>,
    ) -> Reply<pb::CompleteCheckResponse> {
        let (call, m) = enter(&self.0, request, "CompleteCheck", |m| &m.request_id).await?;
        let found = deeds::complete(&self.0, &call, (&m.campaign_id, m.rank)).await?;
        Ok(Response::new(pb::CompleteCheckResponse { check: Some(convert::summary(found)) }))
    }

    async fn list_checks(
        &self,
        request: Request<pb::ListChecksRequest>,
    ) -> Reply<pb::ListChecksResponse> {
        let (call, m) = enter_read(&self.0, request, "ListChecks").await?;
        let (after, limit) = (page::number(&m.page_token)?, page_size(m.page_size)?);
        let state = convert::state(m.state)?;
        let (campaign, department) = (&*m.campaign_id, &*m.department);
        let wanted = read::Wanted { campaign, department, state };
        let found = read::list(&self.0, &call, &wanted, after, limit).await?;
        Ok(Response::new(pb::ListChecksResponse {
            next_page_token: page::next(&found, limit, |c| page::token(&[&c.rank.to_string()])),
            checks: found.into_iter().map(convert::summary).collect(),
        }))
    }

    async fn count_checks(
        &self,
        request: Request<pb::CountChecksRequest>,
    ) -> Reply<pb::CountChecksResponse> {
        let (call, m) = enter_read(&self.0, request, "CountChecks").await?;
        let found = read::counts(&self.0, &call, &m.campaign_id, &m.department).await?;
        Ok(Response::new(pb::CountChecksResponse { counts: Some(convert::counts(found)) }))
    }

    async fn list_terminations(
        &self,
        request: Request<pb::ListTerminationsRequest>,
    ) -> Reply<pb::ListTerminationsResponse> {
        let (call, m) = enter_read(&self.0, request, "ListTerminations").await?;
        let (after, limit) = (page::number(&m.page_token)?, page_size(m.page_size)?);
        let found = read::terminations(&self.0, &call, &m.campaign_id, after, limit).await?;
        Ok(Response::new(pb::ListTerminationsResponse {
            next_page_token: page::next(&found, limit, |c| page::token(&[&c.rank.to_string()])),
            checks: found.into_iter().map(convert::ended).collect(),
        }))
    }
}
