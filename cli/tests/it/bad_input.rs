//! What a person is told of input that cannot be used: the whole text, the exit code, and that nothing was published.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::approved::Page;
use crate::common::{LakeLayout, Sandbox, live_files};

const REFRESH: [&str; 2] = ["refresh", "--full"];

/// What breaks a lake, and how it is called.
type Case = (&'static str, fn(&Sandbox));

/// Breaks one lake after the other: what a refresh says of it with gold that has been published, and that it publishes
/// nothing where there is none.
fn assert_refused(page: &'static str, cases: &[Case]) {
    let published = Sandbox::published();
    let mut page = Page::new(page);
    for (title, breaks) in cases {
        let sandbox = published.again();
        breaks(&sandbox);
        page.refused(title, &sandbox, &REFRESH, 3);
        let fresh = Sandbox::small(LakeLayout::Medallion);
        breaks(&fresh);
        let (code, text) = fresh.failure(&REFRESH);
        assert_eq!(code, 3, "{title}: {text}");
        assert!(!fresh.path("gold").exists(), "{title}: {text}");
        // Silver tables that do not read what is broken may be published; what is there is whole.
        assert_no_orphans(&fresh.path("silver"));
    }
    page.approve();
}

/// Every data file below `layer` belongs to the latest version of its table.
fn assert_no_orphans(layer: &Path) {
    for table in fs::read_dir(layer).into_iter().flatten() {
        let table = table.unwrap().path();
        let files =
            fs::read_dir(&table).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut files: Vec<String> = files.filter(|name| name != "_delta_log").collect();
        files.sort();
        assert_eq!(files, live_files(&table), "{}", table.display());
    }
}

fn bronze(sandbox: &Sandbox, table: &str) -> PathBuf {
    sandbox.path("bronze").join(table)
}

/// The last data file of a bronze table.
fn last_file(sandbox: &Sandbox, table: &str) -> PathBuf {
    let folder = bronze(sandbox, table);
    folder.join(live_files(&folder).pop().unwrap())
}

/// Changes the fields of the schema in the first log entry of a bronze table.
fn change_schema(sandbox: &Sandbox, table: &str, change: impl Fn(&mut Vec<Value>)) {
    let entry = bronze(sandbox, table).join("_delta_log/00000000000000000000.json");
    let text = fs::read_to_string(&entry).unwrap();
    let lines: Vec<String> = text
        .lines()
        .map(|line| {
            let mut action: Value = serde_json::from_str(line).unwrap();
            if let Some(text) = action["metaData"]["schemaString"].as_str() {
                let mut schema: Value = serde_json::from_str(text).unwrap();
                change(schema["fields"].as_array_mut().unwrap());
                action["metaData"]["schemaString"] = schema.to_string().into();
            }
            action.to_string()
        })
        .collect();
    fs::write(entry, lines.join("\n")).unwrap();
}

#[test]
fn a_table_whose_log_cannot_be_used() {
    assert_refused(
        "table_log",
        &[
            ("a bronze folder without `_delta_log`", |sandbox| {
                fs::remove_dir_all(bronze(sandbox, "custtable").join("_delta_log")).unwrap();
            }),
            ("a `_delta_log` without a version", |sandbox| {
                let log = bronze(sandbox, "custtable").join("_delta_log");
                fs::remove_dir_all(&log).unwrap();
                fs::create_dir(log).unwrap();
            }),
            ("a log entry that is cut", |sandbox| {
                let log = bronze(sandbox, "custtable").join("_delta_log");
                fs::write(log.join("00000000000000000001.json"), "{\"add\":{\"path\":").unwrap();
            }),
            ("a log entry that is missing", |sandbox| {
                let log = bronze(sandbox, "salesline").join("_delta_log");
                fs::remove_file(log.join("00000000000000000003.json")).unwrap();
            }),
            ("a required table that is missing", |sandbox| {
                fs::remove_dir_all(bronze(sandbox, "salesline")).unwrap();
            }),
            ("two folders of one name", |sandbox| {
                fs::create_dir(bronze(sandbox, "CustTable")).unwrap();
            }),
        ],
    );
}

/// Changes the bytes of the last data file of `custtable`.
fn rewrite(sandbox: &Sandbox, change: impl Fn(&mut Vec<u8>)) {
    let file = last_file(sandbox, "custtable");
    let mut bytes = fs::read(&file).unwrap();
    change(&mut bytes);
    fs::write(file, bytes).unwrap();
}

#[test]
fn a_data_file_that_cannot_be_read() {
    assert_refused(
        "data_file",
        &[
            ("a file whose footer is cut", |sandbox| {
                rewrite(sandbox, |bytes| bytes.truncate(bytes.len() - 1_000));
            }),
            ("a file that is cut in a data page", |sandbox| rewrite(sandbox, |bytes| bytes.truncate(9_000))),
            ("a data page that is cut, with a footer", |sandbox| {
                rewrite(sandbox, |bytes| drop(bytes.drain(1_000..1_100)));
            }),
            ("data pages of other bytes", |sandbox| {
                rewrite(sandbox, |bytes| {
                    let end = bytes.len() - 8;
                    let (rest, length) = bytes.split_at_mut(end);
                    let footer = u32::from_le_bytes(length[..4].try_into().unwrap());
                    let pages = rest.len() - usize::try_from(footer).unwrap();
                    rest[4..pages].fill(0xff);
                });
            }),
            ("a footer of other bytes", |sandbox| {
                rewrite(sandbox, |bytes| {
                    let footer = bytes.len() - 500;
                    bytes[footer..].fill(0);
                });
            }),
            ("a file that is missing", |sandbox| fs::remove_file(last_file(sandbox, "custtable")).unwrap()),
        ],
    );
}

#[test]
fn sources_lists_all_that_is_wrong() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    fs::remove_dir_all(bronze(&sandbox, "custtable").join("_delta_log")).unwrap();
    fs::remove_dir_all(bronze(&sandbox, "dirpartytable")).unwrap();
    change_schema(&sandbox, "salestable", |fields| fields.retain(|f| f["name"] != "salesid"));
    let (code, text) = sandbox.failure(&["sources"]);
    assert_eq!(code, 3);
    let text = text.replace(sandbox.dir.path().to_str().unwrap(), "{dir}");
    assert_eq!(
        text,
        "error: a refresh cannot use this bronze\n  \
         `custtable` at {dir}/bronze/custtable is not a Delta table: it has no `_delta_log` with a readable version\n  \
         `dirpartytable` is missing\n  \
         `salestable` has no column `salesid`\n  \
         hint: add what is missing to the link or the shortcuts, or mark it optional in the headers of the models\n"
    );
}

