//! Addresses of people who moved: the window of the old one is closed and another opens at the same location.

use std::sync::Arc;

use super::super::pick::Wanted;
use super::super::read::{Place, has};
use super::super::{Lake, edit::Edit, rows_of};
use crate::commit::Operation;
use crate::error::Result;
use crate::time::{NEVER, date};

/// Last day of the old address. No bound lies after 2025, so that no row's validity depends on when a lake is read.
const LAST_DAY: i64 = date(2025, 6, 30);
const FIRST_DAY: i64 = date(2025, 7, 1);

pub(super) async fn moved(lake: &mut Lake<'_>) -> Result<()> {
    const CHANGE: &str = "moved addresses";
    let addresses = lake.open("logisticspostaladdress").await?;
    // Valid today, and not moved before.
    let wanted = Wanted {
        purpose: CHANGE,
        share: lake.fraction,
        columns: &["validfrom", "validto"],
        keep: &|batch, row| {
            let (from, to) = (addresses.times(batch, "validfrom")?, addresses.times(batch, "validto")?);
            Ok(has(from, row)
                && from.value(row) < LAST_DAY
                && has(to, row)
                && to.value(row) > date(2100, 1, 1))
        },
    };
    let picked = lake.pick(&addresses, &wanted).await?;
    let places: Vec<Place> = picked.iter().filter_map(|record| record.latest()).collect();
    let old = addresses.fetch(&places).await?;

    // Closed before the other opens: at no version two are valid.
    let numbers = lake.numbers(rows_of(&picked));
    let table = addresses.clone();
    let edit = Arc::new(move |rows: &_, ranks: &[u64]| {
        Edit::new(&table, rows)
            .time("validto", ranks.iter().map(|_| LAST_DAY))
            .time("modifieddatetime", ranks.iter().map(|_| numbers.written_at))
            .written(&numbers, ranks)
            .finish()
    });
    lake.rewrite(CHANGE, &addresses, Operation::Merge, &picked, Some(edit)).await?;

    let recids = lake.new_recids(old.num_rows());
    let numbers = lake.numbers(old.num_rows());
    let step = lake.step();
    let street = |n: usize| format!("{} Nouvelle Rue “{step}”", n + 1);
    let count = || 0..old.num_rows();
    let rows = Edit::new(&addresses, &old)
        .time("validfrom", count().map(|_| FIRST_DAY))
        .time("validto", count().map(|_| NEVER))
        .text("street", count().map(|n| Some(street(n))))
        .text("streetnumber", count().map(|n| Some((n + 1).to_string())))
        .text("address", count().map(|n| Some(format!("{}\nLyon", street(n)))))
        .text("city", count().map(|_| Some("Lyon")))
        .copied(&numbers, &recids)
        .finish()?;
    let addresses = lake.open("logisticspostaladdress").await?;
    lake.append(CHANGE, &addresses, rows).await
}
