//! A lake in a temporary folder, the binary, and readers that share no code with it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output};

use arrow::array::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
pub(crate) use goldsmith_testkit::golden::{golden, repository};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Time of the reference result.
pub(crate) const AS_OF: &str = "2026-01-01T00:00:00Z";

pub(crate) const TABLES: [&str; 9] = [
    "profiles_Customer",
    "activities_Orders",
    "activities_LoyaltyPoints",
    "supporting_Products",
    "supporting_Channels",
    "supporting_Calendar",
    "supporting_LoyaltyPrograms",
    "supporting_LoyaltyRewardPoints",
    "analytics_CustomerMetrics",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LakeLayout {
    Simplified,
    Medallion,
}

/// Makes a Delta table of one file and one version.
pub(crate) fn write_table(folder: &Path, rows: &RecordBatch, protocol: &Value, properties: &Value) {
    fs::create_dir_all(folder.join("_delta_log")).unwrap();
    let file = File::create(folder.join("rows.parquet")).unwrap();
    let mut writer = parquet::arrow::ArrowWriter::try_new(file, rows.schema(), None).unwrap();
    writer.write(rows).unwrap();
    writer.close().unwrap();
    let fields: Vec<Value> = rows
        .schema()
        .fields()
        .iter()
        .map(|field| {
            let data_type = match field.data_type() {
                arrow::datatypes::DataType::Utf8 => "string".to_owned(),
                arrow::datatypes::DataType::Int64 => "long".to_owned(),
                arrow::datatypes::DataType::Timestamp(_, Some(_)) => "timestamp".to_owned(),
                arrow::datatypes::DataType::Timestamp(_, None) => "timestamp_ntz".to_owned(),
                arrow::datatypes::DataType::Decimal128(precision, scale) => {
                    format!("decimal({precision},{scale})")
                }
                other => panic!("{other} has no name here"),
            };
            json!({"name": field.name(), "type": data_type, "nullable": true, "metadata": {}})
        })
        .collect();
    let entry = [
        json!({ "protocol": protocol }),
        json!({"metaData": {
            "id": "a", "format": {"provider": "parquet", "options": {}}, "partitionColumns": [],
            "schemaString": json!({"type": "struct", "fields": fields}).to_string(),
            "configuration": properties, "createdTime": 0,
        }}),
        json!({"add": {
            "path": "rows.parquet", "partitionValues": {}, "modificationTime": 0, "dataChange": true,
            "size": fs::metadata(folder.join("rows.parquet")).unwrap().len(),
            "stats": json!({"numRecords": rows.num_rows()}).to_string(),
        }}),
    ];
    let text: String = entry.iter().map(|action| format!("{action}\n")).collect();
    fs::write(folder.join("_delta_log/00000000000000000000.json"), text).unwrap();
}

/// A lake of its own for one test.
pub(crate) struct Sandbox {
    pub(crate) dir: TempDir,
}

impl Sandbox {
    /// The small lake, copied, so that the test may change it.
    pub(crate) fn small(layout: LakeLayout) -> Self {
        let sandbox = Self::over(&repository().join("testdata/small/bronze"), layout, "");
        copy(&repository().join("testdata/small/bronze"), &sandbox.dir.path().join("bronze"));
        sandbox.configure(&sandbox.dir.path().join("bronze"), layout, "");
        sandbox
    }

    /// A folder without anything.
    pub(crate) fn empty() -> Self {
        Self { dir: TempDir::new().unwrap() }
    }

    /// The small lake, copied, with the gold tables that a refresh has published.
    pub(crate) fn published() -> Self {
        let sandbox = Self::small(LakeLayout::Simplified);
        sandbox.refresh(&[]);
        sandbox
    }

    /// Another one like this.
    pub(crate) fn again(&self) -> Self {
        let sandbox = Self::small(LakeLayout::Simplified);
        copy(&self.path("gold"), &sandbox.path("gold"));
        sandbox
    }

    /// Gold, silver and all: what a command that fails must leave as it was.
    pub(crate) fn layers(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        ["silver", "gold"]
            .iter()
            .flat_map(|layer| {
                let files = tree(&self.path(layer)).into_iter();
                files.map(move |(path, content)| (Path::new(layer).join(path), content))
            })
            .collect()
    }

    /// Standard error of `args` as it reads from the folder of the sandbox: its own path as `{dir}`.
    ///
    /// The command must end with `code`, print nothing else, and leave every layer as it was.
    pub(crate) fn refused(&self, args: &[&str], code: i32) -> String {
        let before = self.layers();
        let output = self.run(args);
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{args:?}: {text}");
        assert_eq!(String::from_utf8(output.stdout).unwrap(), "", "{args:?}: an answer beside an error");
        let after = self.layers();
        let names = |files: &BTreeMap<PathBuf, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&after), names(&before), "{args:?}: {text}");
        assert!(after == before, "{args:?} changed a file of a layer: {text}");
        text.replace(self.dir.path().to_str().unwrap(), "{dir}")
    }

    /// A lake that is only read.
    pub(crate) fn over(bronze: &Path, layout: LakeLayout, more: &str) -> Self {
        let sandbox = Self { dir: TempDir::new().unwrap() };
        sandbox.configure(bronze, layout, more);
        sandbox
    }

    pub(crate) fn configure(&self, bronze: &Path, layout: LakeLayout, more: &str) {
        let root = self.dir.path();
        let silver = match layout {
            LakeLayout::Simplified => String::new(),
            LakeLayout::Medallion => format!("[silver]\nurl = {:?}\n", root.join("silver").to_str().unwrap()),
        };
        let pack = if more.contains("[pack") { "" } else { "[pack.vars]\ndeleted_rows = \"reference\"\n" };
        let text = format!(
            "[bronze]\nurl = {:?}\n{silver}[gold]\nurl = {:?}\n{pack}{more}\n",
            bronze.to_str().unwrap(),
            root.join("gold").to_str().unwrap(),
        );
        fs::write(root.join("goldsmith.toml"), text).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_goldsmith"))
            .args(args)
            .current_dir(self.dir.path())
            .output()
            .unwrap()
    }

    /// Runs a command that must end well and prints JSON.
    pub(crate) fn json(&self, args: &[&str]) -> Value {
        let output = self.run(args);
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    pub(crate) fn refresh(&self, more: &[&str]) -> BTreeMap<String, Value> {
        let mut args = vec!["refresh", "--as-of", AS_OF, "--output", "json"];
        args.extend(more);
        by_name(&self.json(&args))
    }

    /// Code and standard error of a command that must fail.
    pub(crate) fn failure(&self, args: &[&str]) -> (i32, String) {
        let output = self.run(args);
        assert!(!output.status.success(), "{args:?} ended well");
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    }

    /// Rows of a gold table by file reader and log, sorted, without the columns of `ignore`.
    pub(crate) fn gold_rows(&self, table: &str, ignore: &[&str]) -> Vec<String> {
        let folder = self.path("gold").join(table);
        let mut rows = Vec::new();
        for file in live_files(&folder) {
            rows.extend(file_rows(&folder.join(file), ignore));
        }
        rows.sort();
        rows
    }
}

