//! `goldsmith generate`

use std::num::NonZeroUsize;
use std::thread;

use goldsmith_executor::resource::peak_memory_bytes;
use goldsmith_lake::{Location, Stores};
use goldsmith_synth::{GenerateOptions, MutateOptions, generate, mutate};

use crate::args::{Common, Format, GenerateArgs};
use crate::output::generate::{Document, made, mutated};
use crate::output::progress::RowBar;
use crate::{clock, output};

pub(crate) async fn run(common: &Common, args: &GenerateArgs) -> anyhow::Result<()> {
    let location = Location::parse(&args.dir)?;
    let stores = Stores::default();
    let threads =
        common.threads.or_else(|| thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN);
    let bar = RowBar::new(common.quiet);
    if args.mutate {
        let options = MutateOptions { fraction: args.fraction, seed: args.seed, threads };
        let outcome = mutate(&stores, &location, &options, clock::now, &bar).await;
        bar.finish();
        let outcome = outcome?;
        return match args.output {
            Format::Json => output::json(&Document::new(&outcome, peak_memory_bytes())),
            Format::Text => output::print(&mutated(&outcome)),
        };
    }
    let options = GenerateOptions { scale: args.scale, seed: args.seed, threads };
    let outcome = generate(&stores, &location, &options, clock::now, &bar).await;
    bar.finish();
    let outcome = outcome?;
    match args.output {
        Format::Json => output::json(&Document::new(&outcome, peak_memory_bytes())),
        Format::Text => output::print(&made(&outcome, peak_memory_bytes())),
    }
}
