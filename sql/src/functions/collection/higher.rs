//! Functions that take lambdas.
//!
//! Four of them are functions of the engine: `transform`, `filter`, `exists` and `forall` over arrays of the same
//! lengths, whose elements are the parameters of the lambda; and `aggregate`. All others are made of these: a map is two
//! arrays beside one another, and a place is an element of an array of places.

use std::hash::{Hash, Hasher};
use std::sync::{Arc, LazyLock};

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, ListArray, UInt64Array};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::{concat, filter, take, take_arrays};
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::Result;
use datafusion::logical_expr::expr::HigherOrderFunction;
use datafusion::logical_expr::{
    ColumnarValue, Expr, HigherOrderFunctionArgs, HigherOrderReturnFieldArgs, HigherOrderSignature,
    HigherOrderUDF, HigherOrderUDFImpl, LambdaArgument, LambdaParametersProgress, ValueOrLambda, Volatility,
};

use super::{array, map, zip};
use crate::bind::{Binder, Typed, boolean};
use crate::error::SqlError;
use crate::functions::{Bind, Function};
use crate::parse::ast::{Call, Expr as Tree};
use crate::position::Position;
use crate::types::{element_of, list_field, list_of, map_of, map_parts};
use crate::udf::failed;

pub(super) const TABLE: &[Function] = &[
    Function::new(
        "transform",
        Bind::Higher(|binder, call, at| over_array(binder, call, at, Kind::Transform, true)),
        "The array of what a lambda makes of each element",
    ),
    Function::new(
        "filter",
        Bind::Higher(|binder, call, at| over_array(binder, call, at, Kind::Filter, true)),
        "The elements for which a lambda is true",
    ),
    Function::new(
        "exists",
        Bind::Higher(|binder, call, at| over_array(binder, call, at, Kind::Exists, false)),
        "Whether a lambda is true for an element",
    ),
    Function::new(
        "forall",
        Bind::Higher(|binder, call, at| over_array(binder, call, at, Kind::ForAll, false)),
        "Whether a lambda is true for all elements",
    ),
    Function::new(
        "aggregate",
        Bind::Higher(aggregate),
        "What a lambda makes of a start and one element after the other",
    )
    .or(&["reduce"]),
    Function::new(
        "zip_with",
        Bind::Higher(zip_with),
        "The array of what a lambda makes of the elements at the same place of two arrays",
    ),
    Function::new("map_filter", Bind::Higher(map_filter), "The entries for which a lambda is true"),
    Function::new(
        "transform_values",
        Bind::Higher(|binder, call, at| transform_map(binder, call, at, false)),
        "The map with what a lambda makes of each value",
    ),
    Function::new(
        "transform_keys",
        Bind::Higher(|binder, call, at| transform_map(binder, call, at, true)),
        "The map with what a lambda makes of each key",
    ),
    Function::new(
        "map_zip_with",
        Bind::Higher(map_zip_with),
        "The map of what a lambda makes of the values of a key in two maps",
    ),
];

type BindResult = crate::Result<Typed>;

fn wrong(call: &Call, reason: &str, position: Position) -> SqlError {
    SqlError::arguments(&call.name.text, reason, position)
}

fn arguments<const N: usize>(call: &Call, position: Position) -> crate::Result<[&Tree; N]> {
    let args: Vec<&Tree> = call.args.iter().map(|arg| &arg.value).collect();
    <[&Tree; N]>::try_from(args).map_err(|_| wrong(call, &format!("it takes {N} arguments"), position))
}

fn element(call: &Call, typed: &Typed, position: Position) -> crate::Result<DataType> {
    element_of(&typed.data_type).cloned().ok_or_else(|| wrong(call, "it takes an array", position))
}

fn places(list: &Typed, position: Position) -> BindResult {
    Typed::call(&array::PLACES, vec![list.clone()], "", position)
}

/// Calls a function of the engine with arrays and a lambda over their elements.
fn over_lists(
    kind: Kind,
    lists: Vec<Typed>,
    lambda: crate::bind::Lambda,
    data_type: DataType,
    name: String,
) -> Typed {
    let args = lists.into_iter().map(|list| list.expr).chain([lambda.expr()]).collect();
    Typed::new(
        Expr::HigherOrderFunction(HigherOrderFunction::new(Arc::clone(kind.udf()), args)),
        data_type,
        name,
    )
}

