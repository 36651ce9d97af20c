//! Scalar functions: a name, a type and a loop over arrays.

use std::hash::{Hash, Hasher};
use std::sync::{Arc, LazyLock};

use arrow::array::ArrayRef;
use arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use super::column::Args;

/// How the type of a result follows from the types of the arguments.
#[derive(Clone, Copy)]
pub(crate) enum Returns {
    /// Always the same.
    Fixed(fn() -> DataType),
    /// That of the last argument, which is a null that only carries the type.
    Last,
    /// That of the first argument.
    First,
    /// Computed.
    From(fn(&[DataType]) -> Result<DataType>),
}

/// A scalar function of ours.
///
/// The names of all of them begin with `spark_`, so that none can be taken for a function of the engine.
pub(crate) struct Scalar {
    /// Name in plans.
    pub(crate) name: &'static str,
    /// Type of the result.
    pub(crate) returns: Returns,
    /// Computes as many rows as there are.
    pub(crate) run: fn(&Args) -> Result<ArrayRef>,
    /// Arguments such as patterns, which make sense or not whatever the other ones are.
    patterns: &'static [usize],
}

impl Scalar {
    /// Describes a function.
    pub(crate) const fn new(
        name: &'static str,
        returns: Returns,
        run: fn(&Args) -> Result<ArrayRef>,
    ) -> Self {
        Self { name, returns, run, patterns: &[] }
    }

    /// The same, with patterns for arguments: where these are constants that make no sense, a statement is refused before any
    /// row is read.
    pub(crate) const fn with_patterns(mut self, patterns: &'static [usize]) -> Self {
        self.patterns = patterns;
        self
    }

    /// Why it cannot be called with these patterns, if it has some and they are constants; `types` are those of all
    /// arguments, and `constant` gives the value of one.
    pub(crate) fn refuses(
        &self,
        types: &[DataType],
        constant: impl Fn(usize) -> Option<ScalarValue>,
    ) -> Option<String> {
        let patterns: Vec<(usize, ScalarValue)> =
            self.patterns.iter().filter_map(|&index| Some((index, constant(index)?))).collect();
        // Of null the result is null, whatever the pattern.
        let is_null = |index| constant(index).is_some_and(|value| value.is_null());
        if patterns.is_empty() || (0..types.len()).any(is_null) {
            return None;
        }
        let args = types.iter().enumerate().map(|(index, data_type)| {
            let pattern = patterns.iter().find(|(own, _)| *own == index).map(|(_, value)| value.clone());
            pattern.or_else(|| ScalarValue::new_default(data_type).ok()).map(ColumnarValue::Scalar)
        });
        let args = args.collect::<Option<Vec<_>>>()?;
        let return_type = self.return_type(types).ok()?;
        match (self.run)(&Args::new(&args, 1, &return_type)) {
            Err(DataFusionError::Execution(reason)) => Some(reason),
            _ => None,
        }
    }

    /// Returns the type of the result.
    pub(crate) fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        match self.returns {
            Returns::Fixed(data_type) => Ok(data_type()),
            Returns::First => types.first().cloned().ok_or_else(|| failed("an argument is missing")),
            Returns::Last => types.last().cloned().ok_or_else(|| failed("an argument is missing")),
            Returns::From(compute) => compute(types),
        }
    }
}

/// An error that a function meets in the data.
pub(crate) fn failed(message: impl Into<String>) -> DataFusionError {
    DataFusionError::Execution(message.into())
}

struct Impl(&'static Scalar);

static SIGNATURE: LazyLock<Signature> = LazyLock::new(|| Signature::variadic_any(Volatility::Immutable));

/// Makes the function known to the engine.
pub(crate) fn udf(function: &'static Scalar) -> Arc<ScalarUDF> {
    Arc::new(ScalarUDF::new_from_impl(Impl(function)))
}

impl std::fmt::Debug for Impl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Scalar").field(&self.0.name).finish()
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

impl ScalarUDFImpl for Impl {
    fn name(&self) -> &str {
        self.0.name
    }

    fn signature(&self) -> &Signature {
        &SIGNATURE
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.0.return_type(types)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        // Constants are computed once.
        let constant = args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let rows = if constant { 1 } else { args.number_rows };
        let result = (self.0.run)(&Args::new(&args.args, rows, args.return_field.data_type()))?;
        if result.len() != rows || result.data_type() != args.return_field.data_type() {
            return Err(DataFusionError::Internal(format!(
                "{} gave {} rows of {} instead of {rows} of {}",
                self.0.name,
                result.len(),
                result.data_type(),
                args.return_field.data_type()
            )));
        }
        if constant {
            ScalarValue::try_from_array(&result, 0).map(ColumnarValue::Scalar)
        } else {
            Ok(ColumnarValue::Array(result))
        }
    }
}
