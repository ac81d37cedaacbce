//! Builds, serves, tests and packs Telltale; gets a bare machine what it needs.
//!
//! Stays small, so that it is there within seconds: the heavy part of the work is the package `bundle`.

mod apt;
mod bench;
mod command;
mod compare;
mod crash;
mod dist;
mod fuzz;
mod help;
mod http;
mod npm;
mod progress;
mod release_check;
mod serve;
mod server;
mod site;
mod test;
mod tokens;
mod toolchain;
mod workspace;

use anyhow::{Context, Result};
use std::path::Path;
use std::process::ExitCode;
use workspace::Workspace;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    // Whether all is well; an error says by itself why it is not.
    let result = match words.as_slice() {
        ["--help" | "-h" | "help"] | ["bench", "store", "--help" | "-h"] => {
            print!("{}", help::HELP);
            Ok(true)
        }
        ["serve"] => with(|workspace| serve::serve(workspace, &[])),
        ["serve", "--", ..] => with(|workspace| serve::serve(workspace, &args[2..])),
        ["test"] => Workspace::find().and_then(|workspace| test::test(&workspace, None)),
        ["test", "--starts", file] => {
            Workspace::find().and_then(|workspace| test::test(&workspace, Some(Path::new(file))))
        }
        ["dist"] => with(dist::dist),
        ["release-check"] => with(release_check::release_check),
        ["bench", "collect"] => with(|workspace| bench::collect(workspace, bench::SECONDS)),
        ["bench", "collect", "--seconds", seconds] => with(|workspace| {
            let seconds = seconds.parse().with_context(|| format!("--seconds takes a number, not `{seconds}`"))?;
            bench::collect(workspace, seconds)
        }),
        ["bench", "store", rest @ ..] => {
            with(|workspace| bench::store::store(workspace, &bench::store::Options::parse(rest)?))
        }
        ["compare"] => Workspace::find().and_then(|workspace| compare::compare(&workspace)),
        ["crash", rest @ ..] => with(|workspace| crash::crash(workspace, rest)),
        ["fuzz"] => with(|workspace| fuzz::fuzz(workspace, 10)),
        ["fuzz", "--minutes", minutes] => with(|workspace| {
            let minutes = minutes.parse().with_context(|| format!("--minutes takes a number, not `{minutes}`"))?;
            fuzz::fuzz(workspace, minutes)
        }),
        ["tokens"] => with(tokens::write),
        _ => {
            eprint!("{}", help::HELP);
            eprintln!("\nNot a command: `cargo xtask {}`", words.join(" "));
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn with(command: impl FnOnce(&Workspace) -> Result<()>) -> Result<bool> {
    command(&Workspace::find()?).map(|()| true)
}
