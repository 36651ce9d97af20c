//! Builds the view of one table.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use datafusion::catalog::TableProvider;
use datafusion::catalog::view::ViewTable;
use datafusion::common::ScalarValue;
use datafusion::datasource::{MemTable, provider_as_source};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, cast, ident, lit};
use goldsmith_sql::spelling::{SpelledTable, fold};
use goldsmith_sql::types::display;

use super::deleted;
use crate::error::{LakeError, Result};
use crate::inspect::LogFacts;
use crate::scan::{Decode, FilesTable};
use crate::snapshot::TableSnapshot;

/// How records that their source has deleted are treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeletedRows {
    /// They are left out, with all their versions.
    Exclude,
    /// They stay; the models decide.
    Keep,
}

/// What a model pack expects of one bronze table. Names are lower-case.
#[derive(Debug, Clone, Default)]
pub struct BronzeColumns {
    /// Columns with the type that they are widened to.
    pub types: BTreeMap<String, DataType>,
    /// Columns that may be missing: they are null then, and of no type if `types` has none for them.
    pub optional: Vec<String>,
    /// Columns that count as present only if they are spelt exactly so, by lower-case name.
    pub exact_case: BTreeMap<String, String>,
}

/// The view of a bronze table.
///
/// - **Shape:** the columns of the table in lower case, those of the contract with its types; contract columns that the
///   table lacks are null
///
/// # Errors
/// [`LakeError::MissingColumn`] and [`LakeError::ColumnType`] if the table does not fit the contract,
/// [`LakeError::Feature`] for a column of type variant.
pub async fn bronze_view(
    snapshot: &TableSnapshot,
    columns: &BronzeColumns,
    deleted: DeletedRows,
) -> Result<Arc<dyn TableProvider>> {
    refuse_variant(snapshot)?;
    let mut types = Vec::new();
    let mut output = Vec::new();
    let mut spelling = Vec::new();
    let mut seen = BTreeMap::new();
    for field in snapshot.schema().fields() {
        let lower = field.name().to_lowercase();
        let hidden = columns.exact_case.get(&lower).is_some_and(|exact| exact != field.name());
        // Where deleted rows are left out the flag is read whatever form the exporter gives it.
        let is_flag = deleted == DeletedRows::Exclude && lower == deleted::FLAG;
        let wanted = columns.types.get(&lower).filter(|_| !hidden && !is_flag);
        let read_as = match wanted {
            Some(wanted) if wanted != field.data_type() => {
                if !widens(field.data_type(), wanted) {
                    return Err(LakeError::ColumnType {
                        table: snapshot.name().to_owned(),
                        version: snapshot.version(),
                        column: field.name().clone(),
                        found: type_text(field.data_type()),
                        expected: type_text(wanted),
                    });
                }
                wanted.clone()
            }
            _ => field.data_type().clone(),
        };
        types.push(Field::new(field.name(), read_as, true));
        if !hidden && seen.insert(lower.clone(), ()).is_none() {
            let column = match columns.types.get(&lower) {
                Some(DataType::Boolean) if is_flag => deleted::is_deleted(field.name(), field.data_type()),
                _ => ident(field.name()),
            };
            // A column that only passes keeps its place: an optimizer rule takes an alias of its own name for another column.
            let passes = *field.name() == lower && matches!(column, Expr::Column(_));
            output.push(if passes { column } else { column.alias(lower) });
            spelling.push(field.name().clone());
        }
    }
    for (name, data_type) in &columns.types {
        if seen.contains_key(name) {
            continue;
        }
        if !columns.optional.contains(name) {
            return Err(LakeError::MissingColumn {
                table: snapshot.name().to_owned(),
                version: snapshot.version(),
                column: name.clone(),
            });
        }
        output.push(null_of(data_type).alias(name));
        spelling.push(name.clone());
    }
    for name in
        columns.optional.iter().filter(|name| !seen.contains_key(*name) && !columns.types.contains_key(*name))
    {
        output.push(lit(ScalarValue::Null).alias(name));
        spelling.push(name.clone());
    }
    let types = Schema::new(types);
    let rows = scan(snapshot, &types, Decode::All)?;
    let rare = match deleted {
        DeletedRows::Exclude => scan(snapshot, &types, Decode::Filtered)?,
        DeletedRows::Keep => rows.clone(),
    };
    let build = || -> Result<LogicalPlan, DataFusionError> {
        let builder = match deleted {
            DeletedRows::Exclude => deleted::exclude(rows, rare, snapshot.schema())?,
            DeletedRows::Keep => LogicalPlanBuilder::from(rows),
        };
        builder.project(output)?.build()
    };
    view(snapshot.name(), build(), spelling)
}

/// A variant would be read as the bytes that it is stored as, which is another value.
fn refuse_variant(snapshot: &TableSnapshot) -> Result<()> {
    let leaves = LogFacts::of(snapshot).leaves;
    match leaves.into_iter().find(|(_, data_type)| data_type == "variant") {
        None => Ok(()),
        Some((column, _)) => Err(LakeError::Feature {
            table: snapshot.name().to_owned(),
            version: snapshot.version(),
            feature: format!("the type variant in column `{column}`, which cannot be read"),
            hint: "let its source write the values as columns, or as a string of JSON",
        }),
    }
}

/// A column that does not fit what is expected of it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Misfit {
    /// Its name.
    pub column: String,
    /// Type in the table, as Spark names it; none if it is missing.
    pub found: Option<String>,
    /// Type that is expected.
    pub expected: String,
}

