//! A cluster of real processes over the lake of a sandbox.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::common::{AS_OF, Sandbox, TABLES, signal};

/// An executor that is silent for so long is lost, in seconds.
const EXECUTOR_TIMEOUT: &str = "4";
/// Longest time that a test waits for anything.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) struct Cluster<'a> {
    sandbox: &'a Sandbox,
    port: u16,
    options: &'static [&'static str],
    scheduler: Child,
    executors: Vec<Option<Child>>,
}

/// What an executor does.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Work {
    Scan,
    Shuffle,
    Write,
    BetweenStages,
}

impl<'a> Cluster<'a> {
    /// A scheduler and `executors` executors of one core each; ready when they have found each other. Every job is spread over
    /// all of them, however small.
    pub(crate) fn start(sandbox: &'a Sandbox, executors: usize) -> Self {
        Self::start_with(sandbox, executors, &["--small-job", "0"])
    }

    /// The same, whose parts show the certificates in `tls` of the sandbox.
    pub(crate) fn start_trusted(sandbox: &'a Sandbox, executors: usize) -> Self {
        Self::start_with(
            sandbox,
            executors,
            &["--small-job", "0", "--tls", "tls", "--token-file", "tls/token"],
        )
    }

    fn is_trusted(&self) -> bool {
        self.options.contains(&"--tls")
    }

