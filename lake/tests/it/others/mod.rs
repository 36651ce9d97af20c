//! Tables as other writers leave them: each reads as it does to Spark, or is refused by name.

mod calendar;
mod columns;
mod hints;
mod log;
mod nested;
mod partitions;
mod paths;
mod values;

use std::path::Path;

use goldsmith_lake::error::Domain;
use goldsmith_lake::{LakeError, Location, Stores, TableSnapshot};
use goldsmith_proto::id::Version;

use crate::scan::common::answers;

/// The table in `folder` at `version`, or at its last one.
pub(crate) async fn open_at(folder: &Path, version: Option<u64>) -> Result<TableSnapshot, LakeError> {
    let location = Location::parse(folder.to_str().unwrap()).unwrap();
    TableSnapshot::require(&Stores::default(), "t", &location, version.map(Version::new)).await
}

/// What a query over the table in `folder`, which it calls `t`, gives.
pub(crate) async fn ask(folder: &Path, sql: &str) -> Vec<String> {
    let snapshot = open_at(folder, None).await.unwrap();
    answers(&snapshot, sql).await.unwrap()
}

/// The text of the error with which the table in `folder` is refused, which is one of the user's input.
pub(crate) async fn refusal(folder: &Path) -> String {
    let error = open_at(folder, None).await.unwrap_err();
    assert_eq!(error.domain(), Domain::User, "{error}");
    let text = error.to_string();
    assert!(text.contains("`t`") && text.contains("hint:"), "{text}");
    text
}
