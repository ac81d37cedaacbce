//! The one table of colours and sizes: the style sheet, the canvas and the SVG pictures all read it.
//!
//! Invariant: imports nothing, so that the build tool can include this file as it stands.
//! May not know: what a chart is, where a colour is used.
//! Start reading at [`TABLE`]; the ratios that it keeps are in its test.

use self::Severity::{Critical, Emergency, Info, Ok, Unknown, Warning};

/// What a colour is for; the same name in both themes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Token {
    /// The page.
    Bg,
    /// A widget.
    Surface,
    /// The header, popovers.
    Surface2,
    /// Inputs, tracks, what the pointer is over.
    Surface3,
    /// Text.
    Text,
    /// Text of second rank.
    Text2,
    /// Labels of axes, hints.
    Muted,
    /// Lines that only decorate.
    Border,
    /// Lines that carry a meaning: edges of inputs, hatches.
    BorderStrong,
    /// Lines behind data.
    Grid,
    /// Links and what can be pressed.
    Accent,
    /// Text on [`Token::Accent`].
    OnAccent,
    /// The ring around what has the focus.
    Focus,
    /// Text and lines of a severity.
    Fg(Severity),
    /// Surfaces of a severity.
    Fill(Severity),
    /// Text on [`Token::Fill`].
    OnFill(Severity),
    /// The faint surface of a severity.
    Tint(Severity),
    /// The colour of a series by its slot, from 0; past the last one it begins again.
    Series(u8),
}

/// How bad something is, worst last but for what is not known. Never told by colour alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// As it should be.
    Ok,
    /// Worth knowing.
    Info,
    /// Worth a look.
    Warning,
    /// Something is broken.
    Critical,
    /// Everything is.
    Emergency,
    /// No value, or an old one.
    Unknown,
}

impl Severity {
    /// All, in the order of their rank.
    pub const ALL: [Self; 6] = [Ok, Info, Warning, Critical, Emergency, Unknown];

    /// Its name, in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Ok => "ok",
            Info => "info",
            Warning => "warning",
            Critical => "critical",
            Emergency => "emergency",
            Unknown => "unknown",
        }
    }
}

/// Red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

impl Rgb {
    const fn of(hex: u32) -> Self {
        let [_, r, g, b] = hex.to_be_bytes();
        Self(r, g, b)
    }
}

/// Series have this many colours.
pub const SERIES: u8 = 10;
/// Size of the labels of axes, in CSS pixels.
pub const AXIS_TEXT: f64 = 11.0;
/// The fonts of everything, as CSS names them.
pub const FONT: &str = r#"system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", Ubuntu, Cantarell, sans-serif"#;

const TOKENS: usize = 47;

/// Every token with its colour in the light and in the dark theme, in the order of [`Token::index`].
const TABLE: [(Token, u32, u32); TOKENS] = [
    (Token::Bg, 0xf3f5f8, 0x0b0f14),
    (Token::Surface, 0xffffff, 0x13181e),
    (Token::Surface2, 0xedf0f4, 0x1d2229),
    (Token::Surface3, 0xe3e7ec, 0x282e37),
    (Token::Text, 0x141b24, 0xeceff2),
    (Token::Text2, 0x363e48, 0xbfc5cc),
    (Token::Muted, 0x565e69, 0xa1a8b2),
    (Token::Border, 0xd7dbe0, 0x323941),
    (Token::BorderStrong, 0x747d88, 0x78818c),
    (Token::Grid, 0xe2e5e9, 0x262c33),
    (Token::Accent, 0x017272, 0x32d1c9),
    (Token::OnAccent, 0xffffff, 0x011614),
    (Token::Focus, 0x067272, 0x49e9e0),
    (Token::Fg(Ok), 0x05773b, 0x56d089),
    (Token::Fill(Ok), 0x0b7a3e, 0x56d089),
    (Token::OnFill(Ok), 0xffffff, 0x04170c),
    (Token::Tint(Ok), 0xe6f6ec, 0x10241a),
    (Token::Fg(Info), 0x1762b6, 0x79b6f4),
    (Token::Fill(Info), 0x1762b6, 0x79b6f4),
    (Token::OnFill(Info), 0xffffff, 0x06121f),
    (Token::Tint(Info), 0xe8f1fc, 0x11202f),
    (Token::Fg(Warning), 0x8a5a00, 0xf7c243),
    (Token::Fill(Warning), 0xf2b705, 0xf7c243),
    (Token::OnFill(Warning), 0x1d1400, 0x1d1400),
    (Token::Tint(Warning), 0xfff5d6, 0x2a220c),
    (Token::Fg(Critical), 0xb81414, 0xfd736d),
    (Token::Fill(Critical), 0xb81414, 0xcf2428),
    (Token::OnFill(Critical), 0xffffff, 0xffffff),
    (Token::Tint(Critical), 0xfdeaea, 0x321416),
    (Token::Fg(Emergency), 0x86066c, 0xff9ae3),
    (Token::Fill(Emergency), 0x6d0558, 0xffd6f5),
    (Token::OnFill(Emergency), 0xffffff, 0x4a003c),
    (Token::Tint(Emergency), 0xfbe7f6, 0x331029),
    (Token::Fg(Unknown), 0x5e646c, 0xa0a5ab),
    (Token::Fill(Unknown), 0x5e646c, 0xa0a5ab),
    (Token::OnFill(Unknown), 0xffffff, 0x0b0f14),
    (Token::Tint(Unknown), 0xeef0f3, 0x1d2229),
    (Token::Series(0), 0x3a39ce, 0x1077ff),
    (Token::Series(1), 0xea6314, 0xbc8f50),
    (Token::Series(2), 0x228972, 0x37ffc6),
    (Token::Series(3), 0x9b0188, 0xdc42b1),
    (Token::Series(4), 0x9463ff, 0xb69bff),
    (Token::Series(5), 0x6c5a01, 0xf5d603),
    (Token::Series(6), 0x0197cc, 0x9fd3f9),
    (Token::Series(7), 0x6d1d00, 0xc33e00),
    (Token::Series(8), 0xcc63a3, 0xfe8aa3),
    (Token::Series(9), 0x3a4557, 0x6c727a),
];

