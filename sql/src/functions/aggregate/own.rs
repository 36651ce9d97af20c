//! Aggregate functions of ours inside the engine: a name, types, and an accumulator.

use std::hash::{Hash, Hasher};
use std::sync::{Arc, LazyLock};

use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::Result;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, GroupsAccumulator, Signature, Volatility,
};

use crate::udf::failed;

/// Makes an accumulator for arguments of these types.
pub(crate) type MakeAccumulator = fn(&[DataType]) -> Box<dyn Accumulator>;

/// Makes an accumulator of many groups.
pub(crate) type MakeGroups = fn(AccumulatorArgs) -> Result<Box<dyn GroupsAccumulator>>;

/// An aggregate function of ours.
pub(crate) struct Own {
    /// Name in plans.
    pub(crate) name: &'static str,
    /// Type of the result for types of the arguments.
    pub(crate) returns: fn(&[DataType]) -> Result<DataType>,
    /// Types of what one task hands to the next.
    pub(crate) state: fn(&[DataType]) -> Vec<DataType>,
    /// Begins an accumulation.
    pub(crate) start: fn(&[DataType]) -> Box<dyn Accumulator>,
    /// Begins an accumulation over a frame of a window that gives rows back; nothing if that is the same.
    pub(crate) slide: Option<MakeAccumulator>,
    /// Accumulates many groups at once; nothing if each group has an accumulator.
    pub(crate) groups: Option<MakeGroups>,
}

struct Impl(&'static Own);

static SIGNATURE: LazyLock<Signature> = LazyLock::new(|| Signature::variadic_any(Volatility::Immutable));

/// Makes the function known to the engine.
pub(crate) fn udaf(own: &'static Own) -> Arc<AggregateUDF> {
    Arc::new(AggregateUDF::new_from_impl(Impl(own)))
}

impl std::fmt::Debug for Impl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Own").field(&self.0.name).finish()
    }
}

impl PartialEq for Impl {
    fn eq(&self, other: &Self) -> bool {
        self.0.name == other.0.name
    }
}

impl Eq for Impl {}

impl Hash for Impl {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.name.hash(state);
    }
}

impl AggregateUDFImpl for Impl {
    fn name(&self) -> &str {
        self.0.name
    }

    fn signature(&self) -> &Signature {
        &SIGNATURE
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        (self.0.returns)(types)
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        let types: Vec<DataType> = args.expr_fields.iter().map(|field| field.data_type().clone()).collect();
        Ok((self.0.start)(&types))
    }

    fn groups_accumulator_supported(&self, _: AccumulatorArgs) -> bool {
        self.0.groups.is_some()
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn GroupsAccumulator>> {
        let start = self.0.groups.ok_or_else(|| failed("this function has no accumulator of groups"))?;
        start(args)
    }

    fn create_sliding_accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        let types: Vec<DataType> = args.expr_fields.iter().map(|field| field.data_type().clone()).collect();
        Ok((self.0.slide.unwrap_or(self.0.start))(&types))
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let types: Vec<DataType> = args.input_fields.iter().map(|field| field.data_type().clone()).collect();
        let fields = (self.0.state)(&types).into_iter().enumerate();
        Ok(fields
            .map(|(index, data_type)| {
                Arc::new(Field::new(format!("{}[{index}]", args.name), data_type, true))
            })
            .collect())
    }
}
