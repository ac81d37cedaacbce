//! Bits in a row, in memory: written at the end, read from the start.

/// What has been written. Whole words are in `words`, the rest is in `tail`.
#[derive(Debug, Default, Clone)]
pub(super) struct Bits {
    words: Vec<u64>,
    tail: u64,
    /// Bits in `tail`, from the lowest on; fewer than 64.
    filled: u32,
}

impl Bits {
    /// Appends the low `width` bits of `number`, which has no others; at most 64.
    #[inline]
    pub(super) fn put(&mut self, number: u64, width: u32) {
        self.tail |= number << self.filled;
        let filled = self.filled + width;
        if filled < u64::BITS {
            self.filled = filled;
            return;
        }
        self.grow();
        self.words.push(self.tail);
        // Nothing is left where the word began empty, and then the shift would be one by all of its bits.
        self.tail = number.checked_shr(u64::BITS - self.filled).unwrap_or(0);
        self.filled = filled - u64::BITS;
    }

    /// Makes room by a quarter: thousands of chunks grow at the same time, and doubling would waste a quarter of them.
    fn grow(&mut self) {
        if self.words.len() == self.words.capacity() {
            self.words.reserve_exact((self.words.len() / 4).max(4));
        }
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.words.capacity() * size_of::<u64>()
    }

    /// Forgets everything, and keeps room for `words` words at most.
    pub(super) fn clear(&mut self, words: usize) {
        self.words.clear();
        self.words.shrink_to(words);
        (self.tail, self.filled) = (0, 0);
    }

    pub(super) fn reader(&self) -> Reader<'_> {
        Reader { bits: self, word: 0, at: 0 }
    }
}

/// Reads [`Bits`]. Behind their end there are zeros.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    bits: &'a Bits,
    /// The word that is being read, and how many of its bits have been.
    word: usize,
    at: u32,
}

impl Reader<'_> {
    /// The next `width` bits, at most 64.
    #[inline]
    pub(super) fn take(&mut self, width: u32) -> u64 {
        let mask = u64::MAX.checked_shr(u64::BITS - width).unwrap_or(0);
        let mut number = self.word(self.word) >> self.at;
        let at = self.at + width;
        if at >= u64::BITS {
            self.word += 1;
            number |= self.word(self.word).checked_shl(u64::BITS - self.at).unwrap_or(0);
        }
        self.at = at % u64::BITS;
        number & mask
    }

    /// Whether the next bit is set.
    #[inline]
    pub(super) fn flag(&mut self) -> bool {
        self.take(1) == 1
    }

    #[inline]
    fn word(&self, at: usize) -> u64 {
        let in_tail = if at == self.bits.words.len() { self.bits.tail } else { 0 };
        self.bits.words.get(at).copied().unwrap_or(in_tail)
    }
}
