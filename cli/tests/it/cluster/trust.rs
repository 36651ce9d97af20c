//! A cluster is open to nobody that it does not know.

use std::process::Stdio;

use super::harness::{Cluster, assert_same_gold};
use crate::common::{LakeLayout, Sandbox};

#[test]
fn nothing_listens_beyond_loopback_unproven() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    for args in [
        &["scheduler", "--bind", "0.0.0.0:0"][..],
        &["scheduler", "--bind", "[::]:0", "--token-file", "token"],
        &["scheduler", "--bind", "127.0.0.1:0", "--http", "0.0.0.0:0", "--token-file", "token"],
        &["executor", "--scheduler", "http://127.0.0.1:1", "--bind", "0.0.0.0:0"],
        &["executor", "--scheduler", "http://127.0.0.1:1", "--http", "0.0.0.0:0"],
    ] {
        std::fs::write(sandbox.path("token"), "0123456789abcdef0123456789abcdef").unwrap();
        let (code, text) = sandbox.failure(args);
        assert_eq!(code, 64, "{args:?}: {text}");
        assert!(text.contains("which other machines can reach, without"), "{args:?}: {text}");
    }
}

#[test]
fn certificates_are_made_once() {
    let sandbox = Sandbox::empty();
    let first = sandbox.run(&["certificates", "tls"]);
    assert!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
    let key = std::fs::read(sandbox.path("tls/scheduler.key")).unwrap();
    let second = sandbox.run(&["certificates", "tls"]);
    assert!(String::from_utf8(second.stdout).unwrap().contains("are there already"));
    assert_eq!(std::fs::read(sandbox.path("tls/scheduler.key")).unwrap(), key);
    std::fs::remove_file(sandbox.path("tls/ca.key")).unwrap();
    let (code, text) = sandbox.failure(&["certificates", "tls"]);
    assert!(code == 1 && text.contains("is there and") && text.contains("ca.key is not"), "{code} {text}");
}

#[test]
fn a_cluster_of_processes_that_prove_themselves_builds_the_same_gold() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    assert!(sandbox.run(&["certificates", "tls"]).status.success());
    let cluster = Cluster::start_trusted(&sandbox, 2);
    let url = cluster.url();
    let token = ["--tls", "bare", "--token-file", "tls/token"];
    std::fs::create_dir(sandbox.path("bare")).unwrap();
    std::fs::copy(sandbox.path("tls/ca.pem"), sandbox.path("bare/ca.pem")).unwrap();
    let refresh = ["refresh", "--cluster", &url, "--as-of", crate::common::AS_OF, "--quiet"];
    let output = sandbox.run(&[&refresh[..], &token].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let reference = Sandbox::small(LakeLayout::Simplified);
    reference.refresh(&[]);
    assert_same_gold(&sandbox, &reference);
    // By certificate as well.
    assert!(sandbox.run(&["history", "--cluster", &url, "--tls", "tls"]).status.success());
    std::fs::write(sandbox.path("other"), "another-token-of-some-length").unwrap();
    for (args, code, part) in [
        (&["--tls", "bare"][..], 1, "neither a token nor a certificate was shown"),
        (&["--tls", "bare", "--token-file", "other"], 1, "the token is another one"),
        (&[], 64, "needs the authority"),
        (&["--tls", "nowhere"], 3, "cannot read nowhere/ca.pem"),
        (&["--tls", "bare", "--token-file", "nowhere"], 64, "the token in nowhere cannot be used"),
    ] {
        let (found, text) = sandbox.failure(&[&["status", "--cluster", &url], args].concat());
        assert!(found == code && text.contains(part) && text.contains("hint: "), "{args:?}: {found} {text}");
    }
    let (code, text) = sandbox.failure(&["status", "--cluster", "http://127.0.0.1:1", "--tls", "tls"]);
    assert!(code == 64 && text.contains("write https://"), "{code} {text}");
    let plain = ["status", "--cluster", "http://203.0.113.1:50050", "--token-file", "tls/token"];
    let (code, text) = sandbox.failure(&plain);
    assert!(code == 64 && text.contains("refuses to send a token"), "{code} {text}");
}

#[test]
fn an_executor_of_another_authority_waits_and_takes_nothing() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    for folder in ["tls", "others"] {
        assert!(sandbox.run(&["certificates", folder]).status.success());
    }
    let cluster = Cluster::start_trusted(&sandbox, 1);
    let mut stranger = std::process::Command::new(env!("CARGO_BIN_EXE_goldsmith"))
        .args(["executor", "--scheduler", &cluster.url(), "--cores", "1", "--tls", "others"])
        .current_dir(sandbox.dir.path())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let refresh =
        ["refresh", "--cluster", &cluster.url(), "--tls", "tls", "--as-of", crate::common::AS_OF, "--quiet"];
    assert!(sandbox.run(&refresh).status.success());
    assert!(stranger.try_wait().unwrap().is_none());
    let status = cluster.status().unwrap();
    assert_eq!(status["executors"].as_array().unwrap().len(), 1, "{status}");
    stranger.kill().unwrap();
    stranger.wait().unwrap();
}
