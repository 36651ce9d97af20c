//! Azurite, from its npm package, as a process of the test's own.

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use futures::TryStreamExt;
use object_store::azure::{
    AzureAccessKey, AzureAuthorizer, AzureCredential, MicrosoftAzure, MicrosoftAzureBuilder,
};
use object_store::client::{HttpConnector, HttpRequest, HttpRequestBody, ReqwestConnector};
use object_store::path::Path as Key;
use object_store::{ClientOptions, ObjectStore, ObjectStoreExt};
use tempfile::TempDir;

use super::{ACCOUNT, KEY};

/// The version that tests run against.
const VERSION: &str = "3.35.0";
/// How long it may take to start, on a machine that has much else to do.
const PATIENCE: Duration = Duration::from_secs(120);

/// A storage account that goes when it is dropped.
#[derive(Debug)]
pub struct Azurite {
    child: Child,
    port: u16,
    dir: TempDir,
}

impl Azurite {
    /// Starts one. Where no `azurite-blob` is on the path, nor named by `GOLDSMITH_AZURITE`, it is installed once by npm, beside
    /// what cargo builds.
    pub fn start() -> Self {
        let dir = TempDir::new().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let log = File::create(dir.path().join("azurite.log")).unwrap();
        let data = dir.path().join("data");
        let child = Command::new(program())
            .args(["--blobHost", "127.0.0.1", "--blobPort", &port.to_string(), "--location"])
            .arg(data)
            .args(["--silent", "--skipApiVersionCheck", "--disableTelemetry"])
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut azurite = Self { child, port, dir };
        let deadline = Instant::now() + PATIENCE;
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = azurite.child.try_wait().unwrap();
            let log = fs::read_to_string(azurite.dir.path().join("azurite.log")).unwrap_or_default();
            assert!(ended.is_none() && Instant::now() < deadline, "Azurite did not start: {log}");
            std::thread::sleep(Duration::from_millis(20));
        }
        azurite
    }

    /// Its blob endpoint.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}/{ACCOUNT}", self.port)
    }

    /// `HOST:PORT`
    pub fn authority(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// A container, which is made if it is not there.
    pub async fn container(&self, name: &str) -> Container {
        let options = ClientOptions::new().with_allow_http(true);
        let client = ReqwestConnector::default().connect(&options).unwrap();
        let mut request = HttpRequest::new(HttpRequestBody::empty());
        *request.method_mut() = http::Method::PUT;
        *request.uri_mut() = format!("{}/{name}?restype=container", self.endpoint()).parse().unwrap();
        request.headers_mut().insert("content-length", "0".parse().unwrap());
        let key = AzureCredential::AccessKey(AzureAccessKey::try_new(KEY).unwrap());
        AzureAuthorizer::new(&key, ACCOUNT).authorize(&mut request);
        let status = client.execute(request).await.unwrap().status();
        assert!(status.is_success() || status == http::StatusCode::CONFLICT, "{status}");
        let store = MicrosoftAzureBuilder::new()
            .with_client_options(options)
            .with_endpoint(self.endpoint())
            .with_account(ACCOUNT)
            .with_access_key(KEY)
            .with_container_name(name)
            .build()
            .unwrap();
        Container { store: Arc::new(store) }
    }
}

impl Drop for Azurite {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A container as a test sees it.
#[derive(Debug, Clone)]
pub struct Container {
    store: Arc<MicrosoftAzure>,
}

impl Container {
    /// Copies the files of `folder` to below `to`.
    pub async fn upload(&self, folder: &Path, to: &str) {
        let mut todo = vec![folder.to_owned()];
        while let Some(next) = todo.pop() {
            for entry in fs::read_dir(next).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    todo.push(path);
                    continue;
                }
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap();
                let key = Key::parse(format!("{to}/{name}")).unwrap();
                self.store.put(&key, fs::read(&path).unwrap().into()).await.unwrap();
            }
        }
    }

    /// Copies what is below `from` into `folder`.
    pub async fn download(&self, from: &str, folder: &Path) {
        for key in self.keys(from).await {
            let bytes = self.store.get(&Key::parse(&key).unwrap()).await.unwrap().bytes().await.unwrap();
            let path = folder.join(key.strip_prefix(from).unwrap().trim_start_matches('/'));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    }

    /// Keys below `prefix`, sorted.
    pub async fn keys(&self, prefix: &str) -> Vec<String> {
        let found: Vec<_> = self.store.list(Some(&Key::parse(prefix).unwrap())).try_collect().await.unwrap();
        let mut keys: Vec<String> = found.into_iter().map(|meta| meta.location.to_string()).collect();
        keys.sort();
        keys
    }
}

/// The program that starts it.
fn program() -> PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(find_program).clone()
}

fn find_program() -> PathBuf {
    if let Some(named) = std::env::var_os("GOLDSMITH_AZURITE") {
        return named.into();
    }
    let on_path = std::env::var_os("PATH").and_then(|path| {
        std::env::split_paths(&path)
            .map(|folder| folder.join("azurite-blob"))
            .find(|program| program.exists())
    });
    on_path.unwrap_or_else(install)
}

/// Installs it beside what cargo builds; several test programs may want it at the same time.
fn install() -> PathBuf {
    let exe = std::env::current_exe().unwrap();
    // target/PROFILE/deps/program
    let folder = exe.ancestors().nth(3).unwrap().join(format!("azurite-{VERSION}"));
    let program = folder.join("node_modules/.bin/azurite-blob");
    fs::create_dir_all(&folder).unwrap();
    let lock = File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap();
    if !program.exists() {
        let installed = Command::new("npm")
            .args(["install", "--no-audit", "--no-fund", "--silent", "--prefix"])
            .arg(&folder)
            .arg(format!("azurite@{VERSION}"))
            .status();
        let installed = installed.is_ok_and(|status| status.success());
        assert!(
            installed && program.exists(),
            "Azurite is needed and cannot be installed by npm; name its azurite-blob in GOLDSMITH_AZURITE"
        );
    }
    program
}
