//! One campaign, from the first sign-in to an answered objection, as people do it in their browsers.

use std::collections::BTreeMap;
use std::path::Path;

use onevisit::domain::caller::Role;
use onevisit::rpc::pb;
use serde_json::{Value, json};
use tokio::task::block_in_place;

use crate::harness::client::Service;
use crate::harness::data::code;
use crate::harness::joint::{Joint, OFFICES};
use crate::harness::person::{Account, PASSWORD, Person, unbase32};
use crate::harness::sheet::xlsx;
use crate::harness::walk::Walk;
use crate::harness::{Engine, Hands, NOW_US, TODAY, on_every_engine};
use crate::rpc::check::Site;
use crate::rpc::disclosure::{carry_out, id};

on_every_engine! { a_campaign_is_carried_through_in_the_browser }

const CAMPAIGN: &str = "/office/campaigns/c1";

/// The people of the walk.
struct People {
    office: Account,
    approver: Account,
    fire: Account,
    market: Account,
    reviewer: Account,
}

async fn a_campaign_is_carried_through_in_the_browser(engine: Engine) {
    let hands = Hands::at(NOW_US);
    let service = Service::start_by(engine, &hands).await;
    let app = service.app.clone();
    let office = Account::new(&app, "office-01", Role::Office, "领导小组办公室").await;
    let approver = Account::new(&app, "office-02", Role::Office, "领导小组").await;
    let walk = block_in_place(|| Walk::new(&service.address));
    let [fire, market] = block_in_place(|| {
        walk.sign_in(&app, &hands, &office);
        registered(&walk)
    });
    let reviewer = Account::new(&app, "fire-02", Role::Department, "fire").await;
    let people = People { office, approver, fire, market, reviewer };
    let folder = service.db.folder.path().to_owned();
    block_in_place(|| {
        for (account, subjects) in [(&people.fire, 20), (&people.market, 20)] {
            walk.sign_in(&app, &hands, account);
            lists(&walk, &folder, subjects);
        }
        walk.sign_in(&app, &hands, &people.office);
        proposed(&walk);
        for account in [&people.fire, &people.market] {
            walk.sign_in(&app, &hands, account);
            walk.open(CAMPAIGN);
            walk.send_done("/office/campaigns/c1/answer");
        }
        walk.sign_in(&app, &hands, &people.approver);
        walk.open(CAMPAIGN);
        walk.send_done("/office/campaigns/c1/approve");
        walk.send_done("/office/campaigns/c1/freeze");
    });
    let joint = joint(service).await;
    drawn(&walk, &joint, &hands, &people).await;
    let site = Site::of_drawn(joint, hands.clone()).await;
    block_in_place(|| visited(&walk, &site));
    carry_out(&site).await;
    published(&walk, &site, &people).await;
    block_in_place(|| looked_over(&walk, &site, &people));
}

/// The first office registers everybody.
fn registered(walk: &Walk) -> [Account; 2] {
    assert!(walk.text().contains("onevisit demo"), "an empty overview says what to do");
    walk.open("/office/departments");
    walk.browser.fill("input[name=code]", "990001");
    walk.browser.fill("input[name=place_name]", "测试区");
    walk.send_done("/office/places");
    for (id, name) in [("fire", "消防救援大队"), ("market", "市场监督管理局")] {
        walk.browser.fill("input[name=department_id]", id);
        walk.browser.fill("input[name=name]", name);
        walk.send_done("/office/departments");
    }
    ["fire", "market"].map(|department| {
        let name = format!("{department}-01");
        walk.open("/office/accounts");
        let form = "form[action='/office/accounts']";
        walk.browser.fill(&format!("{form} input[name=name]"), &name);
        walk.browser.fill(&format!("{form} input[name=password]"), PASSWORD);
        walk.browser.fill(&format!("{form} select[name=department]"), department);
        walk.send("/office/accounts");
        let code = |n: usize| {
            let found = format!("document.querySelectorAll('dl.facts code')[{n}].textContent");
            walk.browser.read(&found).as_str().expect("text").to_owned()
        };
        Account { name, secret: unbase32(&code(1)) }
    })
}

