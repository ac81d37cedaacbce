//! `alerting.channels.NAME`: one way to tell people.

use std::collections::BTreeMap;
use std::time::Duration;

use app::alert::Severity;
use serde_json::json;

use super::DAY;
use super::root::flag;
use crate::config::read::{
    Choice, Formed, Free, Host, ListOf, MapOf, OneOf, Private, Seconds, Section, Url, Variant, Whole, choice,
};
use crate::secret::{Secret, Text};

/// One way to tell people.
#[derive(Debug)]
pub struct Channel {
    /// Whether it is used.
    pub enabled: bool,
    /// What is less bad is not told here.
    pub min_severity: Severity,
    /// The least time between two messages.
    pub rate_limit: Duration,
    /// Where messages go.
    pub destination: Destination,
}

/// Where messages go.
#[derive(Debug)]
pub enum Destination {
    /// Mail.
    Email(Email),
    /// A Slack channel.
    Slack(Slack),
    /// A Discord channel.
    Discord(Discord),
    /// PagerDuty, Events v2.
    PagerDuty(PagerDuty),
    /// Any address that takes requests.
    Webhook(Webhook),
}

/// Mail through a server.
#[derive(Debug)]
pub struct Email {
    /// The server.
    pub smtp_server: Text,
    /// Its port.
    pub smtp_port: u16,
    /// Whether the connection is encrypted.
    pub use_tls: bool,
    /// Who logs in, if anybody.
    pub username: Option<Text>,
    /// With which password.
    pub password: Option<Secret>,
    /// Who it is from.
    pub sender_email: Text,
    /// Who it is to.
    pub recipients: Vec<Text>,
}

/// An incoming webhook of Slack.
#[derive(Debug)]
pub struct Slack {
    /// Its address.
    pub webhook_url: Secret,
    /// The channel; none: the webhook's own.
    pub channel: Option<Text>,
    /// Who says it.
    pub username: Text,
    /// With which face.
    pub icon_emoji: Option<Text>,
}

/// A webhook of Discord.
#[derive(Debug)]
pub struct Discord {
    /// Its address.
    pub webhook_url: Secret,
    /// Who says it.
    pub username: Text,
}

/// A service of PagerDuty.
#[derive(Debug)]
pub struct PagerDuty {
    /// The key of the service.
    pub integration_key: Secret,
    /// Where events go.
    pub api_url: Text,
}

/// An address that takes requests.
#[derive(Debug)]
pub struct Webhook {
    /// The address.
    pub webhook_url: Secret,
    /// How it is asked.
    pub method: Method,
    /// What is sent along, by the names of the headers.
    pub headers: BTreeMap<String, Secret>,
    /// The body; none: the JSON that Telltale sends.
    pub template: Option<Text>,
}

/// How an address is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// As a rule.
    Post,
    /// To replace.
    Put,
    /// To change a part.
    Patch,
}

choice!(Method { "POST" => Post, "PUT" => Put, "PATCH" => Patch });

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Email,
    Slack,
    Discord,
    PagerDuty,
    Webhook,
}

choice!(Type {
    "email" => Email, "slack" => Slack, "discord" => Discord, "pagerduty" => PagerDuty, "webhook" => Webhook,
});

const ADDRESS: Formed = Formed {
    allowed: "a mail address, such as ops@example.org",
    good: |text| {
        let parts = text.rsplit_once('@').map(|(who, at)| !who.is_empty() && !at.is_empty());
        parts == Some(true) && !text.contains(|c: char| c.is_whitespace() || c.is_control())
    },
};

const TEMPLATE: Formed = Formed { allowed: "text that is not empty", good: |text| !text.trim().is_empty() };

const SENDER: &str = "Telltale";

