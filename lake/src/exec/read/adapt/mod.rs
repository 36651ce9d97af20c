//! Reads what a file has as the columns that its table has.
//!
//! Files of one table need not be alike: some lack a column, spell it otherwise, have it in another type, or count its days in
//! another calendar. The engine asks here, once for each file, what a column of the table is there, before it looks at any
//! statistic of the file: so filters, pruning and rows all see the same.
//!
//! ```text
//!   column of the table ──▶ column of the file, as it is
//!                       ──▶ CAST, where every value fits: statistics can still be used
//!                       ──▶ [`ReadAs`]: found by name or id at every depth, exact or an error
//!                       ──▶ null, where the file lacks it
//! ```

mod calendar;
mod leaf;
mod read_as;
mod target;

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::datatypes::{DataType, Schema, SchemaRef};
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion};
use datafusion::common::{Result as DfResult, ScalarValue};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::{CastExpr, Column, Literal};
use datafusion::physical_expr_adapter::{PhysicalExprAdapter, PhysicalExprAdapterFactory};

use self::calendar::FileMarks;
pub(crate) use self::calendar::INT96_ZONE;
use self::read_as::{ReadAs, read};
use self::target::Target;
pub(crate) use self::target::any_has_id;

/// A value, a column or a type in a file that is not what its table says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("its column `{column}` {reason}")]
pub struct Misread {
    /// The column as the table names it, down to the field.
    pub column: String,
    /// Why.
    pub reason: String,
}

impl From<Misread> for datafusion::error::DataFusionError {
    fn from(misread: Misread) -> Self {
        Self::External(Box::new(misread))
    }
}

/// Reads files of a table by the names of its columns, or by their ids.
#[derive(Debug)]
pub(crate) struct FileColumns {
    /// The columns of the files with their parquet field ids, where they are found by these.
    pub(crate) ids: Option<SchemaRef>,
}

impl PhysicalExprAdapterFactory for FileColumns {
    fn create(&self, table: SchemaRef, file: SchemaRef) -> DfResult<Arc<dyn PhysicalExprAdapter>> {
        let targets = table
            .fields()
            .iter()
            .map(|field| {
                let with_id = self.ids.as_ref().and_then(|ids| ids.field_with_name(field.name()).ok());
                Target::of(field, with_id)
            })
            .collect();
        let marks = Arc::new(FileMarks::of(file.metadata()));
        Ok(Arc::new(FileAdapter { table, targets, file, marks }))
    }
}

#[derive(Debug)]
struct FileAdapter {
    table: SchemaRef,
    /// In the order of the table.
    targets: Vec<Target>,
    file: SchemaRef,
    marks: Arc<FileMarks>,
}

impl PhysicalExprAdapter for FileAdapter {
    fn rewrite(&self, expr: Arc<dyn PhysicalExpr>) -> DfResult<Arc<dyn PhysicalExpr>> {
        let rewritten = expr.transform_down(|expr| match expr.downcast_ref::<Column>() {
            Some(column) => Ok(Transformed::new(self.column(column)?, true, TreeNodeRecursion::Jump)),
            None => Ok(Transformed::no(expr)),
        });
        rewritten.data()
    }
}

impl FileAdapter {
    fn column(&self, column: &Column) -> DfResult<Arc<dyn PhysicalExpr>> {
        let Ok(index) = self.table.index_of(column.name()) else {
            // What is no column of the table was put there by whoever reads the file.
            let own = Column::new_with_schema(column.name(), &self.file)?;
            return Ok(Arc::new(own));
        };
        let target = &self.targets[index];
        let Some(found) = target.find(self.file.fields(), &self.targets)? else {
            return null_of(target.data_type());
        };
        let field = self.file.field(found);
        let input: Arc<dyn PhysicalExpr> = Arc::new(Column::new(field.name(), found));
        let rebased = self.marks.concern(field.data_type());
        if !rebased && !target.has_ids_inside() && field.data_type() == target.data_type() {
            return Ok(input);
        }
        if !rebased && leaf::always_fits(field.data_type(), target.data_type()) {
            let to = Arc::new(self.table.field(index).clone());
            return Ok(Arc::new(CastExpr::new_with_target_field(input, to, None)));
        }
        target.check(field.data_type())?;
        Ok(Arc::new(ReadAs::new(input, target.clone(), Arc::clone(&self.marks))))
    }
}

fn null_of(data_type: &DataType) -> DfResult<Arc<dyn PhysicalExpr>> {
    Ok(Arc::new(Literal::new(ScalarValue::try_from(data_type)?)))
}

/// What is wrong with a file whose columns are `file`, read as `table` with these ids; of its values nothing is known yet.
pub(crate) fn misread_types(file: &Schema, table: &Schema, ids: Option<&Schema>) -> Option<Misread> {
    let targets = targets(table, ids);
    targets.iter().find_map(|target| {
        let found = match target.find(file.fields(), &targets) {
            Ok(found) => found?,
            Err(misread) => return Some(misread),
        };
        target.check(file.field(found).data_type()).err()
    })
}

/// What is wrong with the values of `rows`, which are those of a file with the schema `file`, but for those of `int96`.
pub(crate) fn misread_rows(
    rows: &arrow::record_batch::RecordBatch,
    file: &Schema,
    table: &Schema,
    ids: Option<&Schema>,
    int96: &BTreeSet<String>,
) -> Option<Misread> {
    let schema = rows.schema();
    // Batches come without what the footer says beside the columns.
    let marks = FileMarks::of(file.metadata());
    let targets = targets(table, ids);
    targets.iter().find_map(|target| {
        let found = target.find(schema.fields(), &targets).ok()??;
        // A query reads INT96 otherwise than who looks at the file.
        if int96.contains(schema.field(found).name()) {
            return None;
        }
        read(rows.column(found), target, &marks).err()
    })
}

fn targets(table: &Schema, ids: Option<&Schema>) -> Vec<Target> {
    let with_id = |name: &str| ids.and_then(|ids| ids.field_with_name(name).ok());
    table.fields().iter().map(|field| Target::of(field, with_id(field.name()))).collect()
}
