//! Gives the fields inside a value other names.
//!
//! Under column mapping the structs of a file have other field names than those of the table, at any depth. A cast would
//! match fields by name and find none, so this matches them by where they stand.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, GenericListArray, MapArray, OffsetSizeTrait, StructArray};
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::config::ConfigOptions;
use datafusion::common::{Result as DfResult, internal_err};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr};

/// Name by which a plan names the function.
pub const RENAME_FIELDS: &str = "goldsmith_rename_fields";

/// The function, for the registries of those who decode plans.
///
/// Its result type is the one that the expression was built with, so only plans can call it, and not SQL.
#[must_use]
pub fn rename_fields() -> Arc<ScalarUDF> {
    Arc::new(ScalarUDF::new_from_impl(RenameFields { signature: Signature::any(1, Volatility::Immutable) }))
}

/// `value` with the field names of `to`, whose type differs in nothing else.
pub(crate) fn renamed(
    value: Arc<dyn PhysicalExpr>,
    to: &Field,
    config: &Arc<ConfigOptions>,
) -> Arc<dyn PhysicalExpr> {
    let result = Field::new(to.name(), to.data_type().clone(), to.is_nullable());
    let function = rename_fields();
    Arc::new(ScalarFunctionExpr::new(
        RENAME_FIELDS,
        function,
        vec![value],
        Arc::new(result),
        Arc::clone(config),
    ))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct RenameFields {
    signature: Signature,
}

impl ScalarUDFImpl for RenameFields {
    fn name(&self) -> &'static str {
        RENAME_FIELDS
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> DfResult<DataType> {
        internal_err!("{RENAME_FIELDS} has the result type that it is built with")
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> DfResult<ColumnarValue> {
        let [value] = args.args.as_slice() else {
            return internal_err!("{RENAME_FIELDS} takes one value");
        };
        let value = value.to_array(args.number_rows)?;
        Ok(ColumnarValue::Array(relabel(&value, args.return_field.data_type())?))
    }
}

fn relabel(value: &ArrayRef, to: &DataType) -> DfResult<ArrayRef> {
    if value.data_type() == to {
        return Ok(Arc::clone(value));
    }
    Ok(match (value.data_type(), to) {
        (DataType::Struct(from), DataType::Struct(fields)) if from.len() == fields.len() => {
            let value = value.as_struct();
            let columns = value.columns().iter().zip(fields);
            let columns = columns.map(|(column, field)| relabel(column, field.data_type()));
            Arc::new(StructArray::try_new(
                fields.clone(),
                columns.collect::<DfResult<_>>()?,
                value.nulls().cloned(),
            )?)
        }
        (DataType::List(_), DataType::List(element)) => relabel_list::<i32>(value, element)?,
        (DataType::LargeList(_), DataType::LargeList(element)) => relabel_list::<i64>(value, element)?,
        (DataType::Map(..), DataType::Map(entries, sorted)) => {
            let value = value.as_map();
            let pairs: ArrayRef = Arc::new(value.entries().clone());
            Arc::new(MapArray::try_new(
                Arc::clone(entries),
                value.offsets().clone(),
                relabel(&pairs, entries.data_type())?.as_struct().clone(),
                value.nulls().cloned(),
                *sorted,
            )?)
        }
        (from, to) => return internal_err!("{from} and {to} differ in more than the names of fields"),
    })
}

fn relabel_list<O: OffsetSizeTrait>(value: &ArrayRef, element: &FieldRef) -> DfResult<ArrayRef> {
    let value = value.as_list::<O>();
    let values = relabel(value.values(), element.data_type())?;
    Ok(Arc::new(GenericListArray::<O>::try_new(
        Arc::clone(element),
        value.offsets().clone(),
        values,
        value.nulls().cloned(),
    )?))
}
