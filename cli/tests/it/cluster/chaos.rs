//! Executors killed at random moments, by seed: every run ends with the right gold.
//!
//! `GOLDSMITH_CHAOS=100 cargo test --workspace chaos` runs so many seeds, `GOLDSMITH_CHAOS_FROM=37` begins with that one.

use std::time::Duration;

use super::harness::{Cluster, assert_same_gold};
use super::reference;
use crate::common::{LakeLayout, Sandbox};

/// Seeds of every test run.
const SEEDS: u64 = 3;
/// A refresh of the small lake takes about as long.
const WINDOW_MS: u64 = 700;

#[test]
fn executors_killed_at_random_change_no_row() {
    let number = |name: &str| std::env::var_os(name).and_then(|text| text.to_str()?.parse().ok());
    let from: u64 = number("GOLDSMITH_CHAOS_FROM").unwrap_or(0);
    let seeds: u64 = number("GOLDSMITH_CHAOS").unwrap_or(SEEDS);
    let expected = reference(LakeLayout::Simplified);
    let mut fired = 0;
    for seed in from..from + seeds {
        println!("seed {seed}");
        fired += u64::from(killed_by(seed, &expected));
    }
    assert!(fired > 0, "no kill hit a running refresh");
    println!("{fired} of {seeds} kills hit a running refresh");
}

/// One refresh with a kill at a moment that `seed` chooses; whether the refresh ran then.
fn killed_by(seed: u64, expected: &Sandbox) -> bool {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    let mut cluster = Cluster::start(&sandbox, 2);
    let mut client = cluster.refreshing();
    // The moment is what the seed chooses: nothing is waited for here.
    std::thread::sleep(Duration::from_millis(scrambled(2 * seed) % WINDOW_MS));
    cluster.kill_executor(usize::from(scrambled(2 * seed + 1) % 2 == 1));
    let fired = client.is_running();
    client.report();
    assert_same_gold(&sandbox, expected);
    fired
}

/// A number that looks like any other (SplitMix64).
fn scrambled(number: u64) -> u64 {
    let mut z = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
