//! Notices to businesses.

use super::super::pb;
use super::{name, parse};
use crate::app::notices::Notice;
use crate::domain::notice::Channel;
use crate::domain::{Violations, day};

/// Reads how a business was told.
///
/// # Errors
/// Its violation.
pub fn channel(value: i32) -> Result<Channel, Violations> {
    let mut v = Violations::default();
    let word = pb::NoticeChannel::try_from(value).ok().map(|x| x.as_str_name());
    let channel = parse(&mut v, "channel", word, "NOTICE_CHANNEL_");
    v.finish(channel.unwrap_or(Channel::Written))
}

/// Writes a notice.
#[must_use]
pub fn out(n: Notice) -> pb::Notice {
    let told = n.told.as_ref();
    let channel = told.map(|t| name(&t.channel, "NOTICE_CHANNEL_"));
    let channel = channel.and_then(|word| pb::NoticeChannel::from_str_name(&word));
    pb::Notice {
        campaign_id: n.campaign,
        rank: n.rank,
        from: n.from.map(|day| day.to_string()).unwrap_or_default(),
        channel: channel.map_or(0, i32::from),
        told_at: told.map(|t| day::instant_text(t.at_us)).unwrap_or_default(),
        told_by: told.map(|t| t.by.clone()).unwrap_or_default(),
    }
}
