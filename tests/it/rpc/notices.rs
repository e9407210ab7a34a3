//! What a business is told before a visit, by policy (R86, tension 5).

use onevisit::rpc::pb;
use tonic::{Code, Status};

use super::check::Site;
use super::{reason, violations};
use crate::harness::{Engine, on_every_engine};

on_every_engine! {
    nobody_is_told_unless_the_policy_says_so, a_business_is_told_from_the_policys_day_on,
    on_arrival_a_business_is_told_at_the_door,
}

/// Minutes of a day.
const DAY: i64 = 24 * 60;

async fn fix(site: &Site, day: &str) {
    let request = pb::FixDateRequest {
        request_id: "fix".into(),
        campaign_id: "c1".into(),
        rank: site.visit.rank,
        day: day.into(),
        from: "09:00".into(),
        until: "11:00".into(),
        version: 0,
    };
    site.joint.service.office().appointments().fix_date(request).await.expect("fixed");
}

async fn tell(
    site: &Site,
    secret: &str,
    id: &str,
    channel: pb::NoticeChannel,
) -> Result<pb::Notice, Status> {
    let request = pb::RecordNoticeRequest {
        request_id: id.into(),
        campaign_id: "c1".into(),
        rank: site.visit.rank,
        channel: channel.into(),
    };
    let reply = site.joint.service.with(secret).notices().record_notice(request).await?;
    Ok(reply.into_inner().notice.expect("notice"))
}

async fn read(site: &Site, secret: &str) -> Result<pb::Notice, Status> {
    let request = pb::GetNoticeRequest { campaign_id: "c1".into(), rank: site.visit.rank };
    let reply = site.joint.service.with(secret).notices().get_notice(request).await?;
    Ok(reply.into_inner().notice.expect("notice"))
}

async fn nobody_is_told_unless_the_policy_says_so(engine: Engine) {
    let site = Site::new(engine).await;
    fix(&site, "2026-06-15").await;
    let refused = tell(&site, site.leader(), "n1", pb::NoticeChannel::Written).await;
    assert_eq!(reason(&refused.expect_err("by default")), "NO_NOTICE_BY_POLICY");
    let office = site.joint.service.office.clone();
    assert_eq!(read(&site, &office).await.expect("read").from, "");
    let refused = tell(&site, &office, "n2", pb::NoticeChannel::Written).await;
    assert_eq!(reason(&refused.expect_err("not of the team")), "TEAM_ONLY");
}

async fn a_business_is_told_from_the_policys_day_on(engine: Engine) {
    let site = Site::new(engine).await;
    site.joint.policy("notice", "DAYS_BEFORE").await;
    let telephone = pb::NoticeChannel::Telephone;
    let refused = tell(&site, site.leader(), "n1", telephone).await.expect_err("no day yet");
    assert_eq!(reason(&refused), "NO_DAY_FIXED");
    fix(&site, "2026-06-23").await;
    let office = site.joint.service.office.clone();
    // Three working days before: the 22nd, the 18th, the 17th; the 19th is a holiday.
    assert_eq!(read(&site, &office).await.expect("read").from, "2026-06-17");
    let refused = tell(&site, site.leader(), "n2", telephone).await.expect_err("the 15th");
    assert_eq!(reason(&refused), "BEFORE_THE_NOTICE_DAY");
    site.joint.policy("notice_days", "4").await;
    assert_eq!(read(&site, &office).await.expect("read").from, "2026-06-16");
    site.hands.forward(DAY);
    let told = tell(&site, site.leader(), "n3", telephone).await.expect("told");
    assert_eq!((told.channel(), told.told_at.is_empty()), (telephone, false));
    assert_eq!(tell(&site, site.leader(), "n3", telephone).await.expect("repeated"), told);
    let twice = tell(&site, site.leader(), "n4", telephone).await.expect_err("once");
    assert_eq!(twice.code(), Code::AlreadyExists);
    assert_eq!(read(&site, site.of("fire")[0]).await.expect("the team"), told);
    let refused = read(&site, &site.joint.keys["fire"]).await.expect_err("a department");
    assert_eq!(reason(&refused), "TEAM_OR_OFFICE_ONLY");
    // Whoever may not open the names may not tell either.
    site.joint.policy("names_release", "VISIT_DAY").await;
    assert_eq!(read(&site, &office).await.expect("read").from, "2026-06-23");
    let refused = tell(&site, site.leader(), "n5", telephone).await.expect_err("not open");
    assert_eq!(reason(&refused), "BEFORE_THE_VISIT_DAY");
}

async fn on_arrival_a_business_is_told_at_the_door(engine: Engine) {
    let site = Site::new(engine).await;
    site.joint.policy("notice", "ON_ARRIVAL").await;
    fix(&site, "2026-06-16").await;
    let door = pb::NoticeChannel::AtTheDoor;
    let refused = tell(&site, site.leader(), "n1", door).await.expect_err("the day before");
    assert_eq!(reason(&refused), "BEFORE_THE_NOTICE_DAY");
    site.hands.forward(DAY);
    let refused = tell(&site, site.leader(), "n2", pb::NoticeChannel::Message).await;
    let want = [("channel".to_owned(), "ON_ARRIVAL_AT_THE_DOOR".to_owned())];
    assert_eq!(violations(&refused.expect_err("at the door only")), want);
    assert_eq!(tell(&site, site.leader(), "n3", door).await.expect("told").from, "2026-06-16");
}
