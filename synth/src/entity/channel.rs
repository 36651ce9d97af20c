//! Channels: stores, call centres and online shops.

use crate::world::{World, recid};

/// Id of channel `index`: after those that sell come one whose id is null and one whose id has blanks around it.
pub(crate) fn id(world: &World, index: u64) -> Option<String> {
    if index == without_id(world) {
        None
    } else if index > without_id(world) {
        Some(" Outlet ÄÖ ".to_owned())
    } else if index.is_multiple_of(4) {
        Some(format!("Online-{index}"))
    } else {
        Some(format!("CH{index:03}"))
    }
}

/// The channel whose id is null.
pub(crate) const fn without_id(world: &World) -> u64 {
    world.channels
}

/// All channels, those that sell nothing too.
pub(crate) const fn all(world: &World) -> u64 {
    world.channels + 2
}

pub(crate) const fn recid(index: u64) -> i64 {
    recid::of(recid::CHANNEL, index)
}
