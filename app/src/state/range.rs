//! How far back the charts reach, kept in the address: `?range=15m`, nothing where each widget has its own.
//!
//! May not know: what the range is fetched with ([`Live`] does), how the control looks.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate, use_query_map};

use super::Live;
use crate::model::Span;

/// The name of the range in the address.
const PARAMETER: &str = "range";

/// Each span that can be chosen as it is written in an address, in the order of [`Span::OFFERED`].
const WRITTEN: [(&str, Span); 4] =
    [("5m", Span::Last(300)), ("15m", Span::Last(900)), ("1h", Span::Last(3600)), ("2h", Span::Last(7200))];

/// The time control's handle: reads the address, changes it.
#[derive(Clone, Copy)]
pub struct Range {
    span: Signal<Span>,
    go: Callback<Span>,
}

impl Range {
    /// Follows the address and makes [`Live`] follow it. To be called inside of the router and above whatever
    /// shows tracks, so that the first picture has the right range on both sides.
    ///
    /// # Server-side rendering
    /// Reads the request's address.
    #[must_use]
    pub fn new(live: Live) -> Self {
        let (query, location, navigate) = (use_query_map(), use_location(), use_navigate());
        let span = Memo::new(move |_| query.with(|query| Self::read(query.get_str(PARAMETER))));
        live.show(span.get_untracked());
        Effect::new(move |_| live.show(span.get()));
        let go = Callback::new(move |span: Span| {
            let mut query = query.get_untracked();
            query.remove(PARAMETER);
            if let Some(written) = Self::write(span) {
                query.insert(PARAMETER, written.to_owned());
            }
            let to = location.pathname.get_untracked() + &query.to_query_string();
            // The page stays where it is: only its charts change.
            navigate(&to, NavigateOptions { scroll: false, resolve: false, ..NavigateOptions::default() });
        });
        Self { span: span.into(), go }
    }

    /// What the address says now.
    #[must_use]
    pub fn span(self) -> Signal<Span> {
        self.span
    }

    /// Changes the address, as a step that the browser's Back undoes.
    pub fn set(self, span: Span) {
        if span != self.span.get_untracked() {
            self.go.run(span);
        }
    }

    /// The span that an address's parameter means; whatever is not offered means [`Span::Own`].
    #[must_use]
    pub fn read(written: Option<&str>) -> Span {
        WRITTEN.iter().find(|(text, _)| Some(*text) == written).map_or(Span::Own, |&(_, span)| span)
    }

    /// How an address says it, if it does.
    #[must_use]
    pub fn write(span: Span) -> Option<&'static str> {
        WRITTEN.iter().find(|(_, offered)| *offered == span).map(|&(text, _)| text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_offered_can_be_written_and_read() {
        for secs in Span::OFFERED {
            let span = Span::Last(secs);
            let written = Range::write(span);
            assert!(written.is_some(), "{secs} seconds have no name");
            assert_eq!(Range::read(written), span);
        }
        assert_eq!(WRITTEN.map(|(_, span)| span), Span::OFFERED.map(Span::Last));
    }

    #[test]
    fn anything_else_is_each_widget_s_own() {
        for written in [None, Some(""), Some("3m"), Some("15"), Some("15M"), Some("own"), Some("-5m")] {
            assert_eq!(Range::read(written), Span::Own, "{written:?}");
        }
        assert_eq!(Range::write(Span::Own), None);
        assert_eq!(Range::write(Span::Last(7)), None);
    }
}
