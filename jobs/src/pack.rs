//! A pack: models, their contracts and the values of their variables.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::contract::BronzeContract;
use crate::dag::Dag;
use crate::error::{JobsError, Result};
use crate::model::Model;
use crate::variable::{self, Variables, nearest};

mod builtin {
    include!(concat!(env!("OUT_DIR"), "/builtin.rs"));
}

/// Name of the pack that comes with the binary.
pub const COMMERCE: &str = "builtin:commerce";

/// Variable that says how deleted source rows are treated: `exclude` or `reference`.
pub const DELETED_ROWS: &str = "deleted_rows";

/// Values that the commerce pack's variables have where `[pack.vars]` says nothing (interface, "Configuration").
const COMMERCE_VARIABLES: &str = r#"
deleted_rows = "exclude"
party_type = { 13271 = "Person", 2077 = "Organization", 6926 = "Team", 8363 = "OperatingUnit", 9027 = "LegalEntity" }
"#;

/// Tables without which a refresh of the commerce pack is an error.
const COMMERCE_REQUIRED: [&str; 4] = ["custtable", "dirpartytable", "salestable", "salesline"];

/// Where a pack comes from.
#[derive(Debug, Clone, Default)]
pub struct PackSource {
    /// `builtin:commerce`, or a folder.
    pub path: Option<String>,
    /// A pack below the folder, overlaid by name.
    pub extends: Option<String>,
    /// Values of variables.
    pub vars: toml::Table,
}

/// Models in an order in which each comes after those that it reads.
#[derive(Debug, Clone)]
pub struct Pack {
    dag: Dag,
    contract: BronzeContract,
    variables: Variables,
    required: Vec<&'static str>,
}

impl Pack {
    /// Reads a pack.
    ///
    /// # Errors
    /// [`JobsError`] for the first thing that is wrong with it.
    pub fn load(source: &PackSource) -> Result<Self> {
        let path = source.path.as_deref().unwrap_or(COMMERCE);
        let layers: Vec<&str> = source.extends.as_deref().into_iter().chain([path]).collect();
        let mut variables = Variables::default();
        let mut required = Vec::new();
        let defaults: toml::Table = COMMERCE_VARIABLES.parse().unwrap_or_default();
        if layers.contains(&COMMERCE) {
            variables = variables.with(&defaults)?;
            required.extend(COMMERCE_REQUIRED);
        }
        let mut used: BTreeSet<String> = defaults.keys().cloned().collect();
        let variables = variables.with(&source.vars)?;
        let mut models: BTreeMap<String, Model> = BTreeMap::new();
        let mut contract = BronzeContract::default();
        for layer in layers {
            let mut own: BTreeMap<String, Model> = BTreeMap::new();
            for (file, text) in files(layer)? {
                if file.ends_with("contracts/bronze.toml") {
                    contract.extend(BronzeContract::parse(&file, &text)?);
                } else if file.ends_with(".sql") {
                    let model = Model::parse(&file, &text, &variables)?;
                    used.extend(variable::names_in(&text).map(str::to_owned));
                    if let Some(first) = own.get(&model.key()) {
                        return Err(JobsError::Duplicate {
                            model: model.key(),
                            first: first.file().to_owned(),
                            second: file,
                        });
                    }
                    own.insert(model.key(), model);
                }
            }
            if own.is_empty() {
                return Err(JobsError::Empty { path: layer.to_owned() });
            }
            models.extend(own);
        }
        // A misspelt name would leave the default in force. Others may be there for another pack.
        for name in source.vars.keys().filter(|name| !used.contains(*name)) {
            if let Some(nearest) = nearest(name, used.iter()) {
                return Err(JobsError::MisspeltVariable { variable: name.clone(), nearest });
            }
        }
        check_deleted_rows(&variables)?;
        let context = |model: &Model| {
            let types: Vec<_> = model.bronze_tables().map(|table| (contract.table(&table), table)).collect();
            format!("{} {:?} {types:?}", goldsmith_sql::SEMANTICS_VERSION, variables.get(DELETED_ROWS))
        };
        let dag = Dag::build(models, context)?;
        Ok(Self { dag, contract, variables, required })
    }

