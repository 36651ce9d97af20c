//! The folder of a demo: where it is, and what of it is there already.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use goldsmith_lake::Location;
use thiserror::Error;

/// Where the demo is made if nobody says where.
const DEFAULT_FOLDER: &str = "goldsmith-demo";
const CONFIG: &str = "goldsmith.toml";
/// First line of a demo's configuration, by which the folder is known again.
const MARK: &str = "# Made by `goldsmith demo`.";

/// A folder that a demo cannot use.
#[derive(Debug, Error)]
pub(crate) enum DemoError {
    #[error(
        "{folder} is not empty, and no finished demo; hint: name another folder with --dir, or remove this one if a demo \
         was interrupted in it"
    )]
    NotEmpty { folder: String },
    #[error(
        "{folder} holds a demo already, of a lake of its own size; hint: leave --scale out to go on with it, or name another \
         folder with --dir"
    )]
    HasScale { folder: String },
    #[error("interrupted; hint: run it again, it goes on where there is a lake already")]
    Interrupted,
    #[error("cannot write {path}; hint: name a folder that can be written with --dir")]
    Write {
        path: String,
        #[source]
        source: std::io::Error,
    },
    #[error("cannot read {path}; hint: name another folder with --dir")]
    Read {
        path: String,
        #[source]
        source: std::io::Error,
    },
}

/// The folder of a demo.
#[derive(Debug)]
pub(crate) struct Folder {
    /// As it was asked for, or the default.
    pub(crate) shown: String,
    /// Whether there is no demo in it yet.
    pub(crate) is_new: bool,
    root: PathBuf,
    bronze: Location,
    gold: Location,
}

impl Folder {
    /// The folder that `dir` names: one that is empty, does not exist, or holds an earlier demo, which is gone on with.
    pub(crate) fn open(dir: Option<&str>, scale: Option<f64>) -> anyhow::Result<Self> {
        let shown = dir.unwrap_or(DEFAULT_FOLDER).trim_end_matches('/').to_owned();
        let root = PathBuf::from(Location::parse(&shown)?.to_string());
        let layer = |name: &str| Location::parse(&root.join(name).to_string_lossy());
        let (bronze, gold) = (layer("bronze")?, layer("gold")?);
        let folder = Self { is_new: !is_demo(&root), shown, root, bronze, gold };
        if !folder.is_new && scale.is_some() {
            return Err(DemoError::HasScale { folder: folder.shown }.into());
        }
        if folder.is_new && !is_empty(&folder.root)? {
            return Err(DemoError::NotEmpty { folder: folder.shown }.into());
        }
        Ok(folder)
    }

    pub(crate) fn bronze(&self) -> Location {
        self.bronze.clone()
    }

    /// The configuration, as it can be given to -c.
    pub(crate) fn config(&self) -> String {
        format!("{}/{CONFIG}", self.shown)
    }

    /// Writes the configuration, once there is a lake: it says that the demo is whole. One that is there is left alone, as
    /// somebody may have changed it.
    pub(crate) fn configure(&self) -> Result<(), DemoError> {
        if !self.is_new {
            return Ok(());
        }
        let path = self.root.join(CONFIG);
        // A JSON string is a TOML string.
        let quoted = |location: &Location| serde_json::Value::from(location.to_string()).to_string();
        let text = format!(
            "{MARK} The README says what else can stand here: \"Your own lake\".\n\n\
             [bronze]\nurl = {}\n\n\
             # [silver]                      # with it silver models become tables too\n\
             # url = {}\n\n\
             [gold]\nurl = {}\n\n\
             [pack]\npath = \"builtin:commerce\"      # or a folder of models of your own\n\n\
             [pack.vars]\ndeleted_rows = \"exclude\"       # or \"reference\": the models decide\n",
            quoted(&self.bronze),
            serde_json::Value::from(self.root.join("silver").to_string_lossy()),
            quoted(&self.gold),
        );
        fs::write(&path, text).map_err(|source| DemoError::Write { path: path.display().to_string(), source })
    }
}

fn is_demo(root: &Path) -> bool {
    fs::read_to_string(root.join(CONFIG)).is_ok_and(|text| text.starts_with(MARK))
}

fn is_empty(root: &Path) -> Result<bool, DemoError> {
    match fs::read_dir(root) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(true),
        Err(source) => Err(DemoError::Read { path: root.display().to_string(), source }),
    }
}
