//! Requests that the library does not make, or makes in a way that not every service understands.

use std::time::Duration;

use http::{Method, StatusCode, header};
use object_store::azure::AzureAuthorizer;
use object_store::client::{HttpErrorKind, HttpRequest, HttpRequestBody};
use object_store::path::Path;
use object_store::{Error, Result};
use url::Url;

use super::azure::Opened;

/// Attempts at one request, with pauses between them that double.
const ATTEMPTS: u32 = 8;
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// Deletes the object at `path`.
///
/// - **Source:** learn.microsoft.com/rest/api/storageservices/delete-blob
pub(super) async fn delete(opened: &Opened, path: &Path) -> Result<()> {
    let mut url = opened.url.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.extend(path.parts().map(|part| part.as_ref().to_owned()));
    }
    match send(opened, Method::DELETE, url).await? {
        Answer { status, .. } if status.is_success() => Ok(()),
        // An earlier attempt was carried out, and its answer was lost.
        Answer { status: StatusCode::NOT_FOUND, attempt: 2.., .. } => Ok(()),
        answer => Err(answer.into_error(path.to_string())),
    }
}

/// Makes the container itself, unless it is there.
///
/// - **Source:** learn.microsoft.com/rest/api/storageservices/create-container
pub(super) async fn make_container(opened: &Opened) -> Result<()> {
    let mut url = opened.url.clone();
    url.set_query(Some("restype=container"));
    match send(opened, Method::PUT, url).await? {
        Answer { status, .. } if status.is_success() || status == StatusCode::CONFLICT => Ok(()),
        answer => Err(answer.into_error(opened.url.path().to_owned())),
    }
}

struct Answer {
    what: String,
    attempt: u32,
    status: StatusCode,
    code: String,
}

impl Answer {
    fn into_error(self, path: String) -> Error {
        let source: Box<dyn std::error::Error + Send + Sync> =
            format!("{} was answered with {} {}", self.what, self.status, self.code).into();
        match self.status {
            StatusCode::NOT_FOUND => Error::NotFound { path, source },
            StatusCode::UNAUTHORIZED => Error::Unauthenticated { path, source },
            StatusCode::FORBIDDEN => Error::PermissionDenied { path, source },
            _ => Error::Generic { store: "azure", source },
        }
    }
}

/// Sends a request without a body, several times if that may help: each may be carried out twice.
async fn send(opened: &Opened, method: Method, url: Url) -> Result<Answer> {
    let what = format!("{method} {}", url.path());
    let failed = |source: Box<dyn std::error::Error + Send + Sync>| Error::Generic { store: "azure", source };
    let mut pause = FIRST_PAUSE;
    for attempt in 1.. {
        let credential = opened.store.credentials().get_credential().await?;
        let mut request = HttpRequest::new(HttpRequestBody::empty());
        *request.method_mut() = method.clone();
        *request.uri_mut() =
            url.as_str().parse().map_err(|error| failed(Box::<http::uri::InvalidUri>::new(error)))?;
        request.headers_mut().insert(header::CONTENT_LENGTH, header::HeaderValue::from_static("0"));
        AzureAuthorizer::new(&credential, &opened.account).authorize(&mut request);
        match opened.http.execute(request).await {
            Ok(response) => {
                let status = response.status();
                let comes_again = status.is_server_error() || matches!(status.as_u16(), 408 | 429);
                if !comes_again || attempt >= ATTEMPTS {
                    let code = response.headers().get("x-ms-error-code").and_then(|code| code.to_str().ok());
                    return Ok(Answer { what, attempt, status, code: code.unwrap_or_default().to_owned() });
                }
            }
            Err(error) if attempt >= ATTEMPTS || matches!(error.kind(), HttpErrorKind::Decode) => {
                return Err(failed(format!("{what} failed: {}", crate::error::chain(&error)).into()));
            }
            Err(_) => {}
        }
        tokio::time::sleep(pause).await;
        pause *= 2;
    }
    Err(failed(format!("{what} was not tried").into()))
}
