//! What is made.

use std::fs;

use goldsmith_synth::SynthError;

use crate::lake::{Lake, folders};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_seed_gives_the_same_rows_whatever_the_threads() {
    let (one, other, different) = (Lake::nowhere(), Lake::nowhere(), Lake::nowhere());
    one.generate(0.005, 1, 1).await.unwrap();
    other.generate(0.005, 1, 4).await.unwrap();
    different.generate(0.005, 2, 4).await.unwrap();
    let rows = one.tables().await.rows().await;
    assert_eq!(rows.len(), 20);
    assert_eq!(rows, other.tables().await.rows().await);
    let different = different.tables().await.rows().await;
    // Programs and categories are the same everywhere.
    let same: Vec<&String> = rows.keys().filter(|name| rows[*name] == different[*name]).collect();
    assert_eq!(same, ["ecorescategory", "ecoresproductcategory", "retailaffiliation"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_scale_says_how_many_customers_and_lines() {
    let lake = Lake::make(0.02, 1).await;
    let tables = lake.tables().await;
    let customers = "FROM (SELECT DISTINCT dataareaid, accountnum FROM custtable WHERE recid IS NOT NULL)";
    let lines = "FROM (SELECT DISTINCT recid FROM salesline WHERE recid IS NOT NULL)";
    let (customers, lines) = (tables.count(customers).await, tables.count(lines).await);
    assert!((1_990..=2_000).contains(&customers), "{customers}");
    // The first lines of orders that are there in another company besides.
    assert!((20_000..20_100).contains(&lines), "{lines}");
}

#[tokio::test]
async fn a_folder_that_is_not_empty_is_refused_and_left_alone() {
    let lake = Lake::nowhere();
    fs::create_dir(lake.path()).unwrap();
    fs::write(lake.path().join("notes.txt"), "mine").unwrap();
    let error = lake.generate(0.001, 1, 1).await.unwrap_err();
    assert!(matches!(error, SynthError::NotEmpty { .. }), "{error}");
    assert!(error.to_string().contains("is not empty; hint: "), "{error}");
    assert_eq!(folders(&lake.path()), ["notes.txt"]);
}

#[tokio::test]
async fn a_scale_that_means_nothing_is_refused() {
    for scale in [0.0, -1.0, f64::NAN, 1001.0] {
        let error = Lake::nowhere().generate(scale, 1, 1).await.unwrap_err();
        assert!(matches!(error, SynthError::Option { what: "scale", .. }), "{error}");
    }
}
