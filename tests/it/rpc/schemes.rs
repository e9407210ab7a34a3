//! Schemes, campaigns made from them, and the joint rate of what was drawn.

use onevisit::domain::check::undertaking_sha256;
use onevisit::rpc::pb;
use onevisit::rpc::pb::scheme_service_client::SchemeServiceClient;
use tonic::Code;

use super::annual_plans::{Plans, plan, task};
use super::check::key;
use super::{quota, reason, violations};
use crate::harness::client::DISTRICT;
use crate::harness::joint::Joint;
use crate::harness::{Engine, on_every_engine};

on_every_engine! {
    a_campaign_is_made_from_a_published_scheme, the_joint_rate_says_its_denominator,
    results_are_entered_within_the_schemes_days,
}

fn scheme() -> pb::Scheme {
    let item = |code: &str| pb::SchemeItem {
        department: "fire".into(),
        code: code.into(),
        content: "全部内容".into(),
        methods: vec![pb::Method::OnSite.into()],
        standard: "GB 50016".into(),
    };
    pb::Scheme {
        scheme_id: "s1".into(),
        plan_id: "plan-1".into(),
        task_id: "t1".into(),
        title: "消防抽查实施方案".into(),
        offices: vec![pb::SchemeOffice {
            department: "fire".into(),
            role: pb::OfficeRole::SoleLead.into(),
            ..Default::default()
        }],
        items: vec![item("A1")],
        ratio: Some(pb::TaskRatio { basis_points: Some(500), ..Default::default() }),
        first_day: "2026-06-01".into(),
        last_day: "2026-07-31".into(),
        result_days: 20,
        ..Default::default()
    }
}

pub async fn published_scheme(plans: &Plans) {
    let mut client: Vec<_> = std::iter::once(plans.fire())
        .chain(plans.chain.iter().map(String::as_str))
        .map(|key| plans.joint.service.with(key).schemes())
        .collect();
    let put = pb::PutSchemeRequest {
        request_id: "s".into(),
        scheme: Some(scheme()),
        etag: String::new(),
    };
    client[0].put_scheme(put).await.expect("put");
    let (request_id, scheme_id, etag) = ("ss".to_owned(), "s1".to_owned(), "1".to_owned());
    client[0]
        .submit_scheme(pb::SubmitSchemeRequest { request_id, scheme_id, etag })
        .await
        .expect("submit");
    for (i, client) in client[1..].iter_mut().enumerate() {
        let (request_id, scheme_id) = (format!("sa{i}"), "s1".to_owned());
        let etag = (i + 2).to_string();
        client
            .approve_scheme(pb::ApproveSchemeRequest { request_id, scheme_id, etag })
            .await
            .expect("approve");
    }
    let early = plans.joint.create(campaign(plans)).await.expect_err("not published");
    assert_eq!(reason(&early), "SCHEME_IS_NOT_PUBLISHED");
    let (request_id, scheme_id, etag) = ("sp".to_owned(), "s1".to_owned(), "5".to_owned());
    client[0]
        .publish_scheme(pb::PublishSchemeRequest { request_id, scheme_id, etag })
        .await
        .expect("publish");
}

pub fn campaign(plans: &Plans) -> pb::Campaign {
    let mut campaign = plans.joint.campaign(|_| vec![quota("*", 500)]);
    campaign.lead = "fire".into();
    campaign.participants.retain(|p| p.department == "fire");
    (campaign.plan_id, campaign.plan_task_id) = ("plan-1".into(), "t1".into());
    campaign.scheme_id = "s1".into();
    campaign
}

async fn a_campaign_is_made_from_a_published_scheme(engine: Engine) {
    let plans = Plans::new(engine).await;
    let draft =
        plans.put(plans.fire(), plan("fire", vec![task("t1", "fire", &["A1", "A2"])]), "").await;
    let draft = draft.expect("put");
    let put = |scheme| pb::PutSchemeRequest {
        request_id: "x".into(),
        scheme: Some(scheme),
        etag: String::new(),
    };
    let mut fire = plans.joint.service.with(plans.fire()).schemes();
    let early = fire.put_scheme(put(scheme())).await.expect_err("the plan is a draft");
    assert_eq!(reason(&early), "PLAN_IS_NOT_APPROVED");
    plans.carry(draft).await;
    let mut wrong = scheme();
    wrong.items[0].code = "B1".into();
    wrong.ratio = Some(pb::TaskRatio { basis_points: Some(100), ..Default::default() });
    wrong.last_day = "2026-12-31".into();
    let status = fire.put_scheme(put(wrong)).await.expect_err("does not fit the task");
    let rules: Vec<String> = violations(&status).into_iter().map(|(_, rule)| rule).collect();
    assert_eq!(rules, ["NOT_IN_THE_TASK", "OUTSIDE_THE_TASK", "BELOW_THE_TASK"]);
    let mut joint = scheme();
    joint.offices.push(pb::SchemeOffice {
        department: "market".into(),
        role: pb::OfficeRole::Assisting.into(),
        ..Default::default()
    });
    let status = fire.put_scheme(put(joint)).await.expect_err("R75");
    assert_eq!(violations(&status).len(), 7, "every text of a joint plan is needed: {status:?}");
    published_scheme(&plans).await;
    let mut public = SchemeServiceClient::new(plans.joint.service.channel.clone());
    let ask = pb::GetPublishedSchemeRequest { scheme_id: "s1".into() };
    let read = public
        .get_published_scheme(ask)
        .await
        .expect("public")
        .into_inner()
        .scheme
        .expect("scheme");
    assert_eq!((read.items.len(), read.flow.expect("flow").taken.len()), (1, 0));
    let mut fewer = campaign(&plans);
    fewer.participants[0].quotas = vec![quota("*", 100)];
    fewer.participants[0].items = vec!["A2".into()];
    let status = plans.joint.create(fewer).await.expect_err("not the scheme");
    let rules: Vec<String> = violations(&status).into_iter().map(|(_, rule)| rule).collect();
    assert_eq!(rules, ["NOT_IN_THE_SCHEME", "BELOW_THE_SCHEME"]);
    let mut good = campaign(&plans);
    good.campaign_id = "c2".into();
    let made = plans.joint.create(good).await.expect("made");
    assert_eq!(
        (made.scheme_version, made.participants[0].items.clone()),
        (1, vec!["A1".to_owned()])
    );
    let named = plans.check("plan-1").await.campaigns;
    assert_eq!(named[0].campaign_ids, ["c2"], "the plan knows who carries it out");
    let mut free = plans.joint.campaign(|_| vec![quota("*", 500)]);
    free.campaign_id = "c3".into();
    assert_eq!(plans.joint.create(free).await.expect("old clients").plan_id, "");
}

