//! CalendarService.

use tonic::{Request, Response, Status};

use super::auth::{enter, enter_read};
use super::pb::calendar_service_server::CalendarService;
use super::{convert, page, pb};
use crate::app::{App, calendar, page_size};
use crate::domain::{Violations, day};

/// Serves CalendarService.
pub struct Calendars(
    /// The use-cases.
    pub App,
);

#[tonic::async_trait]
impl CalendarService for Calendars {
    async fn import_calendar_year(
        &self,
        request: Request<pb::ImportCalendarYearRequest>,
    ) -> Result<Response<pb::ImportCalendarYearResponse>, Status> {
        let (call, m) = enter(&self.0, request, "ImportCalendarYear", |m| &m.request_id).await?;
        let (table, etag) = convert::calendar::year(m.calendar_year)?;
        let stored = calendar::import(&self.0, &call, table, etag).await?;
        let calendar_year = Some(convert::calendar::year_out(stored));
        Ok(Response::new(pb::ImportCalendarYearResponse { calendar_year }))
    }

    async fn list_calendar_years(
        &self,
        request: Request<pb::ListCalendarYearsRequest>,
    ) -> Result<Response<pb::ListCalendarYearsResponse>, Status> {
        let (_, m) = enter_read(&self.0, request, "ListCalendarYears").await?;
        let (after, limit) = (page::number(&m.page_token)?, page_size(m.page_size)?);
        let found = calendar::list(&self.0, &m.jurisdiction, m.show_superseded).await?;
        let from = usize::try_from(after).unwrap_or(usize::MAX);
        let count = usize::try_from(limit).unwrap_or(0);
        let found: Vec<_> = found.into_iter().skip(from).take(count).collect();
        let last = (after + limit).to_string();
        Ok(Response::new(pb::ListCalendarYearsResponse {
            next_page_token: page::next(&found, limit, |_| page::token(&[&last])),
            calendar_years: found.into_iter().map(convert::calendar::year_out).collect(),
        }))
    }

    async fn count_working_days(
        &self,
        request: Request<pb::CountWorkingDaysRequest>,
    ) -> Result<Response<pb::CountWorkingDaysResponse>, Status> {
        let (_, m) = enter_read(&self.0, request, "CountWorkingDays").await?;
        let mut violations = Violations::default();
        let from = day::parse_optional(&mut violations, "from", &m.from);
        violations.finish(())?;
        let due = calendar::count(&self.0, &m.jurisdiction, from, m.working_days).await?;
        Ok(Response::new(convert::calendar::due_out(due)))
    }
}
