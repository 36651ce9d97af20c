//! Where the tables of bronze are: in the folders of one place, or where the shortcuts of that place point.

use std::collections::BTreeMap;

use super::shortcut::Shortcut;
use crate::error::Result;
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
        std::iter::once(&self.root).chain(self.shortcuts.iter().map(|shortcut| &shortcut.target))
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
            tables.insert(shortcut.name.to_lowercase(), shortcut.target.clone());
        }
        Ok(tables)
    }
}
