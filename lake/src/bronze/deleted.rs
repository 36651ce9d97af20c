//! Leaves out the records that their source has deleted.
//!
//! A record is one `Id`; `versionnumber` orders its versions; if the latest is deleted the record is gone with all its
//! versions, and a deleted version of a living record is left out by itself (architecture, "Deleted source rows").
//!
//! Append-only exports write deletions that have nothing but their `Id`. Such a deletion ends the record, unless a live row of
//! it was written to the lake later: unless both have a `SinkModifiedOn` and the live row's is greater.

use arrow::datatypes::{DataType, Field, Schema};
use datafusion::common::{Column, JoinType, Result as DfResult, TableReference};
use datafusion::functions_aggregate::expr_fn::{count, max};
use datafusion::logical_expr::{
    Expr, LogicalPlan, LogicalPlanBuilder, cast, col, ident, lit, try_cast, when,
};
use goldsmith_sql::functions::parse_timestamp;
use goldsmith_sql::types;

/// The column that says whether a row is deleted, in lower case.
pub(super) const FLAG: &str = "isdelete";

const GONE: &str = "goldsmith_gone";

/// How exports as CSV write times: `5/1/2024 3:04:05 PM`.
const SINK_PATTERN: &str = "M/d/yyyy h:mm:ss a";

/// `scan` without deleted records. A table without an `IsDelete` column has none.
///
/// `rare` is a scan of the same rows that is used where a filter leaves few of them.
pub(super) fn exclude(scan: LogicalPlan, rare: LogicalPlan, schema: &Schema) -> DfResult<LogicalPlanBuilder> {
    let named = |wanted: &str| {
        schema.fields().iter().find(|f| f.name().eq_ignore_ascii_case(wanted)).map(|field| field.as_ref())
    };
    let Some(flag) = named(FLAG) else { return Ok(LogicalPlanBuilder::from(scan)) };
    let deleted = is_deleted(flag.name(), flag.data_type());
    let live = LogicalPlanBuilder::from(scan).filter(deleted.clone().is_not_true())?;
    // Without a key a record cannot be told from its history: only the deleted rows themselves go.
    let Some(id) = named("id") else { return Ok(live) };
    let order =
        Order { version: named("versionnumber"), written_at: named("sinkmodifiedon").and_then(instant) };

    // Records that have a deleted version, some of them twice: few, so every join below is a small table that a scan is held
    // against.
    let candidates = LogicalPlanBuilder::from(rare.clone())
        .filter(deleted.clone().is_true())?
        .project(vec![ident(id.name()).alias("deleted_id")])?
        .alias("goldsmith_candidate")?
        .build()?;
    // Of those, the ones that a deletion ends. Only their versions are gathered.
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
        .aggregate(vec![ident(id.name())], order.gathered(&deleted)?)?
        .filter(order.has_ended())?
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

/// What orders the versions of a record.
struct Order<'a> {
    version: Option<&'a Field>,
    /// When a row was written to the lake; null where it does not say.
    written_at: Option<Expr>,
}

impl Order<'_> {
    /// What is asked of the rows of one record.
    fn gathered(&self, deleted: &Expr) -> DfResult<Vec<Expr>> {
        let (is_deleted, is_live) = (deleted.clone().is_true(), deleted.clone().is_not_true());
        let mut unversioned = is_deleted.clone();
        let mut all = Vec::new();
        if let Some(version) = self.version {
            let version = ident(version.name());
            unversioned = unversioned.and(version.clone().is_null());
            all.push(max(when(is_deleted, version.clone()).end()?).alias("deleted_version"));
            all.push(max(when(is_live.clone(), version).end()?).alias("live_version"));
        }
        let counted = |condition: Expr| when(condition, lit(1_i64)).end().map(count);
        all.push(counted(unversioned.clone())?.alias("unversioned"));
        if let Some(at) = &self.written_at {
            all.push(counted(unversioned.clone().and(at.clone().is_null()))?.alias("undated"));
            all.push(max(when(unversioned, at.clone()).end()?).alias("deleted_at"));
            all.push(max(when(is_live, at.clone()).end()?).alias("live_at"));
        }
        Ok(all)
    }

    /// Whether a record with these is gone. Of two that are equal the deletion is the later one.
    fn has_ended(&self) -> Expr {
        let mut by_itself = col("unversioned").gt(lit(0_i64));
        if self.written_at.is_some() {
            let is_last = col("undated")
                .gt(lit(0_i64))
                .or(col("live_at").is_null())
                .or(col("deleted_at").gt_eq(col("live_at")));
            by_itself = by_itself.and(is_last);
        }
        if self.version.is_none() {
            return by_itself;
        }
        let is_latest = col("live_version").is_null().or(col("deleted_version").gt_eq(col("live_version")));
        col("deleted_version").is_not_null().and(is_latest).or(by_itself)
    }
}

