//! What shells complete and what `man` shows is what may be typed.

use std::fs;
use std::io::Write;
use std::process::{Command, Output, Stdio};

use crate::harness::telltale;

const COMMANDS: [&str; 8] = ["start", "status", "health", "check-config", "config", "storage", "completions", "man"];

fn run(arguments: &[&str]) -> Output {
    telltale().args(arguments).output().unwrap()
}

fn text(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Commands that `--help` knows.
fn told() -> Vec<String> {
    let help = text(&run(&["--help"]));
    let commands = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let names =
        commands.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next()).filter(|n| !n.is_empty());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

#[test]
fn this_list_is_all_of_them() {
    assert_eq!(told(), COMMANDS);
}

#[test]
fn each_shell_completes_every_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = text(&run(&["completions", shell]));
        for word in COMMANDS.iter().chain(&["listen", "config", "debug", "json", "schema", "example"]) {
            assert!(script.contains(word), "{shell} does not complete {word}");
        }
    }
    assert_eq!(run(&["completions", "tcl"]).status.code(), Some(2));
}

#[test]
fn bash_takes_it_and_completes() {
    let script = text(&run(&["completions", "bash"]));
    let mut bash = Command::new("bash").arg("-n").stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    bash.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    let output = bash.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    // As bash itself would ask, for `telltale st` and for `telltale start --l`.
    let asks = |words: &str, of: u8| {
        let ask = "_telltale telltale \"${COMP_WORDS[COMP_CWORD]}\" \"${COMP_WORDS[COMP_CWORD-1]}\"";
        format!("COMP_WORDS=({words}); COMP_CWORD={of}; {ask}; echo \"${{COMPREPLY[@]}}\"")
    };
    let script = format!("{script}\n{}\n{}", asks("telltale st", 1), asks("telltale start --l", 2));
    let output = Command::new("bash").args(["--norc", "-c", &script]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(
        said.lines().collect::<Vec<_>>(),
        ["start status storage", "--listen"],
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn there_is_a_page_for_each_command_and_it_renders() {
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("man1");
    text(&run(&["man", pages.to_str().unwrap()]));
    for command in std::iter::once("telltale".to_owned()).chain(COMMANDS.map(|command| format!("telltale-{command}"))) {
        let path = pages.join(format!("{command}.1"));
        let page = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{command}: {e}"));
        for part in [".TH ", ".SH NAME", ".SH SYNOPSIS", ".SH OPTIONS", ".SH EXAMPLES AND EXIT CODES\n.nf\n"] {
            assert!(page.contains(part), "{command} has no {part}: {page}");
        }
        assert!(page.contains("telltale") && !page.contains("telltale\\-help"), "{command}: {page}");
        // Where the tools for it are there, as on a machine that has `man`.
        let groff = Command::new("groff").args(["-man", "-Tutf8", "-ww", "-z"]).arg(&path).output();
        if let Ok(output) = groff {
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success() && said.is_empty(), "{command}: {said}");
        }
    }
    let main = text(&run(&["man"]));
    assert!(main.contains("\nExit codes: 0 fine, 1 failed"), "each stands on a line of its own: {main}");
    assert!(COMMANDS.iter().all(|command| main.contains(&command.replace('-', "\\-"))), "{main}");
}

#[test]
fn a_folder_that_takes_no_pages_is_one_sentence() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let output = run(&["man", file.path().join("x").to_str().unwrap()]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), said.lines().count()), (Some(1), 1), "{said}");
    assert!(said.contains("cannot be written to"), "{said}");
}
