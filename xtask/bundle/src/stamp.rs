//! Is the bundle still what it was made from? A list of files with their sizes and times answers that quickly.
//!
//! The stamp lies beside the folder that it is about (`site.stamp` beside `site`), so that it is not served.

use anyhow::{Context, Result};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// What a bundle was made from, and what came out.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Stamp {
    /// How it was made: a bundle for another purpose is another bundle.
    pub(crate) how: String,
    /// Files that went in.
    pub(crate) inputs: Vec<Entry>,
    /// Files that came out.
    pub(crate) outputs: Vec<Entry>,
}

/// A file as it was.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    size: u64,
    /// Nanoseconds since 1970.
    time: u128,
    /// Where.
    pub(crate) path: PathBuf,
}

impl Entry {
    /// A file as it is now; `None` if there is none.
    pub(crate) fn now(path: &Path) -> Option<Self> {
        let about = path.metadata().ok()?;
        let time = about.modified().ok()?.duration_since(UNIX_EPOCH).ok()?.as_nanos();
        Some(Self { size: about.len(), time, path: path.to_owned() })
    }
}

impl Stamp {
    /// Where the stamp of a folder lies.
    pub(crate) fn path(folder: &Path) -> PathBuf {
        folder.with_added_extension("stamp")
    }

    /// The stamp of a folder; a missing or unreadable one says that nothing is known.
    pub(crate) fn load(folder: &Path) -> Self {
        std::fs::read_to_string(Self::path(folder)).ok().and_then(|text| Self::parse(&text)).unwrap_or_default()
    }

    /// Writes it.
    pub(crate) fn save(&self, folder: &Path) -> Result<()> {
        let path = Self::path(folder);
        std::fs::write(&path, self.text()).with_context(|| format!("writing {}", path.display()))
    }

    /// Nothing has changed: it was made this way from these files as they are, and all that came out is still there.
    pub(crate) fn holds(&self, how: &str, inputs: &[Entry]) -> bool {
        !self.outputs.is_empty()
            && self.how == how
            && self.inputs == inputs
            && self.outputs.iter().all(|output| Entry::now(&output.path).as_ref() == Some(output))
    }

    fn text(&self) -> String {
        let mut text = format!("how {}\n", self.how);
        for (word, entries) in [("in", &self.inputs), ("out", &self.outputs)] {
            for Entry { size, time, path } in entries {
                let _ = writeln!(text, "{word} {size} {time} {}", path.display());
            }
        }
        text
    }

    fn parse(text: &str) -> Option<Self> {
        let mut stamp = Self::default();
        for line in text.lines() {
            let (word, rest) = line.split_once(' ')?;
            if word == "how" {
                rest.clone_into(&mut stamp.how);
                continue;
            }
            let mut fields = rest.splitn(3, ' ');
            let (size, time) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
            let entry = Entry { size, time, path: fields.next()?.into() };
            match word {
                "in" => stamp.inputs.push(entry),
                "out" => stamp.outputs.push(entry),
                _ => return None,
            }
        }
        Some(stamp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn entry(path: &str) -> Entry {
        Entry { size: 3, time: 1_234_567_890_123, path: path.into() }
    }

    #[test]
    fn a_stamp_survives_the_disk() {
        let stamp = Stamp { how: "v1 web".into(), inputs: vec![entry("a b.css")], outputs: vec![entry("o.js")] };
        assert_eq!(Stamp::parse(&stamp.text()), Some(stamp));
        for broken in ["nonsense", "in 1 2", "in x 2 p", "side 1 2 p"] {
            assert_eq!(Stamp::parse(broken), None, "{broken}");
        }
    }

    #[test]
    fn any_change_is_seen() {
        let folder = std::env::temp_dir().join(format!("telltale-stamp-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let output = folder.join("out.js");
        fs::write(&output, "first").unwrap();
        let inputs = vec![entry("in.css")];
        let outputs = vec![Entry::now(&output).unwrap()];
        let stamp = Stamp { how: "how".into(), inputs: inputs.clone(), outputs };
        assert!(stamp.holds("how", &inputs));
        assert!(!stamp.holds("otherwise", &inputs));
        assert!(!stamp.holds("how", &[]));
        assert!(!stamp.holds("how", &[Entry { time: 1, ..entry("in.css") }]));
        assert!(!stamp.holds("how", &[entry("in.css"), entry("more.css")]));
        fs::write(&output, "tampered with").unwrap();
        assert!(!stamp.holds("how", &inputs));
        fs::remove_file(&output).unwrap();
        assert!(!stamp.holds("how", &inputs));
        assert!(!Stamp::load(&folder).holds("how", &inputs));
        fs::remove_dir_all(&folder).unwrap();
    }
}
