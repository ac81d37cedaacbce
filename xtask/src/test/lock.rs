//! Packages that may not come in, not even by a dependency's dependency.

use crate::workspace::Workspace;
use anyhow::{Context, Result, bail};

/// Each of them needs a C compiler and minutes of every newcomer's time; `ring` does the same work.
const BANNED: &[&str] = &["aws-lc-sys", "openssl-sys"];

/// Looks for them in the lock file.
pub(super) fn check(workspace: &Workspace) -> Result<()> {
    let path = workspace.root.join("Cargo.lock");
    let lock = std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let found = banned_in(&lock);
    if !found.is_empty() {
        bail!("Cargo.lock has {}; `cargo tree -i NAME` says who wants it", found.join(" and "));
    }
    Ok(())
}

fn banned_in(lock: &str) -> Vec<&'static str> {
    let has = |name: &str| lock.lines().any(|line| line == format!("name = \"{name}\""));
    BANNED.iter().copied().filter(|name| has(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_packages_themselves_count() {
        assert_eq!(banned_in("[[package]]\nname = \"openssl-sys\"\nversion = \"1\"\n"), ["openssl-sys"]);
        assert!(banned_in("name = \"openssl-sys-like\"\ndependencies = [\n \"ring\",\n]\n").is_empty());
    }
}
