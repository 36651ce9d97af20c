//! New names of persons, valid beside the old ones: the younger counts.

use std::collections::HashSet;

use super::super::pick::{Record, Wanted};
use super::super::read::{Place, has};
use super::super::{Lake, edit::Edit};
use crate::error::Result;
use crate::time::{NEVER, date};

pub(super) async fn new(lake: &mut Lake<'_>) -> Result<()> {
    const CHANGE: &str = "new names";
    let names = lake.open("dirpersonname").await?;
    let wanted = Wanted {
        purpose: CHANGE,
        share: lake.fraction,
        columns: &["person", "validfrom"],
        keep: &|batch, row| {
            let from = names.times(batch, "validfrom")?;
            Ok(has(names.integers(batch, "person")?, row)
                && has(from, row)
                && from.value(row) < date(2024, 1, 1))
        },
    };
    let picked = lake.pick(&names, &wanted).await?;
    let places: Vec<Place> = picked.iter().filter_map(Record::latest).collect();
    let old = names.fetch(&places).await?;
    // One name for each person: two of one step would begin at the same time, a tie of kind N3.
    let mut seen = HashSet::new();
    let persons = names.integers(&old, "person")?;
    let places: Vec<Place> =
        places.into_iter().zip(persons).filter(|(_, person)| seen.insert(*person)).map(|(p, _)| p).collect();
    let old = names.fetch(&places).await?;

    let recids = lake.new_recids(old.num_rows());
    let numbers = lake.numbers(old.num_rows());
    let step = lake.step();
    let count = || 0..old.num_rows();
    let rows = Edit::new(&names, &old)
        .text("lastname", count().map(|n| Some(format!("Neu{step}-{n}"))))
        // A millisecond for each step, so that names of different steps begin at different times.
        .time("validfrom", count().map(|_| date(2025, 1, 1) + step * 1000))
        .time("validto", count().map(|_| NEVER))
        .copied(&numbers, &recids)
        .finish()?;
    lake.append(CHANGE, &names, rows).await
}
