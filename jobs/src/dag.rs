//! The order of models: each after those that it reads.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use crate::error::{JobsError, Result};
use crate::model::Model;
use crate::variable::nearest;

/// Models that do not read each other in a circle.
#[derive(Debug, Clone)]
pub struct Dag {
    order: Vec<Model>,
    hashes: BTreeMap<String, String>,
}

impl Dag {
    /// Orders `models`, given by key. The order depends on nothing but their names and what they read.
    ///
    /// `context` says for each model what its rows depend on besides its own text; it goes into the hashes.
    ///
    /// # Errors
    /// [`JobsError::UnknownModel`], [`JobsError::Cycle`], and [`JobsError::Header`] for an audit that references no model.
    pub fn build(models: BTreeMap<String, Model>, context: impl Fn(&Model) -> String) -> Result<Self> {
        check_references(&models)?;
        let mut visit = Visit { models: &models, done: BTreeSet::new(), path: Vec::new(), order: Vec::new() };
        for key in models.keys() {
            visit.model(key)?;
        }
        let order: Vec<Model> = visit.order.iter().filter_map(|key| models.get(key)).cloned().collect();
        let mut hashes = BTreeMap::new();
        for model in &order {
            let hash = hash(model, &context(model), &hashes);
            hashes.insert(model.key(), hash);
        }
        Ok(Self { order, hashes })
    }

    /// The models, each after those that it reads.
    #[must_use]
    pub fn models(&self) -> &[Model] {
        &self.order
    }

    /// The model of that key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Model> {
        self.order.iter().find(|m| m.key() == key)
    }

    /// Hash of a model's SQL, header and variables, of the models below it, and of what else its rows depend on, in hex.
    #[must_use]
    pub fn hash(&self, model: &Model) -> &str {
        self.hashes.get(&model.key()).map_or("", String::as_str)
    }

    /// Whether the rows of a model depend on the refresh time: its query asks for it, or one below it does.
    #[must_use]
    pub fn uses_clock(&self, model: &Model) -> bool {
        let below = || model.model_tables().filter_map(|(key, _)| self.get(&key));
        model.query().uses_clock() || below().any(|below| self.uses_clock(below))
    }

    /// Bronze tables that a model reads itself or through silver models, in lower case.
    #[must_use]
    pub fn bronze_below(&self, model: &Model) -> BTreeSet<String> {
        let mut tables: BTreeSet<String> = model.bronze_tables().collect();
        for (key, _) in model.model_tables() {
            if let Some(below) = self.get(&key) {
                tables.extend(self.bronze_below(below));
            }
        }
        tables
    }
}

struct Visit<'a> {
    models: &'a BTreeMap<String, Model>,
    done: BTreeSet<String>,
    path: Vec<String>,
    order: Vec<String>,
}

impl Visit<'_> {
    fn model(&mut self, key: &str) -> Result<()> {
        if self.done.contains(key) {
            return Ok(());
        }
        if let Some(start) = self.path.iter().position(|k| k == key) {
            let mut models: Vec<String> = self.path[start..].to_vec();
            models.push(key.to_owned());
            return Err(JobsError::Cycle { models });
        }
        let Some(model) = self.models.get(key) else { return Ok(()) };
        self.path.push(key.to_owned());
        for (below, line) in model.model_tables() {
            if !self.models.contains_key(&below) {
                return Err(JobsError::UnknownModel {
                    model: model.key(),
                    nearest: nearest(&below, self.models.keys()),
                    missing: below,
                    file: model.file().to_owned(),
                    line,
                });
            }
            self.model(&below)?;
        }
        self.path.pop();
        self.done.insert(key.to_owned());
        self.order.push(key.to_owned());
        Ok(())
    }
}

/// An audit that references a model which is not there would never find a fault.
fn check_references(models: &BTreeMap<String, Model>) -> Result<()> {
    for model in models.values() {
        for references in model.header().audits.iter().filter_map(|audit| audit.references.as_ref()) {
            let key = references.table.to_lowercase();
            if !models.contains_key(&key) {
                let nearest = nearest(&key, models.keys())
                    .map_or_else(String::new, |name| format!(", did you mean `{name}`?"));
                return Err(JobsError::Header {
                    model: model.name().to_owned(),
                    file: model.file().to_owned(),
                    line: 1,
                    message: format!(
                        "an audit references `{}`, which no model makes{nearest}",
                        references.table
                    ),
                });
            }
        }
    }
    Ok(())
}

fn hash(model: &Model, context: &str, below: &BTreeMap<String, String>) -> String {
    let mut hasher = Sha256::new();
    hasher.update(model.key());
    hasher.update([0]);
    hasher.update(model.text());
    hasher.update([0]);
    hasher.update(context);
    for (key, _) in model.model_tables() {
        if let Some(hash) = below.get(&key) {
            hasher.update([0]);
            hasher.update(hash);
        }
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::variable::Variables;

    fn dag(models: &[(&str, &str)]) -> Result<Dag> {
        let parsed = models.iter().map(|(name, sql)| {
            let model = Model::parse(&format!("{name}.sql"), sql, &Variables::default())?;
            Ok((model.key(), model))
        });
        Dag::build(parsed.collect::<Result<_>>()?, |_| String::new())
    }

    #[test]
    fn models_come_after_those_that_they_read() {
        let dag = dag(&[
            ("a", "SELECT * FROM gold.b JOIN gold.c"),
            ("b", "SELECT * FROM gold.c"),
            ("c", "SELECT * FROM bronze1"),
        ])
        .unwrap();
        let order: Vec<&str> = dag.models().iter().map(Model::name).collect();
        assert_eq!(order, ["c", "b", "a"]);
        assert_eq!(dag.bronze_below(dag.get("gold.a").unwrap()), ["bronze1".to_owned()].into());
    }

    #[test]
    fn a_hash_moves_with_the_models_below() {
        let hash = |c: &str| {
            let dag = dag(&[("a", "SELECT * FROM gold.c"), ("b", "SELECT 1 AS x"), ("c", c)]).unwrap();
            ["gold.a", "gold.b"].map(|key| dag.hash(dag.get(key).unwrap()).to_owned())
        };
        let (before, after) = (hash("SELECT 1 AS x"), hash("SELECT 2 AS x"));
        assert_ne!(before[0], after[0]);
        assert_eq!(before[1], after[1]);
    }

    #[test]
    fn the_clock_is_asked_for_by_a_model_or_below_it() {
        let dag = dag(&[
            ("a", "SELECT * FROM gold.b"),
            ("b", "SELECT current_timestamp() AS t"),
            ("c", "SELECT 1 AS x"),
        ])
        .unwrap();
        let uses = ["gold.a", "gold.b", "gold.c"].map(|key| dag.uses_clock(dag.get(key).unwrap()));
        assert_eq!(uses, [true, true, false]);
    }

    #[test]
    fn a_circle_is_named_from_end_to_end() {
        let error = dag(&[("a", "SELECT * FROM gold.b"), ("b", "SELECT * FROM gold.a")]).unwrap_err();
        assert!(matches!(error, JobsError::Cycle { models } if models == ["gold.a", "gold.b", "gold.a"]));
    }
}
