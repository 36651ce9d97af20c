//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::exit::Usage;

/// Builds gold Delta tables for Customer Insights - Data from Dynamics 365 Commerce data in a lake.
#[derive(Debug, Parser)]
#[command(name = "goldsmith", version, arg_required_else_help = true, propagate_version = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Cli {
    /// Refuses `--cluster` where it would mean nothing.
    pub(crate) fn refuse_cluster(&self) -> Result<(), Usage> {
        let here = match &self.command {
            Command::Demo(_) => "demo",
            Command::Generate(_) => "generate",
            Command::Check(_) => "check",
            Command::Scheduler(_) => "scheduler",
            Command::Executor(_) => "executor",
            Command::Certificates(_) => "certificates",
            Command::Health(_) => "health",
            Command::Plan(_)
            | Command::Refresh(_)
            | Command::Query(_)
            | Command::Sources(_)
            | Command::Status(_)
            | Command::History(_) => return Ok(()),
        };
        match self.common.cluster {
            Some(_) => Err(Usage(format!("`{here}` runs here; hint: leave out --cluster"))),
            None => Ok(()),
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show all of it on a small lake: make it, refresh it, change it, refresh it again, check it
    #[command(
        after_help = "Examples:\n  goldsmith demo\n  goldsmith demo --dir /tmp/demo --scale 0.1\n\nNeeds neither configuration nor network. In the folder of an earlier demo it goes on with that lake."
    )]
    Demo(DemoArgs),
    /// Show what a refresh would do now; writes nothing
    #[command(after_help = "Example:\n  goldsmith plan -c goldsmith.toml")]
    Plan(RefreshArgs),
    /// Bring the gold tables up to date
    #[command(after_help = "Example:\n  goldsmith refresh -c goldsmith.toml --as-of 2026-01-01T00:00:00Z")]
    Refresh(RefreshArgs),
    /// Run one read-only Spark SQL statement over the lake
    #[command(
        after_help = "Examples:\n  goldsmith query \"SELECT count(*) FROM salesline\"\n  goldsmith query \"SELECT * FROM gold.profiles_Customer LIMIT 5\" --output json\n\nForms of the output: text, a table for people; json, {\"schema\": [[name, type], …], \"rows\": [[value, …], …]}; csv, with a header; parquet.\nA statement that begins with a comment stands behind --: goldsmith query -- \"-- all\nSELECT 1\""
    )]
    Query(QueryArgs),
    /// List the bronze tables: versions, rows, freshness, and what the models miss in them
    #[command(
        after_help = "Example:\n  goldsmith sources -c goldsmith.toml\n\nEnds with 3 if a required table or column is missing."
    )]
    Sources(SourcesArgs),
    /// Check whether Customer Insights could read a gold folder, whoever wrote it
    #[command(
        after_help = "Examples:\n  goldsmith check\n  goldsmith check /lake/other/gold --key my_table=MyId\n\nEnds with 6 if a rule is violated."
    )]
    Check(CheckArgs),
    /// Show the refreshes that run, and the executors of a scheduler
    #[command(
        after_help = "Examples:\n  goldsmith status\n  goldsmith status --cluster http://127.0.0.1:50050\n\nWithout a scheduler it looks for what runs in the gold folder."
    )]
    Status(StatusArgs),
    /// List the refreshes that have ended, newest first
    #[command(
        after_help = "Examples:\n  goldsmith history\n  goldsmith history --cluster http://127.0.0.1:50050\n\nThe logs of the tables tell of refreshes that published something; a scheduler knows as well of those that failed since it started."
    )]
    History(StatusArgs),
    /// Run a scheduler: it plans refreshes and gives their work to executors
    #[command(after_help = "Example:\n  goldsmith scheduler -c goldsmith.toml --bind 127.0.0.1:50050")]
    Scheduler(SchedulerArgs),
    /// Run an executor: it asks a scheduler for work
    #[command(
        after_help = "Example:\n  goldsmith executor --scheduler http://127.0.0.1:50050 --cores 4 --memory 8GiB\n\nSIGTERM drains it: no new tasks, and it ends when nobody needs it any more."
    )]
    Executor(ExecutorArgs),
    /// Make the certificates and the token of a cluster whose parts reach each other over a network
    #[command(
        after_help = "Example:\n  goldsmith certificates tls\n\nWhere all the files are there already it checks them and changes nothing."
    )]
    Certificates(CertificatesArgs),
    /// Ask a scheduler or an executor of this machine whether it is ready
    #[command(
        after_help = "Example:\n  goldsmith health 127.0.0.1:8080\n\nThe address is what the process was given as --http."
    )]
    Health(HealthArgs),
    /// Write a synthetic bronze lake, or change one
    #[command(
        after_help = "Examples:\n  goldsmith generate lake --scale 0.1 --seed 1\n  goldsmith generate lake --mutate --fraction 0.001 --seed 1"
    )]
    Generate(GenerateArgs),
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Common {
    /// Configuration file [default: ./goldsmith.toml if it is there]
    #[arg(short, long, value_name = "FILE", global = true)]
    pub(crate) config: Option<PathBuf>,
    /// URL of a scheduler that does the work, whose own file then says where the lake is
    #[arg(long, value_name = "URL", global = true, value_parser = scheduler_url)]
    pub(crate) cluster: Option<String>,
    /// Folder with ca.pem and the certificate and key of this process's role (`goldsmith certificates`)
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) tls: Option<PathBuf>,
    /// File that holds the token which clients show to the scheduler [default: GOLDSMITH_TOKEN]
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) token_file: Option<PathBuf>,
    /// Threads that compute [default: all cores]
    #[arg(long, global = true)]
    pub(crate) threads: Option<std::num::NonZeroUsize>,
    /// Memory for operators, such as 2GiB; what does not fit spills [default: 60 % of the machine]
    #[arg(long, value_name = "SIZE", global = true)]
    pub(crate) memory_limit: Option<bytesize::ByteSize>,
    /// Folder for what spills [default: the system's temporary folder]
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) spill_dir: Option<PathBuf>,
    /// Seconds after which work in which no counter moves is ended; of a cluster the scheduler's count [default: 600]
    #[arg(long, value_name = "SECONDS", global = true, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) stall_timeout: Option<u64>,
    /// How log lines are written, on standard error
    #[arg(long, value_enum, default_value_t = LogFormat::Text, value_name = "FORMAT", global = true)]
    pub(crate) log_format: LogFormat,
    /// No progress and no report; errors, and what is asked for as JSON, stay
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Log more; twice for still more
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub(crate) verbose: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people
    Text,
    /// One JSON object a line
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct RefreshArgs {
    /// Gold models to refresh, separated by commas [default: all]
    #[arg(long, value_name = "MODEL", value_delimiter = ',')]
    pub(crate) only: Vec<String>,
    /// Rebuild what has not changed as well
    #[arg(long)]
    pub(crate) full: bool,
    /// Refresh time that current_timestamp() means [default: now]
    #[arg(long, value_name = "RFC3339", value_parser = instant)]
    pub(crate) as_of: Option<DateTime<Utc>>,
    /// How to print the result
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) output: Format,
    /// List every model, unchanged ones too
    #[arg(long)]
    pub(crate) all: bool,
    /// With --cluster: how long a scheduler that was lost meanwhile is tried for
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub(crate) scheduler_wait: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Text,
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct QueryArgs {
    /// The statement
    pub(crate) sql: String,
    /// Read a table at a version; may be given several times
    #[arg(long, value_name = "TABLE=VERSION", value_parser = table_version)]
    pub(crate) at: Vec<(String, u64)>,
    /// What current_timestamp() means [default: now]
    #[arg(long, value_name = "RFC3339", value_parser = instant)]
    pub(crate) as_of: Option<DateTime<Utc>>,
    /// How to print the rows
    #[arg(long, value_enum, default_value_t = RowFormat::Text)]
    pub(crate) output: RowFormat,
    /// File to write instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RowFormat {
    Text,
    Json,
    Csv,
    Parquet,
}