/// All columns of a table that [`bronze_view`] would refuse it for.
#[must_use]
pub fn misfits(snapshot: &TableSnapshot, columns: &BronzeColumns) -> Vec<Misfit> {
    let expected = columns.types.iter().filter(|(name, _)| name.as_str() != deleted::FLAG);
    let misfit = |(name, wanted): (&String, &DataType)| {
        let fields = snapshot.schema().fields();
        let found = fields.iter().find(|field| fold(field.name()) == fold(name));
        let fits = match found {
            None => columns.optional.contains(name),
            Some(field) => field.data_type() == wanted || widens(field.data_type(), wanted),
        };
        (!fits).then(|| Misfit {
            column: name.clone(),
            found: found.map(|field| display(field.data_type())),
            expected: display(wanted),
        })
    };
    expected.filter_map(misfit).collect()
}

/// The view of a silver or gold table: its columns in lower case.
///
/// # Errors
/// [`LakeError::Feature`] for a column of type variant.
pub async fn plain_view(snapshot: &TableSnapshot) -> Result<Arc<dyn TableProvider>> {
    bronze_view(snapshot, &BronzeColumns::default(), DeletedRows::Keep).await
}

/// A table without rows, for an optional one that the lake does not have. Names are lower-case.
#[must_use]
pub fn empty_view(types: &BTreeMap<String, DataType>) -> Arc<dyn TableProvider> {
    let fields: Vec<Field> = types.iter().map(|(n, t)| Field::new(n, t.clone(), true)).collect();
    let schema = Arc::new(Schema::new(fields));
    match MemTable::try_new(Arc::clone(&schema), vec![vec![]]) {
        Ok(table) => Arc::new(table),
        Err(_) => Arc::new(datafusion::datasource::empty::EmptyTable::new(schema)),
    }
}

fn scan(snapshot: &TableSnapshot, types: &Schema, decode: Decode) -> Result<LogicalPlan> {
    let table = Arc::new(FilesTable::of_snapshot(snapshot, types).decoding(decode));
    // The name is one part: a dot in it must not be taken for a schema.
    let name = datafusion::common::TableReference::bare(snapshot.name().to_owned());
    LogicalPlanBuilder::scan(name, provider_as_source(table), None)
        .and_then(LogicalPlanBuilder::build)
        .map_err(|source| plan_error(snapshot.name(), source))
}

fn view(
    table: &str,
    plan: Result<LogicalPlan, DataFusionError>,
    spelling: Vec<String>,
) -> Result<Arc<dyn TableProvider>> {
    let plan = plan.map_err(|source| plan_error(table, source))?;
    Ok(SpelledTable::wrap(Arc::new(ViewTable::new(plan, None)), spelling))
}

fn plan_error(table: &str, source: DataFusionError) -> LakeError {
    LakeError::Plan { table: table.to_owned(), source: Arc::new(source) }
}

fn null_of(data_type: &DataType) -> Expr {
    ScalarValue::try_from(data_type).map_or_else(|_| cast(lit(ScalarValue::Null), data_type.clone()), lit)
}

fn type_text(data_type: &DataType) -> String {
    format!("`{}`", display(data_type))
}

/// Whether every value of `from` is a value of `to`.
fn widens(from: &DataType, to: &DataType) -> bool {
    use DataType::{Date32, Decimal128, Float32, Float64, Int8, Int16, Int32, Int64, Timestamp};
    let integer_digits = |t: &DataType| match t {
        Int8 => Some(3),
        Int16 => Some(5),
        Int32 => Some(10),
        Int64 => Some(19),
        _ => None,
    };
    match (from, to) {
        (Int8, Int16 | Int32 | Int64) | (Int16, Int32 | Int64) | (Int32, Int64) => true,
        (Float32, Float64) | (Int8 | Int16 | Int32, Float64) => true,
        (Decimal128(p, s), Decimal128(q, t)) => {
            t >= s && i16::from(*q) - i16::from(*t) >= i16::from(*p) - i16::from(*s)
        }
        (from, Decimal128(q, t)) => {
            integer_digits(from).is_some_and(|digits| i16::from(*q) - i16::from(*t) >= digits)
        }
        (
            Timestamp(TimeUnit::Microsecond | TimeUnit::Millisecond | TimeUnit::Second, Some(_)),
            Timestamp(TimeUnit::Microsecond, Some(_)),
        ) => true,
        (Date32, Date32) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lossless_changes_of_type_are_taken() {
        let us = || DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        for (from, to, expected) in [
            (DataType::Int32, DataType::Int64, true),
            (DataType::Int64, DataType::Int32, false),
            (DataType::Int64, DataType::Utf8, false),
            (DataType::Decimal128(10, 2), DataType::Decimal128(12, 4), true),
            (DataType::Decimal128(10, 2), DataType::Decimal128(10, 4), false),
            (DataType::Decimal128(10, 4), DataType::Decimal128(12, 2), false),
            (DataType::Int32, DataType::Decimal128(32, 6), true),
            (DataType::Int64, DataType::Decimal128(18, 4), false),
            (DataType::Int64, DataType::Float64, false),
            (DataType::Timestamp(TimeUnit::Microsecond, None), us(), false),
            (DataType::Utf8, DataType::Boolean, false),
        ] {
            assert_eq!(widens(&from, &to), expected, "{from} to {to}");
        }
    }
}
