//! The plan of a refresh: a pure function of the models, the inventory and the pinned time.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use goldsmith_jobs::Model;
use goldsmith_jobs::variable::nearest;
use goldsmith_lake::commit::CommitNote;
use goldsmith_proto::id::{Layer, RefreshId, Version};
use serde::{Deserialize, Serialize};

use crate::error::{Result, SchedulerError};
use crate::inventory::Inventory;
use crate::lakehouse::Lakehouse;
use crate::selection;

/// What is asked of a refresh.
#[derive(Debug, Clone, Default)]
pub struct PlanOptions {
    /// Gold models to refresh; all without any.
    pub only: Vec<String>,
    /// Rebuild what has not changed as well.
    pub full: bool,
    /// Keys of models that an earlier attempt of this refresh has published: `full` alone does not rebuild them.
    pub published: BTreeSet<String>,
}

/// How a model is brought up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Everything is computed again and published as one new version.
    Full,
    /// Its inputs are those of the published version: nothing is done.
    Unchanged,
    /// It means nothing without a table that is not there: nothing is done.
    Skipped,
}

impl Mode {
    /// As documents call it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Unchanged => "unchanged",
            Self::Skipped => "skipped",
        }
    }
}

/// What happens to one model.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Step {
    /// The model's key.
    #[serde(skip)]
    pub key: String,
    /// Name of the model.
    pub name: String,
    /// Its layer.
    pub layer: Layer,
    /// Whether Customer Insights reads it.
    pub ci_d: bool,
    /// How.
    pub mode: Mode,
    /// Why.
    pub reason: String,
    /// The published version that the plan starts from; none before the first.
    pub version_before: Option<Version>,
    /// Bronze versions that are folded in.
    pub sources: BTreeMap<String, Version>,
    /// Ids of the tables that `sources` names.
    #[serde(skip)]
    pub source_ids: BTreeMap<String, String>,
    /// Hash of the model and of the silver models below it.
    pub model_hash: String,
    /// Files of bronze that it reads, at most.
    pub files_to_read: usize,
    /// Rows in them, where all writers recorded them.
    pub rows_to_read: Option<u64>,
}

/// A refresh that leaves no choice to whoever applies it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RefreshPlan {
    /// Version of this document's form.
    pub schema_version: u32,
    /// The refresh.
    pub refresh_id: RefreshId,
    /// Its pinned time: what `current_timestamp()` means everywhere.
    pub as_of: DateTime<Utc>,
    /// Bronze versions that all models read.
    pub bronze: BTreeMap<String, Version>,
    /// One step per model that becomes a table, each after those that it reads.
    pub models: Vec<Step>,
}

impl RefreshPlan {
    /// Plans the refresh `refresh_id` as of `as_of` over what `inventory` found.
    ///
    /// # Errors
    /// [`SchedulerError::MissingTable`] and [`SchedulerError::UnknownModel`].
    pub fn make(
        lakehouse: &Lakehouse,
        inventory: &Inventory,
        refresh_id: RefreshId,
        as_of: DateTime<Utc>,
        options: &PlanOptions,
    ) -> Result<Self> {
        let dag = lakehouse.pack.dag();
        let wanted = selection::wanted(dag, &options.only)?;
        let mut skipped = BTreeMap::new();
        for model in dag.models() {
            if let Some(reason) = skip_reason(model, inventory, &skipped) {
                skipped.insert(model.key(), reason);
            }
        }
        check_required(lakehouse, inventory, |key| wanted.contains(key) && !skipped.contains_key(key))?;
        let mut steps = Vec::new();
        for model in dag.models() {
            if !wanted.contains(&model.key()) || !lakehouse.is_materialised(model.layer()) {
                continue;
            }
            steps.push(step(lakehouse, inventory, as_of, options, model, skipped.get(&model.key())));
        }
        Ok(Self {
            schema_version: 1,
            refresh_id,
            as_of,
            bronze: inventory.bronze.iter().map(|(n, s)| (n.clone(), s.version())).collect(),
            models: steps,
        })
    }

