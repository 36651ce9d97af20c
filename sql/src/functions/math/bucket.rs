//! Equal parts of a range.

use arrow::datatypes::{DataType, Float64Type, Int64Type};

use crate::coerce::Kind;
use crate::functions::{Function, Params};
use crate::udf::{Returns, Scalar, numbers};

pub(super) const TABLE: &[Function] = &[Function::kernel(
    "width_bucket",
    Params::of(&[Kind::Double, Kind::Double, Kind::Double, Kind::Long]),
    &WIDTH_BUCKET,
    "Number of the part of a range that a value lies in; 0 below and one more than there are above",
)];

/// `width_bucket(value, min, max, parts)`.
pub(crate) static WIDTH_BUCKET: Scalar =
    Scalar::new("spark_width_bucket", Returns::Fixed(|| DataType::Int64), |args| {
        let bounds = [
            args.numbers::<Float64Type>(0)?,
            args.numbers::<Float64Type>(1)?,
            args.numbers::<Float64Type>(2)?,
        ];
        let parts = args.numbers::<Int64Type>(3)?;
        numbers::<Int64Type>(args, |row| {
            let (value, min, max, parts) =
                (bounds[0].get(row)?, bounds[1].get(row)?, bounds[2].get(row)?, parts.get(row)?);
            if parts <= 0
                || parts == i64::MAX
                || value.is_nan()
                || min == max
                || !min.is_finite()
                || !max.is_finite()
            {
                return None;
            }
            let (lower, upper) = if min < max { (min, max) } else { (max, min) };
            let below = if min < max { value < lower } else { value > upper };
            let above = if min < max { value >= upper } else { value <= lower };
            if below {
                return Some(0);
            }
            if above {
                return Some(parts + 1);
            }
            #[expect(
                clippy::cast_precision_loss,
                clippy::cast_possible_truncation,
                reason = "Spark computes the part as a double, too"
            )]
            Some(if min < max {
                (parts as f64 * (value - lower) / (upper - lower)) as i64 + 1
            } else {
                (parts as f64 * (upper - value) / (upper - lower)) as i64 + 1
            })
        })
    });
