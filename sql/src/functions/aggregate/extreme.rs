//! The value beside the largest or smallest key.

use arrow::array::{Array, ArrayRef};
use arrow::row::{OwnedRow, RowConverter, SortField};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::Accumulator;

use super::basic::{call, name};
use super::own::{Own, udaf};
use crate::bind::{Site, Typed, normalized};
use crate::coerce::Kind;
use crate::functions::{AggregateOptions, Bind, Function, Params};
use crate::types::is_orderable;
use crate::udf::failed;
use arrow::datatypes::DataType;

const PAIR: Params = Params::of(&[Kind::Any, Kind::Any]);

pub(super) const TABLE: &[Function] = &[
    Function::new(
        "max_by",
        Bind::Aggregate(PAIR, |site, options| bind(site, options, &MAX_BY)),
        "The first argument of the row with the largest second one",
    ),
    Function::new(
        "min_by",
        Bind::Aggregate(PAIR, |site, options| bind(site, options, &MIN_BY)),
        "The first argument of the row with the smallest second one",
    ),
];

fn bind(site: Site, options: AggregateOptions, function: &'static Own) -> crate::Result<Typed> {
    let name = name(&site, &options);
    if options.distinct || options.ignore_nulls {
        return Err(site.wrong("it takes no DISTINCT and no IGNORE NULLS"));
    }
    let wrong = site.wrong("the second argument has no order");
    let Ok([value, key]) = <[Typed; 2]>::try_from(site.args) else { return Err(wrong) };
    if !is_orderable(&key.data_type) || key.data_type == DataType::Null {
        return Err(wrong);
    }
    let key = normalized(key);
    let expr = call(udaf(function), vec![value.expr, key.expr], options);
    Ok(Typed { expr, name, data_type: value.data_type, span: value.span })
}

const fn own(name: &'static str, start: fn(&[DataType]) -> Box<dyn Accumulator>) -> Own {
    Own {
        name,
        returns: |types| types.first().cloned().ok_or_else(|| failed("an argument is missing")),
        state: <[DataType]>::to_vec,
        start,
        slide: None,
        groups: None,
    }
}

/// `max_by(value, key)`.
pub(crate) static MAX_BY: Own = own("spark_max_by", |types| Box::new(Extreme::new(types, true)));
/// `min_by(value, key)`.
pub(crate) static MIN_BY: Own = own("spark_min_by", |types| Box::new(Extreme::new(types, false)));

#[derive(Debug)]
struct Extreme {
    largest: bool,
    value: ScalarValue,
    key: ScalarValue,
    row: Option<OwnedRow>,
}

impl Extreme {
    fn new(types: &[DataType], largest: bool) -> Self {
        let null = |index: usize| {
            types
                .get(index)
                .and_then(|data_type| ScalarValue::try_from(data_type).ok())
                .unwrap_or(ScalarValue::Null)
        };
        Self { largest, value: null(0), key: null(1), row: None }
    }
}

impl Accumulator for Extreme {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let [value, key] = values else { return Ok(()) };
        let converter = RowConverter::new(vec![SortField::new(key.data_type().clone())])?;
        let rows = converter.convert_columns(std::slice::from_ref(key))?;
        for row in (0..key.len()).filter(|row| key.is_valid(*row)) {
            let own = rows.row(row);
            // Of equal keys the last one counts.
            let better = self
                .row
                .as_ref()
                .is_none_or(|best| if self.largest { own >= best.row() } else { own <= best.row() });
            if better {
                self.row = Some(own.owned());
                self.value = ScalarValue::try_from_array(value, row)?;
                self.key = ScalarValue::try_from_array(key, row)?;
            }
        }
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(self.value.clone())
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.value.size() + self.key.size()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.value.clone(), self.key.clone()])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.update_batch(states)
    }
}
