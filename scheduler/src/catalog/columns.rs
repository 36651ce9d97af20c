//! Whether the columns of a model can be those of a table, and are the ones that its header speaks of.

use std::collections::BTreeSet;

use goldsmith_jobs::Model;
use goldsmith_jobs::audit::AuditSpec;

use super::Built;
use crate::error::{Result, SchedulerError};

/// The header speaks of columns that are there, and no two columns differ only in case, which Delta forbids.
pub(super) fn check(model: &Model, built: &Built) -> Result<()> {
    let mut seen = BTreeSet::new();
    for name in &built.names {
        if name.is_empty() || name.contains([' ', ',', ';', '{', '}', '(', ')', '\n', '\t', '=']) {
            return Err(SchedulerError::ColumnName {
                model: model.key(),
                file: model.file().to_owned(),
                column: name.clone(),
            });
        }
        if !seen.insert(name.to_lowercase()) {
            return Err(SchedulerError::DuplicateColumn {
                model: model.key(),
                file: model.file().to_owned(),
                column: name.clone(),
            });
        }
    }
    let header = model.header();
    let timestamp = header.timestamp.as_slice();
    let audited: Vec<String> = header.audits.iter().flat_map(AuditSpec::columns).cloned().collect();
    let named: [(&'static str, &[String]); 6] = [
        ("grain", &header.grain),
        ("sort_by", &header.sort_by),
        ("partition_by", &header.partition_by),
        ("unchanged", &header.unchanged),
        ("timestamp", timestamp),
        ("audits", &audited),
    ];
    for (key, columns) in named {
        if let Some(column) = columns.iter().find(|c| !seen.contains(&c.to_lowercase())) {
            return Err(SchedulerError::HeaderColumn {
                model: model.key(),
                file: model.file().to_owned(),
                column: column.clone(),
                key,
            });
        }
    }
    Ok(())
}
