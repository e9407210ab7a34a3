//! PolicyService.

use tonic::{Request, Response, Status};

use super::auth::{enter, enter_read};
use super::pb::policy_service_server::PolicyService;
use super::{convert, pb};
use crate::app::{App, policies};
use crate::domain::pack::Pack;
use crate::domain::policy::KEYS;
use crate::domain::{Violations, day};

/// Serves PolicyService.
pub struct Policies(
    /// The use-cases.
    pub App,
);

#[tonic::async_trait]
impl PolicyService for Policies {
    async fn list_policy_packs(
        &self,
        request: Request<pb::ListPolicyPacksRequest>,
    ) -> Result<Response<pb::ListPolicyPacksResponse>, Status> {
        enter_read(&self.0, request, "ListPolicyPacks").await?;
        let policy_packs = Pack::all().into_iter().map(convert::policy::pack_out).collect();
        Ok(Response::new(pb::ListPolicyPacksResponse { policy_packs }))
    }

    async fn get_policy_pack(
        &self,
        request: Request<pb::GetPolicyPackRequest>,
    ) -> Result<Response<pb::GetPolicyPackResponse>, Status> {
        let (_, m) = enter_read(&self.0, request, "GetPolicyPack").await?;
        let pack = policies::pack(&m.pack_id)?;
        let text = pack.text.to_owned();
        let policy_pack = Some(convert::policy::pack_out(pack));
        Ok(Response::new(pb::GetPolicyPackResponse { policy_pack, text }))
    }

    async fn adopt_policy_pack(
        &self,
        request: Request<pb::AdoptPolicyPackRequest>,
    ) -> Result<Response<pb::AdoptPolicyPackResponse>, Status> {
        let (call, m) = enter(&self.0, request, "AdoptPolicyPack", |m| &m.request_id).await?;
        let mut violations = Violations::default();
        let level = convert::policy::level_optional(&mut violations, "level", m.level);
        let from = day::parse_optional(&mut violations, "effective_from", &m.effective_from);
        violations.finish(())?;
        let pack = policies::pack(&m.pack_id)?;
        let set = policies::adopt(&self.0, &call, (&pack, &m.jurisdiction), level, from).await?;
        let values = set.iter().map(convert::department::policy_out).collect();
        Ok(Response::new(pb::AdoptPolicyPackResponse { values }))
    }

    async fn list_policy_keys(
        &self,
        request: Request<pb::ListPolicyKeysRequest>,
    ) -> Result<Response<pb::ListPolicyKeysResponse>, Status> {
        enter_read(&self.0, request, "ListPolicyKeys").await?;
        let policy_keys = KEYS.iter().map(convert::policy::key_out).collect();
        Ok(Response::new(pb::ListPolicyKeysResponse { policy_keys }))
    }
}
