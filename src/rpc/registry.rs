//! RegistryService.

use tonic::{Request, Response, Status, Streaming};

use super::auth::{caller, enter, enter_read};
use super::pb::registry_service_server::RegistryService;
use super::{convert, page, pb};
use crate::app::Page;
use crate::app::imports::{Importable, Importer, Read, Summary};
use crate::app::{
    App, AppError, departments, history, imports, inspectors, items, page_size, policies,
};
use crate::domain::caller::Caller;
use crate::domain::{Violations, day};

/// Serves RegistryService.
pub struct Registry(
    /// The use-cases.
    pub App,
);

type Reply<T> = Result<Response<T>, Status>;

/// Drives a stream of batches into an importer.
async fn import<M, T: Importable>(
    app: &App,
    caller: &Caller,
    mut stream: Streaming<M>,
    part: impl Fn(M) -> Part<T>,
) -> Result<Summary, Status> {
    let first = stream.message().await?.map(&part);
    let Some(Part::Header(header)) = first else {
        return Err(AppError::invalid("header", "FIRST_MESSAGE", "").into());
    };
    let header = convert::imports::header(header)?;
    let mut importer = Importer::open(app, caller, header).await?;
    while let Some(message) = stream.message().await? {
        match part(message) {
            Part::Rows(first_row, rows) => importer.push(first_row, rows).await?,
            _ => return Err(AppError::invalid("batch", "REQUIRED", "").into()),
        }
    }
    Ok(importer.finish().await?)
}

/// One message of an import.
enum Part<T> {
    Header(pb::ImportHeader),
    Rows(i64, Vec<Read<T>>),
    Nothing,
}

#[tonic::async_trait]
impl RegistryService for Registry {
    async fn put_jurisdiction(
        &self,
        request: Request<pb::PutJurisdictionRequest>,
    ) -> Reply<pb::PutJurisdictionResponse> {
        let (call, m) = enter(&self.0, request, "PutJurisdiction", |m| &m.request_id).await?;
        let jurisdiction = convert::department::jurisdiction(m.jurisdiction)?;
        let stored = departments::put_jurisdiction(&self.0, &call, jurisdiction).await?;
        let jurisdiction = Some(convert::department::jurisdiction_out(stored));
        Ok(Response::new(pb::PutJurisdictionResponse { jurisdiction }))
    }

    async fn list_jurisdictions(
        &self,
        request: Request<pb::ListJurisdictionsRequest>,
    ) -> Reply<pb::ListJurisdictionsResponse> {
        let (_, m) = enter_read(&self.0, request, "ListJurisdictions").await?;
        let (after, limit) = (page::key(&m.page_token)?, page_size(m.page_size)?);
        let found =
            departments::list_jurisdictions(&self.0, &Page { after: &after, limit }).await?;
        Ok(Response::new(pb::ListJurisdictionsResponse {
            next_page_token: page::next(&found, limit, |j| page::token(&[&j.code])),
            jurisdictions: found.into_iter().map(convert::department::jurisdiction_out).collect(),
        }))
    }

    async fn put_department(
        &self,
        request: Request<pb::PutDepartmentRequest>,
    ) -> Reply<pb::PutDepartmentResponse> {
        let (call, m) = enter(&self.0, request, "PutDepartment", |m| &m.request_id).await?;
        let (department, etag) = convert::department::department(m.department)?;
        let stored = departments::put(&self.0, &call, department, etag).await?;
        let department = Some(convert::department::department_out(stored));
        Ok(Response::new(pb::PutDepartmentResponse { department }))
    }

    async fn list_departments(
        &self,
        request: Request<pb::ListDepartmentsRequest>,
    ) -> Reply<pb::ListDepartmentsResponse> {
        let (_, m) = enter_read(&self.0, request, "ListDepartments").await?;
        let (after, limit) = (page::key(&m.page_token)?, page_size(m.page_size)?);
        let found = departments::list(&self.0, &Page { after: &after, limit }).await?;
        Ok(Response::new(pb::ListDepartmentsResponse {
            next_page_token: page::next(&found, limit, |(d, _)| page::token(&[&d.id])),
            departments: found.into_iter().map(convert::department::department_out).collect(),
        }))
    }

