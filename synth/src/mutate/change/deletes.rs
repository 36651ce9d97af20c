//! Records that are marked as deleted, and rows that are gone.

use std::sync::Arc;

use super::super::pick::Wanted;
use super::super::{Lake, edit::Edit, rows_of};
use crate::commit::Operation;
use crate::error::Result;

/// Ids that a predicate lists before it is cut short.
const LISTED: usize = 20;

/// Soft deletes: in one record of three nothing is left but its id, as Dataverse writes them, in the others everything.
pub(super) async fn soft(lake: &mut Lake<'_>) -> Result<()> {
    const CHANGE: &str = "soft deletes";
    for name in
        ["retailloyaltycard", "retailloyaltycardtier", "retailloyaltycardrewardpointtrans", "custtable"]
    {
        let table = lake.open(name).await?;
        let wanted = Wanted {
            purpose: &format!("{CHANGE} {name}"),
            share: lake.fraction,
            columns: &[],
            keep: &|_, _| Ok(true),
        };
        let picked = lake.pick(&table, &wanted).await?;
        let numbers = lake.numbers(rows_of(&picked));
        let reader = table.clone();
        let edit = Arc::new(move |rows: &_, ranks: &[u64]| {
            let hollow: Vec<bool> =
                reader.integers(rows, "recid")?.iter().map(|recid| recid.unwrap_or(0) / 3 % 3 == 0).collect();
            Edit::new(&reader, rows)
                .flag("IsDelete", Some(true))
                .written(&numbers, ranks)
                .hollow(&hollow)?
                .finish()
        });
        lake.rewrite(CHANGE, &table, Operation::Merge, &picked, Some(edit)).await?;
    }
    Ok(())
}

/// Hard deletes, as a clean-up job makes them.
pub(super) async fn hard(lake: &mut Lake<'_>) -> Result<()> {
    const CHANGE: &str = "hard deletes";
    for (name, part) in [
        ("salesline", 3.0),
        ("custtable", 3.0),
        ("retailloyaltycardrewardpointtrans", 3.0),
        ("salestable", 10.0),
    ] {
        let table = lake.open(name).await?;
        let wanted = Wanted {
            purpose: &format!("{CHANGE} {name}"),
            share: lake.fraction / part,
            columns: &[],
            keep: &|_, _| Ok(true),
        };
        let picked = lake.pick(&table, &wanted).await?;
        let mut ids: Vec<String> =
            picked.iter().take(LISTED).map(|record| record.recid.to_string()).collect();
        if picked.len() > LISTED {
            ids.push(format!("… {} more", picked.len() - LISTED));
        }
        let predicate = format!("recid IN ({})", ids.join(", "));
        lake.rewrite(CHANGE, &table, Operation::Delete { predicate }, &picked, None).await?;
    }
    Ok(())
}
