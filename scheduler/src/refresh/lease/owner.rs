//! Which process holds a lease, and whether it still runs.

use std::path::Path;
use std::{fmt, fs, io};

use serde::{Deserialize, Serialize};

/// A process, told apart from all others that there were on any machine. What the system does not tell is empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Owner {
    /// Name of the machine, for people.
    host: String,
    pid: u32,
    /// When it began, in ticks since the machine did: numbers of processes are used again.
    started: String,
    /// Changes whenever the machine is started.
    boot: String,
    /// In which the number of the process counts: containers have their own.
    namespace: String,
}

impl Owner {
    /// This process.
    pub(super) fn this() -> Self {
        let namespace = fs::read_link("/proc/self/ns/pid").map(|link| link.display().to_string());
        Self {
            host: read("/proc/sys/kernel/hostname"),
            pid: std::process::id(),
            started: started(std::process::id()).ok().flatten().unwrap_or_default(),
            boot: read("/proc/sys/kernel/random/boot_id"),
            namespace: namespace.unwrap_or_default(),
        }
    }

    /// Whether it is known to have ended: only of processes that this one could see. Whatever cannot be read counts as alive.
    pub(super) fn has_ended(&self) -> bool {
        let this = Self::this();
        let is_visible = !self.boot.is_empty()
            && !self.namespace.is_empty()
            && !self.started.is_empty()
            && self.boot == this.boot
            && self.namespace == this.namespace;
        let ended = || match started(self.pid) {
            Ok(started) => started.as_ref() != Some(&self.started),
            Err(_) => false,
        };
        is_visible && ended()
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {} on {}", self.pid, self.host)
    }
}

fn read(path: &str) -> String {
    fs::read_to_string(path).map(|text| text.trim().to_owned()).unwrap_or_default()
}

/// When the process began (`proc(5)`, `stat`, field 22); none if there is no such process, an error if that cannot be told.
fn started(pid: u32) -> io::Result<Option<String>> {
    let stat = match fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("stat")) {
        Ok(stat) => stat,
        // Where processes of others are hidden, all of them seem not to be there.
        Err(error) if error.kind() == io::ErrorKind::NotFound && Path::new("/proc/1").exists() => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let unreadable = || io::Error::from(io::ErrorKind::InvalidData);
    // The second field is a name in parentheses that may hold anything.
    let (_, rest) = stat.rsplit_once(')').ok_or_else(unreadable)?;
    let mut fields = rest.split_whitespace();
    // One that has ended and was not waited for is still there.
    if fields.next() == Some("Z") {
        return Ok(None);
    }
    fields.nth(18).map(|started| Some(started.to_owned())).ok_or_else(unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_process_that_is_seen_to_have_ended_has() {
        let this = Owner::this();
        assert!(!this.has_ended());
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let other = Owner { pid: child.id(), started: started(child.id()).unwrap().unwrap(), ..this.clone() };
        assert!(!other.has_ended());
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(other.has_ended());
        assert!(Owner { started: "1".to_owned(), ..this }.has_ended(), "the number is used again");
        for elsewhere in [
            Owner { boot: "another machine".to_owned(), ..other.clone() },
            Owner { namespace: "another container".to_owned(), ..other.clone() },
            Owner { boot: String::new(), ..other },
        ] {
            assert!(!elsewhere.has_ended(), "{elsewhere:?}");
        }
    }
}
