//! Nothing in a lake is left to chance, neither as it was made nor after changes.

use std::collections::BTreeMap;

use crate::lake::{Lake, Tables};

/// The reference's refresh time, and the last time before the first window of the future opens.
const REFRESH_TIMES: [&str; 2] = ["2026-01-01T00:00:00Z", "2094-12-31T00:00:00Z"];

async fn ties(tables: &Tables) -> Vec<String> {
    let queries: BTreeMap<String, String> = toml::from_str(include_str!("ties.toml")).unwrap();
    let mut found = Vec::new();
    for (name, query) in queries {
        let times = if query.contains("{now}") { &REFRESH_TIMES[..] } else { &REFRESH_TIMES[..1] };
        for now in times {
            let count = tables.count(&query.replace("{now}", &format!("'{now}'"))).await;
            if count > 0 {
                found.push(format!("{name} at {now}: {count}"));
            }
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_choice_is_left_open_as_made_and_after_changes() {
    let lake = Lake::make(0.05, 8).await;
    assert_eq!(ties(&lake.tables().await).await, Vec::<String>::new());
    // Enough of it that changes meet the rows of earlier changes.
    for seed in 0..3 {
        lake.mutate(0.02, seed).await.unwrap();
        assert_eq!(ties(&lake.tables().await).await, Vec::<String>::new(), "after change {seed}");
    }
}
