//! Refreshes over storage that fails, through the crate's public face.

#[cfg(test)]
mod common;
#[cfg(test)]
mod fault;