#[derive(Debug, Args)]
pub(crate) struct SourcesArgs {
    /// How to print the result
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) output: Format,
}

#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    /// How to print the result
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) output: Format,
}

#[derive(Debug, Args)]
pub(crate) struct SchedulerArgs {
    /// Address for clients and executors; port 0 for a free one
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:50050")]
    pub(crate) bind: SocketAddr,
    /// An executor that is silent for so long counts as lost
    #[arg(long, value_name = "SECONDS", default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) executor_timeout: u64,
    #[command(flatten)]
    pub(crate) http: HttpArgs,
    /// How long work waits for an executor while there is none
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub(crate) executor_wait: u64,
    /// A job that reads no more than this is one task; with 0 every job is spread over all cores
    #[arg(long, value_name = "SIZE", default_value = "8MiB")]
    pub(crate) small_job: bytesize::ByteSize,
    /// How files that executors fetch from each other are compressed; worth it on a slow network
    #[arg(long, value_enum, default_value_t = Compression::None)]
    pub(crate) shuffle_compression: Compression,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Compression {
    None,
    Lz4,
    Zstd,
}

#[derive(Debug, Args)]
pub(crate) struct ExecutorArgs {
    /// URL of the scheduler
    #[arg(long, value_name = "URL", value_parser = scheduler_url)]
    pub(crate) scheduler: String,
    /// Address at which other executors fetch from it over Arrow Flight; port 0 for a free one
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:0")]
    pub(crate) bind: SocketAddr,
    /// Port at which the scheduler reaches it; 0 for a free one
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub(crate) control_port: u16,
    #[command(flatten)]
    pub(crate) http: HttpArgs,
    /// Name by which others reach it [default: the host of --bind, or the name of the machine if that is none]
    #[arg(long, value_name = "HOST")]
    pub(crate) advertise_host: Option<String>,
    /// Tasks that compute at the same time [default: all cores]
    #[arg(long, value_name = "N")]
    pub(crate) cores: Option<std::num::NonZeroUsize>,
    /// Memory for operators, such as 2GiB; what does not fit spills [default: 60 % of the machine]
    #[arg(long, value_name = "SIZE")]
    pub(crate) memory: Option<bytesize::ByteSize>,
    /// Folder for shuffle files [default: the system's temporary folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) work_dir: Option<PathBuf>,
    /// A scheduler that does not answer for so long is not there
    #[arg(long, value_name = "SECONDS", default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) scheduler_timeout: u64,
}

/// What a process tells of itself over HTTP.
#[derive(Debug, Args)]
pub(crate) struct HttpArgs {
    /// Address of health, metrics and the scheduler's page, over plain HTTP; port 0 for a free one
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:0")]
    pub(crate) http: SocketAddr,
    /// File with the token that has to be shown there, beyond loopback [default: GOLDSMITH_PAGE_TOKEN]
    #[arg(long, value_name = "FILE")]
    pub(crate) page_token_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct HealthArgs {
    /// Where the process serves HTTP
    #[arg(value_name = "HOST:PORT")]
    pub(crate) address: String,
}

#[derive(Debug, Args)]
pub(crate) struct CertificatesArgs {
    /// Folder for the files
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Folder of the tables; without it `url` of `[gold]`
    pub(crate) url: Option<String>,
    /// Connection of the configuration that opens URL
    #[arg(long, value_name = "NAME", requires = "url")]
    pub(crate) connection: Option<String>,
    /// Key of a table that no model of the pack makes; may be given several times
    #[arg(long, value_name = "TABLE=COLUMN", value_parser = table_key)]
    pub(crate) key: Vec<(String, Vec<String>)>,
    /// How to print the result
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) output: Format,
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Folder of the demo: one that is empty, does not exist, or holds an earlier demo [default: goldsmith-demo]
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<String>,
    /// Size: 1 is 100,000 customers and 1,000,000 sales lines [default: 0.01]
    #[arg(long, value_name = "N", value_parser = scale)]
    pub(crate) scale: Option<f64>,
    /// How to print the result
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) output: Format,
}