fn over_array(
    binder: &mut Binder<'_, '_, '_>,
    call: &Call,
    position: Position,
    kind: Kind,
    with_place: bool,
) -> BindResult {
    let [list, lambda] = arguments(call, position)?;
    let list = binder.bind(list)?;
    let own = element(call, &list, position)?;
    let mut lists = vec![list.clone()];
    let mut params = vec![own];
    if with_place {
        lists.push(places(&list, position)?);
        params.push(DataType::Int32);
    }
    let mut lambda = binder.lambda(lambda, &params, 1, &call.name.text)?;
    let data_type = match kind {
        Kind::Transform => list_of(lambda.body.data_type.clone()),
        _ => {
            lambda.body = boolean(lambda.body, &call.name.text, position)?;
            if kind == Kind::Filter { list.data_type.clone() } else { DataType::Boolean }
        }
    };
    let name = format!(
        "{}({}, lambdafunction({}, namedlambdavariable()))",
        call.name.key(),
        list.name,
        lambda.body.name
    );
    Ok(over_lists(kind, lists, lambda, data_type, name))
}

fn aggregate(binder: &mut Binder<'_, '_, '_>, call: &Call, position: Position) -> BindResult {
    let (trees, finish) = match call.args.as_slice() {
        [list, start, merge] => ([&list.value, &start.value, &merge.value], None),
        [list, start, merge, finish] => ([&list.value, &start.value, &merge.value], Some(&finish.value)),
        _ => return Err(wrong(call, "it takes an array, a start and one or two lambdas", position)),
    };
    let (list, start) = (binder.bind(trees[0])?, binder.bind(trees[1])?);
    let own = element(call, &list, position)?;
    if matches!(start.data_type, DataType::List(_) | DataType::Map(_, _)) {
        return Err(wrong(call, "a start that is an array or a map is not supported", position));
    }
    let merge = binder.lambda(trees[2], &[start.data_type.clone(), own], 2, &call.name.text)?;
    if merge.body.data_type != start.data_type {
        return Err(wrong(
            call,
            "the lambda gives another type than the start has; hint: CAST the start",
            position,
        ));
    }
    let data_type = start.data_type.clone();
    let args = vec![list.expr, start.expr, merge.expr()];
    let name = format!("{}({}, {})", call.name.key(), list.name, start.name);
    let merged = Typed::new(
        Expr::HigherOrderFunction(HigherOrderFunction::new(Arc::clone(&AGGREGATE), args)),
        data_type,
        name,
    );
    match finish {
        Some(finish) => binder.inlined(finish, merged, &call.name.text),
        None => Ok(merged),
    }
}

fn zip_with(binder: &mut Binder<'_, '_, '_>, call: &Call, position: Position) -> BindResult {
    let [left, right, lambda] = arguments(call, position)?;
    let (left, right) = (binder.bind(left)?, binder.bind(right)?);
    let params = [element(call, &left, position)?, element(call, &right, position)?];
    let lambda = binder.lambda(lambda, &params, 2, &call.name.text)?;
    let name = format!("zip_with({}, {}, lambdafunction({}))", left.name, right.name, lambda.body.name);
    let one = Typed::call(&zip::PAD, vec![left.clone(), right.clone()], "", position)?;
    let other = Typed::call(&zip::PAD, vec![right, left], "", position)?;
    let data_type = list_of(lambda.body.data_type.clone());
    Ok(over_lists(Kind::Transform, vec![one, other], lambda, data_type, name))
}

/// Keys and values of a map as arrays, and their types.
fn entries(call: &Call, map: &Typed, position: Position) -> crate::Result<([Typed; 2], [DataType; 2])> {
    let Some((key, value)) = map_parts(&map.data_type) else {
        return Err(wrong(call, "it takes a map", position));
    };
    let types = [key.data_type().clone(), value.data_type().clone()];
    let keys = Typed::call(&map::KEYS, vec![map.clone()], "", position)?;
    let values = Typed::call(&map::VALUES, vec![map.clone()], "", position)?;
    Ok(([keys, values], types))
}

fn map_filter(binder: &mut Binder<'_, '_, '_>, call: &Call, position: Position) -> BindResult {
    let [map, lambda] = arguments(call, position)?;
    let map = binder.bind(map)?;
    let (lists, types) = entries(call, &map, position)?;
    let mut lambda = binder.lambda(lambda, &types, 2, &call.name.text)?;
    lambda.body = boolean(lambda.body, "map_filter", position)?;
    let name = format!("map_filter({}, lambdafunction({}))", map.name, lambda.body.name);
    let kept = over_lists(Kind::Transform, lists.to_vec(), lambda, list_of(DataType::Boolean), String::new());
    Typed::call(&zip::MAP_PICK, vec![map, kept], name, position)
}

