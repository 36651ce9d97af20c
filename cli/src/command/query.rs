//! `goldsmith query`

use goldsmith_proto::id::Version;
use goldsmith_scheduler::{SchedulerError, query};

use crate::args::{Common, QueryArgs, RowFormat};
use crate::exit::Usage;
use crate::output::rows;
use crate::{clock, output};

pub(crate) async fn run(common: &Common, args: &QueryArgs) -> anyhow::Result<()> {
    if args.output == RowFormat::Parquet && args.out.is_none() {
        return Err(Usage("parquet is not for a terminal; hint: add --out FILE".to_owned()).into());
    }
    let lakehouse = super::lakehouse(common)?;
    let as_of = args.as_of.unwrap_or_else(clock::now);
    let at = args.at.iter().map(|(table, version)| (table.clone(), Version::new(*version))).collect();
    let found = query::run(&lakehouse, &args.sql, &at, as_of).await?;
    let schema = found.schema;
    let batches = datafusion::physical_plan::common::collect(found.stream).await.map_err(|source| {
        SchedulerError::Run {
            what: "the statement".to_owned(),
            hint: "the cause names the table or the limit that it ran into",
            source: Box::new(source),
        }
    })?;
    let mut sink = output::sink(args.out.as_deref())?;
    match args.output {
        RowFormat::Text => rows::text(&mut sink, &schema, &batches),
        RowFormat::Json => rows::json(&mut sink, &schema, &batches),
        RowFormat::Csv => rows::csv(&mut sink, &schema, &batches),
        RowFormat::Parquet => rows::parquet(&mut sink, &schema, &batches),
    }
}
