//! What would stop a refresh, found before anything is written.

use goldsmith_proto::id::Layer;

use super::commit;
use crate::catalog::{Catalog, view};
use crate::error::Result;
use crate::inventory::Inventory;
use crate::lakehouse::Lakehouse;
use crate::plan::{Mode, RefreshPlan};

/// Plans the query of every model that `plan` builds, over the pinned versions, and asks whether its columns can be
/// published. Reads no data and writes nothing.
///
/// # Errors
/// What [`super::run`] would end with: a table, a column or a function that is not there, a schema that the published
/// table does not have.
pub async fn preflight(lakehouse: &Lakehouse, inventory: &Inventory, plan: &RefreshPlan) -> Result<()> {
    let mut catalog = Catalog::new(lakehouse, inventory, plan.as_of);
    for step in &plan.models {
        let Some(model) = lakehouse.pack.dag().get(&step.key) else { continue };
        match step.mode {
            Mode::Unchanged => continue,
            Mode::Skipped => {
                catalog.skip(&step.key);
                continue;
            }
            Mode::Full => {}
        }
        let built = catalog.model(model).await?;
        commit::decide(lakehouse, inventory, plan, step, &built.schema(), &[], plan.as_of)?;
        if step.layer == Layer::Silver || inventory.published.contains_key(&step.key) {
            // Those that read it get what it will be, not what was published.
            catalog.set_model(&step.key, view(&built)?, 0);
        }
    }
    Ok(())
}
