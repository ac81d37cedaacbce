//! `security`: who may ask, how often, and from which pages.

use crate::config::read::{Formed, Free, ListOf, OneOf, Private, Section, Whole, choice};
use crate::secret::{Secret, Text};

/// `security`.
#[derive(Debug)]
pub struct Security {
    /// Who may ask.
    pub authentication: Authentication,
    /// How often.
    pub rate_limiting: RateLimiting,
    /// From which pages.
    pub cors: Cors,
}

/// `security.authentication`.
#[derive(Debug)]
pub struct Authentication {
    /// Whether people log in; none where nobody has decided.
    pub enabled: Option<bool>,
    /// How.
    pub kind: Login,
    /// Who.
    pub username: Text,
    /// With which password.
    pub password: Option<Secret>,
}

/// How people log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Login {
    /// With a name and a password.
    Basic,
}

choice!(Login { "basic" => Basic });

/// `security.rate_limiting`.
#[derive(Debug)]
pub struct RateLimiting {
    /// Whether there is a limit.
    pub enabled: bool,
    /// Requests of one address.
    pub requests_per_minute: u32,
    /// Requests at once on top.
    pub burst_size: u32,
}

/// `security.cors`.
#[derive(Debug)]
pub struct Cors {
    /// Whether pages of other origins may ask.
    pub enabled: bool,
    /// Which; `*` is all.
    pub allowed_origins: Vec<Text>,
    /// With which methods.
    pub allowed_methods: Vec<Text>,
    /// With which headers.
    pub allowed_headers: Vec<Text>,
}

const ORIGIN: Formed = Formed {
    allowed: "\"*\", or http:// or https:// with a host and perhaps a port, such as \"https://example.org\"",
    good: |text| {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or_default();
        let host = !rest.is_empty() && !rest.contains(|c: char| "/?#@".contains(c) || c.is_whitespace());
        text == "*" || host
    },
};

const METHOD: Formed = Formed {
    allowed: "a method in capitals, such as \"GET\"",
    good: |text| !text.is_empty() && text.chars().all(|c| c.is_ascii_uppercase()),
};

const HEADER: Formed = Formed {
    allowed: "the name of a header",
    good: |text| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_*".contains(c)),
};

impl Security {
    pub(super) fn read(s: &mut Section<'_>) -> Self {
        Self {
            authentication: s.section("authentication", "Logins.", Authentication::read),
            rate_limiting: s.section("rate_limiting", "A limit on the requests of one address.", RateLimiting::read),
            cors: s.section("cors", "Pages of other origins.", Cors::read),
        }
    }
}

impl Authentication {
    fn read(s: &mut Section<'_>) -> Self {
        let enabled = s.maybe_switch(
            "Whether people log in. This version has no logins and refuses true; false says that whoever reaches the \
             port may see everything.",
        );
        if enabled == Some(true) {
            // A promise that is not kept would be worse than none.
            s.at_key("enabled").refuse("true", "false: this version has no logins");
        }
        Self {
            enabled,
            kind: s.or("type", &OneOf::NEW, Login::Basic, "How people log in."),
            username: s.or("username", &Free, Text::open("admin"), "Who."),
            password: s.maybe("password", &Private::KEY, "${DASHBOARD_PASSWORD}", "With which password."),
        }
    }
}

impl RateLimiting {
    fn read(s: &mut Section<'_>) -> Self {
        Self {
            enabled: s.switch(false, "Whether there is a limit."),
            requests_per_minute: s.or("requests_per_minute", &Whole(1..=10_000_000_u32), 60, "Requests in a minute."),
            burst_size: s.or("burst_size", &Whole(0..=1_000_000_u32), 10, "Requests at once on top."),
        }
    }
}

impl Cors {
    fn read(s: &mut Section<'_>) -> Self {
        let word = |word: &str| vec![Text::open(word)];
        Self {
            enabled: s.switch(false, "Whether pages of other origins may ask."),
            allowed_origins: s.or("allowed_origins", &ListOf(ORIGIN), Vec::new(), "Which; \"*\" is all."),
            allowed_methods: s.or("allowed_methods", &ListOf(METHOD), word("GET"), "With which methods."),
            allowed_headers: s.or("allowed_headers", &ListOf(HEADER), word("Content-Type"), "With which headers."),
        }
    }
}
