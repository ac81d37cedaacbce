//! What to try next for the WASM target: a pure decision.

/// What is known so far.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Facts {
    /// The toolchain in use compiles WASM.
    pub(super) current: bool,
    /// Debian's toolchain is linked and compiles WASM.
    pub(super) linked: bool,
    /// There is a rustup.
    pub(super) rustup: bool,
    /// We asked it for the target already.
    pub(super) rustup_tried: bool,
    /// There is an apt-get, and we may use it.
    pub(super) apt: bool,
    /// We built Debian's target already.
    pub(super) debian_tried: bool,
}

/// The next thing to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    UseCurrent,
    UseLinked,
    AddWithRustup,
    BuildDebian,
    GiveUp,
}

/// The order: what is there, then what is quick, then what is thorough.
pub(super) fn next(facts: &Facts) -> Next {
    match facts {
        Facts { current: true, .. } => Next::UseCurrent,
        Facts { linked: true, .. } => Next::UseLinked,
        Facts { rustup: true, rustup_tried: false, .. } => Next::AddWithRustup,
        Facts { apt: true, debian_tried: false, .. } => Next::BuildDebian,
        _ => Next::GiveUp,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_attempts() {
        let nothing = Facts::default();
        let check = |facts: Facts, expected| assert_eq!(next(&facts), expected, "{facts:?}");
        // What is there is used, and the caller's own toolchain before ours.
        check(Facts { current: true, linked: true, rustup: true, apt: true, ..nothing }, Next::UseCurrent);
        check(Facts { linked: true, rustup: true, apt: true, ..nothing }, Next::UseLinked);
        // A download is quicker than a build; each is tried once.
        check(Facts { rustup: true, apt: true, ..nothing }, Next::AddWithRustup);
        check(Facts { rustup: true, rustup_tried: true, apt: true, ..nothing }, Next::BuildDebian);
        check(Facts { rustup: true, rustup_tried: true, apt: true, debian_tried: true, ..nothing }, Next::GiveUp);
        // Without rustup, without root.
        check(Facts { apt: true, ..nothing }, Next::BuildDebian);
        check(Facts { rustup: true, rustup_tried: true, ..nothing }, Next::GiveUp);
        check(nothing, Next::GiveUp);
        // An attempt that worked ends the search.
        check(Facts { current: true, rustup: true, rustup_tried: true, ..nothing }, Next::UseCurrent);
        check(Facts { linked: true, rustup: true, rustup_tried: true, debian_tried: true, ..nothing }, Next::UseLinked);
    }
}
