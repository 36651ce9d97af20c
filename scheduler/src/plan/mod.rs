//! The plan of a refresh: a pure function of the models, the inventory and the pinned time.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use goldsmith_jobs::Model;
use goldsmith_jobs::dag::Dag;
use goldsmith_jobs::variable::nearest;
use goldsmith_lake::commit::CommitNote;
use goldsmith_proto::id::{Layer, RefreshId, Version};
use serde::Serialize;

use crate::error::{Result, SchedulerError};
use crate::inventory::Inventory;
use crate::lakehouse::Lakehouse;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Everything is computed again and published as one new version.
    Full,
    /// Its inputs are those of the published version: nothing is done.
    Unchanged,
    /// It means nothing without a table that is not there: nothing is done.
    Skipped,
}

/// What happens to one model.
#[derive(Debug, Clone, Serialize)]
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
    /// Hash of the model and of the silver models below it.
    pub model_hash: String,
    /// Files of bronze that it reads, at most.
    pub files_to_read: usize,
    /// Rows in them, where all writers recorded them.
    pub rows_to_read: Option<u64>,
}

/// A refresh that leaves no choice to whoever applies it.
#[derive(Debug, Clone, Serialize)]
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
        let wanted = wanted(dag, options)?;
        check_required(lakehouse, inventory, &wanted)?;
        let mut skipped = BTreeMap::new();
        let mut steps = Vec::new();
        for model in dag.models() {
            if let Some(reason) = skip_reason(model, inventory, &skipped) {
                skipped.insert(model.key(), reason);
            }
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
        }
    }
}

/// Keys of the models that are refreshed: those asked for, and all models below them, because everything in a refresh
/// reads the same versions of bronze.
fn wanted(dag: &Dag, options: &PlanOptions) -> Result<BTreeSet<String>> {
    if options.only.is_empty() {
        return Ok(dag.models().iter().map(Model::key).collect());
    }
    let mut wanted = BTreeSet::new();
    let mut todo = Vec::new();
    for name in &options.only {
        let found = dag.models().iter().find(|m| {
            m.layer() == Layer::Gold && m.name().eq_ignore_ascii_case(name.trim_start_matches("gold."))
        });
        let model = found.ok_or_else(|| SchedulerError::UnknownModel {
            name: name.clone(),
            nearest: nearest_gold(dag, name),
        })?;
        todo.push(model.key());
    }
    while let Some(key) = todo.pop() {
        if wanted.insert(key.clone()) {
            let below = dag.get(&key).into_iter().flat_map(|m| m.model_tables().collect::<Vec<_>>());
            todo.extend(below.map(|(key, _)| key));
        }
    }
    Ok(wanted)
}

fn nearest_gold(dag: &Dag, name: &str) -> Option<String> {
    let names: Vec<String> = dag
        .models()
        .iter()
        .filter(|model| model.layer() == Layer::Gold)
        .map(|model| model.name().to_owned())
        .collect();
    nearest(name, names.iter())
}

/// Every table that the pack or a model cannot do without is there.
fn check_required(lakehouse: &Lakehouse, inventory: &Inventory, wanted: &BTreeSet<String>) -> Result<()> {
    let location = || lakehouse.bronze.as_ref().map_or_else(String::new, ToString::to_string);
    let models = || lakehouse.pack.dag().models().iter().filter(|m| wanted.contains(&m.key()));
    let required = lakehouse.pack.required_tables().iter().map(|t| (*t).to_owned());
    let needed = models().flat_map(|model| {
        let is_needed = |table: &String| {
            !model.is_optional(table)
                && !model.header().skip_without.iter().any(|t| t.eq_ignore_ascii_case(table))
        };
        model.bronze_tables().filter(is_needed).collect::<Vec<_>>()
    });
    for table in required.chain(needed) {
        if !inventory.bronze.contains_key(&table) {
            let models = models().filter(|m| m.bronze_tables().any(|t| t == table));
            return Err(SchedulerError::MissingTable {
                location: location(),
                models: models.map(|m| format!("{}.{}", m.layer(), m.name())).collect(),
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
    let below = model.model_tables().find(|(key, _)| skipped.contains_key(key) && !model.is_optional(key));
    // A silver model that is skipped reads as empty where it only decorates: gold says by itself what it needs.
    below
        .filter(|(key, _)| key.starts_with("gold."))
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
            Some(note) => changes(note, &sources, &model_hash, as_of),
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
        model_hash,
        files_to_read: tables.iter().map(|(s, _)| s.files().len()).sum(),
        rows_to_read: tables.iter().map(|(s, _)| s.rows()).sum(),
    }
}

/// What differs between the published version's inputs and those of now.
fn changes(
    note: &CommitNote,
    sources: &BTreeMap<String, Version>,
    model_hash: &str,
    as_of: DateTime<Utc>,
) -> (Mode, String) {
    let mut reasons = Vec::new();
    for (table, version) in sources {
        match note.sources.get(table) {
            None => reasons.push(format!("{table} is new")),
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
        reasons.push(format!("as of {} before", note.as_of.format("%Y-%m-%d %H:%M:%S UTC")));
    }
    if reasons.is_empty() {
        (Mode::Unchanged, "same inputs as the published version".to_owned())
    } else {
        (Mode::Full, reasons.join(", "))
    }
}
