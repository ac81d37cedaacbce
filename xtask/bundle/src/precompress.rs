//! Every file once more in brotli and once more in gzip, both as small as they get.

use crate::files;
use anyhow::{Context, Result};
use flate2::{Compression, write::GzEncoder};
use std::io::Write;
use std::path::Path;

/// Puts `X.br` and `X.gz` beside every `X` of a folder.
pub(crate) fn folder(folder: &Path) -> Result<()> {
    for path in files::below(folder)? {
        if path.extension().is_some_and(|extension| extension == "br" || extension == "gz") {
            continue;
        }
        let bytes = files::read(&path)?;
        let write = |extension: &str, bytes: Result<Vec<u8>>| {
            let to = path.with_added_extension(extension);
            files::write_if_changed(&to, &bytes.with_context(|| format!("compressing {}", path.display()))?)
        };
        write("br", brotli(&bytes))?;
        write("gz", gzip(&bytes))?;
    }
    Ok(())
}

fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let params = brotli::enc::BrotliEncoderParams { quality: 11, size_hint: bytes.len(), ..Default::default() };
    let mut out = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut out, &params)?;
    Ok(out)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn what_is_compressed_comes_back() {
        let text = "the same words, over and over; ".repeat(200);
        let (br, gz) = (brotli(text.as_bytes()).unwrap(), gzip(text.as_bytes()).unwrap());
        assert!(br.len() < gz.len() && gz.len() < text.len() / 10, "{} {}", br.len(), gz.len());
        let mut back = String::new();
        flate2::read::GzDecoder::new(&*gz).read_to_string(&mut back).unwrap();
        assert_eq!(back, text);
        let mut back = Vec::new();
        brotli::BrotliDecompress(&mut &*br, &mut back).unwrap();
        assert_eq!(back, text.as_bytes());
    }
}
