//! JointService.

use tonic::{Request, Response, Status};

use super::auth::enter_read;
use super::pb::joint_service_server::JointService;
use super::{convert, pb};
use crate::app::{App, joint};

/// Serves JointService.
pub struct Joint(
    /// The use-cases.
    pub App,
);

#[tonic::async_trait]
impl JointService for Joint {
    async fn get_joint_rate(
        &self,
        request: Request<pb::GetJointRateRequest>,
    ) -> Result<Response<pb::GetJointRateResponse>, Status> {
        let (_, m) = enter_read(&self.0, request, "GetJointRate").await?;
        let year = convert::annual_plan::listed_year(m.year)?;
        let (rate, target) = joint::rate(&self.0, &m.jurisdiction, year).await?;
        Ok(Response::new(convert::joint::rate_out(rate, target)))
    }
}
