//! Blocks as they are written and read.
