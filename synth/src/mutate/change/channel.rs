//! A channel that gets another name, in all versions of its record.

use std::sync::Arc;

use super::super::pick::Wanted;
use super::super::read::has;
use super::super::{Lake, edit::Edit, rows_of};
use crate::commit::Operation;
use crate::error::Result;

pub(super) async fn renamed(lake: &mut Lake<'_>) -> Result<()> {
    const CHANGE: &str = "renamed channel";
    let channels = lake.open("retailchanneltable").await?;
    let wanted = Wanted {
        purpose: CHANGE,
        share: 0.0,
        columns: &["retailchannelid"],
        keep: &|batch, row| Ok(has(channels.texts(batch, "retailchannelid")?, row)),
    };
    let picked = lake.pick(&channels, &wanted).await?;
    let Some(recid) = picked.first().map(|record| record.recid) else { return Ok(()) };
    let numbers = lake.numbers(rows_of(&picked));
    let (table, step) = (channels.clone(), lake.step());
    let edit = Arc::new(move |rows: &_, ranks: &[u64]| {
        Edit::new(&table, rows)
            .text("retailchannelid", ranks.iter().map(|_| Some(format!("Renamed {step} – {recid}"))))
            .time("modifieddatetime", ranks.iter().map(|_| numbers.written_at))
            .written(&numbers, ranks)
            .finish()
    });
    let operation = Operation::Update { predicate: format!("recid = {recid}") };
    lake.rewrite(CHANGE, &channels, operation, &picked, Some(edit)).await
}
