//! The registry of keys.

/// Every key, with the place of names that the user chooses as `*`. What stands below `pack.vars`
/// and `bronze.shortcut_connections` is the user's own.
const KEYS: [&str; 34] = [
    "bronze.url",
    "bronze.connection",
    "bronze.shortcuts",
    "bronze.shortcut_connections",
    "bronze.kind",
    "silver.url",
    "silver.connection",
    "gold.url",
    "gold.connection",
    "pack.path",
    "pack.extends",
    "pack.vars",
    "connections.*.auth",
    "connections.*.account_key",
    "connections.*.sas_token",
    "connections.*.client_id",
    "connections.*.client_secret",
    "connections.*.tenant_id",
    "connections.*.token_file",
    "connections.*.endpoint",
    "connections.*.authority_host",
    "engine.threads",
    "engine.memory_limit",
    "engine.spill_dir",
    "schedule.cron",
    "schedule.timezone",
    "bronze",
    "silver",
    "gold",
    "pack",
    "connections",
    "connections.*",
    "engine",
    "schedule",
];

/// The first key that is not known, and the known one that is most like it.
pub(super) fn first_unknown(table: &toml::Table) -> Option<(String, Option<String>)> {
    walk(table, &mut Vec::new())
}

/// What to write instead of the unknown `key`.
pub(super) fn suggestion(key: &str, nearest: Option<&str>) -> String {
    if let Some(nearest) = nearest {
        return format!("did you mean `{nearest}`?");
    }
    let path: Vec<String> = key.split('.').map(str::to_owned).collect();
    let pattern = pattern(&path);
    let section = split(&pattern).0;
    let siblings: Vec<&str> = KEYS
        .iter()
        .filter_map(|known| match section {
            "" => (!known.contains('.')).then_some(*known),
            section => {
                known.strip_prefix(section)?.strip_prefix('.').filter(|name| !name.contains(['.', '*']))
            }
        })
        .collect();
    let place = if section.is_empty() { "sections".to_owned() } else { format!("keys of [{section}]") };
    format!("the {place} are {}", siblings.join(", "))
}

fn walk(table: &toml::Table, path: &mut Vec<String>) -> Option<(String, Option<String>)> {
    for (key, value) in table {
        path.push(key.clone());
        let pattern = pattern(path);
        if !KEYS.contains(&pattern.as_str()) {
            return Some((path.join("."), nearest(&pattern, path)));
        }
        if let toml::Value::Table(inner) = value
            && !["pack.vars", "bronze.shortcut_connections"].contains(&pattern.as_str())
            && let Some(found) = walk(inner, path)
        {
            return Some(found);
        }
        path.pop();
    }
    None
}

fn pattern(path: &[String]) -> String {
    match path {
        [first, _name, rest @ ..] if first == "connections" => ["connections", "*"]
            .into_iter()
            .chain(rest.iter().map(String::as_str))
            .collect::<Vec<_>>()
            .join("."),
        _ => path.join("."),
    }
}

/// Only keys of the same section are suggested.
fn nearest(pattern: &str, path: &[String]) -> Option<String> {
    let (section, name) = split(pattern);
    KEYS.iter()
        .filter(|key| split(key).0 == section)
        .map(|key| (strsim::jaro_winkler(name, split(key).1), key))
        .filter(|(likeness, _)| *likeness > 0.7)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, key)| key.replacen('*', path.get(1).map_or("*", String::as_str), 1))
}

/// The section of a key and its name there.
fn split(key: &str) -> (&str, &str) {
    key.rsplit_once('.').unwrap_or(("", key))
}
