//! Leaves out the records that their source has deleted.
//!
//! A record is one `Id`; `versionnumber` orders its versions; if the latest is deleted the record is gone with all its
//! versions, and a deleted version of a living record is left out by itself (architecture, "Deleted source rows").

use arrow::datatypes::{DataType, Schema};
use datafusion::common::{Column, JoinType, Result as DfResult, TableReference};
use datafusion::functions_aggregate::expr_fn::max;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, cast, col, ident, lit, when};

/// The column that says whether a row is deleted, in lower case.
pub(super) const FLAG: &str = "isdelete";

const GONE: &str = "goldsmith_gone";

/// `scan` without deleted records. A table without an `IsDelete` column has none.
///
/// `rare` is a scan of the same rows that is used where a filter leaves few of them.
pub(super) fn exclude(scan: LogicalPlan, rare: LogicalPlan, schema: &Schema) -> DfResult<LogicalPlanBuilder> {
    let named = |wanted: &str| schema.fields().iter().find(|f| f.name().eq_ignore_ascii_case(wanted));
    let Some(flag) = named(FLAG) else { return Ok(LogicalPlanBuilder::from(scan)) };
    let deleted = is_deleted(flag.name(), flag.data_type());
    let live = LogicalPlanBuilder::from(scan).filter(deleted.clone().is_not_true())?;
    // Without an order of versions a record cannot be told from its history: only the deleted rows themselves go.
    let (Some(id), Some(version)) = (named("id"), named("versionnumber")) else { return Ok(live) };

    // Records that have a deleted version, some of them twice: few, so every join below is a small table that a scan is held
    // against.
    let candidates = LogicalPlanBuilder::from(rare.clone())
        .filter(deleted.clone().is_true())?
        .project(vec![ident(id.name()).alias("deleted_id")])?
        .alias("goldsmith_candidate")?
        .build()?;
    // Of those, the ones whose living versions are all older. Only their versions are gathered.
    let version_if = |condition: Expr| when(condition, ident(version.name())).end().map(max);
    let gone = LogicalPlanBuilder::from(candidates)
        .join(
            rare,
            JoinType::RightSemi,
            (
                vec![Column::new(Some("goldsmith_candidate"), "deleted_id")],
                vec![Column::from_name(id.name())],
            ),
            None,
        )?
        .aggregate(
            vec![ident(id.name())],
            vec![
                version_if(deleted.clone().is_true())?.alias("deleted_version"),
                version_if(deleted.is_not_true())?.alias("live_version"),
            ],
        )?
        .filter(col("live_version").is_null().or(col("deleted_version").gt_eq(col("live_version"))))?
        .project(vec![ident(id.name()).alias("gone_id")])?
        .alias(TableReference::bare(GONE))?
        .build()?;
    LogicalPlanBuilder::from(gone).join(
        live.build()?,
        JoinType::RightAnti,
        (vec![Column::new(Some(GONE), "gone_id")], vec![Column::from_name(id.name())]),
        None,
    )
}

/// The flag as a boolean whatever the exporter writes: a boolean, 0 and 1, or text.
pub(super) fn is_deleted(name: &str, data_type: &DataType) -> Expr {
    let flag = ident(name);
    match data_type {
        DataType::Boolean => flag,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
            datafusion::functions::expr_fn::lower(datafusion::functions::expr_fn::trim(vec![flag]))
                .in_list(vec![lit("true"), lit("1")], false)
        }
        _ => cast(flag, DataType::Int64).not_eq(lit(0_i64)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray};
    use arrow::util::display::array_value_to_string;
    use datafusion::datasource::{MemTable, provider_as_source};
    use datafusion::prelude::SessionContext;

    use super::*;

    /// What is left, as `id/version`.
    async fn left(columns: Vec<(&str, ArrayRef)>) -> Vec<String> {
        let batch =
            RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, c)| (n, c, true))).unwrap();
        let schema = batch.schema();
        let table = MemTable::try_new(Arc::clone(&schema), vec![vec![batch]]).unwrap();
        let scan = LogicalPlanBuilder::scan("t", provider_as_source(Arc::new(table)), None)
            .unwrap()
            .build()
            .unwrap();
        let plan = exclude(scan.clone(), scan, &schema).unwrap().build().unwrap();
        let context = SessionContext::new();
        let batches = context.execute_logical_plan(plan).await.unwrap().collect().await.unwrap();
        let mut rows: Vec<String> = batches
            .iter()
            .flat_map(|b| {
                let text = |column: usize, row: usize| array_value_to_string(b.column(column), row).unwrap();
                (0..b.num_rows())
                    .map(move |row| format!("{}/{}", text(0, row), text(1, row)))
                    .collect::<Vec<_>>()
            })
            .collect();
        rows.sort();
        rows
    }

    fn history(flag: ArrayRef, name: &'static str) -> Vec<(&'static str, ArrayRef)> {
        let ids = ["live", "live", "gone", "gone", "back", "back", "tie", "tie"].map(Some);
        let mut ids = ids.to_vec();
        ids.push(None);
        vec![
            ("Id", Arc::new(StringArray::from(ids)) as ArrayRef),
            ("versionnumber", Arc::new(Int64Array::from(vec![1, 2, 1, 2, 1, 2, 1, 1, 1]))),
            (name, flag),
        ]
    }

    #[tokio::test]
    async fn a_record_is_gone_if_its_latest_version_is_deleted() {
        let flags =
            vec![None, Some(false), None, Some(true), Some(true), None, Some(true), Some(false), None];
        let expected = ["/1", "back/2", "live/1", "live/2"];
        assert_eq!(left(history(Arc::new(BooleanArray::from(flags.clone())), "IsDelete")).await, expected);
        let text: Vec<Option<&str>> =
            flags.iter().map(|f| f.map(|f| if f { "True" } else { "False" })).collect();
        assert_eq!(left(history(Arc::new(StringArray::from(text)), "isdelete")).await, expected);
        let numbers: Vec<Option<i64>> = flags.iter().map(|f| f.map(i64::from)).collect();
        assert_eq!(left(history(Arc::new(Int64Array::from(numbers)), "ISDELETE")).await, expected);
    }

    #[tokio::test]
    async fn without_versions_only_the_deleted_rows_go() {
        let rows = vec![
            ("recid", Arc::new(Int64Array::from(vec![1, 1, 2])) as ArrayRef),
            ("x", Arc::new(Int64Array::from(vec![1, 2, 3]))),
            ("IsDelete", Arc::new(BooleanArray::from(vec![None, Some(true), Some(false)]))),
        ];
        assert_eq!(left(rows).await, ["1/1", "2/3"]);
    }

    #[tokio::test]
    async fn a_table_without_the_flag_is_read_as_it_is() {
        let rows = vec![
            ("Id", Arc::new(StringArray::from(vec!["a"])) as ArrayRef),
            ("versionnumber", Arc::new(Int64Array::from(vec![1]))),
        ];
        assert_eq!(left(rows).await, ["a/1"]);
    }
}
