//! Where the tables of bronze are: in the folders of one place, or where the shortcuts of that place point.

use std::collections::BTreeMap;

use super::shortcut::Shortcut;
use crate::error::{LakeError, Result};
use crate::location::Location;
use crate::store::Stores;

/// The tables of bronze.
#[derive(Debug, Clone)]
pub struct BronzeSource {
    root: Location,
    shortcuts: Vec<Shortcut>,
}

impl BronzeSource {
    /// Tables in the folders of `root`.
    #[must_use]
    pub const fn new(root: Location) -> Self {
        Self { root, shortcuts: Vec::new() }
    }

    /// The same, and tables that stand where `shortcuts` point. A shortcut goes before a folder of its name: it is what
    /// makes that folder appear.
    #[must_use]
    pub fn with_shortcuts(self, shortcuts: Vec<Shortcut>) -> Self {
        Self { shortcuts, ..self }
    }

    /// The folder that the tables are looked for in.
    #[must_use]
    pub const fn root(&self) -> &Location {
        &self.root
    }

    /// All places that it reads from.
    pub fn places(&self) -> impl Iterator<Item = &Location> {
        let targets = self.shortcuts.iter().filter_map(|shortcut| shortcut.target.as_ref().ok());
        std::iter::once(&self.root).chain(targets)
    }

    /// Folder of every table, by the table's name in lower case. Nothing is known yet of what is in the folders.
    ///
    /// # Errors
    /// As [`Stores::folders`].
    pub async fn tables(&self, stores: &Stores) -> Result<BTreeMap<String, Location>> {
        let folders = stores.folders(&self.root).await?.into_iter();
        let mut tables: BTreeMap<String, Location> =
            folders.map(|(name, folder)| (name, self.root.child(&folder))).collect();
        for shortcut in &self.shortcuts {
            let name = shortcut.name.to_lowercase();
            match &shortcut.target {
                Ok(target) => tables.insert(name, target.clone()),
                Err(_) => tables.remove(&name),
            };
        }
        Ok(tables)
    }

    /// Tables whose shortcuts cannot be used, in lower case, each with the error of whoever wants it.
    pub fn unusable(&self) -> impl Iterator<Item = (String, LakeError)> {
        self.shortcuts.iter().filter_map(|shortcut| {
            let reason = shortcut.target.as_ref().err()?.clone();
            Some((shortcut.name.to_lowercase(), LakeError::Shortcut { table: shortcut.name.clone(), reason }))
        })
    }
}
