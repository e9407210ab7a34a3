//! DisciplineService.

use tonic::{Request, Response, Status};

use super::auth::{enter, enter_read};
use super::convert::campaign::etag;
use super::convert::liability as convert;
use super::pb::discipline_service_server::DisciplineService;
use super::{page, pb};
use crate::app::liability::breach;
use crate::app::{Aim, App, Page, page_size};

/// Serves DisciplineService.
pub struct Discipline(
    /// The use-cases.
    pub App,
);

type Reply<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl DisciplineService for Discipline {
    async fn record_breach(
        &self,
        request: Request<pb::RecordBreachRequest>,
    ) -> Reply<pb::RecordBreachResponse> {
        let (call, m) = enter(&self.0, request, "RecordBreach", |m| &m.request_id).await?;
        let new = convert::breach(m.breach)?;
        let kept = breach::record(&self.0, &call, new).await?;
        let breach = Some(convert::breach_out(kept));
        Ok(Response::new(pb::RecordBreachResponse { breach }))
    }

    async fn decide_breach(
        &self,
        request: Request<pb::DecideBreachRequest>,
    ) -> Reply<pb::DecideBreachResponse> {
        let (call, m) = enter(&self.0, request, "DecideBreach", |m| &m.request_id).await?;
        let aim = Aim { id: &m.breach_id, etag: etag(&m.etag)? };
        let decision = (convert::sanction(m.sanction)?, m.document_sha256.as_str());
        let decided = breach::decide(&self.0, &call, aim, decision).await?;
        let breach = Some(convert::breach_out(decided));
        Ok(Response::new(pb::DecideBreachResponse { breach }))
    }

    async fn list_breaches(
        &self,
        request: Request<pb::ListBreachesRequest>,
    ) -> Reply<pb::ListBreachesResponse> {
        let (call, m) = enter_read(&self.0, request, "ListBreaches").await?;
        let (after, limit) = (page::key(&m.page_token)?, page_size(m.page_size)?);
        let state = convert::breach_state(m.state)?;
        let wanted = (m.jurisdiction.as_str(), m.unit.as_str(), state);
        let found = breach::list(&self.0, &call, wanted, &Page { after: &after, limit }).await?;
        Ok(Response::new(pb::ListBreachesResponse {
            next_page_token: page::next(&found, limit, |b| page::token(&[&b.id])),
            breaches: found.into_iter().map(convert::breach_out).collect(),
        }))
    }
}
