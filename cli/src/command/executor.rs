//! `goldsmith executor`

use std::net::SocketAddr;
use std::time::Duration;

use goldsmith_executor::cluster::{self, ExecutorOptions};
use goldsmith_proto::trust::Role;
use goldsmith_sql::optimize::RuleSet;
use goldsmith_sql::session::{SqlOptions, session_state};

use crate::args::{Common, ExecutorArgs};
use crate::config::Config;
use crate::shutdown;

pub(crate) async fn run(common: &Common, args: &ExecutorArgs) -> anyhow::Result<()> {
    let common = Common {
        threads: args.cores.or(common.threads),
        memory_limit: args.memory.or(common.memory_limit),
        ..common.clone()
    };
    let (config, _) = Config::load(&common)?;
    let engine = config.engine(&common)?;
    let functions = session_state(
        SqlOptions {
            // No row depends on it: plans arrive with the pinned time in them.
            as_of: chrono::DateTime::UNIX_EPOCH,
            target_partitions: 1,
            batch_size: None,
            distributed: true,
            rules: RuleSet::default(),
        },
        std::sync::Arc::clone(engine.runtime()),
    );
    let options = ExecutorOptions {
        scheduler: args.scheduler.clone(),
        bind: args.bind,
        control_bind: SocketAddr::new(args.bind.ip(), args.control_port),
        advertised_host: args.advertise_host.clone().unwrap_or_else(|| host(args.bind)),
        work_dir: args.work_dir.clone().unwrap_or_else(std::env::temp_dir),
        timeout: Duration::from_secs(args.scheduler_timeout),
        credentials: super::credentials(&common, Role::Executor)?,
        http_bind: args.http.http,
        page_token: super::page_token(&args.http)?,
    };
    cluster::run(options, engine, functions, shutdown::signal()).await?;
    Ok(())
}

/// The host of `bind`, or, where that means all addresses, the name of this machine.
fn host(bind: SocketAddr) -> String {
    if !bind.ip().is_unspecified() {
        // As it stands in a URL.
        return if bind.is_ipv6() { format!("[{}]", bind.ip()) } else { bind.ip().to_string() };
    }
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    match name.trim() {
        "" => "localhost".to_owned(),
        name => name.to_owned(),
    }
}
