//! AssessmentService.

use tonic::{Request, Response, Status};

use super::auth::enter_read;
use super::convert::assessment as convert;
use super::pb::assessment_service_server::AssessmentService;
use super::{page, pb};
use crate::app::oversight::{assessment, fairness, workbook};
use crate::app::{App, AppError, page_size};
use crate::oversight::assessment::Assessment;

/// Serves AssessmentService.
pub struct Assessments(
    /// The use-cases.
    pub App,
);

type Reply<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl AssessmentService for Assessments {
    async fn get_assessment(
        &self,
        request: Request<pb::GetAssessmentRequest>,
    ) -> Reply<pb::GetAssessmentResponse> {
        let (call, m) = enter_read(&self.0, request, "GetAssessment").await?;
        let of = (m.jurisdiction.as_str(), convert::year(m.year)?);
        let found = assessment::list(&self.0, &call, of).await?;
        let found = found.into_iter().find(|a| a.department == m.department);
        let missing = || AppError::NotFound { kind: "department", id: m.department.clone() };
        let assessment = Some(convert::out(found.ok_or_else(missing)?));
        Ok(Response::new(pb::GetAssessmentResponse { assessment }))
    }

    async fn list_assessments(
        &self,
        request: Request<pb::ListAssessmentsRequest>,
    ) -> Reply<pb::ListAssessmentsResponse> {
        let (call, m) = enter_read(&self.0, request, "ListAssessments").await?;
        let (after, limit) = (page::key(&m.page_token)?, page_size(m.page_size)?);
        let of = (m.jurisdiction.as_str(), convert::year(m.year)?);
        let mut found = assessment::list(&self.0, &call, of).await?;
        found.retain(|a| a.department > after);
        found.truncate(usize::try_from(limit).unwrap_or(0));
        let token = |a: &Assessment| page::token(&[&a.department]);
        Ok(Response::new(pb::ListAssessmentsResponse {
            next_page_token: page::next(&found, limit, token),
            assessments: found.into_iter().map(convert::out).collect(),
        }))
    }

    async fn export_assessments(
        &self,
        request: Request<pb::ExportAssessmentsRequest>,
    ) -> Reply<pb::ExportAssessmentsResponse> {
        let (call, m) = enter_read(&self.0, request, "ExportAssessments").await?;
        let of = (m.jurisdiction.as_str(), convert::year(m.year)?);
        let found = assessment::list(&self.0, &call, of).await?;
        let figures = assessment::figures(&self.0, &call, of).await?;
        let workbook = workbook::write(of.1, &found, &figures)?;
        Ok(Response::new(pb::ExportAssessmentsResponse { workbook }))
    }

    async fn get_year_figures(
        &self,
        request: Request<pb::GetYearFiguresRequest>,
    ) -> Reply<pb::GetYearFiguresResponse> {
        let (call, m) = enter_read(&self.0, request, "GetYearFigures").await?;
        let of = (m.jurisdiction.as_str(), convert::year(m.year)?);
        let figures = assessment::figures(&self.0, &call, of).await?;
        Ok(Response::new(convert::figures_out(figures)))
    }

    async fn get_fairness(
        &self,
        request: Request<pb::GetFairnessRequest>,
    ) -> Reply<pb::GetFairnessResponse> {
        let (call, m) = enter_read(&self.0, request, "GetFairness").await?;
        let of = (m.jurisdiction.as_str(), convert::year(m.year)?);
        let found = fairness::get(&self.0, &call, of).await?;
        Ok(Response::new(convert::fairness_out(found)))
    }
}
