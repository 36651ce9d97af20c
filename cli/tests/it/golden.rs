//! The small lake against the reference result.

use crate::common::{LakeLayout, Sandbox, TABLES, file_rows, repository};

fn assert_equals_reference(layout: LakeLayout) {
    let sandbox = Sandbox::small(layout);
    let report = sandbox.refresh(&[]);
    for table in TABLES {
        // The reference stamps rows with its own clock, but for the programs, where the time comes from the data.
        let mut ignore = vec!["DateKey"];
        if table != "supporting_LoyaltyPrograms" {
            ignore.push("RowModifiedUtc");
        }
        let reference = repository().join(format!("testdata/small/gold/{table}.parquet"));
        let mut expected = file_rows(&reference, &ignore);
        expected.sort();
        let found = sandbox.gold_rows(table, &ignore);
        let first = expected.iter().zip(&found).find(|(e, f)| e != f);
        assert!(first.is_none(), "{table}: expected {}\nfound {}", first.unwrap().0, first.unwrap().1);
        assert_eq!(found.len(), expected.len(), "rows of {table}");
        assert_eq!(report[table]["rows_inserted"], expected.len(), "reported rows of {table}");
    }
}

#[test]
fn simplified_layout_equals_the_reference() {
    assert_equals_reference(LakeLayout::Simplified);
}

#[test]
fn medallion_layout_equals_the_reference() {
    assert_equals_reference(LakeLayout::Medallion);
}
