//! Lakes as they stand on disk.

#[cfg(test)]
mod generate;
#[cfg(test)]
mod lake;
#[cfg(test)]
mod messy_cases;
#[cfg(test)]
mod mutate;
#[cfg(test)]
mod ties;
