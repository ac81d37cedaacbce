//! Protocol buffers (<https://protobuf.dev/programming-guides/encoding/>), as far as a write request needs them, read where they lie.
//!
//! Invariant: never panics and allocates nothing, whatever the bytes are.

use super::WriteError;

/// What a message is made of: a field's number, and its content.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value<'a> {
    Number(u64),
    /// Eight bytes, which may be a float.
    Fixed(u64),
    Bytes(&'a [u8]),
}

/// A field of a message.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Field<'a> {
    pub(super) number: u64,
    pub(super) value: Value<'a>,
}

/// The fields of a message, one after the other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

const CUT: WriteError = WriteError::Malformed("it ends in the middle of a field");

impl<'a> Fields<'a> {
    /// The next one; none at the end.
    #[inline]
    pub(super) fn take(&mut self) -> Result<Option<Field<'a>>, WriteError> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let key = self.varint()?;
        let value = match key & 7 {
            0 => Value::Number(self.varint()?),
            1 => Value::Fixed(u64::from_le_bytes(self.array()?)),
            2 => {
                let len = usize::try_from(self.varint()?).map_err(|_| CUT)?;
                let (bytes, rest) = self.0.split_at_checked(len).ok_or(CUT)?;
                self.0 = rest;
                Value::Bytes(bytes)
            }
            5 => Value::Fixed(u32::from_le_bytes(self.array()?).into()),
            _ => return Err(WriteError::Malformed("it has a field of an unknown type")),
        };
        Ok(Some(Field { number: key >> 3, value }))
    }

    #[inline]
    fn varint(&mut self) -> Result<u64, WriteError> {
        // Lengths and keys are of one byte as a rule.
        if let Some((&first, rest)) = self.0.split_first()
            && first < 0x80
        {
            self.0 = rest;
            return Ok(first.into());
        }
        let mut number = 0;
        for (shift, &byte) in (0..64).step_by(7).zip(self.0) {
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                self.0 = self.0.get(shift / 7 + 1..).ok_or(CUT)?;
                return Ok(number);
            }
        }
        Err(CUT)
    }

    #[inline]
    fn array<const N: usize>(&mut self) -> Result<[u8; N], WriteError> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(CUT)?;
        self.0 = rest;
        Ok(*taken)
    }
}

/// A text of at most a few kilobytes, as it is in labels.
pub(super) fn text(value: Value<'_>) -> Result<&str, WriteError> {
    let Value::Bytes(bytes) = value else { return Err(WriteError::Malformed("a text is no text")) };
    std::str::from_utf8(bytes).map_err(|_| WriteError::Malformed("a text is not UTF-8"))
}
