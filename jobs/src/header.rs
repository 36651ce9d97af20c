//! The header of a model: leading `--` comment lines that hold TOML.

use std::collections::BTreeMap;

use goldsmith_proto::id::Layer;
use serde::Deserialize;

use crate::audit::AuditSpec;
use crate::error::{JobsError, Result};

/// What a model says of itself. Every key is optional.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Header {
    /// Name; the file's name without it.
    pub name: Option<String>,
    /// Layer; gold without it.
    pub layer: Option<LayerName>,
    /// Columns that tell its rows apart.
    pub grain: Vec<String>,
    /// One sentence on what a row is.
    pub description: Option<String>,
    /// Tables, `table.column`s and models that may be missing: read as empty, as null, as empty.
    pub optional: Vec<String>,
    /// Tables without which the model is skipped.
    pub skip_without: Vec<String>,
    /// `table.Column`s that count as present only under exactly this spelling.
    pub exact_case: Vec<String>,
    /// Pairs of columns (from, to) that the refresh time is compared with.
    pub valid_time: Vec<(String, String)>,
    /// Partition columns of the table.
    pub partition_by: Vec<String>,
    /// Columns by which the rows of the files are sorted.
    pub sort_by: Vec<String>,
    /// Whether Customer Insights reads it; yes without it.
    pub ci_d: Option<bool>,
    /// For activities: the column with the time at which it happened; it must not be null.
    pub timestamp: Option<String>,
    /// Columns that are not compared when rows are compared.
    pub unchanged: Vec<String>,
    /// What each column means.
    pub columns: BTreeMap<String, String>,
    /// Queries whose rows are faults.
    pub audits: Vec<AuditSpec>,
}

/// Layers that a model can be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LayerName {
    /// Standardised.
    Silver,
    /// Denormalised.
    Gold,
}

impl From<LayerName> for Layer {
    fn from(name: LayerName) -> Self {
        match name {
            LayerName::Silver => Self::Silver,
            LayerName::Gold => Self::Gold,
        }
    }
}

/// Reads the header of `text`.
///
/// # Errors
/// [`JobsError::Header`] with the line in the file.
pub fn parse(model: &str, file: &str, text: &str) -> Result<Header> {
    let mut toml = String::new();
    // A header must not be lost to a mark of byte order, to blank lines before it or to spaces.
    for line in text.trim_start_matches('\u{feff}').lines().map(str::trim_start) {
        if toml.trim().is_empty() && line.is_empty() {
            toml.push('\n');
            continue;
        }
        let Some(comment) = line.strip_prefix("--") else { break };
        toml.push_str(comment.strip_prefix(' ').unwrap_or(comment));
        toml.push('\n');
    }
    toml::from_str(&toml).map_err(|error| JobsError::Header {
        model: model.to_owned(),
        file: file.to_owned(),
        line: error.span().map_or(1, |span| toml[..span.start.min(toml.len())].matches('\n').count() + 1),
        message: error.message().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_ends_where_the_comments_end() {
        let text = "-- layer = \"silver\"\n-- grain = [\n--   \"a\",\n-- ]\n\nSELECT 1 AS a\n-- name = \"not the header\"\n";
        let header = parse("m", "m.sql", text).unwrap();
        assert_eq!(header.layer, Some(LayerName::Silver));
        assert_eq!(header.grain, ["a"]);
        assert_eq!(header.name, None);
    }

    #[test]
    fn blank_lines_spaces_and_a_byte_order_mark_do_not_hide_a_header() {
        let header = parse("m", "m.sql", "\u{feff}\n  \n -- grain = [\"a\"]\nSELECT 1 AS a").unwrap();
        assert_eq!(header.grain, ["a"]);
        let error = parse("m", "m.sql", "\n-- grian = 1\nSELECT 1").unwrap_err().to_string();
        assert!(error.contains("m.sql:2"), "{error}");
    }

    #[test]
    fn a_wrong_key_is_named_with_its_line() {
        let error =
            parse("m", "m.sql", "-- grain = [\"a\"]\n-- grian = 1\nSELECT 1").unwrap_err().to_string();
        assert!(error.contains("m.sql:2") && error.contains("grian"), "{error}");
    }
}
