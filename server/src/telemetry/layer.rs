//! Takes what `tracing` brings: ours, and what libraries tell of themselves.

use std::sync::Arc;

use tracing::level_filters::LevelFilter;
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer};

use super::Level;
use super::desk::Desk;
use super::record::Record;

/// Hands everything that is wanted to the desk.
pub(super) struct ToDesk(pub(super) Arc<Desk>);

impl ToDesk {
    fn level(&self, metadata: &Metadata<'_>) -> Option<Level> {
        // No line of ours needs the spans that libraries open around their own.
        let level = Level::of(*metadata.level()).filter(|_| metadata.is_event())?;
        self.0.wants(level, metadata.target()).then_some(level)
    }
}

impl<S: Subscriber> Layer<S> for ToDesk {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        // Asked again whenever the level changes.
        if self.level(metadata).is_some() { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        self.level(metadata).is_some()
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(match self.0.routing().level {
            Level::Debug => LevelFilter::DEBUG,
            Level::Info => LevelFilter::INFO,
            Level::Warning => LevelFilter::WARN,
            Level::Error => LevelFilter::ERROR,
        })
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if let Some(level) = self.level(event.metadata()) {
            self.0.tell(Record::of(event, level, self.0.clock().now()));
        }
    }
}
