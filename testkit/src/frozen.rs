//! Documents as an earlier build wrote them, which every later one reads.

#![expect(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test that uses it")]

use std::fs;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::golden::repository;

/// Reads `testdata/FILE` as a `T`, and asserts that nothing of it is lost: written again it says the same, and perhaps more.
///
/// # Panics
/// If the file is no `T` any more, or what is written is not what was read.
#[must_use]
pub fn read<T: DeserializeOwned + Serialize>(file: &str) -> T {
    let text = fs::read_to_string(repository().join("testdata").join(file)).unwrap();
    let frozen: Value = serde_json::from_str(&text).unwrap();
    let document: T = serde_json::from_value(frozen.clone()).unwrap_or_else(|e| panic!("{file}: {e}"));
    assert_kept(file, &frozen, &serde_json::to_value(&document).unwrap());
    document
}

fn assert_kept(place: &str, frozen: &Value, now: &Value) {
    match (frozen, now) {
        (Value::Object(fields), Value::Object(now)) => {
            for (name, value) in fields {
                let place = format!("{place}: {name}");
                let now = now.get(name).unwrap_or_else(|| panic!("{place} is gone"));
                assert_kept(&place, value, now);
            }
        }
        (Value::Array(items), Value::Array(now)) => {
            assert_eq!(items.len(), now.len(), "{place}");
            for (index, (item, now)) in items.iter().zip(now).enumerate() {
                assert_kept(&format!("{place}[{index}]"), item, now);
            }
        }
        _ => assert_eq!(frozen, now, "{place}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::assert_kept;

    #[test]
    fn more_is_kept_and_less_or_other_is_not() {
        let frozen = json!({"a": [{"b": 1}]});
        assert_kept("x", &frozen, &json!({"a": [{"b": 1, "c": 2}], "d": 3}));
        for now in [json!({}), json!({"a": []}), json!({"a": [{"b": 2}]}), json!({"a": [{}]})] {
            assert!(std::panic::catch_unwind(|| assert_kept("x", &frozen, &now)).is_err(), "{now}");
        }
    }
}
