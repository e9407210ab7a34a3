//! AccessService.

use tonic::{Request, Response, Status};

use super::auth::{caller, enter};
use super::convert::department as convert;
use super::pb;
use super::pb::access_service_server::AccessService;
use crate::app::{App, access, signing};
use crate::domain::caller::Caller;

/// Serves AccessService.
pub struct Access(
    /// The use-cases.
    pub App,
);

#[tonic::async_trait]
impl AccessService for Access {
    async fn create_api_key(
        &self,
        request: Request<pb::CreateApiKeyRequest>,
    ) -> Result<Response<pb::CreateApiKeyResponse>, Status> {
        let (call, m) = enter(&self.0, request, "CreateApiKey", |m| &m.request_id).await?;
        let role = convert::role(m.role)?;
        let holder = Caller::holder(role, &m.department, &m.office, &m.inspector_id);
        let key = access::create(&self.0, &call, holder).await?;
        let secret = key.secret;
        let api_key = Some(convert::key_out(key.caller, false));
        Ok(Response::new(pb::CreateApiKeyResponse { api_key, secret }))
    }

    async fn revoke_api_key(
        &self,
        request: Request<pb::RevokeApiKeyRequest>,
    ) -> Result<Response<pb::RevokeApiKeyResponse>, Status> {
        let (call, m) = enter(&self.0, request, "RevokeApiKey", |m| &m.request_id).await?;
        let caller = access::revoke(&self.0, &call, &m.key_id).await?;
        let api_key = Some(convert::key_out(caller, true));
        Ok(Response::new(pb::RevokeApiKeyResponse { api_key }))
    }

    async fn who_am_i(
        &self,
        request: Request<pb::WhoAmIRequest>,
    ) -> Result<Response<pb::WhoAmIResponse>, Status> {
        let caller = caller(&self.0, &request).await?;
        let key = signing::key_of(&self.0, &caller).await?;
        let signing_key = key.map(|key| key.bytes().to_vec()).unwrap_or_default();
        let api_key = Some(convert::key_out(caller, false));
        Ok(Response::new(pb::WhoAmIResponse { api_key, signing_key }))
    }

    async fn register_signing_key(
        &self,
        request: Request<pb::RegisterSigningKeyRequest>,
    ) -> Result<Response<pb::RegisterSigningKeyResponse>, Status> {
        let (call, m) = enter(&self.0, request, "RegisterSigningKey", |m| &m.request_id).await?;
        let key = signing::register(&self.0, &call, &m.public_key, &m.proof).await?;
        let public_key = m.public_key;
        let signing_key = Some(pb::SigningKey { key_id: key.credential, public_key, nth: key.nth });
        Ok(Response::new(pb::RegisterSigningKeyResponse { signing_key }))
    }
}