#[derive(Debug, Args)]
pub(crate) struct GenerateArgs {
    /// Folder of the lake: one that is empty or does not exist, or with --mutate one that this command made
    #[arg(value_name = "DIR")]
    pub(crate) dir: String,
    /// Connection of the configuration that opens DIR, where that is a URL of a storage account
    #[arg(long, value_name = "NAME")]
    pub(crate) connection: Option<String>,
    /// Size: 1 is 100,000 customers and 1,000,000 sales lines
    #[arg(long, value_name = "N", default_value_t = 0.01, value_parser = scale, conflicts_with = "mutate")]
    pub(crate) scale: f64,
    /// The same seed gives the same rows
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Commit one realistic change set to the lake that is there
    #[arg(long)]
    pub(crate) mutate: bool,
    /// Share of the rows that each kind of change touches; at least one
    #[arg(long, value_name = "F", default_value_t = 0.001, value_parser = fraction, requires = "mutate")]
    pub(crate) fraction: f64,
    /// How to print the result
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) output: Format,
}

fn table_key(text: &str) -> Result<(String, Vec<String>), String> {
    let (table, columns) = text.split_once('=').ok_or("write it as TABLE=COLUMN")?;
    Ok((table.to_owned(), columns.split(',').map(|column| column.trim().to_owned()).collect()))
}

fn scale(text: &str) -> Result<f64, String> {
    above_zero(text, 1000.0)
}

fn fraction(text: &str) -> Result<f64, String> {
    above_zero(text, 1.0)
}

fn above_zero(text: &str, most: f64) -> Result<f64, String> {
    match text.parse() {
        Ok(number) if number > 0.0 && number <= most => Ok(number),
        _ => Err(format!("give a number above 0 and up to {most}")),
    }
}

/// `https://HOST:PORT` or `http://HOST:PORT`: a port has no usual number.
fn scheduler_url(text: &str) -> Result<String, String> {
    let refused = || {
        format!(
            "`{text}` is no URL of a scheduler; write it as https://HOST:PORT, or http://HOST:PORT on this machine"
        )
    };
    let url = url::Url::parse(text).map_err(|_| refused())?;
    let is_whole =
        matches!(url.scheme(), "http" | "https") && url.host_str().is_some() && url.port().is_some();
    let is_bare = url.path() == "/" && url.query().is_none() && url.username().is_empty();
    if is_whole && is_bare { Ok(text.trim_end_matches('/').to_owned()) } else { Err(refused()) }
}

/// An instant, or the midnight in UTC that a date begins with.
fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    let midnight = |date: chrono::NaiveDate| date.and_time(chrono::NaiveTime::MIN).and_utc();
    DateTime::parse_from_rfc3339(text)
        .map(|time| time.to_utc())
        .or_else(|_| text.parse().map(midnight))
        .map_err(|_| "write it as 2026-01-01T00:00:00Z, or as a date".to_owned())
}

fn table_version(text: &str) -> Result<(String, u64), String> {
    let (table, version) = text.split_once('=').ok_or("write it as TABLE=VERSION")?;
    let version = version.parse().map_err(|_| format!("`{version}` is not a version number"))?;
    let table = table.to_lowercase();
    Ok((table.strip_prefix("bronze.").map_or(table.clone(), str::to_owned), version))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
