//! The floor of the benchmark: the least that a full refresh has to do, and nothing of what it is for.
//!
//! Decodes the bronze columns that the models use and drops them, then encodes finished gold rows again. What lies
//! between, which is all that a refresh means, takes no time here. See `benchmarks/README.md` for what counts.

mod decode;
mod encode;
mod job;
mod pool;

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::job::{Job, Report};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // There is nobody left to tell if that fails.
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(path), None) = (arguments.next(), arguments.next()) else {
        bail!("usage: goldsmith-floor JOB.json");
    };
    let job = Job::read(Path::new(&path))?;
    std::fs::create_dir_all(&job.out).with_context(|| format!("cannot make `{}`", job.out.display()))?;

    let started = Instant::now();
    let decoded = decode::bronze(&job)?;
    let read_seconds = started.elapsed().as_secs_f64();

    // Not part of the floor: a refresh has these rows in memory because it computed them.
    let gold = encode::load(&job)?;

    let started = Instant::now();
    let encoded = encode::gold(&job, gold)?;
    let write_seconds = started.elapsed().as_secs_f64();

    let report = Report { read_seconds, write_seconds, decoded, encoded };
    let mut out = std::io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, &report)?;
    writeln!(out)?;
    Ok(())
}
