//! A file of `/proc` or `/sys` that is read again and again: its handle and its buffer are kept.
//!
//! May not know: what the text means.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use super::CollectError;

/// Most of these files fit, so that one read and one that finds the end are enough.
const FIRST_BYTES: usize = 4096;

/// Each reading starts at the beginning of the file, where the kernel writes the text anew.
#[derive(Debug)]
pub(super) struct KernelFile {
    path: PathBuf,
    file: Option<File>,
    buffer: Vec<u8>,
}

impl KernelFile {
    /// Opens nothing yet.
    pub(super) fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), file: None, buffer: Vec::new() }
    }

    /// All of it, as it is now.
    pub(super) fn text(&mut self) -> Result<&str, CollectError> {
        let read = self.fill();
        let what = || self.path.display().to_string();
        let length = read.map_err(|e| CollectError::read(what(), e))?;
        let text = self.buffer.get(..length).unwrap_or_default();
        str::from_utf8(text).map_err(|e| CollectError::not_understood(what(), e.to_string()))
    }

    /// The same; nothing where the file does not exist, such as on a kernel built without it.
    pub(super) fn text_if_there(&mut self) -> Result<Option<&str>, CollectError> {
        match self.text() {
            Ok(text) => Ok(Some(text)),
            Err(CollectError::Read { source, .. }) if is_missing(&source) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A handle that fails belongs to something that went away; it may have come back under its name.
    fn fill(&mut self) -> io::Result<usize> {
        if let Some(file) = &self.file {
            if let Ok(length) = read_all(file, &mut self.buffer) {
                return Ok(length);
            }
            self.file = None;
        }
        let file = File::open(&self.path)?;
        let length = read_all(&file, &mut self.buffer)?;
        self.file = Some(file);
        Ok(length)
    }
}

/// Whether it says that there is no such thing. Pressure files of a kernel told not to measure exist and
/// answer `EOPNOTSUPP`.
fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::Unsupported)
}

/// The number of bytes that are in `buffer`, which only grows. A short read is no sign of the end.
fn read_all(file: &File, buffer: &mut Vec<u8>) -> io::Result<usize> {
    let mut length = 0;
    loop {
        if length == buffer.len() {
            buffer.resize((length * 2).max(FIRST_BYTES), 0);
        }
        match file.read_at(buffer.get_mut(length..).unwrap_or_default(), u64::try_from(length).unwrap_or(u64::MAX)) {
            Ok(0) => return Ok(length),
            Ok(more) => length += more,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reading_is_a_new_one_whatever_its_length() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        let mut file = KernelFile::new(&path);
        assert!(file.text().unwrap_err().to_string().contains("f cannot be read"));
        assert_eq!(file.text_if_there().unwrap(), None);
        for text in ["short".to_owned(), "x".repeat(3 * FIRST_BYTES), String::new(), "y".repeat(FIRST_BYTES)] {
            std::fs::write(&path, &text).unwrap();
            assert_eq!(file.text().unwrap(), text);
        }
        std::fs::write(&path, [0xff]).unwrap();
        assert!(file.text().unwrap_err().to_string().contains("not understood"));
    }

    #[test]
    fn the_kernel_s_files_are_read_to_their_end() {
        for path in ["/proc/stat", "/proc/meminfo", "/proc/vmstat", "/proc/net/snmp"] {
            let mut file = KernelFile::new(path);
            let lines = file.text().unwrap().lines().count();
            assert_eq!(file.text().unwrap().lines().count(), lines, "{path}");
            assert_eq!(std::fs::read_to_string(path).unwrap().lines().count(), lines, "{path}");
        }
    }
}
