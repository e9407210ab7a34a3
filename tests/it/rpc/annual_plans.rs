//! Annual plans from draft to the next version, and tasks from above.

use onevisit::domain::caller::Role;
use onevisit::rpc::pb;
use onevisit::rpc::pb::FindingRule as Rule;
use onevisit::rpc::pb::annual_plan_service_client::AnnualPlanServiceClient;
use onevisit::rpc::pb::flow::State;
use tonic::Status;

use super::{reason, violations};
use crate::harness::client::DISTRICT;
use crate::harness::joint::Joint;
use crate::harness::{Engine, on_every_engine};

on_every_engine! {
    a_plan_goes_its_way_from_draft_to_the_next_version, superiors_tasks_are_contained,
    a_dispatched_task_finds_its_unit, listed_items_are_drawn,
}

const CITY: &str = "990000";

pub struct Plans {
    pub joint: Joint,
    /// Keys of the branch leader, the credit section and the meeting.
    pub chain: [String; 3],
}

pub fn task(id: &str, lead: &str, codes: &[&str]) -> pb::AnnualTask {
    let item = |code: &&str| pb::AnnualTaskItem {
        department: lead.into(),
        code: (*code).into(),
        ..Default::default()
    };
    pb::AnnualTask {
        task_id: id.into(),
        title: format!("{id}抽查"),
        origin: pb::annual_task::Origin::Planned.into(),
        form: pb::annual_task::Form::Random.into(),
        lead: lead.into(),
        items: codes.iter().map(item).collect(),
        subjects: 101,
        ratio: Some(pb::TaskRatio { basis_points: Some(500), ..Default::default() }),
        times: 2,
        first_day: "2026-03-01".into(),
        last_day: "2026-11-30".into(),
        budget: Some(pb::TaskBudget {
            fixed_fen: 1_000,
            per_subject_fen: 200,
            ..Default::default()
        }),
        ..Default::default()
    }
}

pub fn plan(unit: &str, tasks: Vec<pb::AnnualTask>) -> pb::AnnualPlan {
    pb::AnnualPlan {
        plan_id: "plan-1".into(),
        jurisdiction: DISTRICT.into(),
        unit: unit.into(),
        year: 2026,
        title: "2026年度抽查工作计划".into(),
        tasks,
        ..Default::default()
    }
}

fn etag(plan: &pb::AnnualPlan) -> String {
    plan.flow.as_ref().expect("flow").etag.clone()
}

fn state(flow: Option<&pb::Flow>) -> State {
    flow.expect("flow").state()
}

fn step(name: &str, role: pb::Role, office: &str) -> pb::ChainStep {
    pb::ChainStep {
        name: name.into(),
        role: role.into(),
        office: office.into(),
        ..Default::default()
    }
}

/// One call of the plan's service as somebody; the request id is the etag's.
macro_rules! deed {
    ($plans:expr, $key:expr, $client:ident . $method:ident, $request:ident { $($field:tt)* }) => {
        $plans.joint.service.with($key).$client().$method(pb::$request { $($field)* }).await
            .map(tonic::Response::into_inner)
    };
}

impl Plans {
    pub async fn new(engine: Engine) -> Self {
        let lists = [("fire", (1..=40).collect()), ("market", (1..=80).collect())];
        Self::on(Joint::new(engine, &lists).await).await
    }

    /// The same in a district that is there.
    pub async fn on(joint: Joint) -> Self {
        let service = &joint.service;
        let chain = [
            service.key(Role::Department, "fire", "").await,
            service.key(Role::Office, "", "信用监管科").await,
            service.key(Role::Office, "", "局长办公会").await,
        ];
        let own = Self { joint, chain };
        for kind in [pb::PaperKind::AnnualPlan, pb::PaperKind::Scheme] {
            let steps = vec![
                step("分管局长审批", pb::Role::Department, ""),
                step("信用监管科汇总", pb::Role::Office, "信用监管科"),
                step("局长办公会批准", pb::Role::Office, "局长办公会"),
            ];
            own.put_chain(kind, DISTRICT, "fire", steps).await;
        }
        own
    }

