//! Addresses of folders in Azure storage accounts and OneLake.

use std::fmt;

use percent_encoding::percent_decode_str;
use url::Url;

/// The only hosts that are ever sent a token: those that belong to the clouds themselves.
///
/// - **Source:** learn.microsoft.com/azure/storage/common/storage-account-overview ("Standard endpoints"),
///   learn.microsoft.com/fabric/onelake/onelake-access-api
const ACCOUNT_SUFFIXES: [&str; 3] = ["core.windows.net", "core.chinacloudapi.cn", "core.usgovcloudapi.net"];
/// Where tokens for accounts of the other clouds come from.
///
/// - **Source:** learn.microsoft.com/entra/identity-platform/authentication-national-cloud
const AUTHORITIES: [(&str, &str); 2] = [
    ("core.chinacloudapi.cn", "https://login.partner.microsoftonline.cn"),
    ("core.usgovcloudapi.net", "https://login.microsoftonline.us"),
];
/// Suffix of OneLake's hosts, whose first part is `onelake`, or `REGION-onelake`.
const ONELAKE_SUFFIX: &str = "fabric.microsoft.com";

/// How the addresses look, for messages.
const SHAPES: &str = "abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/FOLDER or \
                      abfss://WORKSPACE@onelake.dfs.fabric.microsoft.com/ITEM.Lakehouse/Tables";

/// A container of an account, or a workspace of OneLake.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Container {
    /// Name of the container or workspace, percent-encoded.
    pub(crate) name: String,
    /// Host of the `dfs` endpoint, in lower case.
    pub(crate) host: String,
}

impl Container {
    /// The account, as the host names it. OneLake has none; what stands there is signed by nobody, because it takes tokens only.
    pub(crate) fn account(&self) -> &str {
        self.host.split('.').next().unwrap_or_default()
    }

    /// Whether it is a workspace of OneLake.
    pub(crate) fn is_onelake(&self) -> bool {
        self.host.ends_with(ONELAKE_SUFFIX)
    }

    /// Whether the host is one that may be sent a token.
    pub(crate) fn is_known(&self) -> bool {
        dfs_host(&self.host).as_ref() == Some(&self.host)
    }

    /// The Entra endpoint of the cloud that it is in.
    pub(crate) fn authority_host(&self) -> &'static str {
        let other = AUTHORITIES.iter().find(|(suffix, _)| self.host.ends_with(suffix));
        other.map_or("https://login.microsoftonline.com", |(_, authority)| authority)
    }

    /// The `blob` endpoint of the account.
    pub(crate) fn blob_endpoint(&self) -> String {
        format!("https://{}", self.host.replacen(".dfs.", ".blob.", 1))
    }
}

impl fmt::Display for Container {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "abfss://{}@{}", self.name, self.host)
    }
}

/// Whether URLs of `scheme` name Azure storage.
pub(super) fn is_scheme(scheme: &str) -> bool {
    matches!(scheme, "abfss" | "abfs" | "https" | "az" | "azure" | "adl" | "wasb" | "wasbs")
}

/// `url` in the one form that goldsmith uses: `abfss://CONTAINER@ACCOUNT.dfs.SUFFIX/FOLDER/`.
///
/// # Errors
/// Why it is none, for people.
pub(super) fn normalise(url: &Url) -> Result<Url, String> {
    if url.password().is_some() {
        return Err("it holds a password".to_owned());
    }
    if url.port().is_some() {
        return Err("it has a port; another endpoint is given by `endpoint` of its connection".to_owned());
    }
    let host = url.host_str().unwrap_or_default().to_lowercase();
    let (container, path) = match url.scheme() {
        // The first is the other without TLS, which is not spoken.
        "abfs" | "abfss" => (url.username().to_owned(), url.path().trim_start_matches('/').to_owned()),
        "https" => {
            let (container, path) = url
                .path()
                .trim_start_matches('/')
                .split_once('/')
                .unwrap_or((url.path().trim_matches('/'), ""));
            if !url.username().is_empty() {
                return Err(format!("it holds a user; write it as {SHAPES}"));
            }
            (container.to_owned(), path.to_owned())
        }
        other => {
            return Err(format!(
                "URLs of kind `{other}` do not say all that is needed; write it as {SHAPES}"
            ));
        }
    };
    if container.is_empty() {
        return Err(format!("it names no container; write it as {SHAPES}"));
    }
    let host = dfs_host(&host).ok_or_else(|| {
        format!("`{host}` is no host of a storage account or of OneLake; write it as {SHAPES}")
    })?;
    let mut url = Url::parse(&format!("abfss://{host}/{path}")).map_err(|error| error.to_string())?;
    // Escaped once, whatever is in it: a name of OneLake may hold a colon.
    let name = percent_decode_str(&container).decode_utf8_lossy();
    url.set_username(&name).map_err(|()| format!("`{name}` cannot be a container"))?;
    Ok(url)
}

/// The `dfs` host of the account that `host` belongs to; none if it is another host.
fn dfs_host(host: &str) -> Option<String> {
    let (account, rest) = host.split_once('.')?;
    let (service, suffix) = rest.split_once('.')?;
    let is_name = !account.is_empty() && account.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let is_ours = if suffix == ONELAKE_SUFFIX {
        account == "onelake" || account.ends_with("-onelake")
    } else {
        ACCOUNT_SUFFIXES.contains(&suffix) && !account.contains('-')
    };
    (is_name && is_ours && matches!(service, "dfs" | "blob")).then(|| format!("{account}.dfs.{suffix}"))
}

/// The container of a URL that [`normalise`] made.
pub(super) fn container(url: &Url) -> Container {
    Container { name: url.username().to_owned(), host: url.host_str().unwrap_or_default().to_owned() }
}
