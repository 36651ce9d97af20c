//! Tables written and read through the crate's public face.

#[cfg(test)]
mod commit;
#[cfg(test)]
mod entries;
#[cfg(test)]
mod others;
#[cfg(test)]
mod scan;
#[cfg(test)]
mod write;
