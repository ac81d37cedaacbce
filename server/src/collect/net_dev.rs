//! `/proc/net/dev`: what each network interface has carried.

pub(super) const FILE: &str = "/proc/net/dev";

/// Bytes, packets, errors and drops received, then sent.
pub(super) type Counters = [u64; 8];

/// Two lines of headings, then a line an interface: eight columns received, eight sent. A line that is
/// cut is left out.
pub(super) fn parse(text: &str) -> impl Iterator<Item = (&str, Counters)> {
    text.lines().filter_map(|line| {
        let (name, rest) = line.split_once(':')?;
        let mut columns = [0; 16];
        let mut found = rest.split_ascii_whitespace();
        for column in &mut columns {
            *column = found.next()?.parse().ok()?;
        }
        let [b_in, p_in, e_in, d_in, _, _, _, _, b_out, p_out, e_out, d_out, _, _, _, _] = columns;
        Some((name.trim(), [b_in, p_in, e_in, d_in, b_out, p_out, e_out, d_out]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `want`: each interface with its counters.
    #[track_caller]
    fn check(lines: &str, want: &[(&str, Counters)]) {
        let headings = "Inter-|   Receive                   |  Transmit\n face |bytes    packets errs|bytes\n";
        assert_eq!(parse(&format!("{headings}{lines}")).collect::<Vec<_>>(), want);
    }

    #[test]
    fn lines_of_all_kernels_are_read_and_cut_ones_are_not() {
        check("  eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n", &[("eth0", [1, 2, 3, 4, 9, 10, 11, 12])]);
        // No blank after the colon, as older kernels print it; columns to come; an alias.
        check(
            "eth0:1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\neth1: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17\n",
            &[("eth0", [1, 2, 3, 4, 9, 10, 11, 12]), ("eth1", [1, 2, 3, 4, 9, 10, 11, 12])],
        );
        check("  eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15", &[]);
        check("  eth0: 1 2 3 four 5 6 7 8 9 10 11 12 13 14 15 16\n", &[]);
        check(
            &format!("eth0: {} 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n", u64::MAX),
            &[("eth0", [u64::MAX, 0, 0, 0, 0, 0, 0, 0])],
        );
    }
}
