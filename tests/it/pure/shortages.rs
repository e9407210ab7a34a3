//! A slot that nobody can fill is typed, with the lawful ways out, cheapest first.

use std::collections::BTreeMap;

use jiff::civil::date;
use onevisit::domain::campaign::{Answer, Campaign, Mode, Participant, Scope, State};
use onevisit::domain::ceremony::Ceremony;
use onevisit::domain::inspector::{DateRange, Inspector, InspectorKind};
use onevisit::domain::profile::Join;
use onevisit::domain::shortage::{ShortageRule, WayOut};
use onevisit::domain::training::Trained;
use onevisit::draw::frame::{Frame, Slot, Unit};
use onevisit::draw::freeze::seal;
use onevisit::draw::quota::{QuotaRule, RatioBase};
use onevisit::draw::seed::Seed;
use onevisit::draw::{Digest, Suite, draw};
use onevisit::frame::people;
use onevisit::frame::shortages::{Neighbourhood, find};
use serde_json::json;

fn campaign() -> Campaign {
    let participant = Participant {
        department: "fire".into(),
        items: Vec::new(),
        quotas: Vec::new(),
        profile: "default".into(),
        answer: Answer::Accepted,
    };
    Campaign {
        id: "c".into(),
        title: "测试".into(),
        jurisdiction: "990001".into(),
        mode: Mode::Comprehensive,
        lead: "fire".into(),
        participants: vec![participant],
        scope: Scope::default(),
        join: Join::DrawnOnly,
        profiles: Vec::new(),
        first_day: date(2026, 6, 1),
        last_day: date(2026, 6, 10),
        ceremony: Ceremony::default(),
        contributors: vec!["甲".into(), "乙".into()],
        state: State::Frozen,
        attempts: 1,
        proposed_by: String::new(),
        approved_by: String::new(),
        proposals: Vec::new(),
        supplement: None,
        master_s: String::new(),
        local_mode: String::new(),
        local_mode_version: 0,
        asks: None,
        outside_joint_list: Vec::new(),
        plan: String::new(),
        plan_task: String::new(),
        scheme: String::new(),
        scheme_version: 0,
        override_reason: String::new(),
        answer_by: None,
        silent: vec![],
        version: 1,
    }
}

fn person(id: &str) -> Inspector {
    Inspector {
        id: id.into(),
        kind: InspectorKind::Inspector,
        certificate_number: "1".into(),
        certificate_valid_until: Some(date(2030, 1, 1)),
        tags: Vec::new(),
        may_lead: true,
        cap: 0,
        away: Vec::new(),
        active: true,
    }
}

/// The rule and ways out of the second slot of the one visit there is.
fn short(
    own: &[Inspector],
    next_door: &[Inspector],
    requires: &[&str],
) -> (ShortageRule, Vec<WayOut>) {
    let campaign = campaign();
    let policy = onevisit::domain::policy::Policy::resolve("990001", &[], campaign.first_day);
    let here: Vec<(String, Inspector)> = own.iter().map(|p| ("fire".into(), p.clone())).collect();
    let slot = |lead, requires: &[&str]| Slot {
        lead,
        requires: requires.iter().map(|r| (*r).to_owned()).collect(),
    };
    let rule = QuotaRule { count: Some(1), ..QuotaRule::default() };
    let frame = Frame {
        alg: Suite::Sha256,
        draw_id: "campaigns/c/draws/1".into(),
        attempt: 1,
        lead: "fire".into(),
        join: Join::DrawnOnly,
        ratio_base: RatioBase::Eligible,
        profiles: BTreeMap::from([(
            "default".into(),
            vec![slot(true, &[]), slot(false, requires)],
        )]),
        quotas: BTreeMap::from([("fire".into(), BTreeMap::from([("risk:U".into(), rule)]))]),
        units: vec![Unit {
            id: "s".into(),
            record: json!({}),
            stratum: "risk:U".into(),
            departments: BTreeMap::from([("fire".into(), "in:default".into())]),
        }],
        inspectors: people::pool(&campaign, &policy, &here, &Trained::default()),
        avoid: Vec::new(),
        keep: Vec::new(),
        contributors: campaign.contributors.clone(),
        beacon: None,
        context: BTreeMap::new(),
    };
    let sealed = seal(&frame, &[1; 32]).expect("seal");
    let seed = Seed::preview(Suite::Sha256, &Digest::default(), &[1; 32]);
    let outcome = draw(&sealed.freeze, &sealed.pool, &seed);
    let mut people: Vec<(String, String, Inspector)> =
        own.iter().map(|p| ("990001".into(), "fire".into(), p.clone())).collect();
    people.extend(next_door.iter().map(|p| ("990002".into(), "fire-2".into(), p.clone())));
    let counterparts = [("fire".into(), "990002".into(), "fire-2".into())];
    let around =
        Neighbourhood { campaign: &campaign, people: &people, counterparts: &counterparts };
    let mut found = find(&sealed.freeze, &sealed.pool, &outcome, &around);
    let last = found.pop().expect("a shortage");
    (last.rule, last.ways_out)
}

#[test]
fn each_reason_has_its_rule() {
    assert_eq!(short(&[], &[], &[]).0, ShortageRule::EmptyPool);
    assert_eq!(short(&[person("a")], &[], &[]).0, ShortageRule::TooFew);
    assert_eq!(
        short(&[person("a"), person("b")], &[], &["高处作业"]).0,
        ShortageRule::NobodyQualified
    );
    let mut tired = person("a");
    tired.cap = 0;
    let mut expired = person("b");
    expired.certificate_valid_until = Some(date(2026, 6, 5));
    assert_eq!(
        short(&[tired, expired], &[], &[]).0,
        ShortageRule::TooFew,
        "an expired one is not sent"
    );
}

#[test]
fn ways_out_stand_cheapest_first() {
    let mut away = person("b");
    away.away = vec![DateRange { first: date(2026, 5, 1), last: date(2026, 6, 20) }];
    let (_, ways) = short(&[person("a"), away.clone()], &[person("x"), person("y")], &[]);
    assert_eq!(
        ways,
        [
            WayOut::NeighbourPool { jurisdiction: "990002".into(), people: 2 },
            WayOut::LaterDate { day: date(2026, 6, 21), people: 1 },
        ]
    );
    let (_, ways) = short(&[person("a"), person("b")], &[], &["高处作业"]);
    assert_eq!(ways, [WayOut::DirectAssignment { people: 1 }], "a is at the door already");
}
