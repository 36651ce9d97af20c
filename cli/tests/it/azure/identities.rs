//! Every way to sign in, against stand-ins that refuse everybody else.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use goldsmith_testkit::account::{AccountProxy, Identities, Identity, KEY};

use super::harness::{Account, expected, refresh, run};
use crate::cluster::harness::Cluster;
use crate::common::{LakeLayout, Sandbox};

fn variable(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.into_string().unwrap())
}

const HOUR: Duration = Duration::from_secs(3600);

fn identity() -> Identity {
    Identity {
        tenant_id: "tenant-1".to_owned(),
        client_id: "client-1".to_owned(),
        secret: "planted-secret-of-client".to_owned(),
    }
}

struct Lab {
    account: Account,
    identities: Identities,
    proxy: AccountProxy,
}

impl Lab {
    async fn start(uses: u64, said_lifetime: Duration) -> Self {
        let account = Account::start().await;
        let identities = Identities::start(identity(), uses, said_lifetime).await;
        let proxy = AccountProxy::for_tokens(&account.azurite, &identities, |_| None).await;
        Self { account, identities, proxy }
    }

    /// A sandbox that signs in by `section` for bronze and gold.
    fn sandbox(&self, section: &str) -> Sandbox {
        let section = format!("{section}\nendpoint = \"{}\"", self.proxy.endpoint());
        self.account.sandbox(LakeLayout::Simplified, &section, &section)
    }

    /// A refresh by `section` publishes what it should.
    async fn assert_signs_in(&self, section: &str, env: &[(&str, &str)]) {
        let sandbox = self.sandbox(section);
        refresh(&sandbox, &[], env).await;
        self.account.assert_gold(&sandbox, &expected(), 1).await;
    }

