//! Columns and open chunks, out of any bytes: no panic, nothing read beside the bytes, nothing lost.
//!
//! The code is included by its path, not by a dependency on the server: that would build the whole of it, with a sanitizer,
//! before the first run. What is done with the bytes stands beside the codec, where a test does the same with the corpus.
#![no_main]

// The folder of this file, in place of one of the module's name, which there is none of.
#[path = "."]
mod store {
    #[path = "../../server/src/store/codec/any_bytes.rs"]
    mod any_bytes;
    #[path = "../../server/src/store/codec/mod.rs"]
    mod codec;

    // `any_bytes` finds these one module up, here as there.
    use codec::{OpenChunk, decode_times, decode_values, encode_times, encode_values};

    pub fn survive(bytes: &[u8]) {
        any_bytes::survive(bytes);
    }
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| store::survive(bytes));