    async fn put_chain(
        &self,
        kind: pb::PaperKind,
        place: &str,
        unit: &str,
        steps: Vec<pb::ChainStep>,
    ) {
        let chain = Some(pb::ApprovalChain {
            jurisdiction: place.into(),
            kind: kind.into(),
            unit: unit.into(),
            steps,
            source: "实施细则第四条".into(),
            etag: String::new(),
        });
        let request_id = format!("chain-{place}-{}", kind.as_str_name());
        let office = &self.joint.service.office;
        deed!(
            self,
            office,
            annual_plans.put_approval_chain,
            PutApprovalChainRequest { request_id, chain }
        )
        .expect("chain");
    }

    pub fn fire(&self) -> &str {
        &self.joint.keys["fire"]
    }

    pub async fn put(
        &self,
        key: &str,
        plan: pb::AnnualPlan,
        etag: &str,
    ) -> Result<pb::AnnualPlan, Status> {
        let (request_id, etag) = (format!("put-{}-{etag}", plan.plan_id), etag.to_owned());
        let annual_plan = Some(plan);
        deed!(
            self,
            key,
            annual_plans.put_annual_plan,
            PutAnnualPlanRequest { request_id, annual_plan, etag }
        )
        .map(|r| r.annual_plan.expect("plan"))
    }

    async fn submit(&self, key: &str, plan: &pb::AnnualPlan) -> Result<pb::AnnualPlan, Status> {
        let (request_id, etag, plan_id) =
            ("submit".to_owned() + &etag(plan), etag(plan), plan.plan_id.clone());
        deed!(
            self,
            key,
            annual_plans.submit_annual_plan,
            SubmitAnnualPlanRequest { request_id, plan_id, etag }
        )
        .map(|r| r.annual_plan.expect("plan"))
    }

    async fn approve(&self, key: &str, plan: &pb::AnnualPlan) -> Result<pb::AnnualPlan, Status> {
        let version = plan.flow.as_ref().expect("flow").version;
        let request_id = format!("approve-{}-{version}-{}", plan.plan_id, etag(plan));
        let (plan_id, etag) = (plan.plan_id.clone(), etag(plan));
        deed!(
            self,
            key,
            annual_plans.approve_annual_plan,
            ApproveAnnualPlanRequest { request_id, plan_id, etag }
        )
        .map(|r| r.annual_plan.expect("plan"))
    }

    async fn publish(&self, key: &str, plan: &pb::AnnualPlan) -> Result<pb::AnnualPlan, Status> {
        let version = plan.flow.as_ref().expect("flow").version;
        let request_id = format!("publish-{}-{version}", plan.plan_id);
        let (plan_id, etag) = (plan.plan_id.clone(), etag(plan));
        deed!(
            self,
            key,
            annual_plans.publish_annual_plan,
            PublishAnnualPlanRequest { request_id, plan_id, etag }
        )
        .map(|r| r.annual_plan.expect("plan"))
    }

    /// From a draft to a published version.
    pub async fn carry(&self, draft: pb::AnnualPlan) -> pb::AnnualPlan {
        let mut plan = self.submit(self.fire(), &draft).await.expect("submit");
        for key in &self.chain {
            plan = self.approve(key, &plan).await.expect("approve");
        }
        self.publish(self.fire(), &plan).await.expect("publish")
    }

    pub async fn check(&self, plan_id: &str) -> pb::CheckAnnualPlanResponse {
        let (plan_id, version) = (plan_id.to_owned(), 0);
        deed!(
            self,
            self.fire(),
            annual_plans.check_annual_plan,
            CheckAnnualPlanRequest { plan_id, version }
        )
        .expect("check")
    }

    async fn found(&self, plan_id: &str) -> Vec<(Rule, String, String)> {
        let found = self.check(plan_id).await.findings;
        found.into_iter().map(|f| (f.rule(), f.task, f.item)).collect()
    }
}