    /// The same with other options of the scheduler.
    pub(crate) fn start_with(
        sandbox: &'a Sandbox,
        executors: usize,
        options: &'static [&'static str],
    ) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let scheduler = scheduler(sandbox, port, options);
        let mut cluster = Self { sandbox, port, options, scheduler, executors: Vec::new() };
        for _ in 0..executors {
            cluster.add_executor();
        }
        cluster.wait_for_executors(executors);
        cluster
    }

    pub(crate) fn url(&self) -> String {
        let scheme = if self.is_trusted() { "https" } else { "http" };
        format!("{scheme}://127.0.0.1:{}", self.port)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    /// Where the page of the scheduler is.
    pub(crate) fn http_address(&self) -> String {
        let mut address = None;
        wait_until("the page", || {
            let log = fs::read_to_string(self.sandbox.path("scheduler.out")).unwrap();
            address =
                log.lines().find_map(|line| line.strip_prefix("its page is http://")).map(str::to_owned);
            address.is_some()
        });
        address.unwrap()
    }

    /// What the page of the scheduler answers.
    pub(crate) fn get(&self, path: &str) -> Vec<u8> {
        self.get_as(path, &self.http_address())
    }

    /// The same, asked for by another name.
    pub(crate) fn get_as(&self, path: &str, host: &str) -> Vec<u8> {
        let mut stream = std::net::TcpStream::connect(self.http_address()).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        answer
    }

    pub(crate) fn add_executor(&mut self) {
        self.add_executor_with(&[]);
    }

    /// One with more options.
    pub(crate) fn add_executor_with(&mut self, more: &[&str]) {
        self.start_executor(&self.url(), more);
    }

    /// One that reaches the scheduler at `url`.
    pub(crate) fn add_executor_of(&mut self, url: &str) {
        self.start_executor(url, &[]);
    }

    fn start_executor(&mut self, url: &str, more: &[&str]) {
        let index = self.executors.len();
        let work_dir = self.work_dir(index);
        let child = process(self.sandbox, &format!("executor-{index}"))
            .args(["executor", "--scheduler", url, "--cores", "1", "--memory", "512MiB"])
            .args(["--scheduler-timeout", EXECUTOR_TIMEOUT, "--work-dir", work_dir.to_str().unwrap(), "-vv"])
            .args(if self.is_trusted() { &["--tls", "tls"][..] } else { &[] })
            .args(more)
            .spawn()
            .unwrap();
        self.executors.push(Some(child));
    }

    pub(crate) fn wait_for_executors(&self, count: usize) {
        wait_until("executors to be there", || {
            self.status().is_some_and(|status| status["executors"].as_array().unwrap().len() == count)
        });
    }

    /// What the scheduler says, if it answers.
    pub(crate) fn status(&self) -> Option<Value> {
        let trust: &[&str] = if self.is_trusted() { &["--tls", "tls"] } else { &[] };
        let output =
            self.sandbox.run(&[&["status", "--cluster", &self.url(), "--output", "json"], trust].concat());
        output.status.success().then(|| serde_json::from_slice(&output.stdout).unwrap())
    }

    pub(crate) fn resubmitted(&self) -> u64 {
        self.status().unwrap()["resubmitted_jobs"].as_u64().unwrap()
    }

    /// A client that refreshes, while the test goes on.
    pub(crate) fn refreshing(&self) -> Client {
        self.refreshing_with(&[])
    }

    pub(crate) fn refreshing_with(&self, more: &[&str]) -> Client {
        let child = Command::new(env!("CARGO_BIN_EXE_goldsmith"))
            .args(["refresh", "--cluster", &self.url(), "--as-of", AS_OF, "--output", "json"])
            .args(more)
            .current_dir(self.sandbox.dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Client(child)
    }

    /// Waits until the executor has begun `jobs` jobs since it started or since it was last left without any.
    pub(crate) fn wait_for_work(&self, executor: usize, jobs: usize) {
        wait_until("work on an executor", || self.jobs_on(executor) >= jobs);
    }

    fn jobs_on(&self, executor: usize) -> usize {
        let folders = |path: PathBuf| fs::read_dir(path).into_iter().flatten().flatten().map(|e| e.path());
        folders(self.work_dir(executor)).flat_map(folders).filter(|path| path.is_dir()).count()
    }

    fn work_dir(&self, executor: usize) -> PathBuf {
        self.sandbox.path(&format!("work-{executor}"))
    }

    /// `kill -9`, and proof that it was alive until then.
    pub(crate) fn kill_executor(&mut self, executor: usize) {
        let mut child = self.executors[executor].take().unwrap();
        assert!(child.try_wait().unwrap().is_none(), "the executor had ended before it was killed");
        child.kill().unwrap();
        assert!(!child.wait().unwrap().success());
    }

    /// `kill -9` while the executor is at `work`, which its own log proves: it is stopped first, so that nothing changes
    /// between the look and the kill. Whether it came to that before the refresh ended.
    pub(crate) fn kill_executor_at(&mut self, executor: usize, client: &mut Client, work: Work) -> bool {
        loop {
            wait_until("the work", || self.is_at(executor, work) || !client.is_running());
            self.stop_executor(executor);
            if !client.is_running() {
                return false;
            }
            if self.is_at(executor, work) {
                self.kill_executor(executor);
                return true;
            }
            self.continue_executor(executor);
        }
    }

    /// SIGSTOP, and waits until it stands still.
    pub(crate) fn stop_executor(&self, executor: usize) {
        let child = self.executors[executor].as_ref().unwrap();
        signal("-STOP", child);
        let stat = format!("/proc/{}/stat", child.id());
        wait_until("the executor to stop", || fs::read_to_string(&stat).unwrap().contains(") T "));
    }

    pub(crate) fn continue_executor(&self, executor: usize) {
        signal("-CONT", self.executors[executor].as_ref().unwrap());
    }

    /// Whether the executor is at `work` now, as far as its log tells.
    fn is_at(&self, executor: usize, work: Work) -> bool {
        let log = self.log(&format!("executor-{executor}"));
        let mut running: Vec<(String, String)> = Vec::new();
        let mut last_ended = String::new();
        for line in log.lines() {
            let field = |name: &str| {
                let rest = &line[line.find(&format!(" {name}="))? + name.len() + 2..];
                Some(rest.split_whitespace().next()?.trim_matches('"').to_owned())
            };
            let task =
                ["job_id", "stage_id", "task_id"].map(|name| field(name).unwrap_or_default()).join("/");
            if line.contains("task runs") {
                running.push((task, field("work").unwrap()));
            } else if line.contains("task ended") {
                if let Some(at) = running.iter().position(|(other, _)| *other == task) {
                    last_ended = running.remove(at).1;
                }
            } else if line.contains("starting anew") {
                running.clear();
            }
        }
        let is_running = |name: &str| running.iter().any(|(_, work)| work == name);
        match work {
            Work::Scan => is_running("scan"),
            Work::Shuffle => is_running("shuffle"),
            Work::Write => is_running("write"),
            // What was scanned waits in files of shuffles for the next stage.
            Work::BetweenStages => running.is_empty() && last_ended == "scan",
        }
    }

    /// SIGTERM; the executor goes when nobody needs it.
    pub(crate) fn drain_executor(&mut self, executor: usize) -> Child {
        let child = self.executors[executor].take().unwrap();
        signal("-TERM", &child);
        child
    }

    /// SIGTERM, and how it ended.
    pub(crate) fn stop_scheduler(&mut self) -> bool {
        signal("-TERM", &self.scheduler);
        self.scheduler.wait().unwrap().success()
    }

    pub(crate) fn kill_scheduler(&mut self) {
        assert!(self.scheduler.try_wait().unwrap().is_none(), "the scheduler had ended before it was killed");
        self.scheduler.kill().unwrap();
        self.scheduler.wait().unwrap();
    }

    pub(crate) fn restart_scheduler(&mut self) {
        self.scheduler = scheduler(self.sandbox, self.port, self.options);
    }

    pub(crate) fn log(&self, name: &str) -> String {
        fs::read_to_string(self.sandbox.path(&format!("{name}.log"))).unwrap_or_default()
    }
}

impl Drop for Cluster<'_> {
    fn drop(&mut self) {
        for child in self.executors.iter_mut().flatten().chain([&mut self.scheduler]) {
            let _ = child.kill();
            let _ = child.wait();
        }
        if std::thread::panicking() {
            eprintln!("scheduler:\n{}", self.log("scheduler"));
            for index in 0..self.executors.len() {
                eprintln!("executor {index}:\n{}", self.log(&format!("executor-{index}")));
            }
        }
    }
}

