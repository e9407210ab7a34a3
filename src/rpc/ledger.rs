//! LedgerService. Reading needs no key.

use tonic::{Request, Response, Status};

use super::auth::enter;
use super::pb;
use super::pb::ledger_service_server::LedgerService;
use crate::app::{App, cosign, page_size, proofs};
use crate::domain::hash::Digest;

/// Serves LedgerService.
pub struct Ledger(
    /// The use-cases.
    pub App,
);

type Reply<T> = Result<Response<T>, Status>;

fn bytes(hashes: Vec<Digest>) -> Vec<Vec<u8>> {
    hashes.into_iter().map(|hash| hash.0.to_vec()).collect()
}

#[tonic::async_trait]
impl LedgerService for Ledger {
    async fn get_checkpoint(
        &self,
        _: Request<pb::GetCheckpointRequest>,
    ) -> Reply<pb::GetCheckpointResponse> {
        let proofs::Head { note, key, fault, witnessed, policy } = proofs::head(&self.0).await?;
        let mut older_visit_keys: Vec<String> =
            self.0.log.visit_keys().iter().map(ToString::to_string).collect();
        let visit_key = older_visit_keys.remove(0);
        let reply = pb::GetCheckpointResponse {
            note,
            key,
            fault,
            witnessed,
            policy,
            visit_key,
            older_visit_keys,
        };
        Ok(Response::new(reply))
    }

    async fn list_entries(
        &self,
        request: Request<pb::ListEntriesRequest>,
    ) -> Reply<pb::ListEntriesResponse> {
        let m = request.into_inner();
        let found = proofs::entries(&self.0, m.first, page_size(m.page_size)?).await?;
        let entry = |(position, body)| pb::LogEntry { position, body };
        let entries = found.into_iter().map(entry).collect();
        Ok(Response::new(pb::ListEntriesResponse { entries }))
    }

    async fn get_inclusion_proof(
        &self,
        request: Request<pb::GetInclusionProofRequest>,
    ) -> Reply<pb::GetInclusionProofResponse> {
        let m = request.into_inner();
        let (size, hashes) = proofs::inclusion(&self.0, m.position, m.size).await?;
        Ok(Response::new(pb::GetInclusionProofResponse { size, hashes: bytes(hashes) }))
    }

    async fn get_consistency_proof(
        &self,
        request: Request<pb::GetConsistencyProofRequest>,
    ) -> Reply<pb::GetConsistencyProofResponse> {
        let m = request.into_inner();
        let (size, hashes) = proofs::consistency(&self.0, m.from_size, m.size).await?;
        Ok(Response::new(pb::GetConsistencyProofResponse { size, hashes: bytes(hashes) }))
    }

    async fn list_key_changes(
        &self,
        _: Request<pb::ListKeyChangesRequest>,
    ) -> Reply<pb::ListKeyChangesResponse> {
        let (note, changes) = proofs::key_changes(&self.0).await?;
        let change = |(entry, hashes): (_, _)| {
            let crate::app::LogEntry { position, body, .. } = entry;
            pb::KeyChange { position, body, hashes: bytes(hashes) }
        };
        let changes = changes.into_iter().map(change).collect();
        Ok(Response::new(pb::ListKeyChangesResponse { note, changes }))
    }

    async fn add_cosignatures(
        &self,
        request: Request<pb::AddCosignaturesRequest>,
    ) -> Reply<pb::AddCosignaturesResponse> {
        let m = request.into_inner();
        let witnesses = cosign::add(&self.0, m.size, &m.lines).await?;
        Ok(Response::new(pb::AddCosignaturesResponse { witnesses }))
    }

    async fn acknowledge_fault(
        &self,
        request: Request<pb::AcknowledgeFaultRequest>,
    ) -> Reply<pb::AcknowledgeFaultResponse> {
        let (call, m) = enter(&self.0, request, "AcknowledgeFault", |m| &m.request_id).await?;
        let acknowledgements = proofs::acknowledge(&self.0, &call, &m.fault, &m.reason).await?;
        Ok(Response::new(pb::AcknowledgeFaultResponse { acknowledgements }))
    }
}