/// Puts a pipe that nobody writes to in the place of the table's only file: whoever reads the table waits for ever.
pub(crate) fn block(table: &Path) -> Blocked {
    let file = table.join(live_files(table).pop().unwrap());
    let content = fs::read(&file).unwrap();
    fs::remove_file(&file).unwrap();
    assert!(Command::new("mkfifo").arg(&file).status().unwrap().success());
    Blocked { file, content }
}

/// A file whose readers wait.
pub(crate) struct Blocked {
    file: PathBuf,
    content: Vec<u8>,
}

impl Blocked {
    /// Makes it what it was for all who open it from now on.
    pub(crate) fn unblock(self) {
        let aside = self.file.with_extension("aside");
        fs::write(&aside, self.content).unwrap();
        fs::rename(aside, self.file).unwrap();
    }
}

/// Sends a signal such as `-TERM`.
pub(crate) fn signal(signal: &str, child: &Child) {
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
}

/// Every file below `folder` with its content, by its path from there.
pub(crate) fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut todo = vec![folder.to_owned()];
    while let Some(next) = todo.pop() {
        for entry in fs::read_dir(next).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                todo.push(path);
            } else {
                files.insert(path.strip_prefix(folder).unwrap().to_owned(), fs::read(&path).unwrap());
            }
        }
    }
    files
}

pub(crate) fn by_name(report: &Value) -> BTreeMap<String, Value> {
    report["models"]
        .as_array()
        .unwrap()
        .iter()
        .map(|model| (model["name"].as_str().unwrap().to_owned(), model.clone()))
        .collect()
}

/// Log entries of a table as they stand on disk, in order.
pub(crate) fn log(folder: &Path) -> Vec<Vec<Value>> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder.join("_delta_log"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .collect();
    entries.sort();
    entries
        .iter()
        .map(|path| {
            let text = fs::read_to_string(path).unwrap();
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
        })
        .collect()
}

/// Live files by the log alone.
pub(crate) fn live_files(folder: &Path) -> Vec<String> {
    let mut live = std::collections::BTreeSet::new();
    for entry in log(folder) {
        for action in &entry {
            if let Some(path) = action["remove"]["path"].as_str() {
                assert!(live.remove(path), "{path} is removed and was not there");
            }
        }
        for action in &entry {
            if let Some(path) = action["add"]["path"].as_str() {
                assert!(live.insert(path.to_owned()), "{path} is added twice");
            }
        }
    }
    live.into_iter().collect()
}

pub(crate) fn file_rows(path: &Path, ignore: &[&str]) -> Vec<String> {
    let reader =
        ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap().build().unwrap();
    reader.flat_map(|batch| batch_rows(&batch.unwrap(), ignore)).collect()
}

/// One text per row: `column=value` in the order of the names, timestamps as UTC microseconds.
fn batch_rows(batch: &RecordBatch, ignore: &[&str]) -> Vec<String> {
    let options =
        FormatOptions::default().with_null("∅").with_timestamp_tz_format(Some("%Y-%m-%dT%H:%M:%S%.6f"));
    let schema = batch.schema();
    let mut columns: Vec<_> =
        schema.fields().iter().enumerate().filter(|(_, f)| !ignore.contains(&f.name().as_str())).collect();
    columns.sort_by_key(|(_, f)| f.name().clone());
    let cast: Vec<_> = columns
        .iter()
        .map(|(index, field)| {
            let array = batch.column(*index);
            let array = match field.data_type() {
                arrow::datatypes::DataType::Timestamp(_, _) => {
                    let us = arrow::datatypes::DataType::Timestamp(
                        arrow::datatypes::TimeUnit::Microsecond,
                        Some("UTC".into()),
                    );
                    arrow::compute::cast(array, &us).unwrap()
                }
                _ => std::sync::Arc::clone(array),
            };
            (field.name().clone(), array)
        })
        .collect();
    let formatters: Vec<_> = cast
        .iter()
        .map(|(name, array)| (name, ArrayFormatter::try_new(array.as_ref(), &options).unwrap()))
        .collect();
    (0..batch.num_rows())
        .map(|row| {
            formatters
                .iter()
                .map(|(name, f)| format!("{name}={:?}", f.value(row).to_string()))
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect()
}

pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
