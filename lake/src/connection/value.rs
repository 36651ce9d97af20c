//! Values of a connection, which are often kept elsewhere.

use std::fmt;
use std::path::PathBuf;

use thiserror::Error;

/// A value, or where it is kept.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// As it stands.
    Literal(String),
    /// In a variable of the environment.
    Env(String),
    /// In a file, whose last line break does not count.
    File(PathBuf),
}

/// A value that is not where it should be.
#[derive(Debug, Error)]
pub enum ValueError {
    /// No such variable, or an empty one.
    #[error("the environment variable {name} is not set")]
    Env {
        /// Its name.
        name: String,
    },
    /// A file that cannot be read.
    #[error("{path} cannot be read: {source}", path = .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file that holds nothing.
    #[error("{path} is empty", path = .path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

impl Value {
    /// Reads `env:NAME`, `file:PATH`, or takes the text itself.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        if let Some(name) = text.strip_prefix("env:") {
            Self::Env(name.to_owned())
        } else if let Some(path) = text.strip_prefix("file:") {
            Self::File(path.strip_prefix("//").unwrap_or(path).into())
        } else {
            Self::Literal(text.to_owned())
        }
    }

    /// The value now.
    ///
    /// - **Source:** interface, "Configuration"
    ///
    /// # Errors
    /// [`ValueError`]
    #[expect(clippy::disallowed_methods, reason = "the configuration says that the value is kept there")]
    pub fn resolve(&self) -> Result<String, ValueError> {
        match self {
            Self::Literal(text) => Ok(text.clone()),
            Self::Env(name) => match std::env::var(name) {
                Ok(text) if !text.is_empty() => Ok(text),
                _ => Err(ValueError::Env { name: name.clone() }),
            },
            Self::File(path) => {
                let text = std::fs::read_to_string(path)
                    .map_err(|source| ValueError::File { path: path.clone(), source })?;
                match text.trim_end_matches(['\r', '\n']) {
                    "" => Err(ValueError::Empty { path: path.clone() }),
                    text => Ok(text.to_owned()),
                }
            }
        }
    }
}

/// Where it is kept; of a literal nothing.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(_) => f.write_str("literal"),
            Self::Env(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_taken_from_where_it_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        std::fs::write(&path, "s3cret\n").unwrap();
        let file = Value::parse(&format!("file:{}", path.display()));
        assert_eq!(file.resolve().unwrap(), "s3cret");
        assert_eq!(Value::parse("plain").resolve().unwrap(), "plain");
        assert_eq!(
            Value::parse("env:PATH").resolve().unwrap(),
            std::env::var_os("PATH").unwrap().into_string().unwrap()
        );
        std::fs::write(&path, "\n").unwrap();
        assert!(file.resolve().unwrap_err().to_string().ends_with("is empty"));
        let missing = Value::parse("env:GOLDSMITH_NO_SUCH_VARIABLE").resolve().unwrap_err();
        assert!(missing.to_string().contains("GOLDSMITH_NO_SUCH_VARIABLE is not set"), "{missing}");
    }

    #[test]
    fn a_literal_is_not_shown() {
        assert_eq!(format!("{:?}", Value::parse("s3cret")), "literal");
    }
}
