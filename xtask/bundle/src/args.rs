//! The command line, by hand: it is written by xtask and by nobody else.

use anyhow::{Context, Result, bail};
use std::collections::{BTreeMap, VecDeque};

/// What is left of the command line.
pub(crate) struct Args {
    words: VecDeque<String>,
    values: BTreeMap<String, Option<String>>,
}

impl Args {
    /// Sorts words from options. Only `--release` stands alone, every other option takes the next word.
    pub(crate) fn parse(mut from: impl Iterator<Item = String>) -> Result<Self> {
        let (mut words, mut values) = (VecDeque::new(), BTreeMap::new());
        while let Some(word) = from.next() {
            if !word.starts_with("--") {
                words.push_back(word);
            } else if word == "--release" {
                values.insert(word, None);
            } else {
                let value = from.next().with_context(|| format!("{word} needs a value"))?;
                values.insert(word, Some(value));
            }
        }
        Ok(Self { words, values })
    }

    /// The next word that is not an option.
    pub(crate) fn word(&mut self) -> Result<String> {
        self.words.pop_front().context("a word is missing: see the top of xtask/bundle/src/main.rs")
    }

    /// The value of an option.
    pub(crate) fn value(&mut self, option: &str) -> Result<String> {
        self.values.remove(option).flatten().with_context(|| format!("{option} is missing"))
    }

    /// Is the option there?
    pub(crate) fn flag(&mut self, option: &str) -> bool {
        self.values.remove(option).is_some()
    }

    /// Nothing may be left: an option that nobody reads is a mistake of the caller.
    pub(crate) fn finish(self) -> Result<()> {
        let left: Vec<String> = self.words.into_iter().chain(self.values.into_keys()).collect();
        if !left.is_empty() {
            bail!("not understood: {}", left.join(" "));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(line: &str) -> Result<Args> {
        Args::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn options_may_stand_anywhere() {
        let mut args = args("--out here site --release").unwrap();
        assert_eq!(args.word().unwrap(), "site");
        assert_eq!(args.value("--out").unwrap(), "here");
        assert!(args.flag("--release"));
        args.finish().unwrap();
    }

    #[test]
    fn mistakes_are_named() {
        let check = |result: Result<()>, says: &str| {
            let text = result.unwrap_err().to_string();
            assert!(text.contains(says), "{text}");
        };
        check(args("site --out").map(drop), "--out needs a value");
        check(args("site").unwrap().value("--wasm").map(drop), "--wasm is missing");
        check(args("--x 1 y").unwrap().finish(), "not understood: y --x");
    }
}
