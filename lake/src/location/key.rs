//! What tells one store from another, and how that travels in plans.

use datafusion::execution::object_store::ObjectStoreUrl;
use url::Url;

use super::Container;
use crate::connection::ConnectionName;

/// Scheme of the URLs that name a store in plans: of no kind of storage, so that nothing else takes one for its own.
const SCHEME: &str = "goldsmith";

/// The key of no store.
pub(super) fn no_store() -> ObjectStoreUrl {
    parsed(format!("{SCHEME}://no-connection"))
}

#[expect(
    clippy::expect_used,
    reason = "names of connections, containers and hosts are parts of a URL as they are"
)]
fn parsed(url: String) -> ObjectStoreUrl {
    ObjectStoreUrl::parse(url).expect("a scheme and an authority")
}

/// A container, and the connection that it is opened by.
///
/// The usual key of a store is scheme and host. Two containers of one account have the same, and so has one container that
/// bronze reads by one identity and gold writes by another. It names a connection and holds nothing secret: whoever opens
/// the store looks the name up in a configuration of its own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct StoreKey {
    pub(crate) connection: ConnectionName,
    pub(crate) container: Container,
}

impl StoreKey {
    /// As a URL without a path.
    pub(crate) fn to_url(&self) -> ObjectStoreUrl {
        let Container { name, host } = &self.container;
        parsed(format!("{SCHEME}://{}:{name}@{host}", self.connection))
    }

    /// The key in `url`; none if it is a URL of another kind.
    pub(crate) fn from_url(url: &Url) -> Option<Self> {
        if url.scheme() != SCHEME {
            return None;
        }
        let connection = ConnectionName::try_new(url.username()).ok()?;
        let host = url.host_str()?.to_owned();
        let container = Container { name: url.password()?.to_owned(), host };
        // Whoever made the plan: no other host is ever sent a token.
        (url.port().is_none() && container.is_known()).then_some(Self { connection, container })
    }
}

#[cfg(test)]
mod tests {
    use crate::location::Location;

    use super::*;

    fn key(text: &str, connection: &str) -> StoreKey {
        let connection = ConnectionName::try_new(connection).unwrap();
        Location::parse(text).unwrap().with_connection(Some(connection)).store_key().unwrap().unwrap()
    }

    #[test]
    fn containers_and_connections_are_told_apart_and_found_again() {
        let keys = [
            key("abfss://bronze@acc.dfs.core.windows.net/x", "reader"),
            key("abfss://gold@acc.dfs.core.windows.net/x", "reader"),
            key("abfss://gold@acc.dfs.core.windows.net/x", "writer"),
            key("abfss://My%20Space@onelake.dfs.fabric.microsoft.com/a.Lakehouse", "writer_2"),
        ];
        let urls = keys.each_ref().map(|key| key.to_url());
        for (key, url) in keys.iter().zip(&urls) {
            assert_eq!(StoreKey::from_url(url.as_ref()).as_ref(), Some(key), "{url}");
            assert_eq!(urls.iter().filter(|other| *other == url).count(), 1, "{url}");
        }
        for other in [
            "abfss://a@acc.dfs.core.windows.net",
            "goldsmith://writer:gold@evil.example",
            "goldsmith://writer:gold@acc.dfs.core.windows.net.evil.example",
            "goldsmith://writer:gold@acc.dfs.core.windows.net:444",
            "goldsmith://no-connection",
        ] {
            assert_eq!(StoreKey::from_url(&other.parse().unwrap()), None, "{other}");
        }
    }
}