fn transform_map(
    binder: &mut Binder<'_, '_, '_>,
    call: &Call,
    position: Position,
    of_keys: bool,
) -> BindResult {
    let [map, lambda] = arguments(call, position)?;
    let map = binder.bind(map)?;
    let (lists, types) = entries(call, &map, position)?;
    let lambda = binder.lambda(lambda, &types, 2, &call.name.text)?;
    let made = lambda.body.data_type.clone();
    let name = format!("{}({}, lambdafunction({}))", call.name.key(), map.name, lambda.body.name);
    let changed = over_lists(Kind::Transform, lists.to_vec(), lambda, list_of(made.clone()), String::new());
    let [keys, values] = lists;
    let [key, value] = types;
    Ok(if of_keys {
        Typed::call_as(&map::FROM_ARRAYS, vec![changed, values], map_of(made, value), name)
    } else {
        Typed::call_as(&map::FROM_ARRAYS, vec![keys, changed], map_of(key, made), name)
    })
}

fn map_zip_with(binder: &mut Binder<'_, '_, '_>, call: &Call, position: Position) -> BindResult {
    let [left, right, lambda] = arguments(call, position)?;
    let (left, right) = (binder.bind(left)?, binder.bind(right)?);
    let (_, [key, one]) = entries(call, &left, position)?;
    let (_, [other_key, other]) = entries(call, &right, position)?;
    if key != other_key {
        return Err(wrong(call, "the maps have keys of different types", position));
    }
    let lambda = binder.lambda(lambda, &[key.clone(), one.clone(), other.clone()], 3, &call.name.text)?;
    let made = lambda.body.data_type.clone();
    let name = format!("map_zip_with({}, {}, lambdafunction({}))", left.name, right.name, lambda.body.name);
    let keys = Typed::call_as(&zip::ALL_KEYS, vec![left.clone(), right.clone()], list_of(key.clone()), "");
    let ones = Typed::call_as(&zip::GET_ALL, vec![left, keys.clone()], list_of(one), "");
    let others = Typed::call_as(&zip::GET_ALL, vec![right, keys.clone()], list_of(other), "");
    let changed = over_lists(
        Kind::Transform,
        vec![keys.clone(), ones, others],
        lambda,
        list_of(made.clone()),
        String::new(),
    );
    Ok(Typed::call_as(&map::FROM_ARRAYS, vec![keys, changed], map_of(key, made), name))
}

/// What becomes of the values that a lambda gives for the elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Transform,
    Filter,
    Exists,
    ForAll,
    Aggregate,
}

static TRANSFORM: LazyLock<Arc<HigherOrderUDF>> = LazyLock::new(|| Higher::udf(Kind::Transform));
static FILTER: LazyLock<Arc<HigherOrderUDF>> = LazyLock::new(|| Higher::udf(Kind::Filter));
static EXISTS: LazyLock<Arc<HigherOrderUDF>> = LazyLock::new(|| Higher::udf(Kind::Exists));
static FOR_ALL: LazyLock<Arc<HigherOrderUDF>> = LazyLock::new(|| Higher::udf(Kind::ForAll));
static AGGREGATE: LazyLock<Arc<HigherOrderUDF>> = LazyLock::new(|| Higher::udf(Kind::Aggregate));

/// The functions of the engine.
pub(super) fn udfs() -> Vec<Arc<HigherOrderUDF>> {
    [&TRANSFORM, &FILTER, &EXISTS, &FOR_ALL, &AGGREGATE].into_iter().map(|udf| Arc::clone(udf)).collect()
}

impl Kind {
    fn udf(self) -> &'static Arc<HigherOrderUDF> {
        match self {
            Self::Transform => &TRANSFORM,
            Self::Filter => &FILTER,
            Self::Exists => &EXISTS,
            Self::ForAll => &FOR_ALL,
            Self::Aggregate => &AGGREGATE,
        }
    }
}

/// A function of the engine that takes a lambda last.
#[derive(Debug)]
struct Higher {
    kind: Kind,
    signature: HigherOrderSignature,
}

impl Higher {
    fn udf(kind: Kind) -> Arc<HigherOrderUDF> {
        let signature = HigherOrderSignature::variadic_any(Volatility::Immutable);
        Arc::new(HigherOrderUDF::new_from_impl(Self { kind, signature }))
    }
}

