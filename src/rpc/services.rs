//! The table of services.

use tonic::service::RoutesBuilder;

use super::{MESSAGE_BYTES_MAX, Plans, Registry, pb};
use crate::app::App;

macro_rules! serve {
    ($routes:ident, $app:ident; $($module:ident::$server:ident => $service:ident,)+) => {
        $($routes.add_service(pb::$module::$server::new(super::$service($app.clone())));)+
    };
}

/// Adds every service of the contract.
pub fn add(routes: &mut RoutesBuilder, app: &App) {
    serve! { routes, app;
        access_service_server::AccessServiceServer => Access,
        annual_plan_service_server::AnnualPlanServiceServer => AnnualPlans,
        appointment_service_server::AppointmentServiceServer => Appointments,
        assessment_service_server::AssessmentServiceServer => Assessments,
        archive_service_server::ArchiveServiceServer => Archives,
        calendar_service_server::CalendarServiceServer => Calendars,
        campaign_service_server::CampaignServiceServer => Campaigns,
        check_service_server::CheckServiceServer => Checks,
        discipline_service_server::DisciplineServiceServer => Discipline,
        disclosure_service_server::DisclosureServiceServer => Disclosure,
        erasure_service_server::ErasureServiceServer => Erasures,
        exception_service_server::ExceptionServiceServer => Exceptions,
        expert_service_server::ExpertServiceServer => Experts,
        follow_up_service_server::FollowUpServiceServer => FollowUps,
        item_list_service_server::ItemListServiceServer => ItemLists,
        joint_service_server::JointServiceServer => Joint,
        ledger_service_server::LedgerServiceServer => Ledger,
        liability_service_server::LiabilityServiceServer => Liabilities,
        local_mode_service_server::LocalModeServiceServer => LocalModes,
        matching_service_server::MatchingServiceServer => Matching,
        notice_service_server::NoticeServiceServer => Notices,
        objection_service_server::ObjectionServiceServer => Objections,
        oversight_service_server::OversightServiceServer => Oversight,
        policy_service_server::PolicyServiceServer => Policies,
        recusal_service_server::RecusalServiceServer => Recusals,
        schedule_service_server::ScheduleServiceServer => Schedules,
        scheme_service_server::SchemeServiceServer => Schemes,
        training_service_server::TrainingServiceServer => Trainings,
        visit_service_server::VisitServiceServer => Visits,
    }
    // Tasks and lists come in messages of many rows.
    let plans = pb::plan_service_server::PlanServiceServer::new(Plans(app.clone()));
    routes.add_service(plans.max_decoding_message_size(MESSAGE_BYTES_MAX));
    let registry = pb::registry_service_server::RegistryServiceServer::new(Registry(app.clone()));
    routes.add_service(registry.max_decoding_message_size(MESSAGE_BYTES_MAX));
}