#[test]
fn columns_that_do_not_fit() {
    assert_refused(
        "column",
        &[
            ("a required column that is missing", |sandbox| {
                change_schema(sandbox, "custtable", |fields| fields.retain(|f| f["name"] != "party"));
            }),
            ("a column of another type", |sandbox| {
                change_schema(sandbox, "custtable", |fields| {
                    let party = fields.iter_mut().find(|f| f["name"] == "party").unwrap();
                    party["type"] = "string".into();
                });
            }),
        ],
    );
}

#[test]
fn models_that_cannot_be_used() {
    let published = Sandbox::published();
    let mut page = Page::new("model");
    let mut refused = |title: &str, files: &[(&str, &str)]| {
        let sandbox = published.again();
        for (name, text) in files {
            let path = sandbox.path("pack").join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let pack = "[pack]\npath = \"pack\"\n[pack.vars]\nparty_type = { 1 = 'x' }";
        sandbox.configure(&sandbox.path("bronze"), LakeLayout::Simplified, pack);
        page.refused(title, &sandbox, &REFRESH, 3);
    };
    refused("a syntax error", &[("a.sql", "-- grain = [\"Id\"]\nSELECT 1 AS Id\nFORM custtable AS t")]);
    refused("two statements", &[("a.sql", "SELECT 1 AS Id;\nSELECT 2 AS Id")]);
    refused("a statement that writes", &[("a.sql", "DROP TABLE custtable")]);
    refused("a string that does not end", &[("a.sql", "SELECT 'x AS Id")]);
    refused("nothing but a header", &[("a.sql", "-- grain = [\"Id\"]\n")]);
    refused("an unknown function", &[("a.sql", "SELECT\n  nonsense(1) AS a")]);
    refused("a misspelt function", &[("a.sql", "SELECT uper('x') AS a")]);
    refused("wrong arguments", &[("a.sql", "SELECT substring('x') AS a")]);
    refused("an unknown column", &[("a.sql", "SELECT acountnum FROM custtable")]);
    refused("types that do not go together", &[("a.sql", "SELECT array(1) + 1 AS a")]);
    refused("a cycle", &[("a.sql", "SELECT 1 AS Id\nFROM gold.b"), ("b.sql", "SELECT * FROM gold.a")]);
    refused("a model that reads itself", &[("a.sql", "SELECT * FROM gold.a")]);
    refused("a variable without a value", &[("a.sql", "SELECT\n  ${partytype} AS a")]);
    refused("a variable like no other", &[("a.sql", "SELECT ${zzz} AS a")]);
    refused("an unknown model", &[("a.sql", "SELECT * FROM silver.nothing")]);
    refused("a misspelt model", &[("a.sql", "SELECT * FROM gold.bb"), ("b.sql", "SELECT 1 AS a")]);
    refused("an unknown bronze table", &[("a.sql", "SELECT 1 AS a FROM custtabel")]);
    refused("an unknown key in a header", &[("a.sql", "-- grian = [\"Id\"]\nSELECT 1 AS Id")]);
    refused(
        "a wrong value in a header",
        &[("a.sql", "-- grain = [\"Id\"]\n-- layer = 'bronze'\nSELECT 1 AS Id")],
    );
    refused("a header that is no TOML", &[("a.sql", "-- One row per thing\nSELECT 1 AS Id")]);
    refused("a key that is no column", &[("a.sql", "-- grain = [\"Id\"]\nSELECT 1 AS Key")]);
    refused("a column that Delta cannot name", &[("a.sql", "SELECT 1 AS `a b`")]);
    refused("a column twice", &[("a.sql", "SELECT 1 AS a, 2 AS A")]);
    refused("a model twice", &[("a.sql", "SELECT 1 AS a"), ("b/a.sql", "SELECT 1 AS a")]);
    refused("a pack without a model", &[("readme.txt", "SELECT 1 AS a")]);
    refused("a name that begins with an underscore", &[("_a.sql", "SELECT 1 AS a")]);
    refused(
        "a contract that cannot be read",
        &[("a.sql", "SELECT 1 AS a"), ("contracts/bronze.toml", "[custtable]\nparty = \"bigin\"")],
    );
    page.approve();
}

#[test]
fn configurations_that_cannot_be_used() {
    let published = Sandbox::published();
    let mut page = Page::new("configuration");
    let mut refused = |title: &str, text: &str| {
        let sandbox = published.again();
        fs::write(sandbox.path("goldsmith.toml"), text).unwrap();
        page.refused(title, &sandbox, &REFRESH, 3);
    };
    for (title, more) in [
        ("an unknown key", "[engine]\nmemory = \"1GiB\""),
        ("an unknown section", "[golt]\nurl = \"x\""),
        ("a key like no other", "[engine]\nzzz = 1"),
        ("a section like no other", "[zzz]"),
        ("a value of another kind", "[engine]\nthreads = \"two\""),
        ("no thread", "[engine]\nthreads = 0"),
        ("no TOML", "[engine]\nthreads = = 1"),
        ("an unknown way to sign in", "[connections.a]\nauth = \"password\""),
        ("an unknown key of a connection", "[connections.a]\nauth = \"sas\"\nsas_tokn = \"env:X\""),
        ("a pack that is not there", "[pack]\npath = \"nowhere\""),
        ("a pack that was never built in", "[pack]\npath = \"builtin:comerce\""),
        ("a misspelt setting of the pack", "[pack.vars]\ndeleted_rows = \"exclud\""),
        ("a variable that has no form in SQL", "[pack.vars]\nwhen = 2026-01-01"),
    ] {
        refused(title, &format!("[bronze]\nurl = \"bronze\"\n[gold]\nurl = \"gold\"\n{more}"));
    }
    refused("no gold", "[bronze]\nurl = \"bronze\"");
    refused("no bronze", "[gold]\nurl = \"gold\"");
    refused("a URL that cannot be reached", "[gold]\nurl = \"ftp://host/gold\"");
    refused("a connection that is not there", "[gold]\nurl = \"gold\"\nconnection = \"gold\"");
    refused("layers in one another", "[bronze]\nurl = \"gold/bronze\"\n[gold]\nurl = \"gold\"");
    refused("a bronze folder that is not there", "[bronze]\nurl = \"nowhere\"\n[gold]\nurl = \"gold\"");
    page.refused("a file that is not there", &published, &["refresh", "-c", "missing.toml"], 3);
    page.refused("a file that is a folder", &published, &["refresh", "-c", "gold"], 3);
    page.refused("a misspelt model", &published, &["refresh", "--only", "profiles_Custmer"], 3);
    page.refused("an unknown model", &published, &["refresh", "--only", "zzz"], 3);
    page.approve();
}

#[test]
fn keys_that_are_none() {
    let mut page = Page::new("audit");
    for (title, good, sql) in [
        (
            "a key that is null",
            "SELECT 'x' AS CustomerId",
            "-- grain = [\"CustomerId\"]\nSELECT nullif(CustomerId, min(CustomerId) OVER ()) AS CustomerId \
             FROM (SELECT DISTINCT concat_ws('_', dataareaid, accountnum) AS CustomerId FROM custtable) AS t",
        ),
        (
            "a key that is not unique",
            "SELECT 'x' AS CustomerId",
            "-- grain = [\"CustomerId\"]\nSELECT 'x' AS CustomerId FROM custtable LIMIT 3",
        ),
        (
            "an activity without a time",
            "SELECT 'x' AS CustomerId, TIMESTAMP'2026-01-01 00:00:00' AS At",
            "-- grain = [\"CustomerId\"]\n-- timestamp = \"At\"\nSELECT 'x' AS CustomerId, CAST(NULL AS TIMESTAMP) AS At",
        ),
    ] {
        let sandbox = Sandbox::small(LakeLayout::Simplified);
        fs::create_dir(sandbox.path("pack")).unwrap();
        let model = |sql: &str| fs::write(sandbox.path("pack/profiles_Customer.sql"), sql).unwrap();
        sandbox.configure(&sandbox.path("bronze"), LakeLayout::Simplified, "[pack]\npath = \"pack\"");
        model(good);
        sandbox.refresh(&[]);
        model(sql);
        page.refused(title, &sandbox, &REFRESH, 2);
    }
    page.approve();
}

#[test]
fn statements_that_cannot_be_used() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    let mut page = Page::new("statement");
    for (title, args) in [
        ("a syntax error", &["SELECT 1 FORM t AS u"][..]),
        ("an unknown table", &["SELECT * FROM custtabel"]),
        ("a table that is not built", &["SELECT * FROM gold.profiles_Customer"]),
        ("an unknown gold table", &["SELECT * FROM gold.nothing"]),
        ("a statement that writes", &["DELETE FROM custtable"]),
        ("a version that is not there", &["SELECT count(*) FROM custtable", "--at", "custtable=7"]),
        ("a version of a table that is not read", &["SELECT count(*) FROM custtable", "--at", "salesline=0"]),
    ] {
        let args: Vec<&str> = ["query"].iter().chain(args).copied().collect();
        page.refused(title, &sandbox, &args, 3);
    }
    page.refused("a nested value as CSV", &sandbox, &["query", "SELECT array(1)", "--output", "csv"], 1);
    page.approve();
    let text = sandbox.refused(&["query", "SELECT 1", "--out", "nowhere/a.txt"], 1);
    assert!(
        text.starts_with("error: cannot write nowhere/a.txt\n  because: No such file or directory"),
        "{text}"
    );
    assert!(
        text.ends_with("\n  hint: check that its folder is there, can be written and has room\n"),
        "{text}"
    );
}
