//! TrainingService.

use tonic::{Request, Response, Status};

use super::auth::{enter, enter_read};
use super::convert::training as convert;
use super::pb::training_service_server::TrainingService;
use super::{page, pb};
use crate::app::{App, page_size, trainings};
use crate::domain::training::Training;

/// Serves TrainingService.
pub struct Trainings(
    /// The use-cases.
    pub App,
);

type Reply<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl TrainingService for Trainings {
    async fn put_trainings(
        &self,
        request: Request<pb::PutTrainingsRequest>,
    ) -> Reply<pb::PutTrainingsResponse> {
        let (call, m) = enter(&self.0, request, "PutTrainings", |m| &m.request_id).await?;
        let given = convert::read(m.trainings)?;
        let recorded = trainings::put(&self.0, &call, &given).await?;
        Ok(Response::new(pb::PutTrainingsResponse { recorded }))
    }

    async fn list_trainings(
        &self,
        request: Request<pb::ListTrainingsRequest>,
    ) -> Reply<pb::ListTrainingsResponse> {
        let (call, m) = enter_read(&self.0, request, "ListTrainings").await?;
        let (after, limit) = (page::key(&m.page_token)?, page_size(m.page_size)?);
        let found = trainings::list(&self.0, &call, &m.department, &after, limit).await?;
        let token = |t: &Training| page::token(&[&trainings::key(t)]);
        Ok(Response::new(pb::ListTrainingsResponse {
            next_page_token: page::next(&found, limit, token),
            trainings: found.into_iter().map(convert::out).collect(),
        }))
    }
}
