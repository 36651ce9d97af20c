//! The kinds of change, one file each.

mod addresses;
mod channel;
mod contacts;
mod customers;
mod deletes;
mod lines;
mod names;
mod orders;
mod parties;

use super::Lake;
use crate::error::Result;

/// All kinds, one after the other.
pub(super) async fn all(lake: &mut Lake<'_>) -> Result<()> {
    orders::new(lake).await?;
    lines::late(lake).await?;
    lines::corrected(lake).await?;
    contacts::changed(lake).await?;
    addresses::moved(lake).await?;
    names::new(lake).await?;
    deletes::soft(lake).await?;
    deletes::hard(lake).await?;
    parties::moved(lake).await?;
    customers::new(lake).await?;
    channel::renamed(lake).await
}
