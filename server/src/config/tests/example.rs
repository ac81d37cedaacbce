//! The example and the schema are of the same keys as the reader: both come out of it.

use serde_json::{Value as Json, json};

use super::{env, full, load_here};
use crate::config::{Known, defaults, example, load, schema};

#[test]
fn the_example_loads_and_is_what_holds_without_a_file() {
    let loaded = load_here(&example()).unwrap_or_else(|p| panic!("{p:#?}\n{}", example()));
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
    assert_eq!(format!("{:#?}", loaded.config), format!("{:#?}", defaults(&env)));
    assert_eq!(
        format!("{:#?}", defaults(&env)),
        format!("{:#?}", load_here(r#"{"performance_monitoring": {}}"#).unwrap().config)
    );
}

#[test]
fn the_example_names_every_key_of_the_schema() {
    let example = example();
    let mut keys = Vec::new();
    super::keys::leaves(&schema(), "", &mut keys);
    for key in keys {
        let name = key.rsplit(['.', '[', ']', '*']).find(|part| !part.is_empty()).unwrap_or_default();
        assert!(example.contains(&format!("\"{name}\": ")), "{key} is not in the example");
    }
    let long: Vec<_> = example.lines().filter(|line| line.len() > 110).collect();
    assert!(long.is_empty(), "{long:?}");
}

#[test]
fn what_stands_behind_slashes_can_be_taken_in() {
    let setting = |line: &str| line.starts_with([' ', '"', '{', '}', '[', ']']);
    let taken_in = example().lines().fold(String::new(), |text, line| {
        let line = match line.trim_start().strip_prefix("// ") {
            Some(behind) if setting(behind) => behind,
            _ => line,
        };
        text + line + "\n"
    });
    let env = |_: &str| Some("https://of-the-environment.example".to_owned());
    let problems = load(&taken_in, &env, &Known::default()).map(|_| ()).unwrap_err();
    // All of it at once is too many of what there may be one of, and nothing else.
    let says: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(says.len(), 3, "{says:#?}\n{taken_in}");
    for end in ["command, file, http, function", "http, tcp, icmp, dns, tls", "name, pid_file, command, unit"] {
        assert!(says.iter().any(|says| says.ends_with(&format!("allowed: exactly one of {end}"))), "{says:?}");
    }
    let (before, after) = (example().matches(": ").count(), taken_in.matches(": ").count());
    assert_eq!(before, after);
}

#[test]
fn the_schema_allows_the_example_and_the_full_file_and_no_mistakes() {
    let schema = schema();
    let example: Json = jsonc_parser_to_json(&example());
    assert_eq!(against(&schema, &example, "$"), Vec::<String>::new());
    assert_eq!(against(&schema, &full(), "$"), Vec::<String>::new());
    for (pointer, wrong) in [
        ("/performance_monitoring/dashboard/port", json!(70_000)),
        ("/performance_monitoring/dashboard/theme", json!("drak")),
        ("/performance_monitoring/dashboard/widgets/0/width", json!("6")),
        ("/performance_monitoring/alerting/channels/chat/type", json!("slak")),
        ("/performance_monitoring/enabled", Json::Null),
    ] {
        let mut file = full();
        *file.pointer_mut(pointer).unwrap() = wrong;
        assert_ne!(against(&schema, &file, "$"), Vec::<String>::new(), "{pointer}");
    }
    let mut file = full();
    file["performance_monitoring"]["dashboard"]["prot"] = json!(1);
    assert_eq!(against(&schema, &file, "$"), ["$.performance_monitoring.dashboard.prot is not known"]);
}

/// Comments and trailing commas taken out.
fn jsonc_parser_to_json(text: &str) -> Json {
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with("//"));
    let strict = lines.fold(String::new(), |text, line| text + line);
    serde_json::from_str(&strict.replace(",}", "}").replace(",]", "]")).unwrap()
}

/// What of the schema `value` breaks: as much of JSON Schema as ours uses.
fn against(schema: &Json, value: &Json, at: &str) -> Vec<String> {
    let mut broken = Vec::new();
    if let Some(any) = schema["anyOf"].as_array() {
        let each: Vec<_> = any.iter().map(|schema| against(schema, value, at)).collect();
        if !each.iter().any(Vec::is_empty) {
            broken.push(format!("{at} is none of {}", each.len()));
        }
    }
    let types: Vec<&str> = match &schema["type"] {
        Json::String(one) => vec![one],
        Json::Array(some) => some.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    };
    let is = |name: &&str| match *name {
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "integer" => value.as_f64().is_some_and(|n| n.fract() == 0.0),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("{other} is no type"),
    };
    if !types.is_empty() && !types.iter().any(is) {
        broken.push(format!("{at} is no {types:?}"));
    }
    if let (Some(least), Some(number)) = (schema["minimum"].as_f64(), value.as_f64())
        && number < least
    {
        broken.push(format!("{at} is below {least}"));
    }
    if let (Some(most), Some(number)) = (schema["maximum"].as_f64(), value.as_f64())
        && number > most
    {
        broken.push(format!("{at} is above {most}"));
    }
    if schema["enum"].as_array().is_some_and(|words| !words.contains(value))
        || schema.get("const").is_some_and(|one| one != value && value != &Json::Null)
        || schema.get("pattern").is_some() && !value.as_str().is_some_and(|text| text.contains("${"))
    {
        broken.push(format!("{at} is another word"));
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Json::as_str) {
        if value.is_object() && value.get(name).is_none() {
            broken.push(format!("{at}.{name} is missing"));
        }
    }
    for (name, inner) in value.as_object().into_iter().flatten() {
        let at = format!("{at}.{name}");
        match (&schema["properties"][name], &schema["additionalProperties"]) {
            (known @ Json::Object(_), _) | (Json::Null, known @ Json::Object(_)) => {
                broken.extend(against(known, inner, &at));
            }
            (_, Json::Bool(false)) => broken.push(format!("{at} is not known")),
            _ => {}
        }
    }
    for (i, item) in value.as_array().into_iter().flatten().enumerate() {
        broken.extend(against(&schema["items"], item, &format!("{at}[{i}]")));
    }
    broken
}
