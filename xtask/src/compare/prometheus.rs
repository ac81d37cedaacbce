//! The text in which node_exporter answers.

use super::reading::{Labels, Series};

/// What it says of states in which nothing is: nothing at all.
const STATES: [(&str, &[&str]); 2] = [
    ("node_tcp_connection_states", &super::kernel::STATES),
    ("node_processes_state", &["running", "sleeping", "disk_sleep", "stopped", "zombie", "idle", "other"]),
];

/// Every sample of a text; a line that is none is left out.
pub(super) fn parse(text: &str) -> Vec<Series> {
    let samples = text.lines().filter(|line| !line.starts_with('#')).filter_map(sample).map(named_as_ours);
    let mut all: Vec<Series> = samples.collect();
    for (name, states) in STATES {
        if all.iter().any(|one| one.name == name) {
            all.extend(states.iter().map(|state| Series::new(name, [("state", *state)], 0.0)));
        }
    }
    all
}

fn sample(line: &str) -> Option<Series> {
    let (name, rest) = line.split_at(line.find(['{', ' '])?);
    let (labels, value) = match rest.strip_prefix('{') {
        Some(rest) => labels(rest)?,
        None => (Labels::new(), rest),
    };
    let value = value.split_whitespace().next()?.parse().ok()?;
    Some(Series { name: name.to_owned(), labels, value })
}

/// What stands between the braces, and what follows them.
fn labels(text: &str) -> Option<(Labels, &str)> {
    let (mut labels, mut rest) = (Labels::new(), text);
    loop {
        rest = rest.trim_start_matches(',');
        if let Some(after) = rest.strip_prefix('}') {
            return Some((labels, after));
        }
        let (name, after) = rest.split_once("=\"")?;
        let (mut value, mut escaped, mut end) = (String::new(), false, None);
        for (at, c) in after.char_indices() {
            match c {
                _ if escaped => {
                    value.push(if c == 'n' { '\n' } else { c });
                    escaped = false;
                }
                '\\' => escaped = true,
                '"' => {
                    end = Some(at);
                    break;
                }
                c => value.push(c),
            }
        }
        labels.insert(name.to_owned(), value);
        rest = after.get(end? + 1..)?;
    }
}

/// States of connections and of processes have other names there.
fn named_as_ours(mut series: Series) -> Series {
    let letters = [
        ("R", "running"),
        ("S", "sleeping"),
        ("D", "disk_sleep"),
        ("T", "stopped"),
        ("t", "stopped"),
        ("Z", "zombie"),
        ("I", "idle"),
    ];
    if let Some(state) = series.labels.get_mut("state") {
        match series.name.as_str() {
            "node_tcp_connection_states" => *state = state.to_uppercase(),
            "node_processes_state" => {
                let name = letters.iter().find(|(letter, _)| letter == state);
                *state = name.map_or("other", |(_, name)| name).to_owned();
            }
            _ => {}
        }
    }
    series
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_found() {
        let text = "# HELP a b\na 1\nb{x=\"1\",y=\"a\\\"b\\\\,}\"} 2.5e+3 1700000000\nbroken{x=\"1\n\n";
        let want = [Series::new("a", [], 1.0), Series::new("b", [("x", "1"), ("y", "a\"b\\,}")], 2500.0)];
        assert_eq!(parse(text), want);
    }

    #[test]
    fn states_have_our_names_and_none_is_missing() {
        let of = |text: &str, state: &str| {
            let all = parse(text);
            let fits = |one: &&Series| one.labels.get("state").is_some_and(|has| has == state);
            all.iter().filter(fits).map(|one| one.value).reduce(|a, b| a + b)
        };
        let text = "node_tcp_connection_states{state=\"fin_wait1\"} 4\n";
        assert_eq!((of(text, "FIN_WAIT1"), of(text, "CLOSING"), of("", "CLOSING")), (Some(4.0), Some(0.0), None));
        assert_eq!(of("node_processes_state{state=\"D\"} 2\n", "disk_sleep"), Some(2.0));
    }
}
