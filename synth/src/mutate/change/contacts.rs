//! Changed e-mail addresses and phone numbers.

use std::sync::Arc;

use super::super::pick::Wanted;
use super::super::read::has;
use super::super::{Lake, edit::Edit, rows_of};
use crate::commit::Operation;
use crate::error::Result;

/// The kind of an e-mail address; all others are numbers.
const EMAIL: i64 = 2;

pub(super) async fn changed(lake: &mut Lake<'_>) -> Result<()> {
    const CHANGE: &str = "changed e-mails and phones";
    let addresses = lake.open("logisticselectronicaddress").await?;
    let wanted = Wanted {
        purpose: CHANGE,
        share: lake.fraction,
        columns: &["type"],
        keep: &|batch, row| Ok(has(addresses.integers(batch, "type")?, row)),
    };
    let picked = lake.pick(&addresses, &wanted).await?;
    let numbers = lake.numbers(rows_of(&picked));
    let (table, step) = (addresses.clone(), lake.step());
    let edit = Arc::new(move |rows: &_, ranks: &[u64]| {
        let kinds = table.integers(rows, "type")?;
        let locators = ranks.iter().zip(kinds).map(|(rank, kind)| {
            Some(match kind {
                Some(EMAIL) => format!("changed{step}.{rank}@example.net"),
                _ => format!("+44 20 {step:04} {rank:04}"),
            })
        });
        Edit::new(&table, rows)
            .text("locator", locators)
            .time("modifieddatetime", ranks.iter().map(|_| numbers.written_at))
            .written(&numbers, ranks)
            .finish()
    });
    lake.rewrite(CHANGE, &addresses, Operation::Merge, &picked, Some(edit)).await
}
