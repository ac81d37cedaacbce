//! One call of the kernel that nothing else in the tree offers: how its clock is kept. It is only read.

#![expect(unsafe_code, reason = "adjtimex(2) has no safe wrapper in rustix")]

use std::io;

/// The state of the kernel's clock, as adjtimex(2) has it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Clock {
    /// What the call returned, such as [`libc::TIME_ERROR`].
    pub(super) state: i32,
    /// `STA_…` flags.
    pub(super) status: i32,
    /// How far the clock still has to be moved; nanoseconds with `STA_NANO`, else microseconds.
    pub(super) offset: libc::c_long,
    /// How wrong it can be at the most, in microseconds.
    pub(super) max_error: libc::c_long,
}

/// Asks for it and changes nothing.
pub(super) fn read() -> io::Result<Clock> {
    // SAFETY: `timex` is a C structure of integers, for which all zeroes are a value. `modes` is 0 in it, so the
    // kernel changes nothing of its own; it fills the structure, which lives until after the call.
    let (state, timex) = unsafe {
        let mut timex: libc::timex = std::mem::zeroed();
        (libc::adjtimex(&raw mut timex), timex)
    };
    if state < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(Clock { state, status: timex.status, offset: timex.offset, max_error: timex.maxerror })
}
