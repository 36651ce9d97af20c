//! Shortcuts of a lakehouse: the list that Fabric's REST API gives says where each table really is, so that it is read
//! there, by an identity that may read it.
//!
//! - **Source:** learn.microsoft.com/rest/api/fabric/core/onelake-shortcuts/list-shortcuts

use std::collections::BTreeMap;

use serde::Deserialize;
use thiserror::Error;
use url::Url;

use crate::connection::ConnectionName;
use crate::error::LakeError;
use crate::location::Location;

/// A table that stands somewhere else than its name.
#[derive(Debug, Clone)]
pub struct Shortcut {
    /// Name of the table.
    pub name: String,
    /// Folder of the table; or why it cannot be read, which matters only to those who want it.
    pub target: Result<Location, String>,
}

/// A list of shortcuts that cannot be used.
#[derive(Debug, Error)]
pub enum ShortcutError {
    /// It is not what the API gives.
    #[error("it is no list of shortcuts: {source}")]
    Json {
        /// Why.
        source: serde_json::Error,
    },
    /// It is not all of the list.
    #[error("it is one page of several; join the `value` of all pages, following `continuationUri`")]
    Page,
    /// A kind of target that cannot be read.
    #[error("shortcut `{name}` points to {kind}, which cannot be read")]
    Kind {
        /// Name of the table.
        name: String,
        /// What it points to.
        kind: String,
    },
    /// A connection of Fabric's that no connection of ours is named for.
    #[error(
        "shortcut `{name}` uses the Fabric connection {id}; say by which connection it is read here: \
         `shortcut_connections = {{ \"{id}\" = \"NAME\" }}` in [bronze]"
    )]
    Connection {
        /// Name of the table.
        name: String,
        /// Id of Fabric's connection.
        id: String,
    },
    /// A target whose place makes no sense.
    #[error("shortcut `{name}`: {source}")]
    Target {
        /// Name of the table.
        name: String,
        /// Why.
        source: Box<LakeError>,
    },
    /// Two shortcuts for one table.
    #[error("two shortcuts are named `{name}`; Spark SQL takes no notice of case")]
    Twice {
        /// Name of the table.
        name: String,
    },
}

