//! Statements through the crate's public face.

#[cfg(test)]
mod spark;
#[cfg(test)]
mod statement;
