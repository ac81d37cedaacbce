//! One style sheet out of many: every `@import` is replaced by the file that it names.
//!
//! Only what our own sheets need: relative paths, no conditions, each file once. Everything else is an error with a
//! name, since a browser would pass over it in silence.

use anyhow::{Context, Result, bail};
use std::path::{Component, Path, PathBuf};

/// How a sheet is read; a parameter, so that tests need no disk.
pub(crate) type Read<'a> = &'a dyn Fn(&Path) -> Result<String>;

/// A sheet with its imports, all in place, and the files that went into it in the order of reading.
#[derive(Debug, PartialEq)]
pub(crate) struct Sheet {
    /// The text.
    pub(crate) text: String,
    /// What was read.
    pub(crate) files: Vec<PathBuf>,
}

/// Resolves `main` and everything that it imports.
pub(crate) fn resolve(main: &Path, read: Read<'_>) -> Result<Sheet> {
    let mut sheet = Sheet { text: String::new(), files: Vec::new() };
    add(&mut sheet, &mut Vec::new(), main, read)?;
    Ok(sheet)
}

fn add(sheet: &mut Sheet, open: &mut Vec<PathBuf>, path: &Path, read: Read<'_>) -> Result<()> {
    let path = tidy(path);
    if open.contains(&path) {
        open.push(path);
        let circle: Vec<String> = open.iter().map(|path| path.display().to_string()).collect();
        bail!("style sheets import each other in a circle: {}", circle.join(" -> "));
    }
    if sheet.files.contains(&path) {
        bail!("{} is imported twice: once is enough, in the main style sheet", path.display());
    }
    let text = read(&path).with_context(|| match open.last() {
        Some(from) => format!("{} imports {}, which can't be read", from.display(), path.display()),
        None => format!("the style sheet {} can't be read", path.display()),
    })?;
    sheet.files.push(path.clone());
    open.push(path.clone());
    let (imports, rest) = split(&text).with_context(|| format!("in {}", path.display()))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    for part in imports {
        match part {
            Part::Import(name) => add(sheet, open, &folder.join(name), read)?,
            Part::Statement(statement) => {
                sheet.text.push_str(statement);
                sheet.text.push('\n');
            }
        }
    }
    open.pop();
    sheet.text.push_str(rest.trim_end());
    sheet.text.push('\n');
    Ok(())
}

