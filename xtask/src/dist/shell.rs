//! What goes with the file into packages: completions for shells, and man pages. The file itself knows them.

use crate::command::Cmd;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::Path;

/// Shells, and the name under which each looks for what completes `telltale`.
const SHELLS: [(&str, &str); 5] = [
    ("bash", "telltale.bash"),
    ("elvish", "telltale.elv"),
    ("fish", "telltale.fish"),
    ("powershell", "_telltale.ps1"),
    ("zsh", "_telltale"),
];

/// Writes `completions/*` and `man/*.1` into a folder, and nothing else stays in those two.
pub(super) fn write(binary: &Path, folder: &Path) -> Result<()> {
    let (completions, man) = (folder.join("completions"), folder.join("man"));
    for made in [&completions, &man] {
        if made.exists() {
            fs::remove_dir_all(made).with_context(|| format!("emptying {}", made.display()))?;
        }
        fs::create_dir_all(made).with_context(|| format!("making {}", made.display()))?;
    }
    for (shell, name) in SHELLS {
        let script = Cmd::new(binary).args(["completions", shell]).read()?;
        ensure!(script.contains("telltale"), "`telltale completions {shell}` says nothing of telltale");
        let path = completions.join(name);
        fs::write(&path, script).with_context(|| format!("writing {}", path.display()))?;
    }
    Cmd::new(binary).arg("man").arg(&man).read()?;
    let pages = fs::read_dir(&man).with_context(|| format!("looking into {}", man.display()))?.count();
    ensure!(pages > 1, "`telltale man` wrote {pages} pages");
    Ok(())
}
