//! The last bytes of a block: where its index lies and what it covers.

use app::model::Timestamp;

use super::BlockError;
use crate::store::layout::{BLOCK_MAGIC, VERSION_AT};
use crate::store::wire::Reader;

/// What the samples of a block stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::store) enum Tier {
    /// Each is one that was appended.
    Raw,
    /// Each is what the points of a minute come to.
    Minute,
    /// Each is what the points of an hour come to.
    Hour,
    /// Each is how the points of a minute are spread.
    MinuteSpread,
    /// Each is how the points of an hour are spread.
    HourSpread,
}

impl Tier {
    /// As it is in names of files.
    pub(in crate::store) fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::MinuteSpread => "minute_spread",
            Self::HourSpread => "hour_spread",
        }
    }

    /// How wide its windows are, in milliseconds; none for raw points.
    pub(in crate::store) fn width_ms(self) -> Option<i64> {
        match self {
            Self::Raw => None,
            Self::Minute | Self::MinuteSpread => Some(60_000),
            Self::Hour | Self::HourSpread => Some(3_600_000),
        }
    }

    /// The one that it is kept as long as.
    pub(in crate::store) fn kept_like(self) -> Self {
        match self {
            Self::MinuteSpread => Self::Minute,
            Self::HourSpread => Self::Hour,
            other => other,
        }
    }

    fn byte(self) -> u8 {
        match self {
            Self::Raw => 0,
            Self::Minute => 1,
            Self::Hour => 2,
            Self::MinuteSpread => 3,
            Self::HourSpread => 4,
        }
    }

    fn of(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::Raw),
            1 => Some(Self::Minute),
            2 => Some(Self::Hour),
            3 => Some(Self::MinuteSpread),
            4 => Some(Self::HourSpread),
            _ => None,
        }
    }
}

/// What a footer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Footer {
    pub(super) tier: Tier,
    /// Of two blocks that have a sample of one moment, the higher one counts.
    pub(super) sequence: u64,
    pub(super) first: Timestamp,
    pub(super) last: Timestamp,
    /// Of windows: the highest sequence of the blocks of points that they were made of. 0 for points.
    pub(super) made_of: u64,
    /// Of windows: points from here on are not in them, in milliseconds. 0 for points.
    pub(super) until: i64,
    pub(super) index_at: u64,
    pub(super) index_len: u32,
    /// Of the index once it is uncompressed.
    pub(super) index_size: u32,
    pub(super) index_crc: u32,
}

/// Bytes of what a footer says; its checksum and the magic number follow.
const BODY: usize = 61;
/// Bytes of a footer.
pub(super) const LEN: usize = BODY + 4 + BLOCK_MAGIC.len();

impl Footer {
    pub(super) fn write(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(LEN);
        bytes.push(self.tier.byte());
        bytes.extend(self.sequence.to_le_bytes());
        bytes.extend(self.first.as_millis().to_le_bytes());
        bytes.extend(self.last.as_millis().to_le_bytes());
        bytes.extend(self.made_of.to_le_bytes());
        bytes.extend(self.until.to_le_bytes());
        bytes.extend(self.index_at.to_le_bytes());
        bytes.extend(self.index_len.to_le_bytes());
        bytes.extend(self.index_size.to_le_bytes());
        bytes.extend(self.index_crc.to_le_bytes());
        bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
        bytes.extend(BLOCK_MAGIC);
        bytes
    }

    pub(super) fn read(bytes: &[u8; LEN]) -> Result<Self, BlockError> {
        let (body, rest) = bytes.split_at(BODY);
        let (crc, magic) = rest.split_at(4);
        if magic[..VERSION_AT] != BLOCK_MAGIC[..VERSION_AT] {
            return Err(BlockError::Damaged("it does not end as a block does"));
        }
        if magic[VERSION_AT] > BLOCK_MAGIC[VERSION_AT] {
            return Err(BlockError::Newer(magic[VERSION_AT]));
        }
        if crc32fast::hash(body).to_le_bytes() != crc {
            return Err(BlockError::Damaged("the footer is not what was written"));
        }
        let mut body = Reader(body);
        let tier = Tier::of(body.byte()?).ok_or(BlockError::Damaged("it is of an unknown tier"))?;
        Ok(Self {
            tier,
            sequence: u64::from_le_bytes(body.array()?),
            first: Timestamp::from_millis(i64::from_le_bytes(body.array()?)),
            last: Timestamp::from_millis(i64::from_le_bytes(body.array()?)),
            made_of: u64::from_le_bytes(body.array()?),
            until: i64::from_le_bytes(body.array()?),
            index_at: u64::from_le_bytes(body.array()?),
            index_len: u32::from_le_bytes(body.array()?),
            index_size: u32::from_le_bytes(body.array()?),
            index_crc: u32::from_le_bytes(body.array()?),
        })
    }
}