fn upload(walk: &Walk, path: &Path, action: &str) {
    let file = format!("form[action='{action}'] input[name=file]");
    walk.browser.type_into(&file, path.to_str().expect("path"));
    walk.send(action);
}

/// A department brings its lists, one of them as a workbook.
fn lists(walk: &Walk, folder: &Path, subjects: usize) {
    for page in ["items", "subjects", "inspectors"] {
        walk.open(&format!("/office/{page}"));
        assert!(walk.text().contains("上传"), "an empty {page} page says what to do");
    }
    let items = folder.join("items.csv");
    let line = |n: usize| {
        format!(
            "A{n},检查事项{n},《测试条例》第{n}条,测试局,经营主体,内容{n},现场检查,5%,每年2次\n"
        )
    };
    let head = "序号,抽查事项,抽查依据,抽查主体,抽查对象,抽查内容,抽查方式,抽查比例,抽查频次\n";
    std::fs::write(&items, format!("\u{feff}{head}{}{}", line(1), line(2))).expect("written");
    walk.open("/office/items");
    walk.browser.fill("input[name=effective_from]", "2026-01-01");
    walk.browser.fill("input[name=reason]", "首次公布");
    upload(walk, &items, "/office/items");
    assert!(walk.text().contains("检查事项2"), "{}", walk.text());
    let texts = |cells: &[&str]| cells.iter().map(|c| (*c).to_owned()).collect::<Vec<String>>();
    let mut rows = vec![texts(&["统一社会信用代码", "名称", "地址"])];
    for n in 1..=subjects {
        rows.push(texts(&[&code(n), &format!("测试区第{n}商店"), &format!("测试路{n}号")]));
    }
    rows.push(texts(&["91990001000000010X", "代码有误的商店", "测试路"]));
    let book = folder.join("subjects.xlsx");
    std::fs::write(&book, xlsx(&rows)).expect("written");
    walk.open("/office/subjects");
    upload(walk, &book, "/office/subjects");
    let said = walk.text();
    assert!(said.contains("91990001000000010X") && said.contains("未入库"), "{said}");
    let people = folder.join("people.csv");
    let line = |n: usize| format!("p{n},ZF00{n},2030-12-31,是\n");
    let rows: String = (1..=4).map(line).collect();
    std::fs::write(&people, format!("人员编号,执法证号,执法证有效期至,可任组长\n{rows}"))
        .expect("written");
    walk.open("/office/inspectors");
    upload(walk, &people, "/office/inspectors");
    assert!(walk.text().contains("每一行都没有问题"), "{}", walk.text());
}

/// An office proposes a campaign and looks at what it would cost.
fn proposed(walk: &Walk) {
    walk.open("/office/campaigns");
    assert!(walk.text().contains("开始之前请依次准备"));
    walk.open("/office/campaigns/new");
    let fields = [
        ("input[name=title]", "夏季联合抽查"),
        ("input[name=campaign_id]", "c1"),
        ("select[name=lead]", "market"),
        ("input[name=first_day]", TODAY),
        ("input[name=last_day]", "2026-07-15"),
        ("input[name='share.fire']", "20"),
        ("input[name='share.market']", "20"),
    ];
    for (field, value) in fields {
        walk.browser.fill(field, value);
    }
    walk.browser.fill("textarea[name=contributors]", OFFICES[0]);
    walk.send("/office/campaigns/new");
    assert!(walk.text().contains("2 到 16 个监督单位"), "{}", walk.text());
    let kept = walk.browser.read("document.querySelector('input[name=title]').value");
    assert_eq!(kept, "夏季联合抽查", "what was filled in stays");
    let both = "const area = document.querySelector('textarea[name=contributors]');
        area.value = given.join('\\n'); done(area.value);";
    walk.browser.run(both, &json!(OFFICES));
    walk.send_done("/office/campaigns/new");
    walk.open("/office/campaigns/c1/preview");
    let doors = "document.querySelector('.figure .value').innerText";
    assert_eq!(walk.browser.read(doors), "4", "both draw the same four doors");
    walk.pictures("preview");
    walk.browser.fill("input[name='share.fire.*']", "50");
    walk.until("document.body.dataset.renewed === '1'");
    assert_eq!(walk.browser.read(doors), "10", "the doors follow the slider");
    walk.look();
}

