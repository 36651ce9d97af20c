//! `goldsmith.toml`: the one place where configuration is read. Order: default, file, flag.

mod connection;
mod known;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use goldsmith_executor::{Engine, EngineError, EngineOptions};
use goldsmith_jobs::Pack;
use goldsmith_jobs::pack::PackSource;
use goldsmith_lake::bronze::BronzeSource;
use goldsmith_lake::bronze::shortcut::{ShortcutConnections, shortcuts};
use goldsmith_lake::connection::{ConnectionName, Connections};
use goldsmith_lake::{Location, Stores};
use goldsmith_scheduler::Lakehouse;
use serde::Deserialize;
use thiserror::Error;

use self::connection::ConnectionSection;
use crate::args::Common;
use crate::exit::Usage;

/// File that is read where none is named.
const DEFAULT_FILE: &str = "goldsmith.toml";

/// A configuration that cannot be used.
#[derive(Debug, Error)]
pub(crate) enum ConfigError {
    #[error("there is no configuration file {path}; hint: check the path after -c")]
    Missing { path: PathBuf },
    #[error("cannot read {path}; hint: check that it is a file and that it may be read")]
    Read {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("{path} is not valid TOML; hint: correct it at the caret\n{message}")]
    Syntax { path: PathBuf, message: String },
    #[error(
        "a value in {path} is missing or of another kind; hint: correct it at the caret; README.md, \"Your own lake\", shows one of each\n{message}"
    )]
    Type { path: PathBuf, message: String },
    #[error("unknown key `{key}` in {path}; hint: {}", known::suggestion(.key, .nearest.as_deref()))]
    UnknownKey { path: PathBuf, key: String, nearest: Option<String> },
    #[error(
        "`{key}` in {path} cannot be used: {message}; hint: correct it; README.md and docs/storage.md show one of each"
    )]
    Value { path: PathBuf, key: String, message: String },
}

/// The file's content, of which `[schedule]` is checked and not used: only a scheduler keeps one. Relative paths in it are taken from the working directory, as on the command line.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Config {
    bronze: Option<Layer>,
    silver: Option<Layer>,
    gold: Option<Layer>,
    pack: PackSection,
    connections: BTreeMap<String, ConnectionSection>,
    engine: EngineSection,
}

#[derive(Debug, Clone, Deserialize)]
struct Layer {
    url: String,
    connection: Option<String>,
    kind: Option<String>,
    shortcuts: Option<PathBuf>,
    #[serde(default)]
    shortcut_connections: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct PackSection {
    path: Option<String>,
    extends: Option<String>,
    vars: toml::Table,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct EngineSection {
    threads: Option<NonZeroUsize>,
    memory_limit: Option<bytesize::ByteSize>,
    spill_dir: Option<PathBuf>,
}

/// Threads that the process computes with, if the command line or a file that can be read says so.
pub(crate) fn threads(common: &Common) -> Option<NonZeroUsize> {
    // What is wrong with the file is said when the command reads it.
    common.threads.or_else(|| Config::load(common).ok()?.0.engine.threads)
}

/// The same, or as many as there are cores.
pub(crate) fn threads_or_all(common: &Common) -> NonZeroUsize {
    threads(common).or_else(|| std::thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN)
}

impl Config {
    /// Reads the file that the command line names, or the default one if it is there.
    pub(crate) fn load(common: &Common) -> Result<(Self, PathBuf), ConfigError> {
        let path = common.config.clone().unwrap_or_else(|| PathBuf::from(DEFAULT_FILE));
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return if common.config.is_some() {
                    Err(ConfigError::Missing { path })
                } else {
                    Ok((Self::default(), path))
                };
            }
            Err(source) => return Err(ConfigError::Read { path, source }),
        };
        Ok((Self::parse(&text, &path)?, path))
    }

