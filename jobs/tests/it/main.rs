//! The reader of packs, through the crate's public face.

#[cfg(test)]
mod any_bytes;
