//! The JSON Schema of the file, for editors and checks in pipelines.

use serde_json::{Map, Value as Json, json};

use super::load::shape;
use super::read::{Field, Presence, Shape, Variants};

/// What a file may hold, as JSON Schema (2020-12). What depends on two keys at once is left to `check-config`.
#[must_use]
pub fn schema() -> Json {
    let mut schema = of(&shape());
    if let Json::Object(map) = &mut schema {
        map.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        map.insert("title".to_owned(), json!("Configuration of Telltale"));
    }
    schema
}

fn of(shape: &Shape) -> Json {
    match shape {
        Shape::Bool => json!({"type": "boolean"}),
        Shape::Number { whole, least, most } => {
            let mut number = json!({"type": if *whole { "integer" } else { "number" }});
            if *least > f64::MIN {
                number["minimum"] = json!(least);
            }
            if *most < f64::MAX {
                number["maximum"] = json!(most);
            }
            number
        }
        Shape::Text => json!({"type": "string"}),
        Shape::Choice { words, also, pattern } => {
            let all = [&words[..], &also[..]].concat();
            let mut ways = vec![json!({"enum": all}), json!({"type": "string", "pattern": "\\$\\{"})];
            ways.extend(pattern.map(|pattern| json!({"type": "string", "pattern": pattern})));
            json!({"anyOf": ways})
        }
        Shape::Size => json!({"type": ["integer", "string"]}),
        Shape::List(item) => json!({"type": "array", "items": of(item)}),
        Shape::Map(value) => json!({"type": "object", "additionalProperties": of(value)}),
        Shape::Object { fields, variants: None } => object(fields.iter()),
        Shape::Object { fields, variants: Some(Variants { tag, each }) } => {
            let variant = |(word, more): &(&str, Vec<Field>)| {
                let mut schema = object(fields.iter().chain(more));
                // Whether the tag may be left out depends on the name of the object, which a schema does not see.
                schema["properties"][*tag] = json!({"const": word});
                schema
            };
            json!({"anyOf": each.iter().map(variant).collect::<Vec<_>>()})
        }
    }
}

fn object<'a>(fields: impl Iterator<Item = &'a Field>) -> Json {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for field in fields {
        let mut schema = of(&field.shape);
        schema["description"] = json!(field.doc);
        match &field.presence {
            Presence::Default(default) => schema["default"] = default.clone(),
            Presence::Required(_) => required.push(field.name.clone()),
            Presence::Optional(sample) if !sample.is_null() => schema["examples"] = json!([sample]),
            Presence::Optional(_) | Presence::Section => {}
        }
        properties.insert(field.name.clone(), schema);
    }
    let mut object = json!({"type": "object", "additionalProperties": false, "properties": properties});
    if !required.is_empty() {
        object["required"] = json!(required);
    }
    object
}
