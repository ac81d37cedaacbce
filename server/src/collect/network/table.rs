//! Counts connections from `/proc/net/tcp` and `tcp6`, where the kernel refuses to be asked: proc_net(5).
//! The kernel looks up and prints much that nobody asked for, so this takes several times as long.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::PathBuf;

use super::CollectError;
use super::connections::Counts;

const BUFFER_BYTES: usize = 64 * 1024;

/// Reads line by line: a table of 50,000 connections is 7 MB of text.
#[derive(Debug)]
pub(super) struct Table {
    folder: PathBuf,
    line: Vec<u8>,
}

impl Table {
    pub(super) fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), line: Vec::new() }
    }

    /// Counts every connection there is. A machine without IPv6 has no file for it.
    pub(super) fn count(&mut self, counts: &mut Counts) -> Result<(), CollectError> {
        counts.clear();
        for (name, may_be_missing) in [("tcp", false), ("tcp6", true)] {
            let path = self.folder.join(name);
            match self.count_file(&path, counts) {
                Err(e) if may_be_missing && e.kind() == io::ErrorKind::NotFound => {}
                read => read.map_err(|e| CollectError::read(path.display().to_string(), e))?,
            }
        }
        Ok(())
    }

    fn count_file(&mut self, path: &std::path::Path, counts: &mut Counts) -> io::Result<()> {
        let mut lines = BufReader::with_capacity(BUFFER_BYTES, File::open(path)?);
        loop {
            self.line.clear();
            if lines.read_until(b'\n', &mut self.line)? == 0 {
                return Ok(());
            }
            if let Some((state, port)) = parse(&self.line) {
                counts.add(state, port);
            }
        }
    }
}

/// State and local port. The line of headings, and one that is cut, have none.
fn parse(line: &[u8]) -> Option<(u8, u16)> {
    let mut columns = line.split(u8::is_ascii_whitespace).filter(|column| !column.is_empty());
    let local = columns.nth(1)?;
    let port = local.split(|b| *b == b':').nth(1)?;
    let state = columns.nth(1)?;
    if port.len() != 4 || state.len() != 2 {
        return None;
    }
    let state = u8::from_str_radix(str::from_utf8(state).ok()?, 16).ok()?;
    let port = u16::from_str_radix(str::from_utf8(port).ok()?, 16).ok()?;
    Some((state, port))
}

#[cfg(test)]
mod tests {
    use super::super::connections::describe;
    use super::*;

    const HEADINGS: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n";

    /// `want`: what is counted, for all and for port 8080 besides.
    #[track_caller]
    fn check(tcp: Option<&str>, tcp6: Option<&str>, want: Result<&str, &str>) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [("tcp", tcp), ("tcp6", tcp6)] {
            let text = text.map(|lines| format!("{HEADINGS}{lines}"));
            text.map_or(Ok(()), |text| std::fs::write(folder.path().join(name), text)).unwrap();
        }
        let mut counts = Counts::new(vec![8080]);
        let counted = Table::new(folder.path()).count(&mut counts);
        let got = counted.map(|()| describe(&counts)).map_err(|e| e.to_string());
        match want {
            Ok(want) => assert_eq!(got.unwrap(), want),
            Err(want) => assert!(got.unwrap_err().ends_with(want)),
        }
    }

    const V4: &str = "   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 19 1\n   \
        1: 0100007F:1F90 0100007F:A0B2 01 00000000:00000000 00:00000000 00000000     0        0 20 1\n   \
        2: 0100007F:A0B2 0100007F:1F90 06 00000000:00000000 03:00000E10 00000000     0        0 0 3\n";
    const V6: &str =
        "   0: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A 00000000:0\n";

    #[test]
    fn both_families_are_one_count() {
        let v4 = "ESTABLISHED:1 TIME_WAIT:1 LISTEN:1 8080/ESTABLISHED:1 8080/LISTEN:1";
        check(Some(V4), None, Ok(v4));
        check(Some(V4), Some(""), Ok(v4));
        let both = "ESTABLISHED:1 TIME_WAIT:1 LISTEN:2 8080/ESTABLISHED:1 8080/LISTEN:2";
        check(Some(V4), Some(V6), Ok(both));
        check(Some(""), Some(""), Ok(""));
    }

    #[test]
    fn a_cut_line_is_none_and_a_missing_table_is_told() {
        check(Some("   0: 0100007F:1F90 0100007F:A0B2 0"), None, Ok(""));
        check(Some("   0: 0100007F:1F9"), None, Ok(""));
        check(Some("\n\n  : : : :\n"), None, Ok(""));
        check(None, Some(V6), Err("tcp cannot be read: No such file or directory (os error 2)"));
    }
}
