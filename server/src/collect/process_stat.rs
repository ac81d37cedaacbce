//! `/proc/PID/stat`: what the kernel says of one process, in one line. Described in proc_pid_stat(5).

use std::borrow::Cow;

/// The kernel's own threads have it (linux/sched.h).
const PF_KTHREAD: u64 = 0x0020_0000;

/// Columns after the name of which any is needed: the last is the resident memory.
const COLUMNS: usize = 22;

/// What of the line anybody asks for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stat<'a> {
    /// At most 15 bytes of it, as the kernel keeps it; of a kernel thread what is before the first `/`,
    /// since the rest changes with what it works at.
    pub(super) name: Cow<'a, str>,
    /// The kernel's letter.
    pub(super) state: u8,
    /// Spent in user mode and in the kernel, since the start.
    pub(super) cpu_ticks: u64,
    pub(super) threads: u64,
    /// Since the machine started; with its number it tells the process from all others.
    pub(super) start_ticks: u64,
    pub(super) virtual_bytes: u64,
    pub(super) resident_pages: u64,
}

/// Nothing where the line is cut. The name is in parentheses and may hold any of them itself.
pub(super) fn parse(line: &[u8]) -> Option<Stat<'_>> {
    let opens = line.iter().position(|b| *b == b'(')?;
    let closes = line.iter().rposition(|b| *b == b')')?;
    let name = line.get(opens + 1..closes)?;
    let rest = str::from_utf8(line.get(closes + 1..)?).ok()?;
    let mut words = rest.split_ascii_whitespace();
    let state = *words.next()?.as_bytes().first()?;
    let mut columns = [0_u64; COLUMNS - 1];
    for column in &mut columns {
        // Some may be negative, and none of those is asked for.
        let word = words.next()?;
        *column = word.parse().or_else(|_| word.parse::<i64>().map(|_| 0)).ok()?;
    }
    let [_, _, _, _, _, flags, _, _, _, _, user, system, _, _, _, _, threads, _, start_ticks, virtual_bytes, resident] =
        columns;
    let name = if flags & PF_KTHREAD == 0 { name } else { name.split(|b| *b == b'/').next().unwrap_or(name) };
    Some(Stat {
        name: String::from_utf8_lossy(name),
        state,
        cpu_ticks: user.saturating_add(system),
        threads,
        start_ticks,
        virtual_bytes,
        resident_pages: resident,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const REST: &str = "1 1 1 0 -1 4194304 101 0 0 0 30 12 0 0 20 0 7 0 198813 3133440 416 18446744073709551615 1 2";

    /// `want`: name, state, ticks, threads, start, bytes, pages; `-` where nothing can be told.
    #[track_caller]
    fn check(line: &[u8], want: &str) {
        let got = parse(line).map_or("-".to_owned(), |s| {
            let state = char::from(s.state);
            let (ticks, threads, start, bytes, pages) =
                (s.cpu_ticks, s.threads, s.start_ticks, s.virtual_bytes, s.resident_pages);
            format!("{} {state} {ticks} {threads} {start} {bytes} {pages}", s.name)
        });
        assert_eq!(got, want);
    }

    #[test]
    fn names_may_hold_anything() {
        check(format!("7 (cat) R {REST}\n").as_bytes(), "cat R 42 7 198813 3133440 416");
        check(format!("7 (a) (b)) S {REST}").as_bytes(), "a) (b) S 42 7 198813 3133440 416");
        check(format!("7 () Z {REST}").as_bytes(), " Z 42 7 198813 3133440 416");
        let kernel = REST.replace("4194304", "69238880");
        check(format!("7 (kworker/0:1-events) I {kernel}").as_bytes(), "kworker I 42 7 198813 3133440 416");
        check(format!("7 (php/fpm) S {REST}").as_bytes(), "php/fpm S 42 7 198813 3133440 416");
        let odd = [b"7 (\xff) S ", REST.as_bytes()].concat();
        check(&odd, "\u{fffd} S 42 7 198813 3133440 416");
    }

    #[test]
    fn a_cut_line_is_none() {
        let line = format!("7 (cat) R {}", REST.replace(" 416 18446744073709551615 1 2", ""));
        (0..line.len()).for_each(|length| check(&line.as_bytes()[..length], "-"));
        check(line.replace("198813", "x").as_bytes(), "-");
    }
}
