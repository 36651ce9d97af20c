//! What to do and what was done, as JSON.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// What to decode and to encode.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Job {
    pub(crate) threads: usize,
    pub(crate) bronze: Vec<BronzeTable>,
    /// Finished gold files. Each is encoded again as one file.
    pub(crate) gold: Vec<PathBuf>,
    /// Folder for the encoded files.
    pub(crate) out: PathBuf,
    pub(crate) split: Split,
    pub(crate) zstd_level: i32,
    pub(crate) row_group_rows: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BronzeTable {
    pub(crate) files: Vec<PathBuf>,
    /// Spelt as in the files.
    pub(crate) columns: Vec<String>,
}

/// What one thread encodes at a time.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Split {
    /// A column of a row group, so that no thread is ever without work.
    Columns,
    /// A whole file, as a program does that has one writer for each file.
    Files,
}

#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) read_seconds: f64,
    pub(crate) write_seconds: f64,
    #[serde(flatten)]
    pub(crate) decoded: Decoded,
    #[serde(flatten)]
    pub(crate) encoded: Encoded,
}

#[derive(Debug, Default, Serialize)]
pub(crate) struct Decoded {
    pub(crate) files_read: usize,
    pub(crate) rows_read: usize,
    pub(crate) values_read: usize,
}

#[derive(Debug, Default, Serialize)]
pub(crate) struct Encoded {
    pub(crate) files_written: usize,
    pub(crate) rows_written: i64,
    pub(crate) bytes_written: u64,
}

impl Job {
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let file = File::open(path).with_context(|| format!("cannot open `{}`", path.display()))?;
        serde_json::from_reader(BufReader::new(file))
            .with_context(|| format!("`{}` is no job", path.display()))
    }
}
