//! The `goldsmith` binary.

use std::process::ExitCode;
use std::thread;

fn main() -> ExitCode {
    // The size of the first thread's stack is the caller's affair.
    match thread::Builder::new().stack_size(goldsmith_cli::STACK_BYTES).spawn(goldsmith_cli::run) {
        Ok(command) => command.join().unwrap_or(ExitCode::FAILURE),
        Err(_) => goldsmith_cli::run(),
    }
}
