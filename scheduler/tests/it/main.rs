//! Refreshes over storage that fails, through the crate's public face.

#[cfg(test)]
mod cluster_fault;
#[cfg(test)]
mod common;
#[cfg(test)]
mod fault;
#[cfg(test)]
mod lab;
#[cfg(test)]
mod lease;
#[cfg(test)]
mod trust;
