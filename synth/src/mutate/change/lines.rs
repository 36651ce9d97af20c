//! Lines that come late, and lines that are corrected.

use std::sync::Arc;

use super::super::pick::Wanted;
use super::super::read::{Place, has};
use super::super::{Lake, edit::Edit, rows_of};
use crate::commit::Operation;
use crate::error::Result;

/// More lines on orders that are there, with the dates of those.
pub(super) async fn late(lake: &mut Lake<'_>) -> Result<()> {
    const CHANGE: &str = "late lines";
    let lines = lake.open("salesline").await?;
    let wanted = Wanted {
        purpose: CHANGE,
        share: lake.fraction / 2.0,
        columns: &["salesid"],
        keep: &|batch, row| Ok(has(lines.texts(batch, "salesid")?, row)),
    };
    let picked = lake.pick(&lines, &wanted).await?;
    let places: Vec<Place> = picked.iter().filter_map(|record| record.latest()).collect();
    let old = lines.fetch(&places).await?;
    let recids = lake.new_recids(old.num_rows());
    let numbers = lake.numbers(old.num_rows());
    let count = || (0..old.num_rows()).zip(0_i128..).map(|(_, n)| n);
    let rows = Edit::new(&lines, &old)
        .money("salesqty", count().map(|n| Some(1_000_000 + n * 50)))
        .money("lineamount", count().map(|n| (n % 5 != 0).then_some(n * 1_234_550)))
        .copied(&numbers, &recids)
        .finish()?;
    lake.append(CHANGE, &lines, rows).await
}

/// Other discounts and amounts.
pub(super) async fn corrected(lake: &mut Lake<'_>) -> Result<()> {
    const CHANGE: &str = "corrected lines";
    let lines = lake.open("salesline").await?;
    let wanted = Wanted {
        purpose: CHANGE,
        share: lake.fraction / 2.0,
        columns: &["salesid"],
        keep: &|batch, row| Ok(has(lines.texts(batch, "salesid")?, row)),
    };
    let picked = lake.pick(&lines, &wanted).await?;
    let numbers = lake.numbers(rows_of(&picked));
    let table = lines.clone();
    let edit = Arc::new(move |rows: &_, ranks: &[u64]| {
        let by_rank = |step: i128| ranks.iter().map(move |rank| Some(i128::from(*rank) * step));
        Edit::new(&table, rows)
            .money("linedisc", by_rank(10_050))
            .money("lineamount", by_rank(999_950))
            .time("modifieddatetime", ranks.iter().map(|_| numbers.written_at))
            .written(&numbers, ranks)
            .finish()
    });
    lake.rewrite(CHANGE, &lines, Operation::Merge, &picked, Some(edit)).await
}
