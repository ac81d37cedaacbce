//! A file of every setting, each with its default and what it is for.

use serde_json::Value as Json;

use super::load::shape;
use super::read::{Field, Presence, Shape, Variants};

const STEP: usize = 2;
const WIDTH: usize = 100;

/// A file that says what holds without a file: every setting with its default. Settings that have no default stand there
/// behind `//`, with a value that they could have.
#[must_use]
pub fn example() -> String {
    let mut out = Writer::default();
    out.comment(
        0,
        "Every setting of Telltale, each with its default. What stands behind // has no default; the value is one that it \
         could have. ${NAME} in any text is a variable of the environment, ${NAME:-default} one that need not be set; what \
         they hold is never shown.",
    );
    out.value(0, "", &shape(), None, "");
    out.text
}

#[derive(Default)]
struct Writer {
    text: String,
    /// Characters that come before each of its lines.
    indent: usize,
}

impl Writer {
    fn line(&mut self, depth: usize, line: &str) {
        let indent = " ".repeat(depth * STEP);
        self.text.push_str(&indent);
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn comment(&mut self, depth: usize, words: &str) {
        let mut line = "//".to_owned();
        for word in words.split(' ') {
            if line.len() + word.len() + depth * STEP + self.indent >= WIDTH && line.len() > 2 {
                self.line(depth, &line);
                "//".clone_into(&mut line);
            }
            line.push(' ');
            line.push_str(word);
        }
        self.line(depth, &line);
    }

    /// A value: `name` is the key with its colon, `value` what it is where the shape alone does not say, `end` a comma.
    fn value(&mut self, depth: usize, name: &str, shape: &Shape, value: Option<&Json>, end: &str) {
        match (shape, value) {
            (Shape::Object { fields, .. }, _) => {
                self.line(depth, &format!("{name}{{"));
                self.fields(depth + 1, fields);
                self.line(depth, &format!("}}{end}"));
            }
            (Shape::List(item), None) => {
                self.line(depth, &format!("{name}["));
                self.value(depth + 1, "", item, None, ",");
                self.line(depth, &format!("]{end}"));
            }
            (Shape::Map(item), _) if matches!(**item, Shape::Object { .. }) => {
                self.line(depth, &format!("{name}{{"));
                self.entries(depth + 1, item);
                self.line(depth, &format!("}}{end}"));
            }
            (_, value) => {
                let value = value.map_or_else(|| "null".to_owned(), Json::to_string);
                self.line(depth, &format!("{name}{value}{end}"));
            }
        }
    }

    fn fields(&mut self, depth: usize, fields: &[Field]) {
        for field in fields {
            self.comment(depth, &format!("{}{}", field.doc, bounds(&field.shape)));
            let name = format!("\"{}\": ", field.name);
            match &field.presence {
                Presence::Section => self.value(depth, &name, &field.shape, None, ","),
                Presence::Required(value) | Presence::Default(value) => {
                    self.value(depth, &name, &field.shape, Some(value).filter(|v| !v.is_null()), ",");
                }
                Presence::Optional(value) => self.behind_slashes(depth, |out| {
                    out.value(0, &name, &field.shape, Some(value).filter(|v| !v.is_null()), ",");
                }),
            }
        }
    }

    /// What a map could hold: one entry, or one for each variant.
    fn entries(&mut self, depth: usize, item: &Shape) {
        let Shape::Object { fields, variants } = item else { return };
        let plain = [("a_name", Vec::new())];
        let each = variants.as_ref().map_or(&plain[..], |Variants { each, .. }| each);
        for (name, more) in each {
            let fields = fields.iter().filter(|field| variants.as_ref().is_none_or(|v| v.tag != field.name));
            let fields = fields.chain(more).cloned().collect();
            let shape = Shape::Object { fields, variants: None };
            self.behind_slashes(depth, |out| out.value(0, &format!("\"{name}\": "), &shape, None, ","));
        }
    }

    fn behind_slashes(&mut self, depth: usize, write: impl FnOnce(&mut Self)) {
        let mut inner = Self { text: String::new(), indent: self.indent + depth * STEP + 3 };
        write(&mut inner);
        for line in inner.text.lines() {
            self.line(depth, &format!("// {line}"));
        }
    }
}

/// What a value may be, where its type alone does not say.
fn bounds(shape: &Shape) -> String {
    match shape {
        Shape::Choice { words, .. } if words.len() > 1 => format!(" One of {}.", words.join(", ")),
        Shape::Number { least, most, .. } if *least > f64::MIN || *most < f64::MAX => format!(" {least} to {most}."),
        _ => String::new(),
    }
}