    /// What the commit of `step` says of itself.
    #[must_use]
    pub fn note(&self, step: &Step) -> CommitNote {
        CommitNote {
            refresh_id: self.refresh_id,
            as_of: self.as_of,
            model_hash: step.model_hash.clone(),
            sources: step.sources.clone(),
            source_ids: step.source_ids.clone(),
        }
    }
}

/// Every table that the pack or one of the models that are built cannot do without is there.
fn check_required(
    lakehouse: &Lakehouse,
    inventory: &Inventory,
    is_built: impl Fn(&str) -> bool,
) -> Result<()> {
    let models = || lakehouse.pack.dag().models().iter().filter(|model| is_built(&model.key()));
    let required = lakehouse.pack.required_tables().iter().map(|t| (*t).to_owned());
    let needed = models()
        .flat_map(|model| model.bronze_tables().filter(|table| !model.can_miss(table)).collect::<Vec<_>>());
    for table in required.chain(needed) {
        if !inventory.bronze.contains_key(&table) {
            let location = lakehouse.layer(Layer::Bronze).map_or_else(|_| String::new(), ToString::to_string);
            if inventory.bronze_folders.is_empty() {
                return Err(SchedulerError::NoBronze { location });
            }
            let models = models().filter(|m| m.bronze_tables().any(|t| t == table));
            return Err(SchedulerError::MissingTable {
                location,
                nearest: nearest(&table, inventory.bronze_folders.iter()),
                models: models.map(Model::display_name).collect(),
                table,
            });
        }
    }
    Ok(())
}

/// Why a model means nothing over this lake.
fn skip_reason(model: &Model, inventory: &Inventory, skipped: &BTreeMap<String, String>) -> Option<String> {
    let missing =
        model.header().skip_without.iter().find(|t| !inventory.bronze.contains_key(&t.to_lowercase()));
    if let Some(table) = missing {
        return Some(format!("bronze has no table `{table}`"));
    }
    // A silver model that is skipped reads as empty where it only decorates: gold says by itself what it needs.
    model
        .model_tables()
        .find(|(key, _)| key.starts_with("gold.") && skipped.contains_key(key) && !model.is_optional(key))
        .map(|(key, _)| format!("it reads `{key}`, which is skipped"))
}

fn step(
    lakehouse: &Lakehouse,
    inventory: &Inventory,
    as_of: DateTime<Utc>,
    options: &PlanOptions,
    model: &Model,
    skipped: Option<&String>,
) -> Step {
    let dag = lakehouse.pack.dag();
    let tables: Vec<_> =
        dag.bronze_below(model).into_iter().filter_map(|t| Some((inventory.bronze.get(&t)?, t))).collect();
    let sources: BTreeMap<_, _> = tables.iter().map(|(s, t)| (t.clone(), s.version())).collect();
    let source_ids: BTreeMap<_, _> = tables.iter().map(|(s, t)| (t.clone(), s.id())).collect();
    let published = inventory.published.get(&model.key());
    let model_hash = dag.hash(model).to_owned();
    let (mode, reason) = match (skipped, published) {
        (Some(reason), _) => (Mode::Skipped, reason.clone()),
        (None, None) => (Mode::Full, "first build".to_owned()),
        (None, Some(_)) if options.full && !options.published.contains(&model.key()) => {
            (Mode::Full, "a full rebuild was asked for".to_owned())
        }
        (None, Some(published)) => match &published.note {
            None => (Mode::Full, "the published version does not say what it was built from".to_owned()),
            Some(note) => {
                // A refresh time that no row depends on is no other input.
                let as_of = if dag.uses_clock(model) { as_of } else { note.as_of };
                changes(note, &sources, &source_ids, &model_hash, as_of)
            }
        },
    };
    Step {
        key: model.key(),
        name: model.name().to_owned(),
        layer: model.layer(),
        ci_d: model.layer() == Layer::Gold && model.header().ci_d != Some(false),
        mode,
        reason,
        version_before: published.map(|p| p.snapshot.version()),
        sources,
        source_ids,
        model_hash,
        files_to_read: tables.iter().map(|(s, _)| s.files().len()).sum(),
        rows_to_read: tables.iter().map(|(s, _)| s.rows()).sum(),
    }
}

