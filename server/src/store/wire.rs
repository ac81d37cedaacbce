//! How numbers and names are written in files: variable-length integers, and bytes after their length.
//!
//! Invariant: reading never panics and allocates no more than the bytes at hand, whatever they are.

/// What cannot be: the bytes are not what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed;

/// Seven bits a byte, the lowest first; the top bit says that more follow (LEB128).
#[expect(clippy::cast_possible_truncation, reason = "the seven lowest bits")]
pub(super) fn put_u64(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Small numbers of either sign are short (zigzag).
pub(super) fn put_i64(out: &mut Vec<u8>, number: i64) {
    put_u64(out, ((number << 1) ^ (number >> 63)).cast_unsigned());
}

pub(super) fn put_len(out: &mut Vec<u8>, len: usize) {
    put_u64(out, len as u64);
}

pub(super) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_len(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

/// Takes bytes from the front.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn byte(&mut self) -> Result<u8, Malformed> {
        let (&first, rest) = self.0.split_first().ok_or(Malformed)?;
        self.0 = rest;
        Ok(first)
    }

    pub(super) fn bytes(&mut self, len: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(len).ok_or(Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(Malformed)?;
        self.0 = rest;
        Ok(*taken)
    }

    pub(super) fn u64(&mut self) -> Result<u64, Malformed> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            if shift == 63 && byte > 1 {
                return Err(Malformed);
            }
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(Malformed)
    }

    pub(super) fn i64(&mut self) -> Result<i64, Malformed> {
        let zigzag = self.u64()?;
        Ok((zigzag >> 1).cast_signed() ^ -(zigzag & 1).cast_signed())
    }

    pub(super) fn u32(&mut self) -> Result<u32, Malformed> {
        self.u64()?.try_into().map_err(|_| Malformed)
    }

    /// A number of things that follow, each of at least one byte: never more than there are bytes.
    pub(super) fn len(&mut self) -> Result<usize, Malformed> {
        let len = usize::try_from(self.u64()?).map_err(|_| Malformed)?;
        if len > self.0.len() { Err(Malformed) } else { Ok(len) }
    }

    pub(super) fn text(&mut self) -> Result<&'a str, Malformed> {
        let len = self.len()?;
        std::str::from_utf8(self.bytes(len)?).map_err(|_| Malformed)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_was_put_is_read(numbers in prop::collection::vec(any::<i64>(), 0..20), text in ".*") {
            let mut out = Vec::new();
            for &number in &numbers {
                put_i64(&mut out, number);
                put_u64(&mut out, number.cast_unsigned() >> (number & 63));
            }
            put_text(&mut out, &text);
            let mut reader = Reader(&out);
            for &number in &numbers {
                prop_assert_eq!(reader.i64(), Ok(number));
                prop_assert_eq!(reader.u64(), Ok(number.cast_unsigned() >> (number & 63)));
            }
            prop_assert_eq!(reader.text(), Ok(&*text));
            prop_assert!(reader.is_empty());
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let mut reader = Reader(&bytes);
            while reader.u64().is_ok() {}
            let mut reader = Reader(&bytes);
            while reader.text().is_ok() {}
            prop_assert!(Reader(&bytes).len().is_ok_and(|len| len < bytes.len()) || Reader(&bytes).len().is_err());
        }
    }

    #[test]
    fn a_number_of_more_than_64_bits_is_refused() {
        assert_eq!(Reader(&[0xff; 9]).u64(), Err(Malformed));
        assert_eq!(Reader(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]).u64(), Ok(u64::MAX));
        assert_eq!(Reader(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2]).u64(), Err(Malformed));
    }
}
