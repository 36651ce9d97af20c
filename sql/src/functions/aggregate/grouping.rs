//! Which columns a grouping set leaves out.

/// The engine's column that tells grouping sets apart.
pub(crate) const GROUPING_ID: &str = datafusion::logical_expr::Aggregate::INTERNAL_GROUPING_ID;