/// The same district, for what departments' systems and inspectors' devices do.
async fn joint(service: Service) -> Joint {
    let mut keys = BTreeMap::new();
    for department in ["fire", "market"] {
        let key = service.key(Role::Department, department, "").await;
        keys.insert(department.to_owned(), key);
    }
    let approver = service.key(Role::Office, "", "领导小组").await;
    let mut supervisors = Vec::new();
    for office in OFFICES {
        supervisors.push((office.to_owned(), service.key(Role::Supervisor, "", office).await));
    }
    Joint { service, keys, approver, supervisors }
}

/// The meeting room watches the draw, which an office makes at another browser.
async fn drawn(walk: &Walk, joint: &Joint, hands: &Hands, people: &People) {
    let app = joint.service.app.clone();
    let stage = |words: &str| {
        let wanted = format!("document.getElementById('stage').textContent.includes('{words}')");
        block_in_place(|| walk.until(&wanted));
    };
    block_in_place(|| walk.open("/campaigns/c1/ceremony"));
    stage("提交承诺");
    let request = pb::GetDrawRequest { campaign_id: "c1".into(), attempt: 0 };
    let frozen = joint.service.office().campaigns().get_draw(request).await.expect("draw");
    let frozen = frozen.into_inner().draw.expect("draw");
    joint.commit("c1", 0, &joint.commitment(&frozen, 0)).await.expect("commit");
    block_in_place(|| {
        walk.until("document.querySelectorAll('#offices .state.good').length === 1");
        walk.pictures("ceremony-begun");
    });
    joint.commit("c1", 1, &joint.commitment(&frozen, 1)).await.expect("commit");
    stage("公开随机数");
    for office in 0..OFFICES.len() {
        joint.reveal("c1", office, &joint.number(office)).await.expect("reveal");
    }
    stage("等待抽签");
    let mut office = Person::new(&joint.service.address);
    hands.forward(1);
    office.sign_in("office-01", PASSWORD, &people.office.code(&app)).await;
    let mark = office.get(CAMPAIGN).await.hidden("mark");
    let fields = [("mark", &*mark), ("request_id", "draw-1")];
    assert_eq!(office.post("/office/campaigns/c1/draw", &fields).await.status, 303);
    stage("抽签完成");
    block_in_place(|| {
        walk.until("document.getElementById('ceremony').dataset.ended === '1'");
        assert_eq!(walk.browser.read("document.querySelectorAll('#tickets tr').length"), 8);
        assert_eq!(walk.browser.read("document.querySelectorAll('#teams tr').length"), 4);
        let seed = walk.browser.read("document.getElementById('seed').textContent.length");
        assert_eq!(seed, 64);
        walk.look();
        walk.pictures("ceremony");
    });
}

fn visited(walk: &Walk, site: &Site) {
    walk.open(CAMPAIGN);
    walk.pictures("campaign");
    walk.open("/office/campaigns/c1/visits");
    assert_eq!(walk.browser.read("document.querySelectorAll('tbody tr').length"), 4);
    let rank = site.visit.rank;
    walk.open(&format!("/office/campaigns/c1/visits/{rank}"));
    let said = walk.text();
    assert!(said.contains("共用同一签号") && said.contains("检查事项1"), "{said}");
    assert!(!said.contains(&site.visit.subject_name), "names are sealed still");
    walk.pictures("visit");
}

