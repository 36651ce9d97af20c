//! `goldsmith demo`

use std::time::Instant;

use goldsmith_executor::resource::peak_memory_bytes;
use goldsmith_lake::Stores;
use goldsmith_proto::id::Layer;
use goldsmith_proto::id::RefreshId;
use goldsmith_scheduler::check::{self, CheckOptions, CheckReport, Severity};
use goldsmith_scheduler::plan::PlanOptions;
use goldsmith_scheduler::{Lakehouse, RefreshReport, query, refresh, sources};
use goldsmith_synth::{GenerateOptions, Generated, MutateOptions, Mutated, generate, mutate};

use crate::args::{Common, DemoArgs, Format};
use crate::config::{self, Config};
use crate::demo::{DemoError, Folder};
use crate::exit::{Usage, Violations};
use crate::output::demo::{self as text, Document};
use crate::output::progress::Bars;
use crate::output::sample::{self, Sample};
use crate::{clock, output, shutdown};

/// The lake of a demo is the same everywhere.
const SEED: u64 = 1;
/// Customers and sales lines, as `generate` takes it.
const SCALE: f64 = 0.01;
/// Enough that every kind of change is seen in gold.
const FRACTION: f64 = 0.01;
/// Rows that are shown of each gold table.
const SAMPLE_ROWS: usize = 3;

pub(crate) async fn run(common: &Common, args: &DemoArgs) -> anyhow::Result<()> {
    if common.config.is_some() {
        let hint = "leave -c out; for a lake of your own: goldsmith refresh -c FILE";
        return Err(Usage(format!("the demo brings its own configuration; hint: {hint}")).into());
    }
    let started = Instant::now();
    let folder = Folder::open(args.dir.as_deref(), args.scale)?;
    // The story is told as it happens; a document comes at the end.
    let tell = |text: &str| match args.output {
        Format::Text if !common.quiet => output::print(text),
        _ => Ok(()),
    };
    tell(&text::title(&folder))?;

    let generated = match folder.is_new {
        true => Some(unless_interrupted(make(common, &folder, args.scale)).await?),
        false => None,
    };
    folder.configure()?;
    let lakehouse = lakehouse(common, &folder)?;
    match &generated {
        Some(lake) => tell(&text::made(lake))?,
        None => tell(&text::found(&sources::run(&lakehouse).await?))?,
    }

    // One refresh time for both, so that what has not changed shows as unchanged.
    let as_of = clock::now();
    let first = bring_up_to_date(common, &lakehouse, as_of).await?;
    tell(&text::refreshed(&first, lakehouse.pack.dag().models()))?;

    let changed = unless_interrupted(change(common, &folder)).await?;
    tell(&text::changed(&changed))?;

    let second = bring_up_to_date(common, &lakehouse, as_of).await?;
    tell(&text::refreshed_again(&second))?;

    let gold = lakehouse.layer(Layer::Gold)?;
    let options = CheckOptions::default();
    let checked = unless_interrupted(async { Ok(check::run(&lakehouse, gold, &options).await?) }).await?;
    tell(&text::checked(&checked))?;
    fail_on_violations(&checked)?;

    match args.output {
        Format::Json => output::json(&Document {
            schema_version: 1,
            dir: folder.shown.clone(),
            config: folder.config(),
            elapsed_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            peak_memory_bytes: peak_memory_bytes(),
            generated: generated.as_ref(),
            changed: &changed,
            refreshed: [&first, &second],
            checked: &checked,
        }),
        Format::Text if common.quiet => Ok(()),
        Format::Text => {
            let samples = unless_interrupted(samples(&lakehouse, as_of)).await?;
            tell(&text::samples(&samples))?;
            tell(&text::farewell(&folder, started.elapsed()))
        }
    }
}

/// Ends `work` at a signal. A refresh ends itself, and with its first one the process no longer ends by itself.
async fn unless_interrupted<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::select! {
        done = work => done,
        () = shutdown::signal() => Err(DemoError::Interrupted.into()),
    }
}

async fn make(common: &Common, folder: &Folder, scale: Option<f64>) -> anyhow::Result<Generated> {
    let bars = Bars::new(common.quiet);
    let scale = scale.unwrap_or(SCALE);
    let options = GenerateOptions { scale, seed: SEED, threads: config::threads_or_all(common) };
    let made = generate(&Stores::default(), &folder.bronze(), &options, clock::now, &bars).await;
    bars.finish();
    Ok(made?)
}

async fn change(common: &Common, folder: &Folder) -> anyhow::Result<Mutated> {
    let bars = Bars::new(common.quiet);
    let options = MutateOptions { fraction: FRACTION, seed: SEED, threads: config::threads_or_all(common) };
    let changed = mutate(&Stores::default(), &folder.bronze(), &options, clock::now, &bars).await;
    bars.finish();
    Ok(changed?)
}

fn lakehouse(common: &Common, folder: &Folder) -> anyhow::Result<Lakehouse> {
    let common = Common { config: Some(folder.config().into()), ..common.clone() };
    let (config, path) = Config::load(&common)?;
    config.lakehouse(&path, &common)
}

async fn bring_up_to_date(
    common: &Common,
    lakehouse: &Lakehouse,
    as_of: chrono::DateTime<chrono::Utc>,
) -> anyhow::Result<RefreshReport> {
    let bars = Bars::new(common.quiet);
    let options = PlanOptions::default();
    let report = refresh::run(
        lakehouse,
        RefreshId::generate(),
        as_of,
        &options,
        clock::now,
        &bars,
        shutdown::signal(),
    )
    .await;
    bars.finish();
    Ok(report?)
}

fn fail_on_violations(checked: &CheckReport) -> anyhow::Result<()> {
    match checked.count(Severity::Violation) {
        0 => Ok(()),
        count => Err(Violations { count, location: checked.url.clone() }.into()),
    }
}

/// The first rows of each gold table, by its key.
async fn samples(lakehouse: &Lakehouse, as_of: chrono::DateTime<chrono::Utc>) -> anyhow::Result<Vec<Sample>> {
    let models = lakehouse.pack.dag().models().iter().filter(|model| model.layer() == Layer::Gold);
    let mut models: Vec<_> = models.collect();
    models.sort_by_key(|model| sample::rank(model.name()));
    let mut samples = Vec::new();
    for model in models {
        let sql = sample::query(model.name(), &model.header().grain, SAMPLE_ROWS);
        let mut found = query::run(lakehouse, &sql, &Default::default(), as_of).await?;
        let mut rows = Vec::new();
        while let Some(batch) = found.next().await {
            rows.push(batch?);
        }
        samples.push(Sample::new(model.name(), &found.schema, &rows));
    }
    Ok(samples)
}
