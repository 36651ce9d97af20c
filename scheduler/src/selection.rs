//! Which models a refresh is about.

use std::collections::BTreeSet;

use goldsmith_jobs::Model;
use goldsmith_jobs::dag::Dag;
use goldsmith_jobs::variable::nearest;
use goldsmith_proto::id::Layer;

use crate::error::{Result, SchedulerError};

/// Keys of the models that are refreshed: those asked for, and all models below them, because everything in a refresh
/// reads the same versions of bronze.
pub(crate) fn wanted(dag: &Dag, only: &[String]) -> Result<BTreeSet<String>> {
    if only.is_empty() {
        return Ok(dag.models().iter().map(Model::key).collect());
    }
    let mut wanted = BTreeSet::new();
    let mut todo = Vec::new();
    for name in only {
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
