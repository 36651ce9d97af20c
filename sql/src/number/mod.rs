//! Numbers as Spark and the JVM below it compute and write them.

pub(crate) mod decimal;
pub(crate) mod java_math;
pub(crate) mod java_text;
