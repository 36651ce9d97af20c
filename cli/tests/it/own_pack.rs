//! A user's own models.

use std::fs;

use crate::common::{LakeLayout, Sandbox};

fn sandbox_with(files: &[(&str, &str)], pack: &str) -> Sandbox {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    for (name, text) in files {
        let path = sandbox.path("pack").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    sandbox.configure(&sandbox.path("bronze"), LakeLayout::Simplified, pack);
    sandbox
}

#[test]
fn a_sql_file_in_a_folder_is_built_and_published() {
    let sandbox = sandbox_with(
        &[
            (
                "gold/supporting_Companies.sql",
                "-- grain = [\"CompanyId\"]\nSELECT company AS CompanyId, orders AS Orders FROM silver.company",
            ),
            (
                "silver/company.sql",
                "-- layer = \"silver\"\nSELECT dataareaid AS company, count(*) AS orders FROM salestable WHERE dataareaid IS NOT NULL GROUP BY dataareaid",
            ),
        ],
        "[pack]\npath = \"pack\"",
    );
    let report = sandbox.refresh(&[]);
    assert_eq!(report.len(), 1);
    let rows = sandbox.gold_rows("supporting_Companies", &[]);
    assert_eq!(report["supporting_Companies"]["rows_inserted"], rows.len());
    assert!(rows.len() >= 5, "{rows:?}");
}

#[test]
fn a_folder_can_be_laid_over_the_builtin_pack() {
    let sandbox = sandbox_with(
        &[("supporting_Channels.sql", "-- grain = [\"ChannelId\"]\nSELECT 'only' AS ChannelId")],
        "[pack]\npath = \"pack\"\nextends = \"builtin:commerce\"",
    );
    let report = sandbox.refresh(&[]);
    assert_eq!(report.len(), 9);
    assert_eq!(sandbox.gold_rows("supporting_Channels", &[]), ["ChannelId=\"only\""]);
}

#[test]
fn what_is_wrong_with_a_pack_is_said_with_its_place() {
    let pack = "[pack]\npath = \"pack\"";
    for (files, expected) in [
        (&[("a.sql", "-- grian = []\nSELECT 1 AS a")][..], &["a.sql:1", "grian"][..]),
        (&[("a.sql", "SELECT 1 AS a FORM b")], &["a.sql", "line 1", "^"]),
        (&[("a.sql", "SELECT nonsense(1) AS a")], &["`nonsense`", "a.sql"]),
        (&[("a.sql", "SELECT ${who} AS a")], &["${who}", "a.sql:1"]),
        (
            &[("a.sql", "SELECT * FROM gold.b"), ("b.sql", "SELECT * FROM gold.a")],
            &["gold.a → gold.b → gold.a"],
        ),
        (&[("a.sql", "SELECT * FROM silver.custommer")], &["`silver.custommer`", "a.sql:1"]),
        (&[("a.sql", "SELECT 1 AS a, 2 AS A")], &["`A` twice"]),
        (&[("a.sql", "-- grain = [\"b\"]\nSELECT 1 AS a")], &["the column `b`", "grain"]),
    ] {
        let sandbox = sandbox_with(files, pack);
        let (code, text) = sandbox.failure(&["refresh"]);
        assert_eq!(code, 3, "{text}");
        for part in expected {
            assert!(text.contains(part), "{part} is not in: {text}");
        }
        assert!(
            !sandbox.path("gold").join("a").exists()
                || fs::read_dir(sandbox.path("gold/a")).unwrap().count() == 0
        );
    }
}
