//! ItemListService.

use tonic::{Request, Response, Status};

use super::auth::enter_read;
use super::convert::{item, item_list as convert};
use super::pb::item_list_service_server::ItemListService;
use super::{page, pb};
use crate::app::{App, items, page_size, registry_changes};

/// Serves ItemListService.
pub struct ItemLists(
    /// The use-cases.
    pub App,
);

type Reply<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl ItemListService for ItemLists {
    /// What is listed is public: it takes no credential.
    async fn get_published_item_list(
        &self,
        request: Request<pb::GetPublishedItemListRequest>,
    ) -> Reply<pb::GetPublishedItemListResponse> {
        let m = request.into_inner();
        let found = items::get(&self.0, &m.department, m.version).await?;
        let item_list = Some(item::list_out(found));
        Ok(Response::new(pb::GetPublishedItemListResponse { item_list }))
    }

    /// So is what has changed.
    async fn list_item_list_versions(
        &self,
        request: Request<pb::ListItemListVersionsRequest>,
    ) -> Reply<pb::ListItemListVersionsResponse> {
        let m = request.into_inner();
        let (after, limit) = (page::number(&m.page_token)?, page_size(m.page_size)?);
        let found = items::versions(&self.0, &m.department, after, limit).await?;
        let token = |v: &items::Version| page::token(&[&v.list.version.to_string()]);
        Ok(Response::new(pb::ListItemListVersionsResponse {
            next_page_token: page::next(&found, limit, token),
            versions: found.into_iter().map(convert::version_out).collect(),
        }))
    }

    async fn list_registry_changes(
        &self,
        request: Request<pb::ListRegistryChangesRequest>,
    ) -> Reply<pb::ListRegistryChangesResponse> {
        let (call, m) = enter_read(&self.0, request, "ListRegistryChanges").await?;
        let (from, limit) = (page::number(&m.page_token)?, page_size(m.page_size)?);
        let found =
            registry_changes::list(&self.0, &call.caller, &m.jurisdiction, from, limit).await?;
        let (changes, next) = found;
        Ok(Response::new(pb::ListRegistryChangesResponse {
            changes: changes.into_iter().map(convert::change_out).collect(),
            next_page_token: page::token(&[&next.to_string()]),
        }))
    }
}
