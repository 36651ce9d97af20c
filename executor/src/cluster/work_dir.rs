//! The folder of an executor's shuffle files: one folder per job, one below it per stage.

use std::io;
use std::path::{Path, PathBuf};

use tokio::fs;

/// A folder of its own below the one that the user names, removed when it is dropped.
///
/// Two executors may be given the same folder, and what a process that was killed left behind must not be taken for
/// anything: every executor begins with an empty folder of its own.
#[derive(Debug)]
pub(super) struct WorkDir {
    path: PathBuf,
}

/// What the names of the folders begin with; nothing else is ever removed.
const PREFIX: &str = "goldsmith-executor-";

impl WorkDir {
    pub(super) fn create(root: &Path, name: &str) -> io::Result<Self> {
        std::fs::create_dir_all(root)?;
        let path = root.join(format!("{PREFIX}{name}"));
        std::fs::create_dir(&path)?;
        // What runs in this process goes with it even if it is killed: see `remove_dead`.
        std::fs::write(path.join(OWNER), std::process::id().to_string())?;
        Ok(Self { path })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Removes what all jobs have left.
    pub(super) fn clear(&self) {
        let Ok(entries) = std::fs::read_dir(&self.path) else { return };
        for path in entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()) {
            if let Err(error) = std::fs::remove_dir_all(&path) {
                tracing::warn!(path = %path.display(), %error, "shuffle files are left behind");
            }
        }
    }
}

impl Drop for WorkDir {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.path) {
            tracing::warn!(path = %self.path.display(), %error, "shuffle files are left behind");
        }
    }
}

/// Holds the id of the process that owns a folder.
const OWNER: &str = "owner.pid";

/// Removes the folders of executors that died without removing them.
pub(super) fn remove_dead(root: &Path) {
    let Ok(entries) = std::fs::read_dir(root) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        let is_ours =
            path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(PREFIX));
        if !is_ours {
            continue;
        }
        let owner = std::fs::read_to_string(path.join(OWNER)).ok().and_then(|pid| pid.trim().parse().ok());
        if owner.is_some_and(|pid: u32| !is_alive(pid)) {
            // Another executor may be at it at the same time.
            let _ = std::fs::remove_dir_all(&path);
        }
    }
}

/// Whether a process of this machine has the id. Where that cannot be known it counts as alive.
fn is_alive(pid: u32) -> bool {
    let processes = Path::new("/proc");
    !processes.join("self").exists() || processes.join(pid.to_string()).exists()
}

/// Whether `text` is what the scheduler calls a job. It becomes part of paths, and must not lead out of the folder.
pub(super) fn is_job_id(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
}

/// Removes what a job has left: all of it, or only some of its stages.
pub(super) async fn remove_job(root: &Path, job_id: &str, stages: &[u32]) -> io::Result<()> {
    if !is_job_id(job_id) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("`{job_id}` is no id of a job")));
    }
    let job = root.join(job_id);
    let folders = if stages.is_empty() {
        vec![job]
    } else {
        stages.iter().map(|stage| job.join(stage.to_string())).collect()
    };
    for folder in folders {
        match fs::remove_dir_all(&folder).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_job_id_never_leads_out_of_the_folder() {
        let root = tempfile::tempdir().unwrap();
        let inside = root.path().join("work");
        std::fs::create_dir_all(inside.join("job/1")).unwrap();
        std::fs::create_dir_all(root.path().join("other")).unwrap();
        for bad in ["../other", "..", "", "/", "job/../../other"] {
            assert!(remove_job(&inside, bad, &[]).await.is_err(), "{bad}");
        }
        assert!(root.path().join("other").exists() && inside.join("job/1").exists());
        remove_job(&inside, "job", &[1]).await.unwrap();
        assert!(!inside.join("job/1").exists() && inside.join("job").exists());
        remove_job(&inside, "job", &[]).await.unwrap();
        remove_job(&inside, "job", &[]).await.unwrap();
        assert!(!inside.join("job").exists());
    }

    #[test]
    fn only_the_folders_of_dead_executors_are_removed() {
        let root = tempfile::tempdir().unwrap();
        let alive = WorkDir::create(root.path(), "alive").unwrap();
        for (name, pid) in [("goldsmith-executor-dead", "999999999"), ("foreign", "999999999")] {
            std::fs::create_dir(root.path().join(name)).unwrap();
            std::fs::write(root.path().join(name).join(OWNER), pid).unwrap();
        }
        remove_dead(root.path());
        assert!(alive.path().exists() && root.path().join("foreign").exists());
        assert!(!root.path().join("goldsmith-executor-dead").exists());
        let path = alive.path().to_owned();
        drop(alive);
        assert!(!path.exists());
    }
}
