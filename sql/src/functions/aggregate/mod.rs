//! Aggregate functions.

pub(crate) mod basic;
pub(crate) mod collect;
pub(crate) mod extreme;
pub(crate) mod float_extreme;
pub(crate) mod float_sum;
pub(crate) mod grouping;
pub(crate) mod moments;
pub(crate) mod own;
pub(crate) mod percentile;
pub(crate) mod regression;
pub(crate) mod single;
mod sliding;

use std::sync::Arc;

use datafusion::functions_aggregate as engine;
use datafusion::logical_expr::AggregateUDF;

pub(crate) use self::single::single;
pub(crate) use self::sliding::sliding;
use super::Function;
use crate::udf::Scalar;

pub(super) const TABLES: &[&[Function]] = &[
    basic::TABLE,
    collect::TABLE,
    extreme::TABLE,
    grouping::TABLE,
    moments::TABLE,
    percentile::TABLE,
    regression::TABLE,
];

pub(super) static KERNELS: &[&Scalar] = &[&basic::NARROW, &basic::AVERAGE, &collect::FLOAT_SET];

/// The functions of the engine: its own, with those that its optimizer puts in their place, and ours.
pub(super) fn udfs() -> Vec<Arc<AggregateUDF>> {
    let mut all = vec![
        engine::count::count_udaf(),
        engine::sum::sum_udaf(),
        engine::min_max::min_udaf(),
        engine::min_max::max_udaf(),
        engine::first_last::first_value_udaf(),
        engine::first_last::last_value_udaf(),
        engine::array_agg::array_agg_udaf(),
        engine::bool_and_or::bool_and_udaf(),
        engine::bool_and_or::bool_or_udaf(),
        engine::bit_and_or_xor::bit_and_udaf(),
        engine::bit_and_or_xor::bit_or_udaf(),
        engine::bit_and_or_xor::bit_xor_udaf(),
    ];
    all.extend(
        [
            &single::SINGLE,
            &moments::MOMENTS,
            &regression::PAIRS,
            &percentile::PERCENTILE,
            &float_extreme::FLOAT_MAX,
            &float_extreme::FLOAT_MIN,
            &float_sum::FLOAT_SUM,
            &float_sum::FLOAT_SUM_DISTINCT,
            &extreme::MAX_BY,
            &extreme::MIN_BY,
        ]
        .map(own::udaf),
    );
    all.extend(sliding::udfs());
    all
}
