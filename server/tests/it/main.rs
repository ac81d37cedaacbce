//! Integration tests: the real binary, asked over real sockets. One binary, so that it links once.

mod tidy;
