//! File statistics in the form of the Delta protocol ("Per-file Statistics").

use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use chrono::{DateTime, Datelike, Duration, NaiveDate};
use parquet::file::metadata::ParquetMetaData;
use parquet::file::statistics::Statistics;
use serde_json::{Map, Value, json};

/// Characters of a string bound that are kept; the protocol allows a bound to be shorter than the value.
const STRING_PREFIX_CHARS: usize = 32;

/// Columns of which bounds are recorded, counted from the first: the default of Delta.
const INDEXED_COLUMNS: usize = 32;

/// `numRecords`, `nullCount`, `minValues` and `maxValues` of a file, as JSON.
///
/// Bounds are given for integers, dates, timestamps, strings and short decimals. A bound that JSON could not hold exactly
/// is left out: a reader then reads the file, which is right, only slower. So are those of doubles, because parquet's
/// leave NaN out, and NaN is Spark's largest number.
pub(super) fn of_file(metadata: &ParquetMetaData, schema: &Schema) -> String {
    let mut min_values = Map::new();
    let mut max_values = Map::new();
    let mut null_count = Map::new();
    for field in schema.fields().iter().take(INDEXED_COLUMNS) {
        if field.data_type().is_nested() {
            continue;
        }
        let Some(leaf) = leaf(metadata, field.name()) else { continue };
        let chunks: Option<Vec<&Statistics>> = metadata
            .row_groups()
            .iter()
            .map(|group| group.columns().get(leaf).and_then(|column| column.statistics()))
            .collect();
        let Some(chunks) = chunks else { continue };
        let nulls: Option<u64> = chunks.iter().map(|s| s.null_count_opt()).sum();
        if let Some(nulls) = nulls {
            null_count.insert(field.name().clone(), nulls.into());
        }
        if let Some((min, max)) = bounds(field, &chunks) {
            min_values.insert(field.name().clone(), min);
            max_values.insert(field.name().clone(), max);
        }
    }
    json!({
        "numRecords": metadata.file_metadata().num_rows(),
        "minValues": min_values,
        "maxValues": max_values,
        "nullCount": null_count,
    })
    .to_string()
}

/// Position of a top-level column among the leaves of the file: a nested column before it has several.
fn leaf(metadata: &ParquetMetaData, name: &str) -> Option<usize> {
    let leaves = metadata.file_metadata().schema_descr().columns();
    leaves.iter().position(|leaf| leaf.path().parts() == [name])
}

fn bounds(field: &Field, chunks: &[&Statistics]) -> Option<(Value, Value)> {
    match field.data_type() {
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => {
            let (min, max) = integers(chunks)?;
            Some((min.into(), max.into()))
        }
        DataType::Date32 => {
            let (min, max) = integers(chunks)?;
            Some((date(min)?, date(max)?))
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            let (min, max) = integers(chunks)?;
            Some((timestamp(min, 0)?, timestamp(max, 1)?))
        }
        DataType::Decimal128(precision, scale) if *precision <= 15 => {
            let (min, max) = integers(chunks)?;
            Some((decimal(min, *scale)?, decimal(max, *scale)?))
        }
        DataType::Utf8 => strings(chunks),
        _ => None,
    }
}

/// The range of the chunks that have one; chunks that hold only nulls do not.
fn integers(chunks: &[&Statistics]) -> Option<(i64, i64)> {
    let mut range: Option<(i64, i64)> = None;
    for chunk in chunks {
        let (min, max) = match chunk {
            Statistics::Int32(s) => (s.min_opt().map(|v| i64::from(*v)), s.max_opt().map(|v| i64::from(*v))),
            Statistics::Int64(s) => (s.min_opt().copied(), s.max_opt().copied()),
            _ => return None,
        };
        let (Some(min), Some(max)) = (min, max) else { continue };
        range = Some(range.map_or((min, max), |(a, b)| (a.min(min), b.max(max))));
    }
    range
}