impl Token {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|row| row.0)
    }

    /// Its place among [`Token::all`].
    #[must_use]
    pub const fn index(self) -> usize {
        match self {
            Self::Bg => 0,
            Self::Surface => 1,
            Self::Surface2 => 2,
            Self::Surface3 => 3,
            Self::Text => 4,
            Self::Text2 => 5,
            Self::Muted => 6,
            Self::Border => 7,
            Self::BorderStrong => 8,
            Self::Grid => 9,
            Self::Accent => 10,
            Self::OnAccent => 11,
            Self::Focus => 12,
            Self::Fg(severity) => 13 + 4 * severity as usize,
            Self::Fill(severity) => 14 + 4 * severity as usize,
            Self::OnFill(severity) => 15 + 4 * severity as usize,
            Self::Tint(severity) => 16 + 4 * severity as usize,
            Self::Series(slot) => 37 + (slot % SERIES) as usize,
        }
    }

    /// The name of its CSS custom property.
    #[must_use]
    pub fn css_name(self) -> String {
        let name = match self {
            Self::Bg => "bg",
            Self::Surface => "surface",
            Self::Surface2 => "surface-2",
            Self::Surface3 => "surface-3",
            Self::Text => "text",
            Self::Text2 => "text-2",
            Self::Muted => "muted",
            Self::Border => "border",
            Self::BorderStrong => "border-strong",
            Self::Grid => "grid",
            Self::Accent => "accent",
            Self::OnAccent => "on-accent",
            Self::Focus => "focus",
            Self::Fg(severity) => return format!("--{}-fg", severity.name()),
            Self::Fill(severity) => return format!("--{}-fill", severity.name()),
            Self::OnFill(severity) => return format!("--{}-on-fill", severity.name()),
            Self::Tint(severity) => return format!("--{}-tint", severity.name()),
            Self::Series(slot) => return format!("--series-{}", slot % SERIES + 1),
        };
        format!("--{name}")
    }
}

/// A colour for each token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Palette([Rgb; TOKENS]);

/// The light theme.
pub static LIGHT: Palette = Palette::of_table(false);
/// The dark theme.
pub static DARK: Palette = Palette::of_table(true);

impl Palette {
    const fn of_table(dark: bool) -> Self {
        let mut colours = [Rgb(0, 0, 0); TOKENS];
        let mut at = 0;
        while at < TOKENS {
            let (_, on_light, on_dark) = TABLE[at];
            colours[at] = Rgb::of(if dark { on_dark } else { on_light });
            at += 1;
        }
        Self(colours)
    }

    /// Not colours but names: what is drawn with it tells [`Palette::named`] which token each colour was.
    #[must_use]
    pub fn of_names() -> Self {
        Self(std::array::from_fn(|at| Rgb(0, 0, u8::try_from(at).unwrap_or(u8::MAX))))
    }

    /// The token whose name, by [`Palette::of_names`], this colour is.
    #[must_use]
    pub fn named(Rgb(_, _, name): Rgb) -> Option<Token> {
        TABLE.get(usize::from(name)).map(|row| row.0)
    }

    /// The colour of a token.
    #[must_use]
    pub const fn get(&self, token: Token) -> Rgb {
        self.0[token.index()]
    }
}

/// The text of the style sheet that gives every token its custom property, in both themes.
///
/// `:where` keeps each rule as weak as `:root` alone, so that the later one wins.
#[must_use]
pub fn css() -> String {
    let light = block(&LIGHT, "light", "  ");
    let dark = block(&DARK, "dark", "  ");
    let dark_deeper = block(&DARK, "dark", "    ");
    format!(
        "/* Made from app/src/theme.rs; change it there. */\n\
         :root {{\n{light}}}\n\n\
         @media (prefers-color-scheme: dark) {{\n  :root:where(:not([data-theme=\"light\"])) {{\n{dark_deeper}  }}\n}}\n\n\
         :root:where([data-theme=\"dark\"]) {{\n{dark}}}\n\n\
         @media (prefers-contrast: more) {{\n  :root {{\n    --border: var(--border-strong);\n    --muted: var(--text-2);\n  }}\n}}\n"
    )
}

fn block(palette: &Palette, scheme: &str, indent: &str) -> String {
    let lines = Token::all().map(|token| {
        let Rgb(r, g, b) = palette.get(token);
        format!("{indent}{}: #{r:02x}{g:02x}{b:02x};\n", token.css_name())
    });
    std::iter::once(format!("{indent}color-scheme: {scheme};\n")).chain(lines).collect()
}

#[cfg(test)]
#[path = "theme_tests.rs"]
mod tests;