async fn a_plan_goes_its_way_from_draft_to_the_next_version(engine: Engine) {
    let plans = Plans::new(engine).await;
    let foreign =
        plans.put(&plans.joint.keys["market"], plan("fire", vec![task("t1", "fire", &["A1"])]), "");
    assert_eq!(reason(&foreign.await.expect_err("another unit's")), "OWN_UNIT_ONLY");
    let draft = plans
        .put(plans.fire(), plan("fire", vec![task("t1", "fire", &["A1"])]), "")
        .await
        .expect("put");
    let checked = plans.check("plan-1").await;
    // 5 % of 101 are 6, rounded up; twice a year; 10 yuan and 2 yuan each.
    assert_eq!((checked.checks, checked.total_fen, checked.approvable), (12, 3_400, true));
    assert_eq!(
        plans.found("plan-1").await,
        [(Rule::ItemNotCovered, String::new(), "fire/A2".into())]
    );
    let early = plans.approve(&plans.chain[0], &draft).await.expect_err("a draft");
    assert_eq!(reason(&early), "PAPER_STATE");
    let sent = plans.submit(plans.fire(), &draft).await.expect("submit");
    assert_eq!(
        sent,
        plans.submit(plans.fire(), &draft).await.expect("once"),
        "the same request id"
    );
    let own = plans.approve(plans.fire(), &sent).await.expect_err("the requester");
    assert_eq!(reason(&own), "APPROVER_IS_REQUESTER");
    let jumped = plans.approve(&plans.chain[2], &sent).await.expect_err("not the step");
    assert_eq!(reason(&jumped), "NOT_YOUR_STEP");
    let (request_id, plan_id) = ("back".to_owned(), "plan-1".to_owned());
    let back = pb::ReturnAnnualPlanRequest {
        request_id,
        plan_id,
        etag: etag(&sent),
        reason: "缺A2".into(),
    };
    let mut leader = plans.joint.service.with(&plans.chain[0]).annual_plans();
    let back = leader
        .return_annual_plan(back)
        .await
        .expect("back")
        .into_inner()
        .annual_plan
        .expect("plan");
    assert_eq!(
        (state(back.flow.as_ref()), &*back.flow.as_ref().expect("flow").returned),
        (State::Draft, "缺A2")
    );
    let whole = plan("fire", vec![task("t1", "fire", &["A1", "A2"])]);
    let whole = plans.put(plans.fire(), whole, &etag(&back)).await.expect("edited");
    assert!(plans.check("plan-1").await.findings.is_empty());
    let published = plans.carry(whole.clone()).await;
    assert_eq!(state(published.flow.as_ref()), State::Published);
    filed(&plans, &published).await;
    amended(&plans).await;
}

/// Filing has a receipt; neither happens twice (R70).
async fn filed(plans: &Plans, published: &pb::AnnualPlan) {
    let mut client = plans.joint.service.with(plans.fire()).annual_plans();
    let receipt = |etag: String, id: &str| pb::AcknowledgeFilingRequest {
        request_id: id.into(),
        plan_id: "plan-1".into(),
        etag,
        receipt: "备2026-7".into(),
    };
    let early =
        client.acknowledge_filing(receipt(etag(published), "r0")).await.expect_err("not filed");
    assert_eq!(reason(&early), "NOT_FILED");
    let file = pb::FileAnnualPlanRequest {
        request_id: "file".into(),
        plan_id: "plan-1".into(),
        etag: etag(published),
        filed_with: "市局".into(),
        number: "报2026-3".into(),
    };
    let filed =
        client.file_annual_plan(file).await.expect("filed").into_inner().annual_plan.expect("plan");
    let had =
        client.acknowledge_filing(receipt(etag(&filed), "r1")).await.expect("receipt").into_inner();
    let had = had.annual_plan.expect("plan");
    assert_eq!(
        had.flow.as_ref().and_then(|f| f.filing.clone()).expect("filing").receipt,
        "备2026-7"
    );
    let twice = client.acknowledge_filing(receipt(etag(&had), "r2")).await.expect_err("twice");
    assert_eq!(reason(&twice), "ALREADY_FILED");
}