/// The column as something that has an order in time; nothing if its type has none. Text that is no time is null.
fn instant(field: &Field) -> Option<Expr> {
    let column = ident(field.name());
    match field.data_type() {
        DataType::Timestamp(..) | DataType::Date32 | DataType::Int64 | DataType::Int32 => Some(column),
        DataType::Utf8 => {
            let iso = try_cast(column.clone(), types::timestamp());
            when(iso.clone().is_not_null(), iso).otherwise(parse_timestamp(column, SINK_PATTERN)).ok()
        }
        _ => None,
    }
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
    use arrow::compute::cast;
    use arrow::util::display::array_value_to_string;
    use datafusion::datasource::{MemTable, provider_as_source};
    use datafusion::prelude::{SessionConfig, SessionContext};

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
        // As sessions of queries have it: what an aggregation of constants gives is known more exactly than its plan says.
        let config =
            SessionConfig::new().set_bool("datafusion.execution.skip_physical_aggregate_schema_check", true);
        let context = SessionContext::new_with_config(config);
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
    async fn without_a_key_only_the_deleted_rows_go() {
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

    /// One record: `(version, deleted, written at)` of its rows. How many rows are left of it.
    async fn left_of(rows: &[(Option<i64>, bool, Option<&str>)], at: &str) -> usize {
        let ids = StringArray::from(vec!["a"; rows.len()]);
        let mut columns: Vec<(&str, ArrayRef)> = vec![
            ("ID", Arc::new(ids)),
            ("VersionNumber", Arc::new(rows.iter().map(|row| row.0).collect::<Int64Array>())),
            ("IsDelete", Arc::new(rows.iter().map(|row| row.1.then_some(true)).collect::<BooleanArray>())),
        ];
        let text: StringArray = rows.iter().map(|row| row.2).collect();
        match at {
            "text" => columns.push(("SinkModifiedOn", Arc::new(text))),
            "time" => columns.push(("sinkmodifiedon", cast(&text, &types::timestamp()).unwrap())),
            _ => {}
        }
        left(columns).await.len()
    }

    #[tokio::test]
    async fn a_deletion_without_a_version_ends_the_record_unless_a_live_row_was_written_later() {
        const EARLY: Option<&str> = Some("2024-05-01T10:00:00Z");
        const LATE: Option<&str> = Some("2024-05-01T10:00:01Z");
        let live = |version, at| (version, false, at);
        let deletion = |version, at| (version, true, at);
        for (rows, expected) in [
            (vec![live(Some(1), None), deletion(None, None)], 0),
            (vec![live(Some(1), EARLY), deletion(None, LATE)], 0),
            (vec![live(Some(1), LATE), deletion(None, EARLY)], 1),
            (vec![live(Some(1), LATE), deletion(None, LATE)], 0),
            (vec![live(Some(1), None), deletion(None, EARLY)], 0),
            (vec![live(Some(1), LATE), deletion(None, None)], 0),
            (vec![live(None, EARLY), deletion(None, EARLY), live(None, LATE)], 2),
            (vec![live(Some(9), LATE), deletion(None, EARLY), deletion(None, None)], 0),
            (vec![live(Some(5), LATE), deletion(Some(3), EARLY), deletion(None, EARLY)], 1),
            (vec![live(Some(5), EARLY), deletion(Some(3), EARLY), deletion(None, LATE)], 0),
            (vec![live(Some(5), LATE), deletion(Some(7), EARLY), deletion(None, EARLY)], 0),
            (vec![live(None, None)], 1),
        ] {
            for at in ["text", "time"] {
                assert_eq!(left_of(&rows, at).await, expected, "{at}: {rows:?}");
            }
            let dateless = rows.iter().any(|row| row.1 && row.0.is_none());
            let expected = if dateless { 0 } else { expected };
            assert_eq!(left_of(&rows, "missing").await, expected, "{rows:?}");
        }
    }

    #[tokio::test]
    async fn times_of_exports_as_csv_are_compared_as_times() {
        let live = |at| (Some(1), false, Some(at));
        let deletion = |at| (None, true, Some(at));
        let (nine, ten) = ("9/1/2024 9:00:00 AM", "10/1/2024 1:00:00 PM");
        assert_eq!(left_of(&[live(ten), deletion(nine)], "text").await, 1);
        assert_eq!(left_of(&[live(nine), deletion(ten)], "text").await, 0);
        assert_eq!(left_of(&[live(ten), deletion("yesterday")], "text").await, 0);
    }

    #[tokio::test]
    async fn without_the_column_of_versions_every_deletion_is_without_one() {
        let rows = vec![
            ("Id", Arc::new(StringArray::from(vec!["a", "a", "b"])) as ArrayRef),
            ("x", Arc::new(Int64Array::from(vec![1, 2, 3]))),
            ("IsDelete", Arc::new(BooleanArray::from(vec![None, Some(true), Some(false)]))),
        ];
        assert_eq!(left(rows).await, ["b/3"]);
    }
}
