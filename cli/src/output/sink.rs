//! Where the rows of a statement go.

use std::io::{BufWriter, Stdout, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use tempfile::NamedTempFile;

/// Bytes that are held back before standard output gets the first of them.
const HELD_BYTES: usize = 8 << 20;

/// A file that appears when it is whole, or standard output, which gets a result of up to [`HELD_BYTES`] when it is whole
/// too: of a statement that fails half way nobody takes a part for the answer.
pub(crate) enum Sink {
    File { file: BufWriter<NamedTempFile>, path: PathBuf },
    Stdout { held: Option<Vec<u8>>, stdout: BufWriter<Stdout> },
}

impl Sink {
    /// Opens `path`, or standard output without one.
    pub(crate) fn open(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path else {
            let stdout = BufWriter::new(std::io::stdout());
            return Ok(Self::Stdout { held: Some(Vec::new()), stdout });
        };
        let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = whole_file(folder).with_context(|| unwritable(path))?;
        Ok(Self::File { file: BufWriter::new(file), path: path.to_owned() })
    }

    /// Makes what was written visible.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        match self {
            Self::File { file, path } => {
                let failed = || unwritable(&path);
                let file =
                    file.into_inner().map_err(std::io::IntoInnerError::into_error).with_context(failed)?;
                file.persist(&path).with_context(failed)?;
                Ok(())
            }
            Self::Stdout { held, mut stdout } => stdout
                .write_all(&held.unwrap_or_default())
                .and_then(|()| stdout.flush())
                .context("cannot write to standard output"),
        }
    }
}

/// A file that gets its name later, with the permissions of any other new file.
fn whole_file(folder: &Path) -> std::io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

fn unwritable(path: &Path) -> String {
    format!(
        "cannot write {}; hint: check that its folder is there, can be written and has room",
        path.display()
    )
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self {
            Self::File { file, .. } => file.write(bytes),
            Self::Stdout { held, stdout } => match held.take() {
                Some(mut whole) if whole.len() + bytes.len() <= HELD_BYTES => {
                    whole.extend_from_slice(bytes);
                    *held = Some(whole);
                    Ok(bytes.len())
                }
                Some(whole) => {
                    stdout.write_all(&whole)?;
                    stdout.write(bytes)
                }
                None => stdout.write(bytes),
            },
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Self::File { file, .. } => file.flush(),
            // What is held back stays so until the end.
            Self::Stdout { stdout, .. } => stdout.flush(),
        }
    }
}
