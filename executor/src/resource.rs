//! How much of the machine a process may use, and how much it has used.

use std::fs;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use crate::stall::DEFAULT_STALL_TIMEOUT;

/// Limits of the engine of one process.
#[derive(Debug, Clone)]
pub struct EngineOptions {
    /// Threads that compute.
    pub threads: NonZeroUsize,
    /// Memory that operators may hold; what does not fit spills.
    pub memory_limit_bytes: usize,
    /// Folder for what spills; it is made if it is missing.
    pub spill_dir: PathBuf,
    /// How long no counter of a plan may stand still.
    pub stall_timeout: Duration,
}

impl EngineOptions {
    /// Fills what is not given: all cores, 60 % of the memory that the machine or its cgroup has, and the system's
    /// temporary folder.
    #[must_use]
    pub fn resolve(
        threads: Option<NonZeroUsize>,
        memory_limit_bytes: Option<usize>,
        spill_dir: Option<PathBuf>,
    ) -> Self {
        Self {
            threads: threads.or_else(|| thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN),
            memory_limit_bytes: memory_limit_bytes.unwrap_or_else(|| machine_memory_bytes() / 5 * 3),
            spill_dir: spill_dir.unwrap_or_else(std::env::temp_dir),
            stall_timeout: DEFAULT_STALL_TIMEOUT,
        }
    }
}

/// Taken for the machine's memory where it cannot be read.
const UNKNOWN_MEMORY_BYTES: usize = 4 << 30;

/// The smaller of what the machine has and what its cgroup allows.
fn machine_memory_bytes() -> usize {
    let cgroup = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
        .iter()
        .filter_map(|path| fs::read_to_string(path).ok()?.trim().parse::<usize>().ok())
        .min();
    let machine = proc_kib("/proc/meminfo", "MemTotal:").map(|kib| kib * 1024);
    cgroup.into_iter().chain(machine).min().unwrap_or(UNKNOWN_MEMORY_BYTES)
}

/// The highest resident set that this process has had (`VmHWM`), in bytes; none where the system does not tell.
#[must_use]
pub fn peak_memory_bytes() -> Option<u64> {
    proc_kib("/proc/self/status", "VmHWM:").and_then(|kib| u64::try_from(kib * 1024).ok())
}

fn proc_kib(path: &str, key: &str) -> Option<usize> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(key))?;
    line[key.len()..].trim().strip_suffix("kB")?.trim().parse().ok()
}