    /// The models.
    #[must_use]
    pub const fn dag(&self) -> &Dag {
        &self.dag
    }

    /// Types of bronze columns.
    #[must_use]
    pub const fn contract(&self) -> &BronzeContract {
        &self.contract
    }

    /// Values of variables.
    #[must_use]
    pub const fn variables(&self) -> &Variables {
        &self.variables
    }

    /// Bronze tables without which nothing is built.
    #[must_use]
    pub fn required_tables(&self) -> &[&'static str] {
        &self.required
    }
}

/// Reads `bytes` as each of the files that a pack can hold, and gives the errors: what the fuzz target and its regression
/// test call.
pub fn read_bytes(bytes: &[u8]) -> Vec<JobsError> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Vec::new() };
    let defaults = COMMERCE_VARIABLES.parse().unwrap_or_default();
    let read = Variables::default().with(&defaults).and_then(|variables| {
        let model = Model::parse("model.sql", text, &variables)?;
        Dag::build([(model.key(), model)].into(), |_| String::new())
    });
    read.err().into_iter().chain(BronzeContract::parse("contracts/bronze.toml", text).err()).collect()
}

/// A misspelt setting must not silently be the other one.
fn check_deleted_rows(variables: &Variables) -> Result<()> {
    match variables.get(DELETED_ROWS) {
        None | Some("exclude" | "reference") => Ok(()),
        Some(other) => Err(JobsError::VariableValue {
            variable: DELETED_ROWS.to_owned(),
            reason: format!("it is `{other}`; `exclude` and `reference` are known"),
        }),
    }
}

/// Files of a pack by the name that messages give them, in a fixed order.
fn files(path: &str) -> Result<Vec<(String, String)>> {
    if path == COMMERCE {
        return Ok(builtin::COMMERCE.iter().map(|(n, t)| ((*n).to_owned(), (*t).to_owned())).collect());
    }
    let root = Path::new(path);
    if path.starts_with("builtin:") || !root.is_dir() {
        return Err(JobsError::UnknownPack { path: path.to_owned() });
    }
    let mut found = Vec::new();
    collect(root, &mut found)?;
    found.sort();
    found
        .into_iter()
        .map(|path| {
            let text =
                fs::read_to_string(&path).map_err(|source| JobsError::Read { path: path.clone(), source })?;
            Ok((path.display().to_string().replace('\\', "/"), text))
        })
        .collect()
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    let error = |source| JobsError::Read { path: folder.to_owned(), source };
    for entry in fs::read_dir(folder).map_err(error)? {
        let path = entry.map_err(error)?.path();
        if path.is_dir() {
            collect(&path, found)?;
        } else if path.extension().is_some_and(|e| e == "sql" || e == "toml") {
            found.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commerce_pack_is_whole() {
        let pack = Pack::load(&PackSource::default()).unwrap();
        let names = |layer| {
            let models = pack.dag().models().iter().filter(move |model| model.layer() == layer);
            models.map(|model| model.name().to_owned()).collect::<BTreeSet<_>>()
        };
        let silver = [
            "postal_address",
            "person_name_current",
            "party",
            "customer",
            "sales_order",
            "sales_line",
            "channel",
            "loyalty_card",
            "loyalty_card_tier",
            "loyalty_point_trans",
            "loyalty_program",
        ];
        for name in silver {
            assert!(names(goldsmith_proto::id::Layer::Silver).contains(name), "{name}");
        }
        let gold = names(goldsmith_proto::id::Layer::Gold);
        assert_eq!(gold.len(), 9);
        for model in pack.dag().models() {
            assert!(!model.header().grain.is_empty(), "`{}` names no grain", model.key());
            let required = model.bronze_tables().filter(|table| !model.can_miss(table));
            for table in required {
                assert!(
                    pack.required_tables().contains(&table.as_str()),
                    "`{}` needs `{table}`",
                    model.key()
                );
            }
        }
    }

    #[test]
    fn a_variable_that_no_model_uses_is_refused_with_the_nearest() {
        let vars = "party_typ = 'x'".parse().unwrap();
        let error = Pack::load(&PackSource { vars, ..PackSource::default() }).unwrap_err().to_string();
        assert!(error.contains("`party_typ`") && error.contains("`party_type`"), "{error}");
    }
}