/// The department publishes its result, a subject objects, another account of the department answers.
async fn published(walk: &Walk, site: &Site, people: &People) {
    let (app, hands) = (site.joint.service.app.clone(), site.hands.clone());
    let result = id(site, "fire");
    let at = format!("/office/results/{result}");
    block_in_place(|| {
        walk.sign_in(&app, &hands, &people.fire);
        walk.open("/office/results");
        assert!(walk.text().contains(&site.visit.subject_name), "its own result is open to it");
        walk.open(&at);
        let publish = format!(".buttons form[action='{at}/submit'] button");
        walk.browser.press(&publish);
        walk.look();
        assert!(walk.text().contains("已公示"), "{}", walk.text());
    });
    let (status, body) = site.joint.service.get(&format!("/results/{result}")).await;
    let public: Value = serde_json::from_slice(&body).expect("json");
    assert_eq!(
        (status, &public["versions"][0]["subject_name"]),
        (200, &site.visit.subject_name.clone().into())
    );
    let form = json!({
        "applicant": "测试区商店", "contact": "13800000000", "grounds": "灭火器在有效期内",
        "request_id": "o1", "visit_code": site.code,
    });
    let path = format!("/results/{result}/objections");
    let sent = site.joint.service.post(&path, "application/json", form.to_string().into()).await;
    let filed: Value = serde_json::from_slice(&sent.1).expect("json");
    assert_eq!(sent.0, 201, "{filed}");
    let objection = filed["objection_id"].as_str().expect("id").to_owned();
    let material = site.joint.service.db.folder.path().join("material.pdf");
    std::fs::write(&material, "材料").expect("written");
    block_in_place(|| {
        walk.sign_in(&app, &hands, &people.reviewer);
        walk.open("/office/objections");
        assert!(walk.text().contains("测试区商店"));
        let at = format!("/office/objections/{objection}");
        walk.open(&at);
        upload(walk, &material, &format!("{at}/receive"));
        assert!(walk.text().contains("复核期限开始计算"), "{}", walk.text());
        walk.browser.fill("textarea[name=reason]", "经复核，原结果属实");
        walk.send_done(&format!("{at}/decide"));
        upload(walk, &material, &format!("{at}/answer"));
        assert!(walk.text().contains("已登记告知"), "{}", walk.text());
        walk.pictures("objection");
    });
}

/// Every page once more, now that there is something on it, and the overview's figures.
fn looked_over(walk: &Walk, site: &Site, people: &People) {
    let app = site.joint.service.app.clone();
    walk.sign_in(&app, &site.hands, &people.office);
    let said = walk.text();
    for figure in ["100%", "减少入户", "消防救援大队", "问题发现率"] {
        assert!(said.contains(figure), "{figure}: {said}");
    }
    walk.pictures("overview");
    let rate = "document.querySelectorAll('.figure .value')[0].innerText";
    assert_eq!(walk.browser.read(rate), "100%", "all eight checks share their visits");
    for page in [
        "campaigns",
        "results",
        "objections",
        "follow-ups",
        "warnings",
        "plans",
        "items",
        "items?department=fire",
        "subjects",
        "subjects?department=fire",
        "inspectors?department=fire",
        "departments",
        "policies",
        "policies/s0-haigang-2018",
        "ledger",
        "accounts",
        "no-such-page",
    ] {
        walk.open(&format!("/office/{page}"));
    }
    walk.open("/office/warnings");
    walk.pictures("warnings");
    walk.browser.press("form[action='/language'] button");
    walk.look();
    assert_eq!(walk.browser.read("document.documentElement.lang"), "en");
    walk.open("/office");
    assert!(walk.text().contains("Joint rate by checks"), "{}", walk.text());
    walk.pictures("overview-en");
    // The figures come by themselves.
    walk.until("Number(document.body.dataset.renewed ?? 0) > 0");
    walk.look();
}