/// A change is a new version with a reason; the old one stays readable (R57, R72).
async fn amended(plans: &Plans) {
    let mut client = plans.joint.service.with(plans.fire()).annual_plans();
    let read = |version| pb::GetAnnualPlanRequest { plan_id: "plan-1".into(), version };
    let first = client
        .get_annual_plan(read(0))
        .await
        .expect("read")
        .into_inner()
        .annual_plan
        .expect("plan");
    let edit = plans
        .put(plans.fire(), plan("fire", vec![task("t1", "fire", &["A1"])]), &etag(&first))
        .await;
    assert_eq!(reason(&edit.expect_err("published")), "PAPER_STATE");
    let (request_id, plan_id) = ("amend".to_owned(), "plan-1".to_owned());
    let amend = pb::AmendAnnualPlanRequest {
        request_id,
        plan_id,
        etag: etag(&first),
        reason: "临时抽查".into(),
    };
    let second = client.amend_annual_plan(amend).await.expect("amended").into_inner();
    let second = second.annual_plan.expect("plan");
    let mut ad_hoc = task("t2", "fire", &["A1"]);
    ad_hoc.origin = pb::annual_task::Origin::AdHoc.into();
    let mut tasks = vec![task("t1", "fire", &["A1", "A2"]), ad_hoc];
    let bare = plans.put(plans.fire(), plan("fire", tasks.clone()), &etag(&second)).await;
    assert_eq!(violations(&bare.expect_err("no reason"))[0].1, "AD_HOC_NEEDS_REASON");
    tasks[1].reason = "投诉集中".into();
    let second =
        plans.put(plans.fire(), plan("fire", tasks), &etag(&second)).await.expect("edited");
    let mut public = AnnualPlanServiceClient::new(plans.joint.service.channel.clone());
    let ask = || pb::GetPublishedAnnualPlanRequest { plan_id: "plan-1".into() };
    let old = public.get_published_annual_plan(ask()).await.expect("public").into_inner();
    assert_eq!(old.annual_plan.expect("plan").tasks.len(), 1, "the draft is not public");
    plans.carry(second).await;
    let new = public.get_published_annual_plan(ask()).await.expect("public").into_inner();
    let new = new.annual_plan.expect("plan");
    assert_eq!((new.tasks.len(), &*new.flow.as_ref().expect("flow").reason), (2, "临时抽查"));
    assert_eq!(
        new.tasks[0].budget.as_ref().map(|b| b.total_fen),
        Some(0),
        "budgets are not public"
    );
    assert!(new.flow.expect("flow").taken.is_empty());
    let before =
        client.get_annual_plan(read(1)).await.expect("old").into_inner().annual_plan.expect("plan");
    assert_eq!((state(before.flow.as_ref()), before.tasks.len()), (State::Superseded, 1));
    let list = pb::ListAnnualPlanVersionsRequest { plan_id: "plan-1".into(), ..Default::default() };
    let all =
        client.list_annual_plan_versions(list).await.expect("versions").into_inner().annual_plans;
    assert_eq!(all.len(), 2);
}

