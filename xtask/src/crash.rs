//! What is left after kills, flips and full disks: the crash test, longer than in `test`.

use crate::command::Cmd;
use crate::workspace::Workspace;
use anyhow::Result;

/// As many rounds as are asked for. `rest` goes to the test as it is.
pub(crate) fn crash(workspace: &Workspace, rest: &[&str]) -> Result<()> {
    let test = ["test", "-p", "app", "-p", "telltale", "--test", "crash", "--"];
    Cmd::rust("cargo").args(test).args(rest).dir(&workspace.root).run()
}