impl PartialEq for Higher {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

impl Eq for Higher {}

impl Hash for Higher {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.kind.hash(state);
    }
}

fn parameter(data_type: &DataType) -> FieldRef {
    Arc::new(Field::new("", data_type.clone(), true))
}

impl HigherOrderUDFImpl for Higher {
    fn name(&self) -> &str {
        match self.kind {
            Kind::Transform => "spark_transform",
            Kind::Filter => "spark_filter",
            Kind::Exists => "spark_exists",
            Kind::ForAll => "spark_forall",
            Kind::Aggregate => "spark_aggregate",
        }
    }

    fn signature(&self) -> &HigherOrderSignature {
        &self.signature
    }

    fn lambda_parameters(
        &self,
        _step: usize,
        fields: &[ValueOrLambda<FieldRef, Option<FieldRef>>],
    ) -> Result<LambdaParametersProgress> {
        let values = fields.iter().filter_map(|field| match field {
            ValueOrLambda::Value(field) => Some(field.data_type()),
            ValueOrLambda::Lambda(_) => None,
        });
        let not_a_list = || failed("an array is expected");
        let params = if self.kind == Kind::Aggregate {
            let types: Vec<&DataType> = values.collect();
            let [list, start] = types.as_slice() else { return Err(not_a_list()) };
            vec![parameter(start), parameter(element_of(list).ok_or_else(not_a_list)?)]
        } else {
            values
                .map(|list| element_of(list).map(parameter).ok_or_else(not_a_list))
                .collect::<Result<_>>()?
        };
        Ok(LambdaParametersProgress::Complete(vec![params]))
    }

    fn return_field_from_args(&self, args: HigherOrderReturnFieldArgs) -> Result<FieldRef> {
        let (Some(ValueOrLambda::Value(first)), Some(ValueOrLambda::Lambda(made))) =
            (args.arg_fields.first(), args.arg_fields.last())
        else {
            return Err(failed("an array and a lambda are expected"));
        };
        let data_type = match self.kind {
            Kind::Transform => list_of(made.data_type().clone()),
            Kind::Filter => first.data_type().clone(),
            Kind::Exists | Kind::ForAll => DataType::Boolean,
            Kind::Aggregate => made.data_type().clone(),
        };
        Ok(Arc::new(Field::new(self.name(), data_type, true)))
    }

    fn invoke_with_args(&self, args: HigherOrderFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        let mut values = Vec::new();
        let mut lambda = None;
        for arg in &args.args {
            match arg {
                ValueOrLambda::Value(value) => values.push(value.to_array(rows)?),
                ValueOrLambda::Lambda(own) => lambda = Some(own),
            }
        }
        let lambda = lambda.ok_or_else(|| failed("a lambda is expected"))?;
        let result = match self.kind {
            Kind::Aggregate => fold(&values, lambda, rows)?,
            kind => each(&values, lambda, kind)?,
        };
        Ok(ColumnarValue::Array(result))
    }
}

fn as_lists(values: &[ArrayRef]) -> Result<Vec<ListArray>> {
    values
        .iter()
        .map(|array| array.as_list_opt::<i32>().cloned().ok_or_else(|| failed("an array is expected")))
        .collect()
}

/// Places of the elements of a row; none if the array is null.
fn range(list: &ListArray, row: usize) -> std::ops::Range<usize> {
    let offsets = list.value_offsets();
    let place = |index: usize| usize::try_from(offsets[index]).unwrap_or(0);
    if list.is_null(row) { 0..0 } else { place(row)..place(row + 1) }
}