#[derive(Debug, PartialEq)]
enum Part<'a> {
    Import(&'a str),
    /// `@layer a, b;` and `@charset`, which may come before an import.
    Statement(&'a str),
}

/// The imports at the head of a sheet, and what follows them.
fn split(text: &str) -> Result<(Vec<Part<'_>>, &str)> {
    let mut parts = Vec::new();
    // Comments before an import explain the import and go with it; those before the rules stay with the rules.
    let mut rest = text;
    loop {
        let head = skip_blank(rest)?;
        let statement = ["@import", "@layer", "@charset"].iter().any(|word| head.starts_with(word));
        let Some(end) = head.find([';', '{']).filter(|end| statement && head[*end..].starts_with(';')) else { break };
        let (line, after) = head.split_at(end + 1);
        parts.push(match line.strip_prefix("@import") {
            Some(argument) => Part::Import(file_name(argument)?),
            None => Part::Statement(line),
        });
        rest = after;
    }
    let mut body = rest;
    while let Some(at) = body.find("/*").into_iter().chain(body.find("@import")).min() {
        if body[at..].starts_with("@import") {
            bail!("an @import must stand before all rules: a browser passes over it where it is");
        }
        body = after_comment(&body[at..])?;
    }
    Ok((parts, rest.trim_start()))
}

/// The text after white space and comments.
fn skip_blank(text: &str) -> Result<&str> {
    let mut text = text.trim_start();
    while text.starts_with("/*") {
        text = after_comment(text)?.trim_start();
    }
    Ok(text)
}

fn after_comment(text: &str) -> Result<&str> {
    let end = text.find("*/").context("a comment has no end")?;
    Ok(&text[end + 2..])
}

/// The path in ` "x.css";` or ` url(x.css);`.
fn file_name(argument: &str) -> Result<&str> {
    let argument = argument.trim_end_matches(';').trim();
    let inner = argument.strip_prefix("url(").and_then(|inner| inner.strip_suffix(')')).map_or(argument, str::trim);
    let name = ['"', '\'']
        .iter()
        .find_map(|&quote| inner.strip_prefix(quote)?.strip_suffix(quote))
        .or((inner.len() < argument.len()).then_some(inner))
        .filter(|name| !name.contains(['"', '\'', ' ', '(']));
    match name {
        Some(name) if !name.is_empty() && !name.starts_with('/') && !name.contains("://") => Ok(name),
        _ => bail!("`@import {argument}` is more than a plain relative path, like `@import \"base.css\";`"),
    }
}

/// The same path without `.` and `..`.
fn tidy(path: &Path) -> PathBuf {
    let mut tidy = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if tidy.file_name().is_some() => {
                tidy.pop();
            }
            _ => tidy.push(part),
        }
    }
    tidy
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::anyhow;

    fn resolve_among(files: &[(&str, &str)]) -> Result<Sheet> {
        let read = |path: &Path| {
            let found = files.iter().find(|(name, _)| Path::new(name) == path);
            found.map(|(_, text)| (*text).to_owned()).ok_or_else(|| anyhow!("no such file"))
        };
        resolve(Path::new("s/main.css"), &read)
    }

    #[test]
    fn imports_are_replaced_by_what_they_name() {
        let check = |files: &[(&str, &str)], text: &str| assert_eq!(resolve_among(files).unwrap().text, text);
        check(&[("s/main.css", "a { b: c }")], "a { b: c }\n");
        check(&[("s/main.css", "@import \"x.css\";\nm {}\n"), ("s/x.css", "x {}\n")], "x {}\nm {}\n");
        // The ways to write one, in order, and nested ones relative to the file that they are in.
        check(
            &[
                ("s/main.css", "@import url(\"./d/x.css\");@import url( y.css );\n@import 'z.css';"),
                ("s/d/x.css", "@import \"../w.css\";\nx {}"),
                ("s/w.css", "w {}"),
                ("s/y.css", "y {}"),
                ("s/z.css", "z {}"),
            ],
            "w {}\nx {}\ny {}\nz {}\n\n",
        );
        // Comments: those at an import go with it, those of the rules stay.
        check(
            &[("s/main.css", "/* why; */ @import \"x.css\";\n\n/* rules @import */\nm {}"), ("s/x.css", "x {}")],
            "x {}\n/* rules @import */\nm {}\n",
        );
        // The order of layers may be said first.
        check(
            &[("s/main.css", "@layer a, b;\n@import \"x.css\";\n@layer a { m {} }"), ("s/x.css", "x {}")],
            "@layer a, b;\nx {}\n@layer a { m {} }\n",
        );
    }

    #[test]
    fn every_file_read_is_told() {
        let sheet = resolve_among(&[("s/main.css", "@import \"d/x.css\";"), ("s/d/x.css", "")]).unwrap();
        assert_eq!(sheet.files, [Path::new("s/main.css"), Path::new("s/d/x.css")]);
    }

    #[test]
    fn mistakes_are_named() {
        let check = |files: &[(&str, &str)], says: &str| {
            let text = format!("{:#}", resolve_among(files).unwrap_err());
            assert!(text.contains(says), "{text}");
        };
        check(&[], "the style sheet s/main.css can't be read");
        check(&[("s/main.css", "@import \"x.css\";")], "s/main.css imports s/x.css, which can't be read: no such file");
        check(
            &[("s/main.css", "@import \"x.css\";"), ("s/x.css", "@import \"./main.css\";")],
            "in a circle: s/main.css -> s/x.css -> s/main.css",
        );
        check(
            &[
                ("s/main.css", "@import \"x.css\";\n@import \"y.css\";"),
                ("s/x.css", ""),
                ("s/y.css", "@import \"x.css\";"),
            ],
            "s/x.css is imported twice",
        );
        check(&[("s/main.css", "m {}\n@import \"x.css\";")], "must stand before all rules");
        check(&[("s/main.css", "@import \"x.css\" print;")], "more than a plain relative path");
        check(&[("s/main.css", "@import url(https://a.example/x.css);")], "more than a plain relative path");
        check(&[("s/main.css", "@import x.css;")], "more than a plain relative path");
        check(&[("s/main.css", "/* no end")], "a comment has no end");
    }
}
