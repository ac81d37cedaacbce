//! Segments of the log, out of any bytes: no panic, nothing read beside the bytes, nothing made up.
//!
//! The code is included by its path, as for `chunk`.
#![no_main]

// The folder of this file, in place of one of the module's name, which there is none of.
#[path = "."]
mod store {
    #[path = "../../server/src/store/files.rs"]
    pub mod files;
    #[path = "../../server/src/store/layout.rs"]
    pub mod layout;
    #[path = "../../server/src/store/wire.rs"]
    pub mod wire;

    #[path = "."]
    mod log {
        #[path = "../../server/src/store/log/any_bytes.rs"]
        mod any_bytes;
        #[path = "../../server/src/store/log/record.rs"]
        pub mod record;
        #[path = "../../server/src/store/log/replay.rs"]
        pub mod replay;

        /// As in the log itself.
        pub fn opening(segment: u64) -> [u8; 16] {
            let mut bytes = [0; 16];
            bytes[..8].copy_from_slice(&super::layout::SEGMENT_MAGIC);
            bytes[8..].copy_from_slice(&segment.to_le_bytes());
            bytes
        }

        pub fn survive(bytes: &[u8]) {
            any_bytes::survive(bytes);
        }
    }

    pub fn survive(bytes: &[u8]) {
        log::survive(bytes);
    }
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| store::survive(bytes));