/// The city's plan, copied by an office and approved by the same chain as any.
async fn city_plan(plans: &Plans) {
    let mut registry = plans.joint.service.office().registry();
    for (code, level, parent) in [(CITY, pb::Level::City, ""), (DISTRICT, pb::Level::County, CITY)]
    {
        let jurisdiction = Some(pb::Jurisdiction {
            code: code.into(),
            name: "测试市".into(),
            level: level.into(),
            parent: parent.into(),
            neighbours: vec![],
        });
        let request_id = format!("place-{code}");
        let request = pb::PutJurisdictionRequest { request_id, jurisdiction };
        registry.put_jurisdiction(request).await.expect("jurisdiction");
    }
    let steps = vec![step("批准", pb::Role::Office, "局长办公会")];
    plans.put_chain(pb::PaperKind::AnnualPlan, CITY, "", steps).await;
    let mut wanted = task("c1", "city-fire", &[]);
    wanted.items = vec![pb::AnnualTaskItem {
        department: "city-fire".into(),
        name: "A1检查".into(),
        ..Default::default()
    }];
    wanted.ratio = Some(pb::TaskRatio { basis_points: Some(1_000), ..Default::default() });
    wanted.jurisdictions = vec![DISTRICT.into()];
    let mut elsewhere = wanted.clone();
    (elsewhere.task_id, elsewhere.jurisdictions) = ("c2".into(), vec!["990002".into()]);
    let city = pb::AnnualPlan {
        plan_id: "city-1".into(),
        jurisdiction: CITY.into(),
        source: "市局2026年计划".into(),
        ..plan("", vec![wanted, elsewhere])
    };
    let office = &plans.joint.service.office;
    let city = plans.put(office, city, "").await.expect("city");
    let city = plans.submit(office, &city).await.expect("submit");
    let city = plans.approve(&plans.chain[2], &city).await.expect("approve");
    plans.publish(office, &city).await.expect("publish");
}

async fn superiors_tasks_are_contained(engine: Engine) {
    let plans = Plans::new(engine).await;
    city_plan(&plans).await;
    let own = || task("t1", "fire", &["A1", "A2"]);
    let draft = plans.put(plans.fire(), plan("fire", vec![own()]), "").await.expect("put");
    let missing = (Rule::SuperiorTaskMissing, "city-1/c1".to_owned(), String::new());
    assert_eq!(plans.found("plan-1").await, [missing]);
    let sent = plans.submit(plans.fire(), &draft).await.expect("submit");
    let blocked = plans.approve(&plans.chain[0], &sent).await.expect_err("not contained");
    assert_eq!(reason(&blocked), "PLAN_FINDINGS");
    assert!(blocked.message().contains("city-1/c1"), "{blocked:?}");
    let (request_id, plan_id) = ("back".to_owned(), "plan-1".to_owned());
    let back =
        pb::ReturnAnnualPlanRequest {
            request_id, plan_id, etag: etag(&sent), reason: "缺".into()
        };
    let mut leader = plans.joint.service.with(&plans.chain[0]).annual_plans();
    let back = leader
        .return_annual_plan(back)
        .await
        .expect("back")
        .into_inner()
        .annual_plan
        .expect("plan");
    let mut contains = own();
    (contains.superior_plan_id, contains.superior_task_id) = ("city-1".into(), "c1".into());
    let edited = plans
        .put(plans.fire(), plan("fire", vec![contains.clone()]), &etag(&back))
        .await
        .expect("edit");
    let less = (Rule::SuperiorRatioBelow, "city-1/c1".to_owned(), String::new());
    assert_eq!(plans.found("plan-1").await, [less]);
    let mut explained = plan("fire", vec![contains]);
    explained.adjustments = vec![pb::PlanAdjustment {
        rule: Rule::SuperiorRatioBelow.into(),
        task: "city-1/c1".into(),
        reason: "市局同意按5%执行".into(),
        ..Default::default()
    }];
    let explained = plans.put(plans.fire(), explained, &etag(&edited)).await.expect("explained");
    assert!(plans.check("plan-1").await.approvable, "a recorded reason lets it pass");
    plans.carry(explained).await;
}

