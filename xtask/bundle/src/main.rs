//! Turns compiled WASM, styles and public files into the folder that the server serves.
//!
//! `bundle site --wasm FILE --name STEM --pkg DIR --style FILE --public DIR --out DIR [--release]`
//! `bundle precompress DIR`
//!
//! Called by xtask, which knows all the names. Start reading at [`site::bundle`].

mod args;
mod css;
mod files;
mod precompress;
mod site;
mod stamp;

use anyhow::{Result, bail};
use args::Args;
use std::process::ExitCode;

fn main() -> ExitCode {
    match run(std::env::args().skip(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: impl Iterator<Item = String>) -> Result<()> {
    let mut args = Args::parse(words)?;
    match args.word()?.as_str() {
        "site" => {
            let plan = site::Plan {
                wasm: args.value("--wasm")?.into(),
                name: args.value("--name")?,
                pkg: args.value("--pkg")?,
                style: args.value("--style")?.into(),
                public: args.value("--public")?.into(),
                out: args.value("--out")?.into(),
                release: args.flag("--release"),
            };
            args.finish()?;
            site::bundle(&plan)
        }
        "precompress" => {
            let folder = args.word()?;
            args.finish()?;
            precompress::folder(folder.as_ref())
        }
        other => bail!("not a command of bundle: `{other}`"),
    }
}