/// A running `goldsmith refresh`.
pub(crate) struct Client(Child);

impl Client {
    pub(crate) fn is_running(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }

    /// `kill -9`.
    pub(crate) fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    pub(crate) fn interrupt(&self) {
        signal("-TERM", &self.0);
    }

    pub(crate) fn wait(mut self) -> Output {
        let deadline = Instant::now() + PATIENCE;
        while self.is_running() {
            if Instant::now() > deadline {
                let _ = self.0.kill();
                panic!("the refresh did not end");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        self.0.wait_with_output().unwrap()
    }

    /// The report of a refresh that must end well.
    pub(crate) fn report(self) -> Value {
        let output = self.wait();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

fn scheduler(sandbox: &Sandbox, port: u16, options: &[&str]) -> Child {
    let said = File::create(sandbox.path("scheduler.out")).unwrap();
    process(sandbox, "scheduler")
        .stdout(said)
        .args(["scheduler", "--bind", &format!("127.0.0.1:{port}"), "-v"])
        .args(["--executor-timeout", EXECUTOR_TIMEOUT, "--executor-wait", "5"])
        .args(options)
        .spawn()
        .unwrap()
}

fn process(sandbox: &Sandbox, name: &str) -> Command {
    let path = sandbox.path(&format!("{name}.log"));
    let log = File::options().create(true).append(true).open(path).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_goldsmith"));
    command.current_dir(sandbox.dir.path()).stdout(Stdio::null()).stderr(log);
    command
}

pub(crate) fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Gold of `found` is that of `expected`, row for row, and holds no file but those of its versions.
pub(crate) fn assert_same_gold(found: &Sandbox, expected: &Sandbox) {
    for table in TABLES {
        let rows = found.gold_rows(table, &["RowModifiedUtc"]);
        assert_eq!(rows, expected.gold_rows(table, &["RowModifiedUtc"]), "rows of {table}");
        let folder = found.path("gold").join(table);
        let live = crate::common::live_files(&folder).len();
        let files = fs::read_dir(&folder).unwrap().flatten();
        let there = files.filter(|file| file.path().extension().is_some_and(|e| e == "parquet")).count();
        assert_eq!(there, live, "files of {table}");
        let versions = fs::read_dir(folder.join("_delta_log")).unwrap().flatten();
        let versions = versions.filter(|file| file.path().extension().is_some_and(|e| e == "json")).count();
        assert_eq!(versions, 1, "{table} was published once");
    }
}
