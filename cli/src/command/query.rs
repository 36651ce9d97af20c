//! `goldsmith query`

use goldsmith_proto::id::Version;
use goldsmith_scheduler::query;

use crate::args::{Common, QueryArgs, RowFormat};
use crate::exit::Usage;
use crate::output::rows;
use crate::{clock, output};

pub(crate) async fn run(common: &Common, args: &QueryArgs) -> anyhow::Result<()> {
    if args.output == RowFormat::Parquet && args.out.is_none() {
        return Err(Usage("parquet is not for a terminal; hint: add --out FILE".to_owned()).into());
    }
    let as_of = args.as_of.unwrap_or_else(clock::now);
    let at = args.at.iter().map(|(table, version)| (table.clone(), Version::new(*version))).collect();
    if let Some(url) = &common.cluster {
        let mut found = super::client(common, url)?.query(&args.sql, &at, as_of).await?;
        let sink = output::Sink::open(args.out.as_deref())?;
        let mut writer = rows::writer(args.output, sink, &found.schema()?)?;
        while let Some(batch) = found.next().await? {
            writer.write(&batch)?;
        }
        return writer.finish();
    }
    let lakehouse = super::lakehouse(common)?;
    let mut found = query::run(&lakehouse, &args.sql, &at, as_of).await?;
    let sink = output::Sink::open(args.out.as_deref())?;
    let mut writer = rows::writer(args.output, sink, &found.schema)?;
    while let Some(batch) = found.next().await {
        writer.write(&batch?)?;
    }
    writer.finish()
}
