//! One model: a header and a query.

use std::sync::Arc;

use goldsmith_proto::id::{Layer, TableName};
use goldsmith_sql::parse::Query;
use goldsmith_sql::spelling::fold;

use crate::audit::AuditSpec;
use crate::error::{JobsError, Result};
use crate::header::{self, Header};
use crate::variable::Variables;

/// One SQL definition of a silver or gold table.
#[derive(Debug, Clone)]
pub struct Model {
    name: TableName,
    layer: Layer,
    file: String,
    text: Arc<str>,
    header: Arc<Header>,
    query: Query,
}

impl Model {
    /// Reads the model in `text`, the content of `file`.
    ///
    /// # Errors
    /// [`JobsError`] if its header, its variables or its query cannot be read.
    pub fn parse(file: &str, text: &str, variables: &Variables) -> Result<Self> {
        let stem = file.rsplit('/').next().unwrap_or(file);
        let stem = stem.strip_suffix(".sql").unwrap_or(stem);
        let header = header::parse(stem, file, text)?;
        let name = header.name.clone().unwrap_or_else(|| stem.to_owned());
        let name = TableName::try_new(name).map_err(|error| JobsError::Header {
            model: stem.to_owned(),
            file: file.to_owned(),
            line: 1,
            message: error.to_string(),
        })?;
        if !header.partition_by.is_empty() {
            return Err(JobsError::Header {
                model: name.to_string(),
                file: file.to_owned(),
                line: 1,
                message: "`partition_by` is not supported yet; sort_by keeps files apart by date as well"
                    .to_owned(),
            });
        }
        let layer = header.layer.map_or(Layer::Gold, Into::into);
        let refuse = |message: String| JobsError::Header {
            model: name.to_string(),
            file: file.to_owned(),
            line: 1,
            message,
        };
        if layer == Layer::Gold && name.as_str().starts_with('_') {
            return Err(refuse("the name of a gold table begins with a letter".to_owned()));
        }
        if let Some(fault) = header.audits.iter().find_map(AuditSpec::fault) {
            return Err(refuse(fault));
        }
        let text = variables.substitute(file, text)?;
        // The header is a comment for the parser too, so that its line numbers are those of the file.
        let query = Query::parse(&text).map_err(|source| JobsError::Query {
            model: name.to_string(),
            file: file.to_owned(),
            rendered: source.render(&text),
            source: Box::new(source),
        })?;
        Ok(Self { name, layer, file: file.to_owned(), text: text.into(), header: Arc::new(header), query })
    }

    /// Name of the model and of its table.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.as_str()
    }

    /// The same as a checked name.
    #[must_use]
    pub const fn table_name(&self) -> &TableName {
        &self.name
    }

    /// Silver or gold.
    #[must_use]
    pub const fn layer(&self) -> Layer {
        self.layer
    }

    /// Name by which SQL calls it, in lower case: `gold.profiles_customer`.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}.{}", self.layer, self.name().to_lowercase())
    }

    /// Name by which messages call it: `gold.profiles_Customer`.
    #[must_use]
    pub fn display_name(&self) -> String {
        format!("{}.{}", self.layer, self.name())
    }

    /// File that holds it.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The file's text with variables put in.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it says of itself.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Its query.
    #[must_use]
    pub const fn query(&self) -> &Query {
        &self.query
    }

    /// Bronze tables that its query names, in lower case.
    pub fn bronze_tables(&self) -> impl Iterator<Item = String> {
        self.query.tables().into_iter().filter_map(|t| match t.schema.as_deref() {
            None | Some("bronze") => Some(t.name),
            Some(_) => None,
        })
    }

    /// Keys of the models that its query names, with the line of the first mention.
    pub fn model_tables(&self) -> impl Iterator<Item = (String, u64)> {
        self.query.tables().into_iter().filter_map(|t| match t.schema.as_deref() {
            Some(schema @ ("silver" | "gold")) => Some((format!("{schema}.{}", t.name), t.line)),
            _ => None,
        })
    }

    /// Whether it can do without the bronze table `table`: it reads it as empty, or is skipped.
    #[must_use]
    pub fn can_miss(&self, table: &str) -> bool {
        self.is_optional(table) || self.header.skip_without.iter().any(|t| fold(t) == fold(table))
    }

    /// Whether the header lets `name` (`table`, `table.column` or a model's key) be missing.
    #[must_use]
    pub fn is_optional(&self, name: &str) -> bool {
        self.header.optional.iter().any(|optional| fold(optional) == fold(name))
    }
}
