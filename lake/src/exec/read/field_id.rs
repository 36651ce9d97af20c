//! Reads the columns of a file by their parquet field ids.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, SchemaRef};
use datafusion::common::Result as DfResult;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr_adapter::{
    DefaultPhysicalExprAdapterFactory, PhysicalExprAdapter, PhysicalExprAdapterFactory,
};
use parquet::arrow::PARQUET_FIELD_ID_META_KEY;

use super::rename::renamed;

/// Adapts expressions over a table's physical names to files that may have other names for the same ids.
#[derive(Debug)]
pub(super) struct FieldIdAdapters {
    /// Physical names with their ids.
    pub(super) table: SchemaRef,
}

impl PhysicalExprAdapterFactory for FieldIdAdapters {
    fn create(&self, logical: SchemaRef, file: SchemaRef) -> DfResult<Arc<dyn PhysicalExprAdapter>> {
        let as_table = Arc::new(Schema::new(named(file.fields(), self.table.fields())));
        // The rest, such as missing columns and other types, is the same as for files that are read by name.
        let by_name = DefaultPhysicalExprAdapterFactory.create(logical, Arc::clone(&as_table))?;
        Ok(Arc::new(FieldIdAdapter { by_name, as_table, file }))
    }
}

#[derive(Debug)]
struct FieldIdAdapter {
    /// Gives columns of `as_table`.
    by_name: Arc<dyn PhysicalExprAdapter>,
    /// The columns of the file, in its order, with the names that the table has for their ids.
    as_table: SchemaRef,
    file: SchemaRef,
}

impl PhysicalExprAdapter for FieldIdAdapter {
    fn rewrite(&self, expr: Arc<dyn PhysicalExpr>) -> DfResult<Arc<dyn PhysicalExpr>> {
        let config = Arc::new(ConfigOptions::default());
        let to_file = |expr: Arc<dyn PhysicalExpr>| {
            let Some(column) = expr.downcast_ref::<Column>() else { return Ok(Transformed::no(expr)) };
            let (found, wanted) = (self.file.field(column.index()), self.as_table.field(column.index()));
            let read: Arc<dyn PhysicalExpr> = Arc::new(Column::new(found.name(), column.index()));
            Ok(Transformed::yes(if found.data_type() == wanted.data_type() {
                read
            } else {
                renamed(read, wanted, &config)
            }))
        };
        self.by_name.rewrite(expr)?.transform_up(to_file).data()
    }
}

/// `file` with the names that `table` has for the same ids. A field without an id keeps its name: physical names are as
/// unique as ids.
fn named(file: &Fields, table: &Fields) -> Fields {
    let id = |field: &Field| field.metadata().get(PARQUET_FIELD_ID_META_KEY).cloned();
    let name = |field: &FieldRef| -> Field {
        let field_id = id(field);
        let same = table.iter().find(|wanted| match &field_id {
            Some(_) => id(wanted) == field_id,
            None => wanted.name() == field.name(),
        });
        let field = field.as_ref().clone();
        match same {
            Some(wanted) => {
                let data_type = named_type(field.data_type(), wanted.data_type());
                field.with_name(wanted.name()).with_data_type(data_type)
            }
            // What only happens to have the name of a column must not be taken for it.
            None => {
                let name = format!("{} of no column", field.name());
                field.with_name(name)
            }
        }
    };
    file.iter().map(name).collect()
}

fn named_type(file: &DataType, table: &DataType) -> DataType {
    let inner = |file: &FieldRef, table: &FieldRef| -> FieldRef {
        let data_type = named_type(file.data_type(), table.data_type());
        Arc::new(file.as_ref().clone().with_data_type(data_type))
    };
    match (file, table) {
        (DataType::Struct(file), DataType::Struct(table)) => DataType::Struct(named(file, table)),
        (DataType::List(file), DataType::List(table)) => DataType::List(inner(file, table)),
        (DataType::LargeList(file), DataType::LargeList(table)) => DataType::LargeList(inner(file, table)),
        (DataType::Map(file, sorted), DataType::Map(table, _)) => {
            let (DataType::Struct(pair), DataType::Struct(wanted)) = (file.data_type(), table.data_type())
            else {
                return DataType::Map(Arc::clone(file), *sorted);
            };
            // Key and value are found by where they stand.
            let pair: Fields = pair.iter().zip(wanted).map(|(file, table)| inner(file, table)).collect();
            DataType::Map(Arc::new(file.as_ref().clone().with_data_type(DataType::Struct(pair))), *sorted)
        }
        (file, _) => file.clone(),
    }
}
