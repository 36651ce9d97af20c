//! Aggregate functions over frames whose first row moves.
//!
//! The engine hands such a function the rows that enter a frame and those that leave it, and most functions cannot take a row
//! back. These keep the rows of the frame and begin anew for each row, which is what Spark does with every function.

use std::hash::{Hash, Hasher};
use std::sync::{Arc, LazyLock};

use arrow::array::{Array, ArrayRef};
use arrow::compute::concat;
use arrow::datatypes::{DataType, FieldRef, Schema};
use datafusion::common::{Result, ScalarValue};
use datafusion::functions_aggregate as engine;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{Accumulator, AggregateUDF, AggregateUDFImpl, Signature};
use datafusion::physical_expr::{PhysicalExpr, PhysicalSortExpr};

use super::{extreme, moments, own, regression};

/// Those that cannot take a row back, made such that they can.
static ALL: LazyLock<Vec<Arc<AggregateUDF>>> = LazyLock::new(|| {
    let functions = [
        engine::first_last::first_value_udaf(),
        engine::first_last::last_value_udaf(),
        engine::bool_and_or::bool_and_udaf(),
        engine::bool_and_or::bool_or_udaf(),
        engine::bit_and_or_xor::bit_and_udaf(),
        engine::bit_and_or_xor::bit_or_udaf(),
        // It takes rows back, and forgets that there are none left.
        engine::bit_and_or_xor::bit_xor_udaf(),
        own::udaf(&moments::MOMENTS),
        own::udaf(&regression::PAIRS),
        own::udaf(&extreme::MAX_BY),
        own::udaf(&extreme::MIN_BY),
    ];
    functions.map(|inner| Arc::new(AggregateUDF::new_from_impl(Sliding::new(inner)))).to_vec()
});

pub(super) fn udfs() -> Vec<Arc<AggregateUDF>> {
    ALL.clone()
}

/// The function for frames whose first row moves: itself if it can take rows back.
pub(crate) fn sliding(function: Arc<AggregateUDF>) -> Arc<AggregateUDF> {
    let name = name_of(function.name());
    ALL.iter().find(|sliding| sliding.name() == name).map_or(function, Arc::clone)
}

fn name_of(inner: &str) -> String {
    format!("sliding_{inner}")
}

#[derive(Debug)]
struct Sliding {
    inner: Arc<AggregateUDF>,
    name: String,
}

impl Sliding {
    fn new(inner: Arc<AggregateUDF>) -> Self {
        let name = name_of(inner.name());
        Self { inner, name }
    }
}

impl PartialEq for Sliding {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Sliding {}

impl Hash for Sliding {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl AggregateUDFImpl for Sliding {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        self.inner.signature()
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        self.inner.coerce_types(types)
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.inner.return_type(types)
    }

    fn return_field(&self, fields: &[FieldRef]) -> Result<FieldRef> {
        self.inner.return_field(fields)
    }

    fn is_nullable(&self) -> bool {
        self.inner.is_nullable()
    }

    fn default_value(&self, data_type: &DataType) -> Result<ScalarValue> {
        self.inner.default_value(data_type)
    }

    fn supports_null_handling_clause(&self) -> bool {
        self.inner.supports_null_handling_clause()
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        self.inner.accumulator(args)
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        self.inner.state_fields(args)
    }

    fn create_sliding_accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Frame {
            function: Arc::clone(&self.inner),
            return_field: args.return_field,
            schema: args.schema.clone(),
            ignore_nulls: args.ignore_nulls,
            order_bys: args.order_bys.to_vec(),
            name: args.name.to_owned(),
            exprs: args.exprs.to_vec(),
            expr_fields: args.expr_fields.to_vec(),
            rows: Vec::new(),
            left: 0,
        }))
    }
}

/// The rows of a frame, and how the function begins.
#[derive(Debug)]
struct Frame {
    function: Arc<AggregateUDF>,
    return_field: FieldRef,
    schema: Schema,
    ignore_nulls: bool,
    order_bys: Vec<PhysicalSortExpr>,
    name: String,
    exprs: Vec<Arc<dyn PhysicalExpr>>,
    expr_fields: Vec<FieldRef>,
    /// Per argument.
    rows: Vec<ArrayRef>,
    /// How many of the first rows are not in the frame any more.
    left: usize,
}

impl Frame {
    fn begin(&self) -> Result<Box<dyn Accumulator>> {
        self.function.accumulator(AccumulatorArgs {
            return_field: Arc::clone(&self.return_field),
            schema: &self.schema,
            ignore_nulls: self.ignore_nulls,
            order_bys: &self.order_bys,
            is_reversed: false,
            name: &self.name,
            is_distinct: false,
            exprs: &self.exprs,
            expr_fields: &self.expr_fields,
        })
    }

    fn current(&self) -> Vec<ArrayRef> {
        self.rows.iter().map(|array| array.slice(self.left, array.len() - self.left)).collect()
    }
}

impl Accumulator for Frame {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        if self.rows.is_empty() {
            self.rows = values.to_vec();
            return Ok(());
        }
        let current = self.current();
        let joined = current.iter().zip(values).map(|(own, new)| concat(&[own.as_ref(), new.as_ref()]));
        self.rows = joined.collect::<std::result::Result<_, _>>()?;
        self.left = 0;
        Ok(())
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        // Rows leave in the order in which they came.
        self.left += values.first().map_or(0, |array| array.len());
        Ok(())
    }

    fn supports_retract_batch(&self) -> bool {
        true
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let mut accumulator = self.begin()?;
        if !self.rows.is_empty() {
            accumulator.update_batch(&self.current())?;
        }
        accumulator.evaluate()
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.rows.iter().map(|array| array.get_array_memory_size()).sum::<usize>()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.begin()?.state()
    }

    fn merge_batch(&mut self, _states: &[ArrayRef]) -> Result<()> {
        Err(crate::udf::failed("frames of windows are not put together of parts"))
    }
}
