//! A generated lake in a temporary folder, and SQL over its tables.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use chrono::{DateTime, Utc};
use datafusion::prelude::{SessionConfig, SessionContext, ident};
use goldsmith_lake::scan::FilesTable;
use goldsmith_lake::{Location, Stores, TableSnapshot};
use goldsmith_proto::id::TableName;
use goldsmith_synth::{
    GenerateOptions, Generated, MutateOptions, Mutated, Silent, SynthError, generate, mutate,
};
use tempfile::TempDir;

/// The time of every commit.
pub(crate) fn clock() -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_225_600, 0).unwrap()
}

fn threads(number: usize) -> NonZeroUsize {
    NonZeroUsize::new(number).unwrap()
}

/// A lake of its own for one test.
pub(crate) struct Lake {
    pub(crate) dir: TempDir,
    stores: Stores,
}

impl Lake {
    pub(crate) fn nowhere() -> Self {
        Self { dir: TempDir::new().unwrap(), stores: Stores::default() }
    }

    pub(crate) async fn make(scale: f64, seed: u64) -> Self {
        let lake = Self::nowhere();
        lake.generate(scale, seed, 2).await.unwrap();
        lake
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().join("bronze")
    }

    fn location(&self) -> Location {
        Location::parse(self.path().to_str().unwrap()).unwrap()
    }

    pub(crate) async fn generate(
        &self,
        scale: f64,
        seed: u64,
        workers: usize,
    ) -> Result<Generated, SynthError> {
        let options = GenerateOptions { scale, seed, threads: threads(workers) };
        generate(&self.stores, &self.location(), &options, clock, &Silent).await
    }

    pub(crate) async fn mutate(&self, fraction: f64, seed: u64) -> Result<Mutated, SynthError> {
        let options = MutateOptions { fraction, seed, threads: threads(2) };
        mutate(&self.stores, &self.location(), &options, clock, &Silent).await
    }

    /// The tables as they stand now, by name, their columns in lower case.
    pub(crate) async fn tables(&self) -> Tables {
        let config = SessionConfig::new()
            .with_target_partitions(2)
            .set_bool("datafusion.sql_parser.parse_float_as_decimal", true);
        let context = SessionContext::new_with_config(config);
        for name in folders(&self.path()) {
            let location = self.location().table(&TableName::try_new(name.as_str()).unwrap());
            let snapshot = TableSnapshot::require(&self.stores, &name, &location, None).await.unwrap();
            let files = context.read_table(Arc::new(FilesTable::of_snapshot(&snapshot, snapshot.schema())));
            let columns =
                snapshot.schema().fields().iter().map(|f| ident(f.name()).alias(f.name().to_lowercase()));
            let view = files.unwrap().select(columns).unwrap().into_view();
            context.register_table(name.as_str(), view).unwrap();
        }
        Tables(context)
    }
}

pub(crate) struct Tables(SessionContext);

impl Tables {
    /// Rows of `FROM …`. Text in the form of a time is one of the lake's: in nanoseconds, which are taken otherwise, the
    /// year 9999 has no place.
    pub(crate) async fn count(&self, from: &str) -> i64 {
        let typed = from.split('\'').enumerate().map(|(place, part)| match place % 2 {
            1 if part.ends_with("T00:00:00Z") => {
                format!("arrow_cast('{part}', 'Timestamp(Microsecond, Some(\"UTC\"))')")
            }
            1 => format!("'{part}'"),
            _ => part.to_owned(),
        });
        let sql = format!("SELECT count(*) {}", typed.collect::<String>());
        let frame = self.0.sql(&sql).await;
        let batches = frame.unwrap_or_else(|e| panic!("{from}: {e}")).collect().await.unwrap();
        batches[0].column(0).as_primitive::<Int64Type>().value(0)
    }

    /// Rows of every table as hashes of all their values, sorted.
    pub(crate) async fn rows(&self) -> BTreeMap<String, Vec<String>> {
        let mut rows = BTreeMap::new();
        for name in self.0.catalog("datafusion").unwrap().schema("public").unwrap().table_names() {
            let table = self.0.table(name.as_str()).await.unwrap();
            let texts: Vec<String> = table
                .schema()
                .fields()
                .iter()
                .map(|field| format!("coalesce(arrow_cast(\"{}\", 'Utf8'), '∅')", field.name()))
                .collect();
            let sql =
                format!("SELECT arrow_cast(md5(concat_ws('|', {})), 'Utf8') FROM {name}", texts.join(", "));
            let batches = self.0.sql(&sql).await.unwrap().collect().await.unwrap();
            let mut hashes: Vec<String> = batches
                .iter()
                .flat_map(|batch| batch.column(0).as_string::<i32>().iter().flatten())
                .map(str::to_owned)
                .collect();
            hashes.sort();
            rows.insert(name, hashes);
        }
        rows
    }
}

pub(crate) fn folders(path: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap());
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