/// What differs between the published version's inputs and those of now.
fn changes(
    note: &CommitNote,
    sources: &BTreeMap<String, Version>,
    source_ids: &BTreeMap<String, String>,
    model_hash: &str,
    as_of: DateTime<Utc>,
) -> (Mode, String) {
    let mut reasons = Vec::new();
    for (table, version) in sources {
        match note.sources.get(table) {
            None => reasons.push(format!("{table} is new")),
            Some(_) if note.source_ids.get(table).is_some_and(|id| Some(id) != source_ids.get(table)) => {
                reasons.push(format!("{table} was made anew"));
            }
            Some(old) if old != version => reasons.push(format!("{table} {old}→{version}")),
            Some(_) => {}
        }
    }
    for table in note.sources.keys().filter(|t| !sources.contains_key(*t)) {
        reasons.push(format!("{table} is gone"));
    }
    if note.model_hash != model_hash {
        reasons.push("the model changed".to_owned());
    }
    if reasons.is_empty() && note.as_of != as_of {
        reasons.push(format!("refresh time was {}", note.as_of.format("%Y-%m-%d %H:%M:%S UTC")));
    }
    if reasons.is_empty() {
        (Mode::Unchanged, "same inputs as the published version".to_owned())
    } else {
        (Mode::Full, reasons.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn versions(of: &[(&str, u64)]) -> BTreeMap<String, Version> {
        of.iter().map(|(table, version)| ((*table).to_owned(), Version::new(*version))).collect()
    }

    fn ids(of: &[(&str, &str)]) -> BTreeMap<String, String> {
        of.iter().map(|(table, id)| ((*table).to_owned(), (*id).to_owned())).collect()
    }

    #[test]
    fn the_plan_of_the_first_version_is_read() {
        let plan: RefreshPlan = goldsmith_testkit::frozen::read("v1/plan.json");
        assert_eq!(plan.schema_version, 1);
        assert_eq!(plan.bronze["salesline"], Version::new(7));
        assert_eq!(plan.models.len(), 21);
    }

    #[test]
    fn a_model_is_unchanged_only_if_nothing_that_it_depends_on_is() {
        let noon = DateTime::UNIX_EPOCH;
        let note = CommitNote {
            refresh_id: RefreshId::generate(),
            as_of: noon,
            model_hash: "h".to_owned(),
            sources: versions(&[("a", 3), ("b", 5)]),
            source_ids: ids(&[("a", "x"), ("b", "y")]),
        };
        let later = noon + chrono::Duration::hours(6);
        let same = [("a", "x"), ("b", "y")];
        for (sources, source_ids, hash, as_of, expected) in [
            (&[("a", 3), ("b", 5)][..], &same[..], "h", noon, Mode::Unchanged),
            (&[("a", 4), ("b", 5)], &same, "h", noon, Mode::Full),
            (&[("a", 3), ("b", 5)], &[("a", "x"), ("b", "z")], "h", noon, Mode::Full),
            (&[("a", 3)], &same, "h", noon, Mode::Full),
            (&[("a", 3), ("b", 5), ("c", 0)], &same, "h", noon, Mode::Full),
            (&[("a", 3), ("b", 5)], &same, "i", noon, Mode::Full),
            (&[("a", 3), ("b", 5)], &same, "h", later, Mode::Full),
        ] {
            let (mode, reason) = changes(&note, &versions(sources), &ids(source_ids), hash, as_of);
            assert_eq!(mode, expected, "{reason}");
        }
    }

    #[test]
    fn reasons_name_tables_and_versions() {
        let note = CommitNote {
            refresh_id: RefreshId::generate(),
            as_of: DateTime::UNIX_EPOCH,
            model_hash: "h".to_owned(),
            sources: versions(&[("a", 3), ("b", 5), ("gone", 1)]),
            source_ids: ids(&[("b", "y")]),
        };
        let now = versions(&[("a", 4), ("b", 5), ("new", 0)]);
        let (_, reason) = changes(&note, &now, &ids(&[("a", "x"), ("b", "z")]), "i", DateTime::UNIX_EPOCH);
        assert_eq!(reason, "a 3→4, b was made anew, new is new, gone is gone, the model changed");
    }
}
