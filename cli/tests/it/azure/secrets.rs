//! A planted secret is found nowhere outside of the process that holds it.

use std::fs;
use std::time::Duration;

use goldsmith_testkit::Tee;
use goldsmith_testkit::account::{AccountProxy, Identities, Identity};

use super::harness::{Account, run};
use crate::cluster::harness::Cluster;
use crate::common::{AS_OF, LakeLayout};

const SECRET: &str = "planted-secret-of-client";

/// Every place where `haystack` shows a secret, with what stands around it.
fn found(haystack: &[u8]) -> Option<String> {
    let at = haystack.windows(7).position(|window| window == b"planted")?;
    let around = &haystack[at.saturating_sub(80)..(at + 80).min(haystack.len())];
    Some(String::from_utf8_lossy(around).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_leaves_a_process_of_a_cluster_shows_a_secret() {
    let account = Account::start().await;
    let identity = Identity {
        tenant_id: "tenant-1".to_owned(),
        client_id: "client-1".to_owned(),
        secret: SECRET.to_owned(),
    };
    let hour = Duration::from_secs(3600);
    let identities = Identities::start(identity, u64::MAX, hour).await;
    let proxy = AccountProxy::for_tokens(&account.azurite, &identities, |_| None).await;
    let section = format!(
        "auth = \"client-secret\"\nclient_id = \"client-1\"\nclient_secret = \"file:secret\"\ntenant_id = \"tenant-1\"\n\
         authority_host = \"{}\"\nendpoint = \"{}\"",
        identities.authority_host(),
        proxy.endpoint()
    );
    let sandbox = account.sandbox(LakeLayout::Medallion, &section, &section);
    fs::write(sandbox.path("secret"), SECRET).unwrap();
    let tee = Tee::start().await;
    let (page, outputs) = tokio::task::block_in_place(|| {
        let mut cluster = Cluster::start(&sandbox, 0);
        // Everything between scheduler, executors and clients goes past the test.
        tee.before(cluster.address());
        cluster.add_executor_of(&format!("http://{}", tee.address()));
        cluster.wait_for_executors(1);
        let url = format!("http://{}", tee.address());
        let commands: [&[&str]; 6] = [
            &["refresh", "--as-of", AS_OF, "-vv", "--output", "json"],
            &["plan", "--full", "--output", "json", "-vv"],
            &["sources", "--output", "json"],
            &["query", "SELECT count(*) AS n FROM gold.profiles_Customer"],
            &["status", "--output", "json"],
            &["history", "--output", "json"],
        ];
        let mut outputs = Vec::new();
        for command in commands {
            let output = sandbox.run(&[command, &["--cluster", &url]].concat());
            assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
            outputs.push(output.stdout);
            outputs.push(output.stderr);
        }
        let mut page = Vec::new();
        for path in ["/", "/api/overview", "/metrics"] {
            page.extend(cluster.get(path));
        }
        outputs.push(cluster.log("scheduler").into_bytes());
        outputs.push(cluster.log("executor-0").into_bytes());
        (page, outputs)
    });
    let wire = tee.seen();
    // The tee sees plans: the tasks of the executor name what they read.
    let contains = |text: &str| wire.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(
        contains("goldsmith://") && contains("salesline"),
        "the tee saw no plan among {} bytes",
        wire.len()
    );
    assert!(String::from_utf8_lossy(&page).contains("Published tables"));
    for haystack in outputs.iter().chain([&wire, &page]) {
        assert_eq!(found(haystack), None);
    }
    // Nor is it in what was published.
    account.gold.download("ci", &sandbox.path("gold")).await;
    for (path, content) in crate::common::tree(&sandbox.path("gold")) {
        assert_eq!(found(&content), None, "{}", path.display());
    }
    assert!(identities.count() > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_show_no_secret() {
    let account = Account::start().await;
    let signed = AccountProxy::for_signature(&account.azurite, "planted-secret-signature").await;
    let section =
        format!("auth = \"sas\"\nsas_token = \"env:LAKE_SAS\"\nendpoint = \"{}\"", signed.endpoint());
    let sandbox = account.sandbox(LakeLayout::Simplified, &section, &section);
    let sas = "sv=2023-11-03&ss=b&srt=sco&sp=rl&sig=planted-other-signature";
    for args in [
        &["refresh", "-vv"][..],
        &["plan", "-vv"],
        &["sources", "-vv"],
        &["check", "-vv"],
        &["query", "SELECT 1 FROM custtable", "-vv"],
    ] {
        let output = run(&sandbox, args, &[("LAKE_SAS", sas)]).await;
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && text.contains("AuthenticationFailed"), "{args:?}: {text}");
        assert_eq!(found(&output.stderr), None);
        assert_eq!(found(&output.stdout), None);
    }
}
