//! AppointmentService.

use tonic::{Request, Response, Status};

use super::auth::{enter, enter_read};
use super::convert::{appointment as convert, subject};
use super::pb::appointment_service_server::AppointmentService;
use super::{page, pb};
use crate::app::{App, appointments, page_size};
use crate::domain::{Violations, day};

/// Serves AppointmentService.
pub struct Appointments(
    /// The use-cases.
    pub App,
);

type Reply<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl AppointmentService for Appointments {
    async fn put_busy_days(
        &self,
        request: Request<pb::PutBusyDaysRequest>,
    ) -> Reply<pb::PutBusyDaysResponse> {
        let (call, m) = enter(&self.0, request, "PutBusyDays", |m| &m.request_id).await?;
        let mut violations = Violations::default();
        let days = m.days.iter().enumerate();
        let days = days.filter_map(|(i, d)| day::parse(&mut violations, &format!("days[{i}]"), d));
        let days = days.collect();
        violations.finish(())?;
        let stored = appointments::put_busy_days(&self.0, &call, &m.inspector_id, days).await?;
        Ok(Response::new(pb::PutBusyDaysResponse { stored }))
    }

    async fn put_blackouts(
        &self,
        request: Request<pb::PutBlackoutsRequest>,
    ) -> Reply<pb::PutBlackoutsResponse> {
        let (call, m) = enter(&self.0, request, "PutBlackouts", |m| &m.request_id).await?;
        let mut violations = Violations::default();
        let id = subject::subject_id(&mut violations, "subject_id", &m.subject_id);
        let blackouts = convert::blackouts(&mut violations, m.blackouts);
        violations.finish(())?;
        let at = (&*m.jurisdiction, &*id);
        let stored = appointments::put_blackouts(&self.0, &call, at, blackouts).await?;
        Ok(Response::new(pb::PutBlackoutsResponse { stored }))
    }

    async fn propose_dates(
        &self,
        request: Request<pb::ProposeDatesRequest>,
    ) -> Reply<pb::ProposeDatesResponse> {
        let (call, m) = enter(&self.0, request, "ProposeDates", |m| &m.request_id).await?;
        let at = (&*m.campaign_id, m.rank);
        let found = appointments::propose(&self.0, &call, at, m.max_days).await?;
        let dates = found.into_iter().map(convert::date_out).collect();
        Ok(Response::new(pb::ProposeDatesResponse { dates }))
    }

    async fn fix_date(&self, request: Request<pb::FixDateRequest>) -> Reply<pb::FixDateResponse> {
        let (call, m) = enter(&self.0, request, "FixDate", |m| &m.request_id).await?;
        let slot = convert::slot(&m)?;
        let at = (&*m.campaign_id, m.rank);
        let fixed = appointments::fix(&self.0, &call, at, slot, m.version).await?;
        Ok(Response::new(pb::FixDateResponse { appointment: Some(convert::out(fixed)) }))
    }

    async fn list_appointments(
        &self,
        request: Request<pb::ListAppointmentsRequest>,
    ) -> Reply<pb::ListAppointmentsResponse> {
        let (call, m) = enter_read(&self.0, request, "ListAppointments").await?;
        let (after, limit) = (page::number(&m.page_token)?, page_size(m.page_size)?);
        let found = appointments::list(&self.0, &call, &m.campaign_id, after, limit).await?;
        Ok(Response::new(pb::ListAppointmentsResponse {
            next_page_token: page::next(&found, limit, |a| page::token(&[&a.rank.to_string()])),
            appointments: found.into_iter().map(convert::out).collect(),
        }))
    }
}
