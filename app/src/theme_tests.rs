use super::*;

/// How well two colours tell apart, as WCAG 2 has it: from 1 to 21.
fn contrast(a: Rgb, b: Rgb) -> f64 {
    let luminance = |Rgb(r, g, b): Rgb| {
        let linear = |channel: u8| {
            let part = f64::from(channel) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
    };
    let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
    a.max(b) / a.min(b)
}

#[track_caller]
fn check(palette: &Palette, over: Token, under: Token, least: f64) {
    let got = contrast(palette.get(over), palette.get(under));
    assert!(got >= least, "{over:?} on {under:?} has {got:.2}, must have {least}");
}

const SURFACES: [Token; 4] = [Token::Bg, Token::Surface, Token::Surface2, Token::Surface3];

#[test]
fn what_is_read_has_4_5_and_what_is_seen_has_3() {
    assert!((contrast(Rgb(0, 0, 0), Rgb(255, 255, 255)) - 21.0).abs() < 1e-9);
    for palette in [&LIGHT, &DARK] {
        for surface in SURFACES {
            for text in [Token::Text, Token::Text2, Token::Muted, Token::Accent] {
                check(palette, text, surface, 4.5);
            }
            for edge in [Token::BorderStrong, Token::Focus] {
                check(palette, edge, surface, 3.0);
            }
        }
        check(palette, Token::OnAccent, Token::Accent, 4.5);
        for severity in Severity::ALL {
            check(palette, Token::Fg(severity), Token::Surface, 4.5);
            check(palette, Token::Fg(severity), Token::Tint(severity), 4.5);
            check(palette, Token::OnFill(severity), Token::Fill(severity), 4.5);
            check(palette, Token::Text, Token::Tint(severity), 13.0);
        }
        for series in (0..SERIES).map(Token::Series) {
            check(palette, series, Token::Bg, 3.0);
            check(palette, series, Token::Surface, 3.0);
        }
    }
}

/// A fill stands out by itself, or by the edge in its severity's colour that is drawn around it.
#[test]
fn fills_stand_out() {
    for (palette, name) in [(&LIGHT, "light"), (&DARK, "dark")] {
        for severity in Severity::ALL {
            let alone = contrast(palette.get(Token::Fill(severity)), palette.get(Token::Surface)) >= 3.0;
            let needs_edge = (name, severity) == ("light", Warning);
            assert_ne!(alone, needs_edge, "{severity:?} in {name}");
        }
    }
}

#[test]
fn every_token_is_where_its_index_says() {
    for (at, token) in Token::all().enumerate() {
        assert_eq!(token.index(), at, "{token:?}");
    }
    let mut names: Vec<String> = Token::all().map(Token::css_name).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), TOKENS, "two tokens have the same name");
}

#[test]
fn a_name_s_colour_names_it() {
    let names = Palette::of_names();
    for token in Token::all() {
        assert_eq!(Palette::named(names.get(token)), Some(token));
    }
    assert_eq!(Palette::named(Rgb(0, 0, 255)), None);
}

#[test]
fn the_style_sheet_is_made_from_the_table() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../style/tokens.css");
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(written == css(), "style/tokens.css is not what app/src/theme.rs says; run `cargo xtask tokens`");
}
