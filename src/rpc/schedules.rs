//! ScheduleService.

use tonic::{Request, Response, Status};

use super::auth::{enter, enter_read};
use super::convert::{department, schedule as convert};
use super::pb::schedule_service_server::ScheduleService;
use super::{page, pb};
use crate::app::{App, Page, page_size, templates};
use crate::domain::Violations;

/// Serves ScheduleService.
pub struct Schedules(
    /// The use-cases.
    pub App,
);

type Reply<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl ScheduleService for Schedules {
    async fn create_campaign_template(
        &self,
        request: Request<pb::CreateCampaignTemplateRequest>,
    ) -> Reply<pb::CreateCampaignTemplateResponse> {
        let (call, m) =
            enter(&self.0, request, "CreateCampaignTemplate", |m| &m.request_id).await?;
        let read = convert::template(m.campaign_template)?;
        let stored = templates::create(&self.0, &call, read).await?;
        let campaign_template = Some(convert::template_out(stored));
        Ok(Response::new(pb::CreateCampaignTemplateResponse { campaign_template }))
    }

    async fn answer_campaign_template(
        &self,
        request: Request<pb::AnswerCampaignTemplateRequest>,
    ) -> Reply<pb::AnswerCampaignTemplateResponse> {
        let (call, m) =
            enter(&self.0, request, "AnswerCampaignTemplate", |m| &m.request_id).await?;
        let stored = templates::answer(&self.0, &call, &m.template_id, m.accept).await?;
        let campaign_template = Some(convert::template_out(stored));
        Ok(Response::new(pb::AnswerCampaignTemplateResponse { campaign_template }))
    }

    async fn approve_campaign_template(
        &self,
        request: Request<pb::ApproveCampaignTemplateRequest>,
    ) -> Reply<pb::ApproveCampaignTemplateResponse> {
        let (call, m) =
            enter(&self.0, request, "ApproveCampaignTemplate", |m| &m.request_id).await?;
        let mut violations = Violations::default();
        let etag = department::etag(&mut violations, "etag", &m.etag);
        violations.finish(())?;
        let stored = templates::approve(&self.0, &call, &m.template_id, etag).await?;
        let campaign_template = Some(convert::template_out(stored));
        Ok(Response::new(pb::ApproveCampaignTemplateResponse { campaign_template }))
    }

    async fn stop_campaign_template(
        &self,
        request: Request<pb::StopCampaignTemplateRequest>,
    ) -> Reply<pb::StopCampaignTemplateResponse> {
        let (call, m) = enter(&self.0, request, "StopCampaignTemplate", |m| &m.request_id).await?;
        let stored = templates::stop(&self.0, &call, &m.template_id).await?;
        let campaign_template = Some(convert::template_out(stored));
        Ok(Response::new(pb::StopCampaignTemplateResponse { campaign_template }))
    }

    async fn get_campaign_template(
        &self,
        request: Request<pb::GetCampaignTemplateRequest>,
    ) -> Reply<pb::GetCampaignTemplateResponse> {
        let (_, m) = enter_read(&self.0, request, "GetCampaignTemplate").await?;
        let found = templates::get(&self.0, &m.template_id).await?;
        let campaign_template = Some(convert::template_out(found));
        Ok(Response::new(pb::GetCampaignTemplateResponse { campaign_template }))
    }

    async fn list_campaign_templates(
        &self,
        request: Request<pb::ListCampaignTemplatesRequest>,
    ) -> Reply<pb::ListCampaignTemplatesResponse> {
        let (_, m) = enter_read(&self.0, request, "ListCampaignTemplates").await?;
        let (after, limit) = (page::key(&m.page_token)?, page_size(m.page_size)?);
        let found = templates::list(&self.0, &Page { after: &after, limit }).await?;
        Ok(Response::new(pb::ListCampaignTemplatesResponse {
            next_page_token: page::next(&found, limit, |t| page::token(&[t.id()])),
            campaign_templates: found.into_iter().map(convert::template_out).collect(),
        }))
    }

    async fn list_campaign_slots(
        &self,
        request: Request<pb::ListCampaignSlotsRequest>,
    ) -> Reply<pb::ListCampaignSlotsResponse> {
        let (_, m) = enter_read(&self.0, request, "ListCampaignSlots").await?;
        let (after, limit) = (page::key(&m.page_token)?, page_size(m.page_size)?);
        let page = Page { after: &after, limit };
        let found = templates::slots(&self.0, &m.template_id, &page).await?;
        Ok(Response::new(pb::ListCampaignSlotsResponse {
            next_page_token: page::next(&found, limit, |s| page::token(&[&s.slot.to_string()])),
            campaign_slots: found.into_iter().map(convert::slot_out).collect(),
        }))
    }
}