/// By which connections shortcuts are read.
#[derive(Debug, Clone, Default)]
pub struct ShortcutConnections {
    /// For targets in OneLake, which Fabric reads as whoever asks.
    pub onelake: Option<ConnectionName>,
    /// For targets that Fabric reads by a connection of its own, by the id of that one.
    pub by_id: BTreeMap<String, ConnectionName>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct List {
    value: Vec<Entry>,
    #[serde(default)]
    continuation_uri: Option<String>,
    #[serde(default)]
    continuation_token: Option<String>,
}

#[derive(Deserialize)]
struct Entry {
    path: String,
    name: String,
    target: Target,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Target {
    r#type: Option<String>,
    one_lake: Option<OneLake>,
    adls_gen2: Option<Account>,
    azure_blob_storage: Option<Account>,
    dataverse: Option<Dataverse>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OneLake {
    workspace_id: String,
    item_id: String,
    path: String,
    #[serde(default)]
    connection_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Account {
    location: String,
    #[serde(default)]
    subpath: String,
    #[serde(default)]
    connection_id: Option<String>,
}

/// Dataverse keeps these tables in storage of its own, which is reached through the shortcut alone.
#[derive(Deserialize)]
struct Dataverse {}

/// The shortcuts of `json` that stand directly in `root`, the folder of the tables.
///
/// What is not a table is left out.
///
/// # Errors
/// [`ShortcutError`] if it is no list, not all of it, or names a table twice.
pub fn shortcuts(
    json: &str,
    root: &Location,
    connections: &ShortcutConnections,
) -> Result<Vec<Shortcut>, ShortcutError> {
    let list: List = serde_json::from_str(json).map_err(|source| ShortcutError::Json { source })?;
    let rest = [list.continuation_uri, list.continuation_token];
    if rest.into_iter().flatten().any(|rest| !rest.is_empty()) {
        return Err(ShortcutError::Page);
    }
    let mut found: BTreeMap<String, Shortcut> = BTreeMap::new();
    for entry in list.value {
        // `Tables`, or `Tables/dbo` where the lakehouse has schemas: the end of the folder's own path.
        if !ends_with(root, &entry.path) {
            continue;
        }
        let name = entry.name.clone();
        let target = target(entry, root, connections).map_err(|error| error.to_string());
        let shortcut = Shortcut { name: name.clone(), target };
        if found.insert(name.to_lowercase(), shortcut).is_some() {
            return Err(ShortcutError::Twice { name });
        }
    }
    Ok(found.into_values().collect())
}

/// Whether the path of `root` is, or ends with, the folder `path` of its lakehouse.
fn ends_with(root: &Location, path: &str) -> bool {
    let names = |path: &str| -> Vec<String> {
        path.split('/').filter(|name| !name.is_empty()).map(str::to_lowercase).collect()
    };
    let Ok(folder) = root.store_path() else { return false };
    names(folder.as_ref()).ends_with(&names(path))
}

/// Where the table of `entry` is.
fn target(
    entry: Entry,
    root: &Location,
    connections: &ShortcutConnections,
) -> Result<Location, ShortcutError> {
    let Entry { name, target, .. } = entry;
    let by_id = |id: Option<&String>| match id {
        None => Ok(None),
        Some(id) => match connections.by_id.get(id) {
            Some(connection) => Ok(Some(connection.clone())),
            None => Err(ShortcutError::Connection { name: name.clone(), id: id.clone() }),
        },
    };
    let place = |url: String, path: &str, connection: Option<ConnectionName>| {
        Location::parse(&url)
            .map(|location| location.below(path).with_connection(connection))
            .map_err(|source| ShortcutError::Target { name: name.clone(), source: Box::new(source) })
    };
    match target {
        Target { one_lake: Some(onelake), .. } => {
            let OneLake { workspace_id, item_id, path, connection_id } = onelake;
            // Read at the host that bronze itself is read at, which may be that of a region.
            let host = root
                .container()
                .filter(|container| container.is_onelake())
                .map_or_else(|| "onelake.dfs.fabric.microsoft.com".to_owned(), |container| container.host);
            let connection = match by_id(connection_id.as_ref())? {
                Some(connection) => Some(connection),
                None => connections.onelake.clone(),
            };
            place(format!("abfss://{workspace_id}@{host}/{item_id}"), &path, connection)
        }
        Target { adls_gen2: Some(account), .. } | Target { azure_blob_storage: Some(account), .. } => {
            let Account { location, subpath, connection_id } = account;
            let connection = match by_id(connection_id.as_ref())? {
                Some(connection) => Some(connection),
                None => root.connection().cloned(),
            };
            // The first part of the path is the container, which only the whole URL tells.
            let url = Url::parse(&location).ok().and_then(|mut url| {
                url.path_segments_mut()
                    .ok()?
                    .pop_if_empty()
                    .extend(subpath.split('/').filter(|name| !name.is_empty()));
                Some(url.to_string())
            });
            place(url.unwrap_or(location), "", connection)
        }
        Target { dataverse: Some(Dataverse {}), .. } => Ok(root.below(&name)),
        Target { r#type, .. } => {
            let kind = r#type.unwrap_or_else(|| "storage of an unknown kind".to_owned());
            Err(ShortcutError::Kind { name, kind })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "abfss://ws@onelake.dfs.fabric.microsoft.com/commerce.Lakehouse/Tables";

    fn name(text: &str) -> ConnectionName {
        ConnectionName::try_new(text).unwrap()
    }

    fn read(json: &str) -> Result<Vec<Shortcut>, ShortcutError> {
        let root = Location::parse(ROOT).unwrap().with_connection(Some(name("fabric")));
        let connections = ShortcutConnections {
            onelake: Some(name("fabric")),
            by_id: [("91324db9".to_owned(), name("adls"))].into(),
        };
        shortcuts(json, &root, &connections)
    }

    #[test]
    fn each_kind_of_target_is_found_where_it_is() {
        let found = read(
            r#"{"value": [
                {"path": "Tables", "name": "custtable", "target": {"type": "Dataverse", "dataverse": {
                    "environmentDomain": "https://org.crm.dynamics.com", "tableName": "custtable",
                    "deltaLakeFolder": "x", "connectionId": "unknown to us"}}},
                {"path": "/Tables/", "name": "SalesLine", "target": {"type": "OneLake", "oneLake": {
                    "workspaceId": "cfafbeb1-8037-4d0c-896e-a46fb27ff229",
                    "itemId": "5b218778-e7a5-4d73-8187-f10824047715", "path": "Tables/dbo/sales line"}}},
                {"path": "Tables", "name": "dirpartytable", "target": {"type": "AdlsGen2", "adlsGen2": {
                    "location": "https://account.dfs.core.windows.net", "subpath": "/lake/bronze/dirpartytable",
                    "connectionId": "91324db9"}}},
                {"path": "Files/landing", "name": "pictures", "target": {"type": "AmazonS3"}}
            ]}"#,
        )
        .unwrap();
        let shown: Vec<_> = found
            .iter()
            .map(|s| {
                let target = s.target.as_ref().unwrap();
                let connection = target.connection().map(|name| name.as_str().to_owned());
                (s.name.as_str(), target.url().as_str(), connection.unwrap_or_default())
            })
            .collect();
        assert_eq!(
            shown,
            [
                ("custtable", &*format!("{ROOT}/custtable/"), "fabric".to_owned()),
                (
                    "dirpartytable",
                    "abfss://lake@account.dfs.core.windows.net/bronze/dirpartytable/",
                    "adls".to_owned()
                ),
                (
                    "SalesLine",
                    "abfss://cfafbeb1-8037-4d0c-896e-a46fb27ff229@onelake.dfs.fabric.microsoft.com/\
                     5b218778-e7a5-4d73-8187-f10824047715/Tables/dbo/sales%20line/",
                    "fabric".to_owned()
                ),
            ]
        );
    }

    #[test]
    fn what_cannot_be_read_says_so_when_it_is_wanted() {
        let table = |target: &str| {
            format!(r#"{{"value": [{{"path": "Tables", "name": "custtable", "target": {target}}}]}}"#)
        };
        let account = r#"{"adlsGen2": {"location": "https://account.dfs.core.windows.net", "subpath": "/c/x",
            "connectionId": "other"}}"#;
        let foreign = r#"{"adlsGen2": {"location": "https://example.org", "subpath": "/c/x"}}"#;
        for (json, part) in [
            (table(r#"{"type": "AmazonS3", "amazonS3": {}}"#), "points to AmazonS3"),
            (table(account), "shortcut_connections = { \"other\" = \"NAME\" }"),
            (table(foreign), "no host of a storage account"),
        ] {
            let error = read(&json).unwrap().remove(0).target.unwrap_err();
            assert!(error.contains(part), "{error}");
        }
        for (json, part) in [
            ("[]", "no list of shortcuts"),
            (r#"{"value": [], "continuationUri": "https://api"}"#, "one page of several"),
        ] {
            let error = read(json).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
        let twice = r#"{"value": [
            {"path": "Tables", "name": "a", "target": {"dataverse": {}}},
            {"path": "Tables", "name": "A", "target": {"dataverse": {}}}]}"#;
        assert!(matches!(read(twice).unwrap_err(), ShortcutError::Twice { .. }));
    }
}
