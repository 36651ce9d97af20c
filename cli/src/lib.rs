//! The `goldsmith` command: parses the command line, calls, prints. A library, so that its readers can be put under fuzz.

mod args;
mod clock;
mod command;
mod config;
mod demo;
mod exit;
mod output;
mod shutdown;

use std::io::IsTerminal;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use tracing_subscriber::EnvFilter;

use crate::args::{Cli, Command, LogFormat};
use crate::exit::Exit;

/// Stack of every thread that plans: statements are walked by recursion, and may be as high as the parser lets them.
/// Memory that is not used is only an address.
pub const STACK_BYTES: usize = 32 << 20;

/// How long the end of a process waits for what it still runs.
const SHUTDOWN: Duration = Duration::from_secs(1);

/// Runs the command that the process was started with, on the thread that calls; it should have [`STACK_BYTES`].
#[must_use]
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // `--help` and `--version` are no errors.
            let code = if error.use_stderr() { Exit::Usage } else { Exit::Success };
            return if error.print().is_ok() { code.into() } else { Exit::Other.into() };
        }
    };
    start_logging(&cli);
    open_many_files();
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    if let Some(threads) = config::threads(&cli.common) {
        builder.worker_threads(threads.get());
    }
    builder.thread_stack_size(STACK_BYTES);
    let runtime = match builder.enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            output::error(&anyhow::Error::new(error).context("cannot start the runtime"));
            return Exit::Other.into();
        }
    };
    let outcome = runtime.block_on(async {
        cli.refuse_cluster()?;
        match &cli.command {
            Command::Demo(args) => command::demo::run(&cli.common, args).await,
            Command::Generate(args) => command::generate::run(&cli.common, args).await,
            Command::Plan(args) => command::plan::run(&cli.common, args).await,
            Command::Refresh(args) => command::refresh::run(&cli.common, args).await,
            Command::Query(args) => command::query::run(&cli.common, args).await,
            Command::Sources(args) => command::sources::run(&cli.common, args).await,
            Command::Status(args) => command::status::status(&cli.common, args).await,
            Command::History(args) => command::status::history(&cli.common, args).await,
            Command::Scheduler(args) => command::scheduler::run(&cli.common, args).await,
            Command::Executor(args) => command::executor::run(&cli.common, args).await,
            Command::Certificates(args) => command::certificates::run(args),
            Command::Health(args) => Ok(command::health::run(args).await?),
            Command::Check(args) => command::check::run(&cli.common, args).await,
        }
    });
    // What is still running ends with the runtime, where libraries may panic: nobody needs to hear of it.
    std::panic::set_hook(Box::new(|_| {}));
    // What runs removes what it spilled when it is dropped; a blocked read of a file must not keep the process from ending.
    runtime.shutdown_timeout(SHUTDOWN);
    match outcome {
        Ok(()) => Exit::Success.into(),
        // A reader that has gone away (`| head`) has seen what it wanted.
        Err(error) if output::is_broken_pipe(&error) => Exit::Success.into(),
        Err(error) => {
            output::error(&error);
            Exit::of(&error).into()
        }
    }
}

/// Reads a configuration as the file `goldsmith.toml` would be read; what the fuzz target and its regression test call.
///
/// # Errors
/// What a person would be told.
pub fn read_config(text: &str) -> Result<(), String> {
    config::Config::parse(text, std::path::Path::new("goldsmith.toml"))
        .map(drop)
        .map_err(|error| error.to_string())
}

/// What is an error to nobody.
const QUIET: &str =
    "buoyant_kernel=off,ballista_scheduler::display=off,ballista_scheduler::state::task_manager=off";
/// What happens, and not how.
const SERVER_LOG: &str = "goldsmith=info,warn,buoyant_kernel=off,ballista_scheduler::display=off,ballista_scheduler::state::task_manager=off";

/// Lets this process open as many files as its system allows: what spills keeps a file open for each batch that nobody has read
/// yet, and where many tables are read the usual 1,024 are soon gone. Where it may not, the limit stays as it is.
fn open_many_files() {
    drop(rlimit::increase_nofile_limit(rlimit::INFINITY));
}

fn start_logging(cli: &Cli) {
    let default = match (cli.common.quiet, cli.common.verbose) {
        (true, _) => "error,buoyant_kernel=off,ballista_scheduler::display=off",
        // The library logs as errors what is told of it as an error anyway; Ballista, that metrics come in another form and that it
        // knows nothing of a job that was given up.
        // Nobody is there to whom these two would report otherwise.
        (false, 0) if matches!(cli.command, Command::Scheduler(_) | Command::Executor(_)) => SERVER_LOG,
        (false, 0) => {
            "warn,buoyant_kernel=off,ballista_scheduler::display=off,ballista_scheduler::state::task_manager=off"
        }
        (false, 1) => SERVER_LOG,
        (false, _) => "goldsmith=debug,info",
    };
    let asked = std::env::var_os("GOLDSMITH_LOG").and_then(|levels| levels.into_string().ok());
    let filter = match asked.as_deref() {
        None | Some("") => EnvFilter::new(default),
        // Of one target the last level counts.
        Some(levels) => EnvFilter::new(format!("{QUIET},{levels}")),
    };
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match cli.common.log_format {
        LogFormat::Text => log.with_ansi(std::io::stderr().is_terminal()).init(),
        LogFormat::Json => log.json().flatten_event(true).with_span_list(false).init(),
    }
}
