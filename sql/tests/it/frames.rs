//! Window functions over frames. `frames.jsonl` holds what Spark 3.5.7 answers for each call.

use serde_json::Value;

use crate::common::{answer, session};

const ROWS: &str = "(SELECT * FROM VALUES (1, 5, 'a', 0.5D), (2, CAST(NULL AS INT), 'b', -1.5D), \
                    (3, 7, CAST(NULL AS STRING), CAST(NULL AS DOUBLE)), (4, 7, 'd', 2.5D), (6, -3, 'c', CAST('NaN' AS DOUBLE)), \
                    (7, CAST(NULL AS INT), 'a', 0.0D), (8, 2, 'e', 1.0D) AS t(k, v, s, f)) q";

#[tokio::test(flavor = "multi_thread")]
async fn functions_over_frames_answer_as_spark_does() {
    let session = session();
    for line in include_str!("frames.jsonl").lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let call = case["call"].as_str().unwrap();
        let sql = format!("SELECT {call} AS x FROM {ROWS} ORDER BY k");
        let found = answer(&session, &sql).await.unwrap_or_else(|error| panic!("{call}: {error}"));
        let found: Vec<Value> = found.rows.iter().map(|row| row[0].clone()).collect();
        assert_eq!(Value::Array(found), case["x"], "{call}");
    }
}