async fn a_dispatched_task_finds_its_unit(engine: Engine) {
    let plans = Plans::new(engine).await;
    let office = &plans.joint.service.office;
    let dispatch = |id: &str, name: &str| pb::DispatchTaskRequest {
        request_id: format!("dispatch-{id}"),
        task: Some(pb::DispatchedTask {
            task_id: id.into(),
            jurisdiction: DISTRICT.into(),
            level: pb::Level::Province.into(),
            sender: "省局".into(),
            document: "省发2026-1".into(),
            title: "省级任务".into(),
            items: vec![pb::AnnualTaskItem { name: name.into(), ..Default::default() }],
            first_day: "2026-05-01".into(),
            last_day: "2026-12-31".into(),
            ..Default::default()
        }),
    };
    let mut client = plans.joint.service.with(office).annual_plans();
    let routed = client.dispatch_task(dispatch("d1", "A1检查")).await.expect("in").into_inner();
    let routed = routed.task.expect("task");
    assert_eq!((&*routed.unit, routed.codes.clone()), ("fire", vec!["A1".to_owned()]));
    let lost = client.dispatch_task(dispatch("d2", "没有的事项")).await.expect("in").into_inner();
    assert_eq!(lost.task.expect("task").state(), pb::dispatched_task::State::Unrouted);
    let answer = |id: &str, accept, reason: &str| pb::AnswerDispatchedTaskRequest {
        request_id: format!("{id}-{accept}"),
        task_id: "d1".into(),
        etag: "1".into(),
        accept,
        reason: reason.into(),
    };
    let mut market = plans.joint.service.with(&plans.joint.keys["market"]).annual_plans();
    let foreign =
        market.answer_dispatched_task(answer("m", true, "")).await.expect_err("another's");
    assert_eq!(reason(&foreign), "ROUTED_TO_ANOTHER");
    let mut fire = plans.joint.service.with(plans.fire()).annual_plans();
    let silent = fire.answer_dispatched_task(answer("f", false, "")).await.expect_err("no reason");
    assert_eq!(violations(&silent)[0].1, "REQUIRED");
    let taken =
        fire.answer_dispatched_task(answer("f", true, "")).await.expect("taken").into_inner();
    let again =
        fire.answer_dispatched_task(answer("f", true, "")).await.expect("once").into_inner();
    assert_eq!(taken, again);
    let own = task("t1", "fire", &["A1", "A2"]);
    let draft = plans.put(plans.fire(), plan("fire", vec![own.clone()]), "").await.expect("put");
    let missing = (Rule::DispatchedTaskMissing, "d1".to_owned(), String::new());
    assert_eq!(plans.found("plan-1").await, [missing]);
    let with = pb::AnnualTask { dispatched_task_id: "d1".into(), ..own };
    plans.put(plans.fire(), plan("fire", vec![with]), &etag(&draft)).await.expect("put");
    assert!(plans.check("plan-1").await.findings.is_empty());
}

async fn listed_items_are_drawn(engine: Engine) {
    let plans = Plans::new(engine).await;
    let mut sweep = task("t1", "fire", &["A1"]);
    sweep.ratio = Some(pb::TaskRatio { basis_points: Some(10_000), ..Default::default() });
    let mut special = task("t2", "fire", &["A2"]);
    special.form = pb::annual_task::Form::SpecialCampaign.into();
    let unknown = task("t3", "fire", &["Z9"]);
    let status = plans
        .put(plans.fire(), plan("fire", vec![sweep.clone(), special.clone(), unknown]), "")
        .await;
    let rules: Vec<String> =
        violations(&status.expect_err("R17")).into_iter().map(|(_, r)| r).collect();
    let override_rule = "LISTED_ITEM_NEEDS_OVERRIDE_REASON";
    assert_eq!(rules, [override_rule, override_rule, "UNKNOWN_ITEM"]);
    sweep.override_reason = "国务院专门部署".into();
    special.override_reason = "国务院专门部署".into();
    let mut low = task("t4", "fire", &["A2"]);
    low.ratio = Some(pb::TaskRatio { basis_points: Some(100), ..Default::default() });
    low.times = 1;
    plans.put(plans.fire(), plan("fire", vec![sweep, special, low]), "").await.expect("explained");
    let found = plans.found("plan-1").await;
    // A special campaign is not a random check: A2 is drawn once of the two times it needs.
    let times = (Rule::TimesBelow, String::new(), "fire/A2".to_owned());
    assert_eq!(found, [times, (Rule::RatioBelow, "t4".into(), "fire/A2".into())]);
    assert!(!plans.check("plan-1").await.approvable);
}
