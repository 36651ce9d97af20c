//! One file per command: parse, call, print.

pub(crate) mod certificates;
pub(crate) mod check;
pub(crate) mod demo;
pub(crate) mod executor;
pub(crate) mod generate;
pub(crate) mod health;
pub(crate) mod plan;
pub(crate) mod query;
pub(crate) mod refresh;
pub(crate) mod scheduler;
pub(crate) mod sources;
pub(crate) mod status;

use std::path::Path;

use goldsmith_proto::trust::{Credentials, Role, Token};
use goldsmith_scheduler::Lakehouse;
use goldsmith_scheduler::coordinator::client::{Client, ClientOptions};

use crate::args::{Common, HttpArgs};
use crate::config::Config;
use crate::exit::Usage;

/// Variable that holds the token, where no file does.
const TOKEN: &str = "GOLDSMITH_TOKEN";
/// The same for the page.
const PAGE_TOKEN: &str = "GOLDSMITH_PAGE_TOKEN";

/// Opens the lake that the configuration names.
pub(crate) fn lakehouse(common: &Common) -> anyhow::Result<Lakehouse> {
    let (config, path) = Config::load(common)?;
    config.lakehouse(&path, common)
}

/// The scheduler at `url`, to which the client shows what the command line says.
pub(crate) fn client(common: &Common, url: &str) -> anyhow::Result<Client> {
    let options = ClientOptions { credentials: credentials(common, Role::Client)?, token: token(common)? };
    Ok(Client::new(url, &options)?)
}

/// What the process shows to others of the cluster as `role`.
pub(crate) fn credentials(common: &Common, role: Role) -> anyhow::Result<Option<Credentials>> {
    Ok(common.tls.as_ref().map(|folder| Credentials::load(folder, role)).transpose()?)
}

/// The token that clients show to the scheduler.
pub(crate) fn token(common: &Common) -> anyhow::Result<Option<Token>> {
    read_token(common.token_file.as_deref(), TOKEN)
}

/// The token that is shown to the page. It travels over plain HTTP and is good for looking only, so it is another one.
pub(crate) fn page_token(args: &HttpArgs) -> anyhow::Result<Option<Token>> {
    read_token(args.page_token_file.as_deref(), PAGE_TOKEN)
}

#[expect(clippy::disallowed_methods, reason = "a secret is read here and kept nowhere else")]
fn read_token(file: Option<&Path>, variable: &str) -> anyhow::Result<Option<Token>> {
    let (place, token) = match (file, std::env::var(variable)) {
        (Some(file), _) => (format!("the token in {}", file.display()), Token::read(file)),
        (None, Ok(text)) if !text.is_empty() => (format!("the token in {variable}"), Token::try_new(&text)),
        (None, _) => return Ok(None),
    };
    let hint = "`goldsmith certificates DIR` makes one";
    Ok(Some(token.map_err(|why| Usage(format!("{place} cannot be used: {why}; hint: {hint}")))?))
}