fn date(days: i64) -> Option<Value> {
    let epoch = NaiveDate::from_ymd_opt(1970, 1, 1)?;
    let day = epoch.checked_add_signed(Duration::try_days(days)?).filter(is_four_digits)?;
    Some(day.format("%Y-%m-%d").to_string().into())
}

/// Readers disagree on how other years are written.
fn is_four_digits(time: &impl Datelike) -> bool {
    (1..=9999).contains(&time.year())
}

/// Milliseconds are all that some readers take, so a bound is cut down to them and an upper one raised by `ceiling_ms`.
fn timestamp(micros: i64, ceiling_ms: i64) -> Option<Value> {
    let whole = micros.div_euclid(1000);
    let millis = if micros.rem_euclid(1000) == 0 { whole } else { whole + ceiling_ms };
    let time = DateTime::from_timestamp_millis(millis).filter(is_four_digits)?;
    Some(time.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string().into())
}

/// At most 15 digits, so the double that JSON makes of it prints as the same decimal.
fn decimal(unscaled: i64, scale: i8) -> Option<Value> {
    let text = format!("{unscaled}e{}", -i32::from(scale));
    let number: f64 = text.parse().ok()?;
    Some(json!(number))
}

fn strings(chunks: &[&Statistics]) -> Option<(Value, Value)> {
    let mut range: Option<(&[u8], &[u8])> = None;
    for chunk in chunks {
        let Statistics::ByteArray(stats) = chunk else { return None };
        let (Some(min), Some(max)) = (stats.min_opt(), stats.max_opt()) else { continue };
        let (min, max) = (min.data(), max.data());
        range = Some(range.map_or((min, max), |(a, b)| (a.min(min), b.max(max))));
    }
    let (min, max) = range?;
    let min: String = std::str::from_utf8(min).ok()?.chars().take(STRING_PREFIX_CHARS).collect();
    Some((min.into(), upper_bound(std::str::from_utf8(max).ok()?)?.into()))
}

/// The shortest text of at most [`STRING_PREFIX_CHARS`] characters that no value exceeds: a cut prefix has its last
/// character raised, because the prefix itself would be too small.
fn upper_bound(max: &str) -> Option<String> {
    if max.chars().count() <= STRING_PREFIX_CHARS {
        return Some(max.to_owned());
    }
    let mut prefix: Vec<char> = max.chars().take(STRING_PREFIX_CHARS).collect();
    while let Some(last) = prefix.pop() {
        // Surrogates lie between these two and are no characters.
        let next = if last == '\u{d7ff}' { Some('\u{e000}') } else { char::from_u32(u32::from(last) + 1) };
        if let Some(next) = next {
            prefix.push(next);
            return Some(prefix.into_iter().collect());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_upper_bound_is_not_below_the_value() {
        for value in
            ["short", &"z".repeat(40), &"\u{10ffff}".repeat(33), &format!("{}\u{d7ff}zz", "a".repeat(31))]
        {
            match upper_bound(value) {
                Some(bound) => {
                    assert!(bound.as_bytes() >= value.as_bytes(), "{bound:?} < {value:?}");
                    assert!(bound.chars().count() <= STRING_PREFIX_CHARS);
                }
                None => assert!(value.chars().all(|c| c == '\u{10ffff}')),
            }
        }
    }

    #[test]
    fn timestamp_bounds_enclose_the_microseconds() {
        assert_eq!(timestamp(1_999, 0), Some("1970-01-01T00:00:00.001Z".into()));
        assert_eq!(timestamp(1_001, 1), Some("1970-01-01T00:00:00.002Z".into()));
        assert_eq!(timestamp(-1, 0), Some("1969-12-31T23:59:59.999Z".into()));
        assert_eq!(timestamp(2_000, 1), Some("1970-01-01T00:00:00.002Z".into()));
    }

    #[test]
    fn decimals_print_as_themselves() {
        assert_eq!(
            decimal(123_456_789_012_345, 4).map(|v| v.to_string()),
            Some("12345678901.2345".to_owned())
        );
    }
}
