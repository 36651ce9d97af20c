//! Deletion vectors.

use roaring::RoaringTreemap;
use serde_json::{Value, json};

/// A deletion vector as the protocol serialises it.
///
/// # Panics
/// Never: it is written into memory.
#[must_use]
pub fn vector_bytes(rows: &[u64]) -> Vec<u8> {
    let mut bytes = 1_681_511_377_u32.to_le_bytes().to_vec();
    rows.iter().copied().collect::<RoaringTreemap>().serialize_into(&mut bytes).unwrap();
    bytes
}

/// The descriptor of a vector that stands in the log.
#[must_use]
pub fn inline_vector(rows: &[u64]) -> Value {
    let mut bytes = vector_bytes(rows);
    let size = bytes.len();
    bytes.resize(size.next_multiple_of(4), 0);
    json!({
        "storageType": "i", "pathOrInlineDv": z85::encode(&bytes), "sizeInBytes": size, "cardinality": rows.len(),
    })
}