    pub(crate) fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let syntax = |error: toml::de::Error| ConfigError::Syntax {
            path: path.to_owned(),
            message: shown(&error, text),
        };
        let table: toml::Table = toml::from_str(text).map_err(syntax)?;
        if let Some((key, nearest)) = known::first_unknown(&table) {
            return Err(ConfigError::UnknownKey { path: path.to_owned(), key, nearest });
        }
        // From the text, so that an error has its place and dates stay dates.
        let config: Self = toml::from_str(text)
            .map_err(|error| ConfigError::Type { path: path.to_owned(), message: shown(&error, text) })?;
        config.check_connections(path)?;
        Ok(config)
    }

    /// Every connection that a layer names is there, and is of a kind that exists.
    fn check_connections(&self, path: &Path) -> Result<(), ConfigError> {
        let refuse =
            |key: String, message: String| ConfigError::Value { path: path.to_owned(), key, message };
        for (name, layer) in [("bronze", &self.bronze), ("silver", &self.silver), ("gold", &self.gold)] {
            if let Some(connection) = layer.as_ref().and_then(|layer| layer.connection.as_ref())
                && !self.connections.contains_key(connection)
            {
                let message = format!("there is no [connections.{connection}]");
                return Err(refuse(format!("{name}.connection"), message));
            }
        }
        let named = self.bronze.iter().flat_map(|bronze| &bronze.shortcut_connections);
        for (id, connection) in named {
            if !self.connections.contains_key(connection) {
                let message = format!("there is no [connections.{connection}]");
                return Err(refuse(format!("bronze.shortcut_connections.{id}"), message));
            }
        }
        connection::connections(&self.connections).map_err(|(key, message)| refuse(key, message))?;
        Ok(())
    }

    /// What this process may open: its local disk, and what its connections say how to.
    pub(crate) fn stores(&self) -> Stores {
        // They were read when the file was.
        let connections =
            connection::connections(&self.connections).unwrap_or_else(|_| Connections::default());
        Stores::default().with_connections(connections)
    }

    /// The place that `text` names, opened by the connection `name`.
    pub(crate) fn place(&self, text: &str, name: Option<&str>) -> anyhow::Result<Location> {
        let name = match name {
            None => None,
            Some(name) if self.connections.contains_key(name) => ConnectionName::try_new(name).ok(),
            Some(name) => {
                let known = self.connections.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
                return Err(
                    Usage(format!("there is no [connections.{name}]; hint: there are: {known}")).into()
                );
            }
        };
        let location = Location::parse(text).map_err(goldsmith_scheduler::SchedulerError::from)?;
        Ok(location.with_connection(name))
    }

    /// Starts the engine of this process.
    pub(crate) fn engine(&self, common: &Common) -> Result<Engine, EngineError> {
        let memory_limit = common.memory_limit.or(self.engine.memory_limit);
        let mut options = EngineOptions::resolve(
            common.threads.or(self.engine.threads),
            memory_limit.map(|size| usize::try_from(size.as_u64()).unwrap_or(usize::MAX)),
            common.spill_dir.clone().or_else(|| self.engine.spill_dir.clone()),
        );
        if let Some(seconds) = common.stall_timeout {
            options.stall_timeout = Duration::from_secs(seconds);
        }
        Engine::try_new(options, self.stores())
    }

    /// The place of a layer.
    fn location(&self, key: &str, layer: Option<&Layer>, path: &Path) -> anyhow::Result<Option<Location>> {
        let Some(layer) = layer else { return Ok(None) };
        let location = self.place(&layer.url, layer.connection.as_deref())?;
        let refuse =
            |key: String, message: String| ConfigError::Value { path: path.to_owned(), key, message };
        if location.is_local() && layer.connection.is_some() {
            let message = format!("{location} is on a disk, and needs no connection");
            return Err(refuse(format!("{key}.connection"), message).into());
        }
        if key != "bronze" && location.is_container_root() {
            let message = format!("{location} is a container; name a folder in it");
            return Err(refuse(format!("{key}.url"), message).into());
        }
        if !location.is_local() && location.connection().is_none() {
            return Err(ConfigError::Value {
                path: path.to_owned(),
                key: format!("{key}.url"),
                message: format!(
                    "{location} is in a storage account; say by `connection` which of [connections] opens it"
                ),
            }
            .into());
        }
        Ok(Some(location))
    }

    /// The tables of bronze.
    fn bronze(&self, path: &Path) -> anyhow::Result<Option<BronzeSource>> {
        let refuse = |key: &str, message: String| ConfigError::Value {
            path: path.to_owned(),
            key: format!("bronze.{key}"),
            message,
        };
        let Some(bronze) = &self.bronze else { return Ok(None) };
        if bronze.kind.is_some() {
            let message = "this version reads bronze only as one Delta table per folder of `url`";
            return Err(refuse("kind", message.to_owned()).into());
        }
        let Some(root) = self.location("bronze", Some(bronze), path)? else { return Ok(None) };
        let Some(list) = &bronze.shortcuts else { return Ok(Some(BronzeSource::new(root))) };
        let json = std::fs::read_to_string(list)
            .map_err(|source| ConfigError::Read { path: list.clone(), source })?;
        let by_id = bronze.shortcut_connections.iter();
        let connections = ShortcutConnections {
            onelake: root.connection().cloned(),
            by_id: by_id
                .filter_map(|(id, name)| Some((id.clone(), ConnectionName::try_new(name).ok()?)))
                .collect(),
        };
        let shortcuts = shortcuts(&json, &root, &connections)
            .map_err(|error| refuse("shortcuts", format!("{}: {error}", list.display())))?;
        Ok(Some(BronzeSource::new(root).with_shortcuts(shortcuts)))
    }

    /// Opens what the configuration names. Nothing is read from the lake yet.
    pub(crate) fn lakehouse(self, path: &Path, common: &Common) -> anyhow::Result<Lakehouse> {
        let bronze = self.bronze(path)?;
        let silver = self.location("silver", self.silver.as_ref(), path)?;
        let gold = self.location("gold", self.gold.as_ref(), path)?;
        let engine = self.engine(common)?;
        let source = PackSource { path: self.pack.path, extends: self.pack.extends, vars: self.pack.vars };
        let lakehouse = Lakehouse {
            bronze,
            silver,
            gold,
            pack: Pack::load(&source).map_err(goldsmith_scheduler::SchedulerError::from)?,
            engine,
            cluster: None,
        };
        lakehouse.check_layers()?;
        Ok(lakehouse)
    }
}

