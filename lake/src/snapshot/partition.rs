//! Partition values: text in the log, values to a query.

use std::collections::BTreeMap;

use datafusion::common::ScalarValue;
use goldsmith_sql::value::cast_text;

use crate::mapping::Columns;

/// The values of one file in the order of `columns`; else the column that has none, and why.
///
/// The text is cast as Spark casts it, so that whatever another writer has there (`1.5` for two digits of scale, Hive's name for
/// null) reads as it does to Spark: null where it does not fit.
///
/// - **Source:** Delta, `TahoeFileIndex.getPartitionValuesRow`
pub(super) fn values(
    table: &Columns,
    columns: &[String],
    text: &BTreeMap<String, Option<String>>,
) -> Result<Vec<ScalarValue>, (String, String)> {
    columns
        .iter()
        .map(|column| {
            let field = table.logical.field_with_name(column).map_err(|e| (column.clone(), e.to_string()))?;
            let text = text.get(table.physical_name(column)).and_then(Option::as_deref);
            let value = match text {
                None => ScalarValue::try_from(field.data_type()).map_err(|e| e.to_string()),
                Some(text) => cast_text(text, field.data_type()).map_err(|e| e.to_string()),
            };
            value.map_err(|reason| (column.clone(), reason))
        })
        .collect()
}
