//! Segments of the log as a backup may have them: packed by gzip, each in a file of its own. A store that is opened unpacks them.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;

/// Writes bytes packed.
pub(super) fn pack(bytes: &[u8], to: &mut dyn Write) -> io::Result<()> {
    let mut packer = GzEncoder::new(to, Compression::default());
    packer.write_all(bytes)?;
    packer.finish().map(drop)
}

/// What was packed, whole.
pub(super) fn unpack(from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    MultiGzDecoder::new(from).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The same of a file.
pub(super) fn unpack_file(path: &Path) -> io::Result<Vec<u8>> {
    unpack(File::open(path)?)
}

/// Whether it is the packed bytes that are at fault, and not the disk.
pub(super) fn is_damage(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::InvalidData | ErrorKind::UnexpectedEof)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_back_and_what_is_damaged_is_known_as_that() {
        let bytes: Vec<u8> = (0..9999_u32).flat_map(|n| (n / 7).to_le_bytes()).collect();
        let mut packed = Vec::new();
        pack(&bytes, &mut packed).unwrap();
        assert!(packed.len() * 3 < bytes.len());
        assert_eq!(unpack(&*packed).unwrap(), bytes);
        let end = packed.len();
        assert!(is_damage(&unpack(&packed[..end - 1]).unwrap_err()), "cut off");
        for at in [0, 2, 200, end - 6, end - 1] {
            let mut spoilt = packed.clone();
            spoilt[at] ^= 4;
            assert!(is_damage(&unpack(&*spoilt).unwrap_err()), "byte {at}");
        }
        assert!(!is_damage(&unpack_file(Path::new("/nonexistent")).unwrap_err()));
    }
}