    async fn put_policy_value(
        &self,
        request: Request<pb::PutPolicyValueRequest>,
    ) -> Reply<pb::PutPolicyValueResponse> {
        let (call, m) = enter(&self.0, request, "PutPolicyValue", |m| &m.request_id).await?;
        let value = convert::department::policy(m.policy_value)?;
        let stored = policies::put(&self.0, &call, value).await?;
        let policy_value = Some(convert::department::policy_out(&stored));
        Ok(Response::new(pb::PutPolicyValueResponse { policy_value }))
    }

    async fn list_policy_values(
        &self,
        request: Request<pb::ListPolicyValuesRequest>,
    ) -> Reply<pb::ListPolicyValuesResponse> {
        let (_, m) = enter_read(&self.0, request, "ListPolicyValues").await?;
        let mut violations = Violations::default();
        let on = day::parse_optional(&mut violations, "on", &m.on);
        violations.finish(())?;
        let policy = policies::in_force(&self.0, &m.jurisdiction, on).await?;
        let in_force = policy.values().map(convert::department::policy_out).collect();
        Ok(Response::new(pb::ListPolicyValuesResponse { in_force }))
    }

    async fn put_item_list(
        &self,
        request: Request<pb::PutItemListRequest>,
    ) -> Reply<pb::PutItemListResponse> {
        let (call, m) = enter(&self.0, request, "PutItemList", |m| &m.request_id).await?;
        let list = convert::item::list(m.item_list)?;
        let (version, diff) = items::put(&self.0, &call, list).await?;
        let diff = Some(convert::item::diff_out(diff));
        Ok(Response::new(pb::PutItemListResponse { version, diff }))
    }

    async fn get_item_list(
        &self,
        request: Request<pb::GetItemListRequest>,
    ) -> Reply<pb::GetItemListResponse> {
        let (_, m) = enter_read(&self.0, request, "GetItemList").await?;
        let list = items::get(&self.0, &m.department, m.version).await?;
        let item_list = Some(convert::item::list_out(list));
        Ok(Response::new(pb::GetItemListResponse { item_list }))
    }

    async fn import_subjects(
        &self,
        request: Request<Streaming<pb::ImportSubjectsRequest>>,
    ) -> Reply<pb::ImportSubjectsResponse> {
        use pb::import_subjects_request::Part as Sent;
        let caller = caller(&self.0, &request).await?;
        let part = |m: pb::ImportSubjectsRequest| match m.part {
            Some(Sent::Header(header)) => Part::Header(header),
            Some(Sent::Batch(batch)) => {
                let rows = batch.entries.into_iter().map(convert::subject::row).collect();
                Part::Rows(batch.first_row, rows)
            }
            None => Part::Nothing,
        };
        let summary = import(&self.0, &caller, request.into_inner(), part).await?;
        let summary = Some(convert::imports::summary_out(summary));
        Ok(Response::new(pb::ImportSubjectsResponse { summary }))
    }

    async fn import_inspectors(
        &self,
        request: Request<Streaming<pb::ImportInspectorsRequest>>,
    ) -> Reply<pb::ImportInspectorsResponse> {
        use pb::import_inspectors_request::Part as Sent;
        let caller = caller(&self.0, &request).await?;
        let part = |m: pb::ImportInspectorsRequest| match m.part {
            Some(Sent::Header(header)) => Part::Header(header),
            Some(Sent::Batch(batch)) => {
                let rows = batch.inspectors.into_iter().map(convert::inspector::row).collect();
                Part::Rows(batch.first_row, rows)
            }
            None => Part::Nothing,
        };
        let summary = import(&self.0, &caller, request.into_inner(), part).await?;
        let summary = Some(convert::imports::summary_out(summary));
        Ok(Response::new(pb::ImportInspectorsResponse { summary }))
    }

