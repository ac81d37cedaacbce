//! Light or dark: what was chosen, where it is remembered, what it comes to.
//!
//! May not know: any colour; the page's style sheet and `crate::theme` do.

use leptos::prelude::*;

/// What somebody can choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Choice {
    /// As the system has it.
    #[default]
    System,
    /// Light, whatever the system has.
    Light,
    /// Dark, whatever the system has.
    Dark,
}

impl Choice {
    /// Its name in the page's `data-theme`; nothing stands for the system's.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }

    /// Its name in the browser's storage.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The choice of a name, if it is one.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::System, Self::Light, Self::Dark].into_iter().find(|choice| choice.word() == name)
    }
}

/// Applies the remembered choice before the first paint: to be run in the page's head, before its style sheets.
/// Where none is remembered, the page's own first theme stays.
pub const THEME_SCRIPT: &str = "try{var t=localStorage.getItem('telltale-theme'),d=document.documentElement;\
if(t==='light'||t==='dark')d.setAttribute('data-theme',t);else if(t==='system')d.removeAttribute('data-theme')}catch(e){}";

/// The key in the browser's storage; [`THEME_SCRIPT`] has it too.
#[cfg_attr(not(any(feature = "hydrate", test)), expect(dead_code, reason = "only a browser has a storage"))]
const KEY: &str = "telltale-theme";

/// A handle on the theme. Made once, above the router.
#[derive(Clone, Copy)]
pub struct Theme {
    choice: RwSignal<Choice>,
    system_dark: RwSignal<bool>,
}

impl Theme {
    /// Follows the system and what was chosen earlier, in this tab or another.
    ///
    /// # Server-side rendering
    /// The system's choice, and light: the page's style sheet knows better, whatever is drawn by it is right.
    #[must_use]
    pub fn new() -> Self {
        let theme = Self { choice: RwSignal::new(Choice::System), system_dark: RwSignal::new(false) };
        #[cfg(feature = "hydrate")]
        Effect::new(move |_| in_browser::follow(theme));
        theme
    }

    /// What is chosen.
    #[must_use]
    pub fn choice(self) -> Signal<Choice> {
        self.choice.into()
    }

    /// Chooses, remembers it where the browser lets us, and applies it at once.
    pub fn set(self, choice: Choice) {
        self.choice.set(choice);
        #[cfg(feature = "hydrate")]
        {
            in_browser::remember(choice);
            in_browser::apply(choice);
        }
    }

    /// Whether the page is dark now.
    #[must_use]
    pub fn dark(self) -> Signal<bool> {
        Signal::derive(move || match self.choice.get() {
            Choice::System => self.system_dark.get(),
            Choice::Light => false,
            Choice::Dark => true,
        })
    }
}

impl Default for Theme {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(feature = "hydrate")]
mod in_browser {
    //! The theme's storage, its attribute and its listeners.

    use leptos::prelude::*;

    use super::{Choice, KEY, Theme};
    use crate::state::browser::{Listener, keep_until_cleanup};

    pub(super) fn follow(theme: Theme) {
        let take_up = move || {
            let remembered = storage().and_then(|s| s.get_item(KEY).ok().flatten());
            let choice = remembered.as_deref().and_then(Choice::named).unwrap_or_else(first);
            apply(choice);
            theme.choice.set(choice);
        };
        take_up();
        let Some(window) = web_sys::window() else { return };
        // Another tab has chosen.
        keep_until_cleanup(Listener::new(&window, "storage", move |_| take_up()));
        if let Ok(Some(system)) = window.match_media("(prefers-color-scheme: dark)") {
            theme.system_dark.set(system.matches());
            let list = system.clone();
            keep_until_cleanup(Listener::new(&system, "change", move |_| theme.system_dark.set(list.matches())));
        }
    }

    /// The theme that the server gave the page.
    fn first() -> Choice {
        let page = web_sys::window().and_then(|window| window.document()?.document_element());
        page.and_then(|page| Choice::named(&page.get_attribute("data-first-theme")?)).unwrap_or_default()
    }

    pub(super) fn remember(choice: Choice) {
        // A browser may forbid storage or have no room: then the choice holds for as long as the page.
        if let Some(storage) = storage() {
            let _ = storage.set_item(KEY, choice.word());
        }
    }

    pub(super) fn apply(choice: Choice) {
        let page = web_sys::window().and_then(|window| window.document()?.document_element());
        if let Some(page) = page {
            // Both fail only for a name that no attribute can have.
            let _ = match choice.name() {
                Some(name) => page.set_attribute("data-theme", name),
                None => page.remove_attribute("data-theme"),
            };
        }
    }

    fn storage() -> Option<web_sys::Storage> {
        web_sys::window()?.local_storage().ok().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_survives_its_name() {
        for choice in [Choice::System, Choice::Light, Choice::Dark] {
            assert_eq!(Choice::named(choice.word()), Some(choice));
        }
        assert_eq!(Choice::named("purple"), None);
    }

    #[test]
    fn the_script_is_short_and_speaks_of_the_same_names() {
        assert!(THEME_SCRIPT.len() <= 300, "{} bytes", THEME_SCRIPT.len());
        for word in [KEY, "data-theme", "'light'", "'dark'", "'system'"] {
            assert!(THEME_SCRIPT.contains(word), "{word} is missing");
        }
    }
}