    fn client_secret(&self) -> String {
        format!(
            "auth = \"client-secret\"\nclient_id = \"client-1\"\nclient_secret = \"env:LAKE_SECRET\"\n\
             tenant_id = \"tenant-1\"\nauthority_host = \"{}\"",
            self.identities.authority_host()
        )
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_signs_in_by_its_secret() {
    let lab = Lab::start(u64::MAX, HOUR).await;
    lab.assert_signs_in(&lab.client_secret(), &[("LAKE_SECRET", &identity().secret)]).await;
    // One token for each of the two containers, however many requests there were.
    assert_eq!(lab.identities.count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_no_longer_good_is_replaced_while_the_refresh_runs() {
    // They say that they are good for an hour, and are taken back after forty requests.
    let lab = Lab::start(40, HOUR).await;
    lab.assert_signs_in(&lab.client_secret(), &[("LAKE_SECRET", &identity().secret)]).await;
    assert!(lab.identities.count() > 2, "{} tokens", lab.identities.count());
}

/// A file of several parts, whose upload is under way when the token is taken back.
#[tokio::test(flavor = "multi_thread")]
async fn an_upload_goes_on_with_another_token() {
    let lab = Lab::start(3, HOUR).await;
    let section = lab.client_secret();
    let sandbox = lab.sandbox(&section);
    fs::create_dir(sandbox.path("pack")).unwrap();
    let sql = "-- grain = [\"Id\"]\nSELECT id AS Id, concat(sha2(cast(id AS STRING), 512), sha2(cast(-id AS STRING), 512), \
               sha2(cast(id * 7 AS STRING), 512)) AS Noise FROM (SELECT explode(sequence(1, 100000)) AS id) AS t\n";
    fs::write(sandbox.path("pack/profiles_Noise.sql"), sql).unwrap();
    let config = fs::read_to_string(sandbox.path("goldsmith.toml")).unwrap();
    let config = config.replace("[pack.vars]\ndeleted_rows = \"reference\"", "[pack]\npath = \"pack\"");
    fs::write(sandbox.path("goldsmith.toml"), config).unwrap();
    let env = [("LAKE_SECRET", identity().secret)];
    let env: Vec<(&str, &str)> = env.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let report = refresh(&sandbox, &[], &env).await;
    assert!(report["models"][0]["bytes_written"].as_u64() > Some(16 << 20), "{report}");
    let parts = lab.proxy.seen().iter().filter(|asked| asked.query.contains("comp=block&")).count();
    assert!(parts >= 2, "{parts} requests for parts");
    assert!(lab.identities.count() > 3, "{} tokens", lab.identities.count());
}

#[tokio::test(flavor = "multi_thread")]
async fn executors_sign_in_anew_as_well() {
    let lab = Lab::start(25, HOUR).await;
    // Read from a file: scheduler and executors are started by the harness.
    let section = lab.client_secret().replace("env:LAKE_SECRET", "file:secret");
    let sandbox = lab.sandbox(&section);
    fs::write(sandbox.path("secret"), identity().secret).unwrap();
    tokio::task::block_in_place(|| {
        let cluster = Cluster::start(&sandbox, 2);
        cluster.refreshing().report();
        assert_eq!(cluster.resubmitted(), 0);
    });
    lab.account.assert_gold(&sandbox, &expected(), 1).await;
    // Six would do for three processes and two containers.
    assert!(lab.identities.count() > 6, "{} tokens", lab.identities.count());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_about_to_expire_is_replaced_before_it_does() {
    let lab = Lab::start(u64::MAX, Duration::from_secs(60)).await;
    lab.assert_signs_in(&lab.client_secret(), &[("LAKE_SECRET", &identity().secret)]).await;
    assert!(lab.identities.count() > 2, "{} tokens", lab.identities.count());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_is_refused_and_not_shown() {
    let lab = Lab::start(u64::MAX, HOUR).await;
    let sandbox = lab.sandbox(&lab.client_secret());
    let output = run(&sandbox, &["refresh", "-vv"], &[("LAKE_SECRET", "planted-wrong-secret")]).await;
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("invalid_client") && !text.contains("planted"), "{text}");
    let missing = run(&sandbox, &["refresh"], &[]).await;
    let text = String::from_utf8(missing.stderr).unwrap();
    assert_eq!(missing.status.code(), Some(3), "{text}");
    assert!(text.contains("LAKE_SECRET is not set"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pod_signs_in_by_the_token_of_its_cluster() {
    let lab = Lab::start(u64::MAX, HOUR).await;
    let sandbox = Sandbox::empty();
    let file = sandbox.path("federated-token");
    fs::write(&file, identity().secret).unwrap();
    let section =
        format!("auth = \"workload-identity\"\nauthority_host = \"{}\"", lab.identities.authority_host());
    let env = [
        ("AZURE_CLIENT_ID", "client-1"),
        ("AZURE_TENANT_ID", "tenant-1"),
        ("AZURE_FEDERATED_TOKEN_FILE", file.to_str().unwrap()),
    ];
    lab.assert_signs_in(&section, &env).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_signs_in_as_itself() {
    let lab = Lab::start(u64::MAX, HOUR).await;
    let endpoint = lab.identities.machine_endpoint();
    let env = [("IDENTITY_ENDPOINT", endpoint.as_str()), ("IDENTITY_HEADER", &identity().secret)];
    lab.assert_signs_in("auth = \"managed-identity\"\nclient_id = \"client-1\"", &env).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_signs_in_by_the_azure_cli() {
    let lab = Lab::start(u64::MAX, HOUR).await;
    let sandbox = Sandbox::empty();
    let az = sandbox.path("az");
    let answer = format!(
        "{{\"accessToken\": \"{}\", \"expiresOn\": \"2099-01-01 00:00:00.000000\", \"tokenType\": \"Bearer\"}}",
        lab.identities.issue()
    );
    let asked = "account get-access-token --output json --scope https://storage.azure.com/.default";
    fs::write(&az, format!("#!/bin/sh\n[ \"$*\" = \"{asked}\" ] || exit 9\ncat <<'END'\n{answer}\nEND\n"))
        .unwrap();
    fs::set_permissions(&az, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", sandbox.dir.path().display(), variable("PATH").unwrap());
    lab.assert_signs_in("auth = \"azure-cli\"", &[("PATH", &path)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_and_a_signature_are_enough() {
    let account = Account::start().await;
    let signed = AccountProxy::for_signature(&account.azurite, "planted-secret-signature").await;
    let reader = format!("auth = \"sas\"\nsas_token = \"file:sas\"\nendpoint = \"{}\"", signed.endpoint());
    let writer = format!(
        "auth = \"account-key\"\naccount_key = \"env:LAKE_KEY\"\nendpoint = \"{}\"",
        account.azurite.endpoint()
    );
    let sandbox = account.sandbox(LakeLayout::Simplified, &reader, &writer);
    fs::write(sandbox.path("sas"), "?sv=2023-11-03&ss=b&srt=sco&sp=rl&sig=planted-secret-signature\n")
        .unwrap();
    refresh(&sandbox, &[], &[("LAKE_KEY", KEY)]).await;
    account.assert_gold(&sandbox, &expected(), 1).await;
    // A signature that is not the one: who is asked, for what, and nothing of the signature.
    fs::write(sandbox.path("sas"), "sv=2023-11-03&ss=b&srt=sco&sp=rl&sig=planted-other\n").unwrap();
    let output = run(&sandbox, &["sources", "-vv"], &[("LAKE_KEY", KEY)]).await;
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("AuthenticationFailed") && !text.contains("planted"), "{text}");
}

/// Runs where somebody has given a real account: a gold folder that may be written, and how to sign in there.
#[tokio::test(flavor = "multi_thread")]
async fn a_real_account_holds_gold() {
    let (Some(gold), Some(section)) =
        (variable("GOLDSMITH_AZURE_GOLD"), variable("GOLDSMITH_AZURE_CONNECTION"))
    else {
        eprintln!("not run: GOLDSMITH_AZURE_GOLD and GOLDSMITH_AZURE_CONNECTION name no real account");
        return;
    };
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    let bronze = sandbox.path("bronze");
    let text = format!(
        "[bronze]\nurl = {bronze:?}\n[gold]\nurl = {gold:?}\nconnection = \"gold\"\n[connections.gold]\n{section}\n"
    );
    fs::write(sandbox.path("goldsmith.toml"), text).unwrap();
    refresh(&sandbox, &["--full"], &[]).await;
    let check = run(&sandbox, &["check"], &[]).await;
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stderr));
}
