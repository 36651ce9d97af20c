//! What statements answer, compared with what Spark 3.5 answered.

#[cfg(test)]
mod answers;
#[cfg(test)]
mod canary;
#[cfg(test)]
mod common;
#[cfg(test)]
mod correlated;
#[cfg(test)]
mod distributed;
#[cfg(test)]
mod first_row;
#[cfg(test)]
mod frames;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod list;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod refused;
#[cfg(test)]
mod report;
#[cfg(test)]
mod statement;
