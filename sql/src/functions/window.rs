//! Functions over windows: places in an order, values of other rows.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::functions_window::{cume_dist, lead_lag, nth_value, ntile, rank, row_number};
use datafusion::logical_expr::expr::Cast;
use datafusion::logical_expr::{Expr, WindowFunctionDefinition, WindowUDF};

use super::{Bind, Function, Params};
use crate::bind::{Site, Typed, Window};
use crate::coerce::Kind;
use crate::error::Result;
use crate::types;
use crate::udf::ignoring_nulls;

const NONE: Params = Params::of(&[]);

const TABLE: &[Function] = &[
    Function::new(
        "row_number",
        Bind::Window(NONE, |site, window| place(site, window, row_number::row_number_udwf())),
        "Number of the row in its partition, from 1",
    ),
    Function::new(
        "rank",
        Bind::Window(NONE, |site, window| place(site, window, rank::rank_udwf())),
        "Number of the first row with the same key",
    ),
    Function::new(
        "dense_rank",
        Bind::Window(NONE, |site, window| place(site, window, rank::dense_rank_udwf())),
        "Number of the key among the different ones",
    ),
    Function::new(
        "percent_rank",
        Bind::Window(NONE.rest(Kind::Any), |site, window| share(site, window, rank::percent_rank_udwf())),
        "Rank as a share of the others, from 0.0 to 1.0",
    ),
    Function::new(
        "cume_dist",
        Bind::Window(NONE, |site, window| share(site, window, cume_dist::cume_dist_udwf())),
        "Share of the rows up to this key",
    ),
    Function::new(
        "ntile",
        Bind::Window(Params::of(&[]).opt(&[Kind::Any]), tile),
        "Number of the part when the rows are cut into so many equal parts",
    ),
    Function::new(
        "lag",
        Bind::Window(OFFSET, |site, window| offset(site, window, lead_lag::lag_udwf())),
        "Value of an earlier row",
    ),
    Function::new(
        "lead",
        Bind::Window(OFFSET, |site, window| offset(site, window, lead_lag::lead_udwf())),
        "Value of a later row",
    ),
    Function::new(
        "nth_value",
        Bind::Window(Params::of(&[Kind::Any, Kind::Int]).opt(&[Kind::Boolean]), nth),
        "Value of the n-th row of the frame",
    ),
];

const OFFSET: Params = Params::of(&[Kind::Any]).opt(&[Kind::Any, Kind::Any]);

pub(super) const TABLES: &[&[Function]] = &[TABLE];

pub(super) fn udfs() -> Vec<Arc<WindowUDF>> {
    vec![
        row_number::row_number_udwf(),
        rank::rank_udwf(),
        rank::dense_rank_udwf(),
        rank::percent_rank_udwf(),
        cume_dist::cume_dist_udwf(),
        ntile::ntile_udwf(),
        lead_lag::lag_udwf(),
        lead_lag::lead_udwf(),
        nth_value::first_value_udwf(),
        nth_value::last_value_udwf(),
        nth_value::nth_value_udwf(),
        ignoring_nulls(lead_lag::lag_udwf()),
        ignoring_nulls(lead_lag::lead_udwf()),
        ignoring_nulls(nth_value::nth_value_udwf()),
    ]
}

fn ordered(site: &Site, window: &Window) -> Result<()> {
    if window.framed {
        return Err(site.wrong("it takes no frame"));
    }
    if window.ordered { Ok(()) } else { Err(site.wrong("its window needs an ORDER BY")) }
}

fn call(window: &Window, function: Arc<WindowUDF>, args: Vec<Expr>) -> Expr {
    window.call(WindowFunctionDefinition::WindowUDF(function), args)
}

/// The function that does what the window says of nulls.
fn heeding_nulls(window: &Window, function: Arc<WindowUDF>) -> Arc<WindowUDF> {
    if window.ignore_nulls { ignoring_nulls(function) } else { function }
}

/// Refuses IGNORE NULLS where there are no values.
fn without_nulls(site: &Site, window: &Window) -> Result<()> {
    if window.ignore_nulls { Err(site.wrong("it takes no IGNORE NULLS")) } else { Ok(()) }
}

/// The engine counts in unsigned bigints, Spark in ints.
fn place(site: Site, window: &Window, function: Arc<WindowUDF>) -> Result<Typed> {
    ordered(&site, window)?;
    without_nulls(&site, window)?;
    let expr = Expr::Cast(Cast::new(Box::new(call(window, function, Vec::new())), DataType::Int32));
    Ok(Typed::new(expr, DataType::Int32, ""))
}

