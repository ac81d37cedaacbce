//! The file of gaps: `TTLGAP`, 0, the version, then a record for each gap, framed as in the log, JSON inside.
//!
//! Invariant: reading never panics, whatever the bytes are.

use std::io;

use app::model::KnownGap;

use crate::store::layout::{GAPS_MAGIC, VERSION_AT};
use crate::store::log::record::HEAD;
use crate::store::log::replay::record_at;

/// Why a file is not, or not only, what was written.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::store) enum Unreadable {
    /// A later version has written it.
    Newer(u8),
    /// In words.
    Damaged(String),
}

/// What is written.
pub(super) fn bytes(gaps: &[KnownGap]) -> io::Result<Vec<u8>> {
    let mut bytes = GAPS_MAGIC.to_vec();
    for gap in gaps {
        let payload = serde_json::to_vec(gap)?;
        let len = u32::try_from(payload.len()).map_err(io::Error::other)?;
        bytes.reserve(HEAD + payload.len());
        bytes.extend(len.to_le_bytes());
        bytes.extend(crc32fast::hash(&payload).to_le_bytes());
        bytes.extend(payload);
    }
    Ok(bytes)
}

/// Hands on every gap that is whole, and says whether that is all there was.
pub(in crate::store) fn read(bytes: &[u8], mut each: impl FnMut(KnownGap)) -> Result<(), Unreadable> {
    let damaged = |says: String| Err(Unreadable::Damaged(says));
    let Some((head, _)) = bytes.split_at_checked(GAPS_MAGIC.len()) else {
        return damaged("it is too short".to_owned());
    };
    if head != GAPS_MAGIC {
        return match head.get(VERSION_AT) {
            Some(&version) if head.starts_with(&GAPS_MAGIC[..VERSION_AT]) && version > GAPS_MAGIC[VERSION_AT] => {
                Err(Unreadable::Newer(version))
            }
            _ => damaged("it does not begin as it should".to_owned()),
        };
    }
    let (mut at, mut unread) = (GAPS_MAGIC.len(), 0);
    while at < bytes.len() {
        let Some((payload, next)) = record_at(bytes, at) else {
            return damaged(format!("what follows byte {at} is out of reach"));
        };
        match payload.and_then(|payload| serde_json::from_slice(payload).ok()) {
            Some(gap) => each(gap),
            None => unread += 1,
        }
        at = next;
    }
    if unread == 0 { Ok(()) } else { damaged(format!("records that are not what was written: {unread}")) }
}
