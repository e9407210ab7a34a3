//! Whatever is typed stays text: no dialog opens and the pages' policy is never touched.

use onevisit::domain::caller::Role;
use onevisit::rpc::pb;
use serde_json::json;
use tokio::task::block_in_place;

use crate::harness::client::{DISTRICT, Service};
use crate::harness::data::{entry, inspector, item_list};
use crate::harness::joint::{Joint, Rows};
use crate::harness::person::Account;
use crate::harness::walk::Walk;
use crate::harness::{Engine, Hands, NOW_US, on_every_engine};
use crate::rpc::quota;

on_every_engine! { hostile_text_stays_text }

/// What has broken pages elsewhere.
const CORPUS: [&str; 7] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "'><svg/onload=alert(1)>",
    "\" autofocus onfocus=alert(1) x=\"",
    "</textarea></title><script>alert(1)</script>",
    "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
    "<a href=javascript:alert(1)>{{7*7}}${7*7}</a><style>*{display:none}</style>",
];

/// Pages with forms.
const FORMS: [&str; 4] =
    ["/office/departments", "/office/accounts", "/office/campaigns/new", "/office/sign-in"];

/// Pages that show what others have sent.
const SHOWN: [&str; 12] = [
    "/office",
    "/office/departments",
    "/office/campaigns",
    "/office/campaigns/c1",
    "/office/campaigns/c1/preview",
    "/office/items",
    "/office/items?department=fire",
    "/office/subjects?department=fire",
    "/office/inspectors?department=fire",
    "/office/warnings",
    "/office/policies",
    "/office/accounts",
];

/// A district whose every text is hostile.
async fn hostile(service: Service) -> Joint {
    let mut items = item_list(&["A1", "A2"]);
    items.reason = CORPUS[0].into();
    for (i, item) in items.items.iter_mut().enumerate() {
        (item.name, item.basis) = (CORPUS[i].into(), CORPUS[i + 1].into());
        (item.body, item.object, item.content) =
            (CORPUS[i + 2].into(), CORPUS[i + 3].into(), CORPUS[i + 4].into());
    }
    let subject = |(n, text): (usize, &&str)| pb::SubjectEntry {
        name: (*text).into(),
        address: (*text).into(),
        tags: vec![(*text).into()],
        ..entry(n + 1)
    };
    let person = |(n, text): (usize, &&str)| pb::Inspector {
        certificate_number: (*text).into(),
        tags: vec![(*text).into()],
        ..inspector(&format!("p{n}"))
    };
    let rows = |department: &str| Rows {
        department: department.into(),
        entries: CORPUS.iter().enumerate().map(subject).collect(),
        people: CORPUS.iter().enumerate().map(person).collect(),
        items: items.clone(),
    };
    let joint = Joint::of_rows(service, vec![rows("fire"), rows("market")]).await;
    let mut registry = joint.service.office().registry();
    for (id, text) in [("fire", CORPUS[2]), ("market", CORPUS[3])] {
        let department = Some(pb::Department {
            department_id: id.into(),
            name: text.into(),
            jurisdiction: DISTRICT.into(),
            ..Default::default()
        });
        let request_id = format!("hostile-{id}");
        let request = pb::PutDepartmentRequest { request_id, department };
        registry.put_department(request).await.expect("department");
    }
    let mut campaign = joint.campaign(|_| vec![quota("*", 5_000)]);
    (campaign.title, campaign.override_reason) = (CORPUS[4].into(), CORPUS[5].into());
    campaign.contributors = vec![CORPUS[0].into(), CORPUS[6].into()];
    joint.create(campaign).await.expect("create");
    joint
}

async fn hostile_text_stays_text(engine: Engine) {
    let hands = Hands::at(NOW_US);
    let joint = hostile(Service::start_by(engine, &hands).await).await;
    let app = joint.service.app.clone();
    let office = Account::new(&app, "office-01", Role::Office, CORPUS[1]).await;
    block_in_place(|| {
        let walk = Walk::new(&joint.service.address);
        walk.sign_in(&app, &hands, &office);
        for page in SHOWN {
            walk.open(page);
            assert!(walk.text().len() > 20, "{page} shows");
        }
        let title = walk.browser.read("document.querySelectorAll('script:not([src])').length");
        assert_eq!(title, 0, "no script came in");
        for text in CORPUS {
            for page in FORMS {
                typed(&walk, page, text);
            }
            let asked: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
            for page in
                ["/office/results?state=", "/office/items?department=", "/office/sign-in?next="]
            {
                walk.glance(&format!("{page}{asked}&done={asked}"));
            }
        }
    });
}

/// Types into every field of every form of a page and sends it.
fn typed(walk: &Walk, page: &str, text: &str) {
    walk.glance(page);
    let count = "document.querySelectorAll('main form[method=post]').length";
    let count = walk.browser.read(count).as_u64().expect("a number");
    assert!(count > 0, "{page} has forms");
    for n in 0..count {
        walk.glance(page);
        let fill = "const form = document.querySelectorAll('main form[method=post]')[given[0]];
            form.noValidate = true;
            form.dataset.typed = '1';
            for (const field of form.querySelectorAll('input:not([type]), input[type=text], textarea'))
              field.value = given[1];
            done(null);";
        walk.browser.run(fill, &json!([n, text]));
        walk.browser.press("form[data-typed] button");
        walk.calm(page);
    }
}
