//! `goldsmith generate`

use goldsmith_executor::resource::peak_memory_bytes;
use goldsmith_lake::{Location, Stores};
use goldsmith_synth::{GenerateOptions, MutateOptions, generate, mutate};

use crate::args::{Common, Format, GenerateArgs};
use crate::clock;
use crate::config::{self, Config};
use crate::output::generate::{Document, made, mutated};
use crate::output::progress::Bars;
use crate::output::{Shell, json, print};

pub(crate) async fn run(common: &Common, args: &GenerateArgs) -> anyhow::Result<()> {
    let (location, stores) = match &args.connection {
        None => (Location::parse(&args.dir)?, Stores::default()),
        Some(name) => {
            let (config, _) = Config::load(common)?;
            (config.place(&args.dir, Some(name))?, config.stores())
        }
    };
    let threads = config::threads_or_all(common);
    let bars = Bars::new(common.quiet);
    if args.mutate {
        let options = MutateOptions { fraction: args.fraction, seed: args.seed, threads };
        let outcome = mutate(&stores, &location, &options, clock::now, &bars).await;
        bars.finish();
        let outcome = outcome?;
        return match args.output {
            Format::Json => json(&Document::new(&outcome, peak_memory_bytes())),
            Format::Text if common.quiet => Ok(()),
            Format::Text => print(&mutated(&outcome)),
        };
    }
    let options = GenerateOptions { scale: args.scale, seed: args.seed, threads };
    let outcome = generate(&stores, &location, &options, clock::now, &bars).await;
    bars.finish();
    let outcome = outcome?;
    match args.output {
        Format::Json => json(&Document::new(&outcome, peak_memory_bytes())),
        Format::Text if common.quiet => Ok(()),
        Format::Text => {
            print(&made(&outcome, peak_memory_bytes()))?;
            let connection = args.connection.as_ref().map(|name| format!(" --connection {name}"));
            let change = format!(
                "{} --mutate --seed {}{}",
                Shell(&args.dir),
                args.seed,
                connection.unwrap_or_default()
            );
            print(&format!("\nChange it with: {} generate {change}\n", Shell::program()))
        }
    }
}
