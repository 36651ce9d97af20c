//! Structs.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray, StructArray, make_array};
use arrow::buffer::NullBuffer;
use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::error::DataFusionError;
use datafusion::functions::core::named_struct;
use datafusion::logical_expr::Expr;

use crate::bind::{Binder, Site, Span, Typed, names};
use crate::coerce::Kind;
use crate::error::{Result, SqlError};
use crate::functions::{Bind, Function, Params};
use crate::parse::ast::Call;
use crate::position::Position;
use crate::types::{self, list_field, list_of, struct_of};
use crate::udf::{Returns, Scalar, failed};

pub(super) const TABLE: &[Function] = &[
    Function::new(
        "struct",
        Bind::Higher(bind_struct),
        "A struct of the values; its fields are named after them",
    ),
    Function::build(
        "named_struct",
        Params::of(&[Kind::Any, Kind::Any]).rest(Kind::Any),
        named,
        "A struct of names and values",
    ),
];

/// Binds `struct(a, b AS c)`: fields are called like columns, or col1, col2 and so on.
fn bind_struct(binder: &mut Binder<'_, '_, '_>, call: &Call, position: Position) -> Result<Typed> {
    if call.over.is_some() || call.filter.is_some() || call.distinct {
        return Err(SqlError::invalid("`struct` is no aggregate function", position));
    }
    let mut fields = Vec::new();
    for (index, arg) in call.args.iter().enumerate() {
        let typed = binder.bind(&arg.value)?;
        let given = arg.name.as_ref().map(|name| name.text.clone());
        let given = given.or_else(|| binder.lambda_parameter(&arg.value));
        fields.push((field_name(&typed, given, index), typed));
    }
    let name = format!(
        "struct({})",
        fields.iter().map(|(_, typed)| typed.name.as_str()).collect::<Vec<_>>().join(", ")
    );
    Ok(of_fields(fields).named(name))
}

fn field_name(typed: &Typed, given: Option<String>, index: usize) -> String {
    let column =
        matches!(&typed.expr, Expr::Column(_) | Expr::OuterReferenceColumn(_, _) | Expr::LambdaVariable(_));
    let of_field = matches!(&typed.expr, Expr::ScalarFunction(call) if call.func.name() == FIELD.name);
    match given {
        Some(given) => given,
        None if column || of_field => typed.name.clone(),
        None => format!("col{}", index + 1),
    }
}

/// Makes a struct of `(a, b)`.
pub(crate) fn of_parts(parts: Vec<Typed>, given: impl Fn(usize) -> Option<String>) -> Typed {
    let name = format!("named_struct({})", names(&parts));
    let fields = parts
        .into_iter()
        .enumerate()
        .map(|(index, typed)| (field_name(&typed, given(index), index), typed))
        .collect();
    of_fields(fields).named(name)
}

/// Makes a struct of named values.
pub(crate) fn of_fields(fields: Vec<(String, Typed)>) -> Typed {
    let data_type = struct_of(fields.iter().map(|(name, typed)| (name.clone(), typed.data_type.clone())));
    // An interval of such units in it is no result of a query.
    let span = fields.iter().map(|(_, typed)| typed.span).find(|span| *span != Span::Full);
    let args = fields
        .into_iter()
        .flat_map(|(name, typed)| [Expr::Literal(ScalarValue::from(name), None), typed.expr])
        .collect();
    Typed { span: span.unwrap_or(Span::Full), ..Typed::new(named_struct().call(args), data_type, "") }
}

fn named(site: Site) -> Result<Typed> {
    if site.args.len() % 2 == 1 {
        return Err(site.wrong("it takes pairs of a name and a value"));
    }
    let mut fields = Vec::new();
    for (index, pair) in site.args.chunks(2).enumerate() {
        fields.push((site.text(index * 2, "the name of a field")?.to_owned(), pair[1].clone()));
    }
    Ok(of_fields(fields))
}

/// Reads a field of a struct.
///
/// The engine's function gives what stands below a struct that is null: `(CASE WHEN p THEN s END).a` would not be null where `p`
/// is not true.
pub(crate) fn get_field(base: Typed, key: &str, data_type: DataType) -> Typed {
    let name = format!("{}.{key}", base.name);
    let key = Typed::constant(ScalarValue::from(key), key);
    Typed::call_as(&FIELD, vec![base, key], data_type, name)
}

/// Reads all fields of a struct, for `s.*`.
pub(crate) fn all_fields(base: Typed, position: Position) -> Result<Vec<Typed>> {
    let DataType::Struct(fields) = base.data_type.clone() else {
        return Err(SqlError::Types {
            operation: "`.*`".to_owned(),
            types: types::display(&base.data_type),
            position,
        });
    };
    Ok(fields
        .iter()
        .map(|field| get_field(base.clone(), field.name(), field.data_type().clone()).named(field.name()))
        .collect())
}

/// `field(struct, name, type)`
pub(crate) static FIELD: Scalar = Scalar::new("spark_field", Returns::Last, |args| {
    let base = args.array(0)?;
    let base = base.as_struct_opt().ok_or_else(|| failed("a struct is expected"))?;
    let name = args.text(1)?;
    field_of(base, name.get(0).unwrap_or_default())
});

/// The field of every struct; null where the struct is, whatever stands below it.
fn field_of(structs: &StructArray, name: &str) -> Result<ArrayRef, DataFusionError> {
    let column = structs.column_by_name(name).ok_or_else(|| failed(format!("there is no field `{name}`")))?;
    let Some(nulls) = structs.nulls() else { return Ok(Arc::clone(column)) };
    let nulls = NullBuffer::union(Some(nulls), column.logical_nulls().as_ref());
    Ok(make_array(column.to_data().into_builder().nulls(nulls).build()?))
}

/// `fields_of_all(array of structs, name, type)`: the field of every struct.
pub(crate) static FIELDS_OF_ALL: Scalar = Scalar::new("spark_fields_of_all", Returns::Last, |args| {
    let array = args.array(0)?;
    let list = array.as_list_opt::<i32>().ok_or_else(|| failed("an array of structs is expected"))?;
    let name = args.text(1)?;
    let name = name.get(0).unwrap_or_default();
    let structs = list.values().as_struct_opt().ok_or_else(|| failed("an array of structs is expected"))?;
    let column = field_of(structs, name)?;
    let field = list_field(column.data_type().clone());
    Ok(Arc::new(ListArray::try_new(field, list.offsets().clone(), column, list.nulls().cloned())?))
});

/// Reads a field of every struct of an array.
pub(crate) fn fields_of_all(base: Typed, key: &str, data_type: DataType) -> Typed {
    let key = Typed::constant(ScalarValue::from(key), key);
    Typed::call_as(&FIELDS_OF_ALL, vec![base, key], list_of(data_type), "")
}
