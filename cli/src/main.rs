//! The `goldsmith` binary: parses the command line, calls, prints.

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

use clap::Parser;
use tracing_subscriber::EnvFilter;

use crate::args::{Cli, Command};
use crate::exit::Exit;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // `--help` and `--version` are no errors.
            let code = if error.use_stderr() { Exit::Usage } else { Exit::Success };
            return if error.print().is_ok() { code.into() } else { Exit::Other.into() };
        }
    };
    start_logging(&cli);
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    if let Some(threads) = config::threads(&cli.common) {
        builder.worker_threads(threads.get());
    }
    let runtime = match builder.enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            output::error(&anyhow::Error::new(error).context("cannot start the runtime"));
            return Exit::Other.into();
        }
    };
    let outcome = runtime.block_on(async {
        match &cli.command {
            Command::Demo(args) => command::demo::run(&cli.common, args).await,
            Command::Plan(args) => command::plan::run(&cli.common, args).await,
            Command::Refresh(args) => command::refresh::run(&cli.common, args).await,
            Command::Query(args) => command::query::run(&cli.common, args).await,
            Command::Sources(args) => command::sources::run(&cli.common, args).await,
            Command::Check(args) => command::check::run(&cli.common, args).await,
            Command::Generate(args) => command::generate::run(&cli.common, args).await,
        }
    });
    // A blocked read of a file must not keep the process from ending.
    runtime.shutdown_background();
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

fn start_logging(cli: &Cli) {
    let default = match (cli.common.quiet, cli.common.verbose) {
        (true, _) => "error",
        (false, 0) => "warn",
        (false, 1) => "goldsmith=info,warn",
        (false, _) => "goldsmith=debug,info",
    };
    let filter = EnvFilter::try_from_env("GOLDSMITH_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
}
