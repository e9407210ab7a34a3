//! MatchingService.

use tonic::{Request, Response, Status};

use super::auth::{enter, enter_read};
use super::convert::campaign::decision;
use super::pb::matching_service_server::MatchingService;
use super::{page, pb};
use crate::app::{App, matching, page_size};
use crate::app::{LinkRow, ReviewRow};

/// Serves MatchingService.
pub struct Matching(
    /// The use-cases.
    pub App,
);

fn link(l: LinkRow) -> pb::SubjectLink {
    pb::SubjectLink {
        department: l.department,
        subject_id: l.id,
        canonical_id: l.canonical,
        evidence: l.evidence,
    }
}

fn review(r: ReviewRow) -> pb::Review {
    let decision = match r.decision.as_str() {
        "SAME" => pb::ReviewDecision::Same,
        "DIFFERENT" => pb::ReviewDecision::Different,
        _ => pb::ReviewDecision::Unspecified,
    };
    pb::Review {
        first_id: r.first_id,
        second_id: r.second_id,
        evidence: r.evidence,
        decision: decision.into(),
        reason: r.reason,
    }
}

#[tonic::async_trait]
impl MatchingService for Matching {
    async fn resolve_subjects(
        &self,
        request: Request<pb::ResolveSubjectsRequest>,
    ) -> Result<Response<pb::ResolveSubjectsResponse>, Status> {
        let (call, m) = enter(&self.0, request, "ResolveSubjects", |m| &m.request_id).await?;
        let found = matching::resolve_all(&self.0, &call, &m.jurisdiction).await?;
        Ok(Response::new(pb::ResolveSubjectsResponse {
            entries: found.entries,
            subjects: found.subjects,
            shared_subjects: found.shared,
            links: found.links,
            open_reviews: found.open_reviews,
        }))
    }

    async fn list_subject_links(
        &self,
        request: Request<pb::ListSubjectLinksRequest>,
    ) -> Result<Response<pb::ListSubjectLinksResponse>, Status> {
        let (_, m) = enter_read(&self.0, request, "ListSubjectLinks").await?;
        let (after, limit) = (page::pair(&m.page_token)?, page_size(m.page_size)?);
        let found = matching::links(&self.0, &m.jurisdiction, (&after.0, &after.1), limit).await?;
        Ok(Response::new(pb::ListSubjectLinksResponse {
            next_page_token: page::next(&found, limit, |l| page::token(&[&l.department, &l.id])),
            links: found.into_iter().map(link).collect(),
        }))
    }

    async fn list_reviews(
        &self,
        request: Request<pb::ListReviewsRequest>,
    ) -> Result<Response<pb::ListReviewsResponse>, Status> {
        let (_, m) = enter_read(&self.0, request, "ListReviews").await?;
        let (after, limit) = (page::pair(&m.page_token)?, page_size(m.page_size)?);
        let found =
            matching::reviews(&self.0, &m.jurisdiction, (&after.0, &after.1), limit).await?;
        Ok(Response::new(pb::ListReviewsResponse {
            next_page_token: page::next(&found, limit, |r| {
                page::token(&[&r.first_id, &r.second_id])
            }),
            reviews: found.into_iter().map(review).collect(),
        }))
    }

    async fn decide_review(
        &self,
        request: Request<pb::DecideReviewRequest>,
    ) -> Result<Response<pb::DecideReviewResponse>, Status> {
        let (call, m) = enter(&self.0, request, "DecideReview", |m| &m.request_id).await?;
        let pair = (m.first_id, m.second_id);
        let same = decision(m.decision);
        let decided =
            matching::decide(&self.0, &call, &m.jurisdiction, pair, same, &m.reason).await?;
        Ok(Response::new(pb::DecideReviewResponse { review: Some(review(decided)) }))
    }
}
