//! Only what is on the list can be called.

use goldsmith_sql::functions;

use crate::common::{answer, session};

#[tokio::test]
async fn functions_of_the_engine_that_spark_does_not_have_are_unknown() {
    for call in [
        "now_utc()",
        "to_char(1)",
        "array_to_string(array(1), ',')",
        "string_agg('a', ',')",
        "date_bin(1, 2)",
        "arrow_cast(1, 'Int8')",
        "regexp_match('a', 'b')",
    ] {
        let sql = format!("SELECT {call}");
        let error = answer(&session(), &sql).await.unwrap_err();
        assert!(error.contains("is not supported"), "{sql}: {error}");
    }
    let error = answer(&session(), "SELECT uper('a')").await.unwrap_err();
    assert!(error.contains("did you mean `upper`?"), "{error}");
}

#[test]
fn every_function_is_listed_once_and_documented() {
    let list = functions::list();
    let mut names: Vec<&str> = list
        .iter()
        .flat_map(|function| std::iter::once(function.name).chain(function.aliases.iter().copied()))
        .collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "a name is taken twice");
    assert!(list.iter().all(|function| !function.doc.is_empty() && !function.doc.ends_with('.')));
    println!("{count} names of {} functions", list.len());
}
