//! Which packed copy of a file a client takes.

/// How a body is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Brotli,
    Gzip,
    /// As it is.
    Plain,
}

/// The best of what there is, by the header `Accept-Encoding`. Between two that are liked the same, brotli is
/// the smaller one.
pub(super) fn choose(accepts: &str, has_brotli: bool, has_gzip: bool) -> Coding {
    let candidates = [(Coding::Brotli, "br", has_brotli), (Coding::Gzip, "gzip", has_gzip)];
    let mut best = (Coding::Plain, 0.0);
    for (coding, name, there) in candidates {
        let liked = liking(accepts, name);
        if there && liked > best.1 {
            best = (coding, liked);
        }
    }
    best.0
}

/// From 0, not at all, to 1.
fn liking(accepts: &str, name: &str) -> f32 {
    let of = |wanted: &str| {
        accepts.split(',').find_map(|part| {
            let mut words = part.split(';').map(str::trim);
            words.next().filter(|coding| coding.eq_ignore_ascii_case(wanted))?;
            let quality = words.find_map(|word| word.strip_prefix("q=").or_else(|| word.strip_prefix("Q=")));
            Some(quality.map_or(1.0, |q| q.trim().parse().unwrap_or(0.0)))
        })
    };
    of(name).or_else(|| of("*")).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::Coding::{Brotli, Gzip, Plain};
    use super::*;

    #[track_caller]
    fn check(accepts: &str, there: (bool, bool), want: Coding) {
        assert_eq!(choose(accepts, there.0, there.1), want, "{accepts} of {there:?}");
    }

    #[test]
    fn the_smallest_that_is_liked_best() {
        let both = (true, true);
        check("gzip, deflate, br, zstd", both, Brotli);
        check("gzip, deflate, br", (false, true), Gzip);
        check("gzip, deflate, br", (false, false), Plain);
        check("gzip", both, Gzip);
        check("", both, Plain);
        check("identity", both, Plain);
        check("br;q=0.5, gzip;q=0.9", both, Gzip);
        check("br;q=0, gzip", both, Gzip);
        check("br; q=0, *", both, Gzip);
        check("*", both, Brotli);
        check("*;q=0", both, Plain);
        check("BR;Q=1", both, Brotli);
        check("br;q=nonsense", both, Plain);
        check("brotli", both, Plain);
    }
}
