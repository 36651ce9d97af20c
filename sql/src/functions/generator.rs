//! Functions that make several rows of one.

use arrow::datatypes::DataType;

use super::collection::{access, array, map, sequence};
use super::{Bind, Function, Params};
use crate::bind::{Site, Typed, common_type};
use crate::coerce::Kind;
use crate::error::Result;
use crate::plan::{Generated, Generator};
use crate::types::{self, element_of, map_parts};

const COLLECTION: Params = Params::of(&[Kind::Any]).named(&["collection"]);

const TABLE: &[Function] = &[
    Function::new(
        "explode",
        Bind::Generator(COLLECTION, |site| explode(site, false, false)),
        "A row for each element of an array or entry of a map",
    ),
    Function::new(
        "explode_outer",
        Bind::Generator(COLLECTION, |site| explode(site, false, true)),
        "The same, and a row of nulls where there is no element",
    ),
    Function::new(
        "posexplode",
        Bind::Generator(COLLECTION, |site| explode(site, true, false)),
        "A row for each element with its place, from 0",
    ),
    Function::new(
        "posexplode_outer",
        Bind::Generator(COLLECTION, |site| explode(site, true, true)),
        "The same, and a row of nulls where there is no element",
    ),
    Function::new(
        "inline",
        Bind::Generator(Params::of(&[Kind::Any]), |site| inline(site, false)),
        "A row for each struct of an array, a column for each field",
    ),
    Function::new(
        "inline_outer",
        Bind::Generator(Params::of(&[Kind::Any]), |site| inline(site, true)),
        "The same, and a row of nulls where there is no struct",
    ),
    Function::new(
        "stack",
        Bind::Generator(Params::of(&[Kind::PlainInt, Kind::Any]).rest(Kind::Any), stack),
        "Values in so many rows",
    ),
    Function::new(
        "range",
        Bind::Table(Params::of(&[Kind::Long]).opt(&[Kind::Long, Kind::Long, Kind::Long]), range),
        "Rows with the numbers of a range",
    ),
];

pub(super) const TABLES: &[&[Function]] = &[TABLE];

fn explode(site: Site, with_place: bool, outer: bool) -> Result<Generator> {
    let value = site.args[0].clone();
    let mut inputs = Vec::new();
    let mut outputs = Vec::new();
    if with_place {
        inputs.push(Typed::call(&array::PLACES, vec![value.clone()], "", site.position)?.expr);
        outputs.push(Generated { input: 0, field: None, data_type: DataType::Int32, name: "pos".to_owned() });
    }
    let mut add = |typed: Typed, name: &str| -> Result<()> {
        let data_type =
            element_of(&typed.data_type).cloned().ok_or_else(|| site.wrong("it takes an array or a map"))?;
        outputs.push(Generated { input: inputs.len(), field: None, data_type, name: name.to_owned() });
        inputs.push(typed.expr);
        Ok(())
    };
    if map_parts(&value.data_type).is_some() {
        add(Typed::call(&map::KEYS, vec![value.clone()], "", site.position)?, "key")?;
        add(Typed::call(&map::VALUES, vec![value], "", site.position)?, "value")?;
    } else {
        add(value, "col")?;
    }
    Ok(Generator { inputs, outputs, outer })
}

fn inline(site: Site, outer: bool) -> Result<Generator> {
    let value = &site.args[0];
    let Some(DataType::Struct(fields)) = element_of(&value.data_type) else {
        return Err(site.wrong("it takes an array of structs"));
    };
    let outputs = fields
        .iter()
        .map(|field| Generated {
            input: 0,
            field: Some(field.name().clone()),
            data_type: field.data_type().clone(),
            name: field.name().clone(),
        })
        .collect();
    Ok(Generator { inputs: vec![value.expr.clone()], outputs, outer })
}

fn stack(mut site: Site) -> Result<Generator> {
    let rows = site.integer(0, "the number of rows")?;
    let rows = usize::try_from(rows)
        .ok()
        .filter(|rows| *rows > 0)
        .ok_or_else(|| site.wrong("there is at least one row"))?;
    let values = site.args.split_off(1);
    let columns = values.len().div_ceil(rows);
    let (mut inputs, mut outputs) = (Vec::new(), Vec::new());
    for column in 0..columns {
        let mut parts: Vec<Typed> =
            (0..rows).filter_map(|row| values.get(row * columns + column).cloned()).collect();
        parts.resize_with(rows, || Typed::constant(datafusion::common::ScalarValue::Null, "NULL"));
        let first =
            parts.iter().find(|part| part.data_type != DataType::Null).map(|part| part.data_type.clone());
        let same = parts
            .iter()
            .all(|part| part.data_type == DataType::Null || Some(&part.data_type) == first.as_ref());
        if !same {
            return Err(site.wrong(format!("the values of column {column} have different types")));
        }
        let parts = common_type(parts, false, "stack", site.position)?;
        let data_type = parts[0].data_type.clone();
        inputs.push(array::of_elements(parts, &data_type, site.position)?.expr);
        outputs.push(Generated { input: column, field: None, data_type, name: format!("col{column}") });
    }
    Ok(Generator { inputs, outputs, outer: false })
}

fn range(site: Site) -> Result<Generator> {
    let long =
        |value: i64| Typed::constant(datafusion::common::ScalarValue::Int64(Some(value)), value.to_string());
    let given = (0..site.args.len())
        .map(|index| site.integer(index, "a bound of a range"))
        .collect::<Result<Vec<i64>>>()?;
    let (from, to, step) = match given.as_slice() {
        [to] => (0, *to, 1),
        [from, to] => (*from, *to, 1),
        [from, to, step, ..] => (*from, *to, *step),
        [] => return Err(site.wrong("a bound is missing")),
    };
    if step == 0 {
        return Err(site.wrong("the step must not be 0"));
    }
    // Spark counts on behind the last one, and answers with no rows where that number is none.
    let (first, end, by) = (i128::from(from), i128::from(to), i128::from(step));
    let steps = ((end - first) / by + i128::from((end - first) % by != 0)).max(0);
    if i64::try_from(first + steps * by).is_err() {
        return Err(site.wrong("the number behind its last one leaves 64 bits"));
    }
    let empty = if step > 0 { from >= to } else { from <= to };
    // The end does not belong to it. Where there are numbers, it is none of the outermost.
    let last = to.saturating_sub(step.signum());
    let data_type = types::list_of(DataType::Int64);
    let list = if empty {
        array::of_elements(Vec::new(), &DataType::Int64, site.position)?
    } else {
        Typed::call_as(
            &sequence::SEQUENCE,
            vec![
                long(from),
                long(last),
                long(step),
                Typed::constant(datafusion::common::ScalarValue::Boolean(Some(true)), ""),
            ],
            data_type,
            "",
        )
    };
    let output = Generated { input: 0, field: None, data_type: DataType::Int64, name: "id".to_owned() };
    debug_assert!(access::is_collection(&list.data_type));
    Ok(Generator { inputs: vec![list.expr], outputs: vec![output], outer: false })
}