    async fn get_import(
        &self,
        request: Request<pb::GetImportRequest>,
    ) -> Reply<pb::GetImportResponse> {
        let (call, m) = enter_read(&self.0, request, "GetImport").await?;
        let summary = imports::get(&self.0, &call.caller, &m.request_id).await?;
        let summary = Some(convert::imports::summary_out(summary));
        Ok(Response::new(pb::GetImportResponse { summary }))
    }

    async fn list_import_reports(
        &self,
        request: Request<pb::ListImportReportsRequest>,
    ) -> Reply<pb::ListImportReportsResponse> {
        let (call, m) = enter_read(&self.0, request, "ListImportReports").await?;
        let (after, limit) = (page::numbers(&m.page_token)?, page_size(m.page_size)?);
        let found = imports::reports(&self.0, &call.caller, &m.request_id, after, limit).await?;
        let token =
            |(row, nth, _): &(i64, i64, _)| page::token(&[&row.to_string(), &nth.to_string()]);
        Ok(Response::new(pb::ListImportReportsResponse {
            next_page_token: page::next(&found, limit, token),
            reports: found.into_iter().map(|(.., r)| convert::imports::report_out(r)).collect(),
        }))
    }

    async fn list_subject_entries(
        &self,
        request: Request<pb::ListSubjectEntriesRequest>,
    ) -> Reply<pb::ListSubjectEntriesResponse> {
        let (call, m) = enter_read(&self.0, request, "ListSubjectEntries").await?;
        let (after, limit) = (page::pair(&m.page_token)?, page_size(m.page_size)?);
        let after = (after.0.as_str(), after.1.as_str());
        let found = imports::entries(&self.0, &call.caller, &m.department, after, limit).await?;
        Ok(Response::new(pb::ListSubjectEntriesResponse {
            next_page_token: page::next(&found, limit, |e| {
                page::token(&[&e.subject_id, &e.premises])
            }),
            entries: found.into_iter().map(convert::subject::entry_out).collect(),
        }))
    }

    async fn list_inspectors(
        &self,
        request: Request<pb::ListInspectorsRequest>,
    ) -> Reply<pb::ListInspectorsResponse> {
        let (call, m) = enter_read(&self.0, request, "ListInspectors").await?;
        let (after, limit) = (page::key(&m.page_token)?, page_size(m.page_size)?);
        let page = Page { after: &after, limit };
        let found = inspectors::list(&self.0, &call, &m.department, &page).await?;
        Ok(Response::new(pb::ListInspectorsResponse {
            next_page_token: page::next(&found, limit, |i| page::token(&[&i.id])),
            inspectors: found.into_iter().map(convert::inspector::out).collect(),
        }))
    }

    async fn declare_recusals(
        &self,
        request: Request<pb::DeclareRecusalsRequest>,
    ) -> Reply<pb::DeclareRecusalsResponse> {
        let (call, m) = enter(&self.0, request, "DeclareRecusals", |m| &m.request_id).await?;
        let recusals = convert::inspector::recusals(m.recusals)?;
        let declared = inspectors::declare(&self.0, &call, &recusals).await?;
        Ok(Response::new(pb::DeclareRecusalsResponse { declared }))
    }

    async fn record_risk_facts(
        &self,
        request: Request<pb::RecordRiskFactsRequest>,
    ) -> Reply<pb::RecordRiskFactsResponse> {
        let (call, m) = enter(&self.0, request, "RecordRiskFacts", |m| &m.request_id).await?;
        let recorded =
            history::record_facts(&self.0, &call, &convert::subject::facts(m.facts)?).await?;
        Ok(Response::new(pb::RecordRiskFactsResponse { recorded }))
    }

    async fn record_inspections(
        &self,
        request: Request<pb::RecordInspectionsRequest>,
    ) -> Reply<pb::RecordInspectionsResponse> {
        let (call, m) = enter(&self.0, request, "RecordInspections", |m| &m.request_id).await?;
        let inspections = convert::subject::inspections(m.inspections)?;
        let recorded = history::record_inspections(&self.0, &call, &inspections).await?;
        Ok(Response::new(pb::RecordInspectionsResponse { recorded }))
    }
}
