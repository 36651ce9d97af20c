//! New orders with their lines.

use std::collections::{BTreeMap, HashMap};

use super::super::pick::Wanted;
use super::super::read::{Place, has};
use super::super::{Lake, edit::Edit};
use crate::error::Result;
use crate::time::{SECOND, date};

/// Day on which all orders of changes are placed.
const DAY_OF_CHANGES: i64 = date(2025, 12, 30);

/// Orders like ones that are there, under new numbers.
pub(super) async fn new(lake: &mut Lake<'_>) -> Result<()> {
    const CHANGE: &str = "new orders";
    let (headers, lines) = (lake.open("salestable").await?, lake.open("salesline").await?);
    let wanted = Wanted {
        purpose: CHANGE,
        share: lake.fraction,
        columns: &["salesid", "dataareaid"],
        keep: &|batch, row| {
            Ok(has(headers.texts(batch, "salesid")?, row) && has(headers.texts(batch, "dataareaid")?, row))
        },
    };
    let picked = lake.pick(&headers, &wanted).await?;
    let places: Vec<Place> = picked.iter().filter_map(|record| record.latest()).collect();
    let old = headers.fetch(&places).await?;
    let (numbers, companies) = (headers.texts(&old, "salesid")?, headers.texts(&old, "dataareaid")?);
    let orders: HashMap<(String, String), usize> = (0..old.num_rows())
        .map(|row| ((numbers.value(row).to_owned(), companies.value(row).to_owned()), row))
        .collect();

    // The newest row of each of their lines.
    let mut found: BTreeMap<(usize, i64), (i64, Place)> = BTreeMap::new();
    lines
        .scan(&["salesid", "dataareaid", "recid", "versionnumber"], |first, batch| {
            let (numbers, companies) = (lines.texts(batch, "salesid")?, lines.texts(batch, "dataareaid")?);
            let (recids, versions) =
                (lines.integers(batch, "recid")?, lines.integers(batch, "versionnumber")?);
            for row in 0..batch.num_rows() {
                if !has(numbers, row) || !has(companies, row) {
                    continue;
                }
                let key = (numbers.value(row).to_owned(), companies.value(row).to_owned());
                if let Some(order) = orders.get(&key) {
                    let at = (versions.value(row), Place { file: first.file, row: first.row + row });
                    let newest = found.entry((*order, recids.value(row))).or_insert(at);
                    *newest = at.max(*newest);
                }
            }
            Ok(())
        })
        .await?;
    let step = lake.step();
    let name = |order: usize| Some(format!("N{step:06}-{order:06}"));

    let recids = lake.new_recids(old.num_rows());
    let numbers = lake.numbers(old.num_rows());
    let rows = Edit::new(&headers, &old)
        .text("salesid", (0..old.num_rows()).map(name))
        .time("createddatetime", (0..old.num_rows()).zip(0..).map(|(_, n)| DAY_OF_CHANGES + n * SECOND))
        .copied(&numbers, &recids)
        .finish()?;
    lake.append(CHANGE, &headers, rows).await?;

    let places: Vec<Place> = found.values().map(|(_, place)| *place).collect();
    let old = lines.fetch(&places).await?;
    let recids = lake.new_recids(old.num_rows());
    let numbers = lake.numbers(old.num_rows());
    let created = found.keys().zip(0..).map(|(_, n)| DAY_OF_CHANGES + n % 80_000 * SECOND);
    let rows = Edit::new(&lines, &old)
        .text("salesid", found.keys().map(|(order, _)| name(*order)))
        .time("createddatetime", created)
        .copied(&numbers, &recids)
        .finish()?;
    lake.append(CHANGE, &lines, rows).await
}