fn share(site: Site, window: &Window, function: Arc<WindowUDF>) -> Result<Typed> {
    ordered(&site, window)?;
    without_nulls(&site, window)?;
    // percent_rank takes arguments that mean nothing.
    Ok(Typed::new(call(window, function, Vec::new()), DataType::Float64, ""))
}

/// Returns the constant int that an argument must be. Spark takes no other integer here, and no string.
fn int(site: &Site, index: usize, what: &str) -> Result<i64> {
    match site.args[index].data_type {
        DataType::Int8 | DataType::Int16 | DataType::Int32 => site.integer(index, what),
        _ => Err(site.wrong(format!("{what} must be a constant int"))),
    }
}

fn tile(site: Site, window: &Window) -> Result<Typed> {
    ordered(&site, window)?;
    without_nulls(&site, window)?;
    let parts = if site.args.is_empty() { 1 } else { int(&site, 0, "the number of parts")? };
    if parts < 1 {
        return Err(site.wrong("the number of parts is at least 1"));
    }
    let parts = Expr::Literal(datafusion::common::ScalarValue::Int64(Some(parts)), None);
    let expr =
        Expr::Cast(Cast::new(Box::new(call(window, ntile::ntile_udwf(), vec![parts])), DataType::Int32));
    Ok(Typed::new(expr, DataType::Int32, ""))
}

fn offset(site: Site, window: &Window, function: Arc<WindowUDF>) -> Result<Typed> {
    ordered(&site, window)?;
    let by = if site.args.len() > 1 { int(&site, 1, "the offset")? } else { 1 };
    // The engine counts nulls where it looks two rows ahead or more for those that are none. Behind it looks rightly.
    let ahead = if function.name() == "lead" { by } else { by.saturating_neg() };
    let backwards = window.ignore_nulls && ahead > 1;
    let reversed = backwards.then(|| window.reversed());
    let (window, function, by) = match &reversed {
        Some(reversed) => (reversed, lead_lag::lag_udwf(), ahead),
        None => (window, function, by),
    };
    let value = site.args[0].clone();
    let mut args = Vec::new();
    let by = Expr::Literal(datafusion::common::ScalarValue::Int64(Some(by)), None);
    if let Some(default) = site.args.get(2) {
        // Spark casts a default by itself only where a parameter of that type would take it.
        let kind = match value.data_type {
            DataType::Boolean => Kind::PlainBoolean,
            DataType::Utf8 => Kind::Text,
            DataType::Binary => Kind::Binary,
            DataType::Date32 => Kind::Date,
            DataType::Timestamp(_, _) => Kind::DateOrTimestamp,
            ref number if types::is_numeric(number) => Kind::Double,
            _ => Kind::Any,
        };
        let same = kind != Kind::Any
            || matches!(&default.data_type, own if *own == value.data_type || *own == DataType::Null);
        if !same || kind.accept(&default.data_type).is_none() {
            return Err(site.wrong(format!(
                "the default of a {} cannot be a {}",
                types::display(&value.data_type),
                types::display(&default.data_type)
            )));
        }
        let default = default.clone().cast_for(&value.data_type, &site.name, site.position)?;
        let default =
            crate::bind::evaluate(&default).ok_or_else(|| site.wrong("the default must be a constant"))?;
        args.extend([by, default.expr]);
    } else {
        args.push(by);
    }
    args.insert(0, value.expr);
    Ok(Typed {
        expr: call(window, heeding_nulls(window, function), args),
        name: String::new(),
        data_type: value.data_type,
        span: value.span,
    })
}

fn nth(site: Site, window: &Window) -> Result<Typed> {
    if !window.ordered {
        return Err(site.wrong("its window needs an ORDER BY"));
    }
    if site.args.len() > 2 {
        return Err(site.wrong("write IGNORE NULLS instead of the third argument"));
    }
    let number = site.integer(1, "the number of the row")?;
    if number < 1 {
        return Err(site.wrong("rows are counted from 1"));
    }
    let number = Expr::Literal(datafusion::common::ScalarValue::Int64(Some(number)), None);
    let value = site.args[0].clone();
    let function = heeding_nulls(window, nth_value::nth_value_udwf());
    let expr = call(window, function, vec![value.expr.clone(), number]);
    Ok(Typed { expr, name: String::new(), ..value })
}
