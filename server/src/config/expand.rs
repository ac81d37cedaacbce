//! `${NAME}` and `${NAME:-default}` inside a string, after parsing, so that no value can add keys.
//!
//! May not know: the environment, which is an argument.

/// Tells the value of a variable.
pub type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What a string has become.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Expanded {
    /// With the values in place.
    pub(crate) value: String,
    /// Whether there was anything to put in.
    pub(crate) touched: bool,
}

/// Why a string stays what it is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unexpanded {
    /// A variable that is not set and has no default.
    Unset(String),
    /// `${` with something behind it that is not understood.
    Malformed(&'static str),
}

/// Puts the values of variables into `raw`. As in a shell, `:-` counts an empty variable as not set.
///
/// # Errors
/// Where one is not set or not understood.
pub(crate) fn expand(raw: &str, env: Env<'_>) -> Result<Expanded, Unexpanded> {
    let mut rest = raw;
    let mut value = String::new();
    let mut touched = false;
    while let Some((before, after)) = rest.split_once("${") {
        let (inside, behind) = after.split_once('}').ok_or(Unexpanded::Malformed("a ${ without its }"))?;
        value.push_str(before);
        value.push_str(&variable(inside, env)?);
        touched = true;
        rest = behind;
    }
    value.push_str(rest);
    Ok(Expanded { value, touched })
}

fn variable(inside: &str, env: Env<'_>) -> Result<String, Unexpanded> {
    let (name, default) = inside.split_once(":-").map_or((inside, None), |(name, default)| (name, Some(default)));
    let mut chars = name.chars();
    let starts = chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    if !starts || !chars.all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Err(Unexpanded::Malformed("${} around something that is not the name of a variable"));
    }
    if default.is_some_and(|text| text.contains("${")) {
        return Err(Unexpanded::Malformed("a ${} whose default holds another one"));
    }
    let set = env(name);
    match default {
        Some(default) => Ok(set.filter(|value| !value.is_empty()).unwrap_or_else(|| default.to_owned())),
        None => set.ok_or_else(|| Unexpanded::Unset(name.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With `A=1`, `EMPTY=` and `TRICKY=${A}`.
    fn of(raw: &str) -> Result<Expanded, Unexpanded> {
        let env = |name: &str| match name {
            "A" => Some("1".to_owned()),
            "EMPTY" => Some(String::new()),
            "TRICKY" => Some("${A}\"}".to_owned()),
            _ => None,
        };
        expand(raw, &env)
    }

    #[track_caller]
    fn check(raw: &str, want: &str) {
        assert_eq!(of(raw).map(|e| e.value), Ok(want.to_owned()), "{raw}");
    }

    #[test]
    fn variables_are_put_in_and_what_they_hold_is_left_alone() {
        check("plain $A $5 {A}", "plain $A $5 {A}");
        check("${A}", "1");
        check("x${A}y${A}z", "x1y1z");
        check("${B:-none} ${A:-none} ${EMPTY:-none}", "none 1 none");
        check("${EMPTY}", "");
        check("${B:-}", "");
        check("${TRICKY}", "${A}\"}");
        assert_eq!(of("a").map(|e| e.touched), Ok(false));
        assert_eq!(of("${B:-a}").map(|e| e.touched), Ok(true));
    }

    #[test]
    fn what_cannot_be_put_in_is_said() {
        assert_eq!(of("${B}"), Err(Unexpanded::Unset("B".into())));
        for bad in ["${", "${A", "${}", "${A B}", "${1}", "${B:-${A}}", "${A-x}"] {
            assert!(matches!(of(bad), Err(Unexpanded::Malformed(_))), "{bad}");
        }
    }
}
