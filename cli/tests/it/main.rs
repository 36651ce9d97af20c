//! Runs the binary as its users do.

#[cfg(test)]
mod any_config;
#[cfg(test)]
mod approved;
#[cfg(test)]
mod azure;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod bad_target;
#[cfg(test)]
mod check;
#[cfg(test)]
mod cluster;
#[cfg(test)]
mod common;
#[cfg(test)]
mod deleted;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod generate;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod layout;
#[cfg(test)]
mod logs;
#[cfg(test)]
mod missing;
#[cfg(test)]
mod open_files;
#[cfg(test)]
mod orphans;
#[cfg(test)]
mod other_writer;
#[cfg(test)]
mod own_pack;
#[cfg(test)]
mod query;
#[cfg(test)]
mod real_lake;
#[cfg(test)]
mod refresh;
#[cfg(test)]
mod reports;
#[cfg(test)]
mod signal;
#[cfg(test)]
mod sources;
#[cfg(test)]
mod stall;
