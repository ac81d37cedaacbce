//! The number that a file holds.
//!
//! Invariant: only what is a plain file is opened, so that no FIFO and no device holds it up or has no end.

use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::aside::{Aside, NoResult};
use super::number::of_text;
use crate::collect::CollectError;
use crate::secret::Text;

/// No number is longer.
const MOST_BYTES: u64 = 64 * 1024;

pub(super) struct File {
    path: Text,
    aside: Aside<io::Result<Content>>,
}

enum Content {
    Text(String),
    TooLong,
    NoText,
    NoFile,
}

impl File {
    pub(super) const fn new(path: Text) -> Self {
        Self { path, aside: Aside::new() }
    }

    pub(super) fn what(&self) -> String {
        if self.path.is_secret() { "the file".to_owned() } else { format!("the file {}", self.path) }
    }

    pub(super) async fn read(&mut self) -> Result<f64, CollectError> {
        let path: PathBuf = self.path.as_path().to_owned();
        // The server of a network file system may be gone.
        let read = self.aside.run(move || content(&path)).await;
        let failed = |why: String| CollectError::failed(self.what(), why);
        match read {
            Err(NoResult::HeldUp) => Err(CollectError::NoAnswer { what: self.what() }),
            Err(NoResult::Broken) => Err(failed("cannot be read: its thread is gone".to_owned())),
            Ok(Err(error)) if error.kind() == io::ErrorKind::PermissionDenied => {
                Err(CollectError::Denied { what: self.what(), why: format!("cannot be read: {error}") })
            }
            Ok(Err(error)) => Err(failed(format!("cannot be read: {error}"))),
            Ok(Ok(Content::NoFile)) => Err(failed("is no plain file".to_owned())),
            Ok(Ok(Content::TooLong)) => Err(failed(format!("holds more than {MOST_BYTES} bytes"))),
            Ok(Ok(Content::NoText)) => Err(failed("holds something that is no text".to_owned())),
            Ok(Ok(Content::Text(text))) => {
                of_text(&text, !self.path.is_secret()).map_err(|found| failed(format!("holds {found}")))
            }
        }
    }
}

fn content(path: &Path) -> io::Result<Content> {
    // To open some devices is to set them going.
    if !fs::metadata(path)?.is_file() {
        return Ok(Content::NoFile);
    }
    // Should it have become a FIFO meanwhile, it is at least not waited for.
    let flags = i32::try_from((OFlags::NONBLOCK | OFlags::NOCTTY).bits()).unwrap_or_default();
    let file = fs::OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    if !file.metadata()?.is_file() {
        return Ok(Content::NoFile);
    }
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Ok(Content::TooLong);
    }
    Ok(String::from_utf8(bytes).map_or(Content::NoText, Content::Text))
}