async fn the_joint_rate_says_its_denominator(engine: Engine) {
    let lists = [("fire", (1..=10).collect()), ("market", (1..=20).collect())];
    let joint = Joint::new(engine, &lists).await;
    let ask = || pb::GetJointRateRequest { jurisdiction: DISTRICT.into(), year: 2026 };
    let mut client = joint.service.office().joint();
    let none = client.get_joint_rate(ask()).await.expect("rate").into_inner();
    assert_eq!(none.by_checks.expect("rate").basis_points, None, "of nothing there is no share");
    joint.carry_out(joint.campaign(|_| vec![quota("*", 10_000)])).await;
    let rate = client.get_joint_rate(ask()).await.expect("rate").into_inner();
    let (checks, visits) = (rate.by_checks.expect("rate"), rate.by_visits.expect("rate"));
    assert_eq!((checks.numerator, checks.denominator, checks.basis_points), (20, 30, Some(6_666)));
    assert_eq!((visits.numerator, visits.denominator, visits.basis_points), (10, 20, Some(5_000)));
    assert!(!checks.reached && checks.formula.contains("all checks"));
    assert_eq!(rate.target_basis_points, 8_000);
    let low = async || {
        let kind = pb::warning::Kind::JointRateLow.into();
        let jurisdiction = DISTRICT.into();
        let request = pb::ListWarningsRequest { jurisdiction, kind, ..Default::default() };
        let mut office = joint.service.office().oversight();
        office.list_warnings(request).await.expect("warnings").into_inner().warnings.len()
    };
    assert_eq!(low().await, 1);
    joint.policy("joint_rate_percent", "66").await;
    let rate = client.get_joint_rate(ask()).await.expect("rate").into_inner();
    assert_eq!((rate.target_basis_points, low().await), (6_600, 0));
    assert!(rate.by_checks.expect("rate").reached && !rate.by_visits.expect("rate").reached);
    let other = pb::GetJointRateRequest { jurisdiction: "990002".into(), year: 2026 };
    assert_eq!(client.get_joint_rate(other).await.expect_err("unknown").code(), Code::NotFound);
}

async fn results_are_entered_within_the_schemes_days(engine: Engine) {
    let plans = Plans::new(engine).await;
    let draft = plan("fire", vec![task("t1", "fire", &["A1", "A2"])]);
    plans.carry(plans.put(plans.fire(), draft, "").await.expect("put")).await;
    published_scheme(&plans).await;
    let joint = &plans.joint;
    joint.create(campaign(&plans)).await.expect("create");
    joint.accept("c1", &["fire"]).await;
    let etag = joint.read("c1").await.etag;
    joint.approve(&joint.approver, "c1", &etag).await.expect("approve");
    let frozen = joint.freeze("c1", "f").await.expect("freeze");
    joint.contribute(&frozen).await;
    joint.execute("c1", "d").await.expect("draw");
    let visit = joint.opened("c1").await.remove(0);
    let (department, id) =
        visit.sections[0].team[0].inspector_id.split_once('/').expect("a person");
    let secret = key(joint, department, id).await;
    let request = pb::OpenVisitRequest {
        request_id: "o".into(),
        campaign_id: "c1".into(),
        rank: visit.rank,
        ..Default::default()
    };
    let opened = joint.service.with(&secret).visits().open_visit(request).await.expect("open");
    let request = pb::StartCheckRequest {
        request_id: "s".into(),
        campaign_id: "c1".into(),
        rank: visit.rank,
        visit_code: opened.into_inner().visit_code,
        undertaking_sha256: undertaking_sha256().to_string(),
    };
    let started = joint.service.with(&secret).checks().start_check(request).await.expect("start");
    let check = started.into_inner().check.expect("check");
    // Twenty working days after the 15th of June: the 19th is a holiday.
    assert_eq!((&*check.entry_due, check.entered_late), ("2026-07-14", false));
}