/// `error` with the line that it is about, unless that line holds a secret or should hold one.
fn shown(error: &toml::de::Error, text: &str) -> String {
    let whole = error.to_string();
    if !connection::SECRETS.iter().any(|key| whole.contains(key)) {
        return whole;
    }
    let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].lines().count().max(1));
    format!("line {line}, which is not shown because a secret may stand in it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_in_a_line_that_is_wrong_is_not_shown() {
        for line in [
            "account_key = \"s3cret",
            "account_key = s3cret",
            "account_key = 123s3cret",
            "sas_token = ['s3cret']",
        ] {
            let error = error(&format!("[connections.a]\nauth = 'account-key'\n{line}\n"));
            assert!(!error.contains("s3cret") && error.contains("line 3"), "{error}");
        }
    }

    fn error(text: &str) -> String {
        Config::parse(text, Path::new("goldsmith.toml")).unwrap_err().to_string()
    }

    #[test]
    fn an_unknown_key_names_the_nearest_known_one() {
        assert!(error("[gold]\nurll = 'x'").contains("`gold.urll`"), "{}", error("[gold]\nurll = 'x'"));
        assert!(error("[gold]\nurll = 'x'").contains("`gold.url`"));
        assert!(error("[golt]\nurl = 'x'").contains("`gold`"));
        assert!(error("[engine]\nmemory = '1GiB'").contains("`engine.memory_limit`"));
    }

    #[test]
    fn a_connection_that_is_not_there_or_of_no_kind_is_named() {
        let missing = error("[gold]\nurl = 'x'\nconnection = 'gold'");
        assert!(missing.contains("`gold.connection`") && missing.contains("[connections.gold]"), "{missing}");
        let kind = error("[connections.a]\nauth = 'passwort'");
        assert!(kind.contains("`connections.a.auth`") && kind.contains("client-secret"), "{kind}");
        let number = error("[engine]\nthreads = 'two'");
        assert!(number.contains("of another kind"), "{number}");
    }

    #[test]
    fn the_example_of_the_interface_is_read() {
        let text = r#"
            [bronze]
            url = "abfss://workspace@onelake.dfs.fabric.microsoft.com/commerce.Lakehouse/Tables"
            connection = "fabric"
            [silver]
            url = "abfss://lake@account.dfs.core.windows.net/silver"
            [gold]
            url = "abfss://gold@account.dfs.core.windows.net/ci"
            connection = "gold"
            [pack]
            path = "builtin:commerce"
            [pack.vars]
            deleted_rows = "exclude"
            party_type = { 13271 = "Person", 2077 = "Organization" }
            [connections.fabric]
            auth = "azure-cli"
            [connections.gold]
            auth = "client-secret"
            client_id = "env:GOLD_CLIENT_ID"
            client_secret = "env:GOLD_CLIENT_SECRET"
            tenant_id = "env:GOLD_TENANT_ID"
            [engine]
            threads = 2
            memory_limit = "2GiB"
            [schedule]
            cron = "15 0,6,12,18 * * *"
            timezone = "Europe/Paris"
        "#;
        let config = Config::parse(text, Path::new("goldsmith.toml")).unwrap();
        assert_eq!(config.engine.memory_limit, Some(bytesize::ByteSize::gib(2)));
        assert!(config.pack.vars.contains_key("party_type"));
    }
}
