//! Makes the files of a cluster: an authority, a certificate for each role, and a token.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use chrono::{Datelike, Months, NaiveDate};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};
use thiserror::Error;

use super::{Credentials, Role, TrustError};

/// How long certificates are good; a cluster has to be given new ones before.
const YEARS: u32 = 5;

/// Files that could not be made.
#[derive(Debug, Error)]
pub enum IssueError {
    /// A file cannot be written.
    #[error("cannot write {path}; hint: name a folder that can be written", path = .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A certificate cannot be made.
    #[error("cannot make a certificate")]
    Make(#[source] rcgen::Error),
    /// Some of the files are there.
    #[error(
        "{path} is there and {missing} is not; hint: take the folder away as a whole, and give the new files to every \
         process of the cluster", path = .path.display(), missing = .missing.display()
    )]
    Partial {
        /// One that is there.
        path: PathBuf,
        /// One that is not.
        missing: PathBuf,
    },
    /// What is there cannot be used.
    #[error(transparent)]
    There(#[from] TrustError),
}

/// Makes in `folder` `ca.pem` and `ca.key`, `ROLE.pem` and `ROLE.key` for each role, `token` and `page-token`; good from the day before
/// `today` on, because clocks differ. Where all of them are there they are checked and left as they are. Whether they were
/// made.
///
/// # Errors
/// [`IssueError`]
pub fn issue(folder: &Path, today: NaiveDate) -> Result<bool, IssueError> {
    let mut names =
        vec!["ca.pem".to_owned(), "ca.key".to_owned(), "token".to_owned(), "page-token".to_owned()];
    names.extend(Role::ALL.iter().flat_map(|role| [format!("{role}.pem"), format!("{role}.key")]));
    let (there, missing): (Vec<PathBuf>, Vec<PathBuf>) =
        names.iter().map(|name| folder.join(name)).partition(|path| path.exists());
    if missing.is_empty() {
        for role in Role::ALL {
            Credentials::load(folder, role)?;
        }
        return Ok(false);
    }
    // Never half of the old and half of the new: they would not know each other.
    if let (Some(path), Some(missing)) = (there.into_iter().next(), missing.into_iter().next()) {
        return Err(IssueError::Partial { path, missing });
    }
    make(folder, today)?;
    Ok(true)
}

fn make(folder: &Path, today: NaiveDate) -> Result<(), IssueError> {
    fs::create_dir_all(folder).map_err(|source| IssueError::Write { path: folder.to_owned(), source })?;
    let mut params = CertificateParams::new(Vec::new()).map_err(IssueError::Make)?;
    params.distinguished_name.push(DnType::CommonName, "goldsmith cluster authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    lasting(&mut params, today);
    let authority = CertifiedIssuer::self_signed(params, key()?).map_err(IssueError::Make)?;
    for role in Role::ALL {
        let mut params =
            CertificateParams::new(vec![role.dns_name().to_owned()]).map_err(IssueError::Make)?;
        params.distinguished_name.push(DnType::CommonName, format!("goldsmith {role}"));
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        // Scheduler and executors call each other.
        params.extended_key_usages = match role {
            Role::Client => vec![ExtendedKeyUsagePurpose::ClientAuth],
            Role::Scheduler | Role::Executor => {
                vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth]
            }
        };
        params.use_authority_key_identifier_extension = true;
        lasting(&mut params, today);
        let key = key()?;
        let certificate = params.signed_by(&key, &authority).map_err(IssueError::Make)?;
        write(&folder.join(format!("{role}.pem")), &certificate.pem(), 0o644)?;
        write(&folder.join(format!("{role}.key")), &key.serialize_pem(), 0o600)?;
    }
    for name in ["token", "page-token"] {
        // Two random UUIDs: 244 random bits.
        let token = format!("{}{}\n", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple());
        write(&folder.join(name), &token, 0o600)?;
    }
    write(&folder.join("ca.key"), &authority.key().serialize_pem(), 0o600)?;
    // Last: whoever waits for the files waits for this one.
    write(&folder.join("ca.pem"), &authority.pem(), 0o644)
}

fn key() -> Result<KeyPair, IssueError> {
    KeyPair::generate().map_err(IssueError::Make)
}

fn lasting(params: &mut CertificateParams, today: NaiveDate) {
    let day = |date: NaiveDate| {
        let number = |number: u32| u8::try_from(number).unwrap_or(1);
        rcgen::date_time_ymd(date.year(), number(date.month()), number(date.day()))
    };
    params.not_before = day(today.pred_opt().unwrap_or(today));
    params.not_after = day(today.checked_add_months(Months::new(12 * YEARS)).unwrap_or(today));
}

fn write(path: &Path, text: &str, mode: u32) -> Result<(), IssueError> {
    let mut options = OpenOptions::new();
    let file = options.write(true).create_new(true).mode(mode).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|source| IssueError::Write { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, 1).unwrap()
    }

    #[test]
    fn files_are_made_once_and_never_by_halves() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("tls");
        assert!(issue(&folder, today()).unwrap());
        let key = fs::read(folder.join("executor.key")).unwrap();
        assert!(!issue(&folder, today()).unwrap());
        assert_eq!(fs::read(folder.join("executor.key")).unwrap(), key);
        fs::remove_file(folder.join("executor.key")).unwrap();
        assert!(matches!(issue(&folder, today()).unwrap_err(), IssueError::Partial { .. }));
    }

    #[test]
    fn a_certificate_is_good_for_its_role_alone() {
        let dir = tempfile::tempdir().unwrap();
        issue(dir.path(), today()).unwrap();
        for role in Role::ALL {
            Credentials::load(dir.path(), role).unwrap();
        }
        fs::copy(dir.path().join("client.key"), dir.path().join("scheduler.key")).unwrap();
        assert!(matches!(
            Credentials::load(dir.path(), Role::Scheduler).unwrap_err(),
            TrustError::Key { .. }
        ));
        fs::copy(dir.path().join("client.pem"), dir.path().join("executor.pem")).unwrap();
        assert!(matches!(
            Credentials::load(dir.path(), Role::Executor).unwrap_err(),
            TrustError::Role { .. }
        ));
        fs::write(dir.path().join("ca.pem"), "no certificate").unwrap();
        assert!(matches!(
            Credentials::load(dir.path(), Role::Client).unwrap_err(),
            TrustError::Content { .. }
        ));
    }

    #[test]
    fn secrets_are_for_their_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        issue(dir.path(), today()).unwrap();
        for secret in ["ca.key", "scheduler.key", "executor.key", "client.key", "token", "page-token"] {
            let mode = fs::metadata(dir.path().join(secret)).unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "{secret}");
        }
    }
}
