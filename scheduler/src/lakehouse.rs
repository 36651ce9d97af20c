//! What a refresh works on: the layers, the pack and the engine.

use goldsmith_executor::Engine;
use goldsmith_jobs::Pack;
use goldsmith_jobs::pack::DELETED_ROWS;
use goldsmith_lake::Location;
use goldsmith_lake::bronze::DeletedRows;
use goldsmith_proto::id::Layer;

use crate::error::{Result, SchedulerError};

/// A lake, the models that run over it, and the engine that runs them.
#[derive(Debug, Clone)]
pub struct Lakehouse {
    /// Folder of the bronze tables.
    pub bronze: Option<Location>,
    /// Folder of the silver tables; without it silver models are inlined.
    pub silver: Option<Location>,
    /// Folder of the gold tables.
    pub gold: Option<Location>,
    /// The models.
    pub pack: Pack,
    /// What runs them.
    pub engine: Engine,
}

impl Lakehouse {
    /// Folder of `layer`.
    ///
    /// # Errors
    /// [`SchedulerError::NoLayer`] if the configuration does not say where it is.
    pub fn layer(&self, layer: Layer) -> Result<&Location> {
        match layer {
            Layer::Bronze => self.bronze.as_ref(),
            Layer::Silver => self.silver.as_ref(),
            Layer::Gold => self.gold.as_ref(),
        }
        .ok_or(SchedulerError::NoLayer { layer })
    }

    /// Refuses layers that lie in one another: their tables would be taken for each other's.
    ///
    /// # Errors
    /// [`SchedulerError::Overlap`]
    pub fn check_layers(&self) -> Result<()> {
        let layers = [Layer::Bronze, Layer::Silver, Layer::Gold];
        let there: Vec<_> = layers.into_iter().filter_map(|l| Some((l, self.layer(l).ok()?))).collect();
        for (index, (first, one)) in there.iter().enumerate() {
            for (second, other) in &there[index + 1..] {
                if one.contains(other) || other.contains(one) {
                    return Err(SchedulerError::Overlap { first: *first, second: *second });
                }
            }
        }
        Ok(())
    }

    /// Whether models of `layer` become tables; otherwise they are parts of the queries that read them.
    #[must_use]
    pub const fn is_materialised(&self, layer: Layer) -> bool {
        !matches!(layer, Layer::Silver) || self.silver.is_some()
    }

    /// How the pack wants deleted records to be read.
    #[must_use]
    pub fn deleted_rows(&self) -> DeletedRows {
        match self.pack.variables().get(DELETED_ROWS) {
            Some("reference") => DeletedRows::Keep,
            _ => DeletedRows::Exclude,
        }
    }
}