impl Channel {
    pub(super) fn read(s: &mut Section<'_>) -> Option<Self> {
        let enabled = s.switch(true, "Whether it is used. Where it is not, its variables need not be set.");
        let min_severity = s.or("min_severity", &OneOf::NEW, Severity::Info, "What is less bad is not told here.");
        let rate_limit = s.or(
            "rate_limit_seconds",
            &Seconds(0.0..=DAY),
            Duration::ZERO,
            "Seconds between two messages at the least.",
        );
        let key = s.name();
        let default = Type::WORDS.iter().find(|(word, _)| *word == key).map(|(_, of)| *of);
        let each: [Variant<'_, Type, Destination>; 5] = [
            (Type::Email, &|s| Email::read(s).map(Destination::Email)),
            (Type::Slack, &|s| Slack::read(s).map(Destination::Slack)),
            (Type::Discord, &|s| Discord::read(s).map(Destination::Discord)),
            (Type::PagerDuty, &|s| PagerDuty::read(s).map(Destination::PagerDuty)),
            (Type::Webhook, &|s| Webhook::read(s).map(Destination::Webhook)),
        ];
        let destination = s.tagged("type", default, "What it is; the name of the channel, unless set.", &each);
        Some(Self { enabled, min_severity, rate_limit, destination: destination? })
    }
}

impl Email {
    fn read(s: &mut Section<'_>) -> Option<Self> {
        let recipients = s.required("recipients", &ListOf(ADDRESS), json!(["ops@example.org"]), "Who it is to.");
        if recipients.as_ref().is_some_and(Vec::is_empty) && s.is_empty_list("recipients") {
            s.at_key("recipients").refuse("an empty list", "one mail address at the least");
        }
        Some(Self {
            smtp_server: s.or("smtp_server", &Host, Text::open("localhost"), "The mail server."),
            smtp_port: s.or("smtp_port", &Whole(1..=u16::MAX), 587, "Its port."),
            use_tls: flag(s, "use_tls", "Whether the connection is encrypted."),
            username: s.maybe("username", &Free, "alerts@example.org", "Who logs in, if anybody."),
            password: s.maybe("password", &Private::KEY, "${SMTP_PASSWORD}", "With which password."),
            sender_email: s.or("sender_email", &ADDRESS, Text::open("telltale@localhost"), "Who it is from."),
            recipients: recipients?,
        })
    }
}

fn webhook_url(s: &mut Section<'_>, doc: &'static str) -> Option<Secret> {
    s.required("webhook_url", &Private::URL, "${WEBHOOK_URL}", doc)
}

impl Slack {
    fn read(s: &mut Section<'_>) -> Option<Self> {
        let webhook_url = webhook_url(s, "The address of the incoming webhook.");
        Some(Self {
            channel: s.maybe("channel", &Free, "#alerts", "The channel; the webhook's own, unless set."),
            username: s.or("username", &Free, Text::open(SENDER), "Who says it."),
            icon_emoji: s.maybe("icon_emoji", &Free, ":warning:", "With which face."),
            webhook_url: webhook_url?,
        })
    }
}

impl Discord {
    fn read(s: &mut Section<'_>) -> Option<Self> {
        let webhook_url = webhook_url(s, "The address of the webhook.");
        Some(Self { username: s.or("username", &Free, Text::open(SENDER), "Who says it."), webhook_url: webhook_url? })
    }
}

impl PagerDuty {
    fn read(s: &mut Section<'_>) -> Option<Self> {
        let key = s.required("integration_key", &Private::KEY, "${PAGERDUTY_KEY}", "The key of the service.");
        Some(Self {
            api_url: s.or(
                "api_url",
                &Url,
                Text::open("https://events.pagerduty.com/v2/enqueue"),
                "Where events go (Events API v2).",
            ),
            integration_key: key?,
        })
    }
}

impl Webhook {
    fn read(s: &mut Section<'_>) -> Option<Self> {
        let webhook_url = webhook_url(s, "The address.");
        let headers = s.or("headers", &MapOf(Private::HEADER), BTreeMap::new(), "Headers that are sent along.");
        let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        for name in headers.keys().filter(|name| name.is_empty() || !name.chars().all(token)) {
            s.at_path(&["headers", name])
                .refuse(crate::config::problem::quoted(name), "the name of a header: letters, digits and -");
        }
        Some(Self {
            method: s.or("method", &OneOf::NEW, Method::Post, "How it is asked."),
            headers,
            template: s.maybe(
                "template",
                &TEMPLATE,
                "{{alert.rule_name}} is {{event}}",
                "The body; JSON with event, id and alert, unless set.",
            ),
            webhook_url: webhook_url?,
        })
    }
}
