//! The HTML around the page: what the browser needs to know before it reads any of it.

use leptos::html::meta;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_router::location::RequestUrl;

use crate::app::{App, First};
use crate::pages;
use crate::state::{Choice, THEME_SCRIPT};
use crate::theme::{DARK, LIGHT, Palette, Rgb, Token};

/// The page's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assets {
    /// Changes with their content, so that a browser may keep each for ever.
    pub version: String,
    /// The theme until the reader chooses one.
    pub theme: Choice,
}

/// The document, complete.
pub fn shell(assets: Assets) -> impl IntoView {
    let Assets { version, theme } = assets;
    let asset = |name: &str| format!("/pkg/telltale.{name}?v={version}");
    let (script, module, styles) = (asset("js"), asset("wasm"), asset("css"));
    let hydrate =
        format!("import init,{{hydrate}} from '{script}';await init({{module_or_path:'{module}'}});hydrate();");
    // Before the style sheets, so that no frame is painted in the wrong theme.
    let first = format!("document.documentElement.classList.add('scripted');{THEME_SCRIPT}");
    let path = use_context::<RequestUrl>().map(|url| path_of(url.as_ref()).to_owned());
    let host = use_context::<First>().map(|First(overview)| overview.host.name);
    let title = pages::title(&path.unwrap_or_default(), &host.unwrap_or_default());
    let theme = theme.name();
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme data-first-theme=theme>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover"/>
                <meta name="color-scheme" content="light dark"/>
                {theme_colour("light", &LIGHT)}
                {theme_colour("dark", &DARK)}
                <title>{title}</title>
                <script nonce=use_nonce()>{first}</script>
                <link rel="stylesheet" href=styles/>
                <link rel="modulepreload" href=script/>
                <link rel="preload" href=module r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/>
                <link rel="icon" href="/favicon.svg" r#type="image/svg+xml"/>
                <link rel="manifest" href="/manifest.webmanifest"/>
                <script r#type="module" nonce=use_nonce()>{hydrate}</script>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// The path of an address with or without a host and a query.
fn path_of(url: &str) -> &str {
    let from_host = url.split_once("://").map_or(url, |(_, rest)| rest.find('/').map_or("", |at| &rest[at..]));
    from_host.split(['?', '#']).next().unwrap_or_default()
}

/// What the browser paints around the page.
fn theme_colour(scheme: &str, palette: &Palette) -> impl IntoView {
    let Rgb(r, g, b) = palette.get(Token::Surface);
    let media = format!("(prefers-color-scheme: {scheme})");
    meta().attr("name", "theme-color").attr("media", media).attr("content", format!("#{r:02x}{g:02x}{b:02x}"))
}

#[cfg(test)]
mod tests {
    use super::path_of;

    #[test]
    fn an_address_has_one_path() {
        for (url, want) in [("/", "/"), ("/?range=5m", "/"), ("http://a.b", ""), ("http://a.b/c/d?e=/f", "/c/d")] {
            assert_eq!(path_of(url), want, "{url}");
        }
    }
}