fn each(values: &[ArrayRef], lambda: &LambdaArgument, kind: Kind) -> Result<ArrayRef> {
    let lists = as_lists(values)?;
    let first = lists.first().ok_or_else(|| failed("an array is expected"))?;
    let mut rows_of = Vec::new();
    let mut offsets = vec![0_i32];
    for row in 0..first.len() {
        let length = range(first, row).len();
        rows_of.extend(std::iter::repeat_n(u64::try_from(row).unwrap_or(0), length));
        offsets.push(i32::try_from(rows_of.len()).map_err(|_| failed("the arrays are too long"))?);
    }
    let total = rows_of.len();
    let rows_of = UInt64Array::from(rows_of);
    let columns = lists
        .iter()
        .map(|list| {
            let places: UInt64Array = (0..list.len())
                .flat_map(|row| range(list, row))
                .map(|place| u64::try_from(place).ok())
                .collect();
            if places.len() != total {
                return Err(failed("the arrays have different lengths"));
            }
            Ok(take(list.values(), &places, None)?)
        })
        .collect::<Result<Vec<ArrayRef>>>()?;
    let closures: Vec<Box<dyn Fn() -> Result<ArrayRef>>> = columns
        .iter()
        .map(Arc::clone)
        .map(|column| Box::new(move || Ok(Arc::clone(&column))) as Box<dyn Fn() -> _>)
        .collect();
    let params: Vec<&dyn Fn() -> Result<ArrayRef>> = closures.iter().map(AsRef::as_ref).collect();
    let made =
        lambda.evaluate(&params, |captured| Ok(take_arrays(captured, &rows_of, None)?))?.into_array(total)?;
    let nulls = first.nulls().cloned();
    let offsets = OffsetBuffer::new(offsets.into());
    Ok(match kind {
        Kind::Transform => {
            Arc::new(ListArray::try_new(list_field(made.data_type().clone()), offsets, made, nulls)?)
        }
        Kind::Filter => filtered(&columns[0], made.as_boolean(), &offsets, nulls)?,
        _ => quantified(made.as_boolean(), &offsets, nulls.as_ref(), kind == Kind::Exists),
    })
}

fn filtered(
    values: &ArrayRef,
    kept: &BooleanArray,
    offsets: &OffsetBuffer<i32>,
    nulls: Option<NullBuffer>,
) -> Result<ArrayRef> {
    let mut ends = vec![0_i32];
    let mut total = 0_i32;
    for pair in offsets.windows(2) {
        for place in pair[0]..pair[1] {
            let place = usize::try_from(place).unwrap_or(0);
            total += i32::from(kept.is_valid(place) && kept.value(place));
        }
        ends.push(total);
    }
    let values = filter(values, kept)?;
    let field = list_field(values.data_type().clone());
    Ok(Arc::new(ListArray::try_new(field, OffsetBuffer::new(ends.into()), values, nulls)?))
}

/// One that decides, else null if there is a null, else the opposite.
fn quantified(
    tests: &BooleanArray,
    offsets: &OffsetBuffer<i32>,
    nulls: Option<&NullBuffer>,
    deciding: bool,
) -> ArrayRef {
    let result: BooleanArray = offsets
        .windows(2)
        .enumerate()
        .map(|(row, pair)| {
            if nulls.is_some_and(|nulls| nulls.is_null(row)) {
                return None;
            }
            let places = || (pair[0]..pair[1]).filter_map(|place| usize::try_from(place).ok());
            if places().any(|place| tests.is_valid(place) && tests.value(place) == deciding) {
                return Some(deciding);
            }
            if places().any(|place| tests.is_null(place)) { None } else { Some(!deciding) }
        })
        .collect();
    Arc::new(result)
}

/// Takes the n-th elements of all rows together, as long as any row has one.
fn fold(values: &[ArrayRef], lambda: &LambdaArgument, rows: usize) -> Result<ArrayRef> {
    let [list, start] = values else { return Err(failed("an array and a start are expected")) };
    let lists = as_lists(std::slice::from_ref(list))?;
    let list = &lists[0];
    let longest = (0..rows).map(|row| range(list, row).len()).max().unwrap_or(0);
    let mut state = Arc::clone(start);
    for index in 0..longest {
        let active: Vec<usize> = (0..rows).filter(|row| range(list, *row).len() > index).collect();
        let numbers = |places: &[usize]| {
            UInt64Array::from_iter_values(places.iter().filter_map(|place| u64::try_from(*place).ok()))
        };
        let active_rows = numbers(&active);
        let elements = take(
            list.values(),
            &numbers(&active.iter().map(|row| range(list, *row).start + index).collect::<Vec<_>>()),
            None,
        )?;
        let states = take(&state, &active_rows, None)?;
        let made = lambda
            .evaluate(&[&|| Ok(Arc::clone(&states)), &|| Ok(Arc::clone(&elements))], |captured| {
                Ok(take_arrays(captured, &active_rows, None)?)
            })?
            .into_array(active.len())?;
        // Rows that are done keep what they have.
        let both = concat(&[state.as_ref(), made.as_ref()])?;
        let mut places: Vec<usize> = (0..rows).collect();
        for (order, row) in active.iter().enumerate() {
            places[*row] = rows + order;
        }
        state = take(&both, &numbers(&places), None)?;
    }
    // Of a null array nothing can be made.
    let null = BooleanArray::from_iter((0..rows).map(|row| Some(list.is_null(row))));
    Ok(arrow::compute::nullif(&state, &null)?)
}
