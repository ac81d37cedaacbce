//! From the labels of a series to a metric and its tags.

use app::model::{Metric, Tags};

use super::WriteError;
use super::metadata::Metadata;
use super::proto::{Fields, Value, text};

/// The label that names the metric.
const NAME: &str = "__name__";
const LABEL_NAME: u64 = 1;
const LABEL_VALUE: u64 = 2;

/// Metric and tags of a series whose labels are these fields. A label with an empty value is as good as none.
pub(super) fn of(labels: &[u8], metadata: &Metadata) -> Result<(Metric, Tags), WriteError> {
    let (mut pairs, mut metric) = (Vec::new(), None);
    let mut fields = Fields(labels);
    while let Some(field) = fields.take()? {
        let Value::Bytes(label) = field.value else { return Err(WriteError::Malformed("a label is no message")) };
        let (name, value) = label_of(label)?;
        match name {
            "" => return Err(WriteError::Malformed("a label has no name")),
            NAME => metric = Some(value),
            _ if value.is_empty() => {}
            _ => pairs.push((name, value)),
        }
    }
    let name = metric.filter(|name| !name.is_empty());
    let name = name.ok_or(WriteError::Malformed("a series has no label `__name__`"))?;
    let (kind, unit) = metadata.of(name);
    Ok((Metric { name: name.to_owned().into(), unit, kind }, Tags::new(pairs)))
}

fn label_of(bytes: &[u8]) -> Result<(&str, &str), WriteError> {
    let (mut name, mut value) = ("", "");
    let mut fields = Fields(bytes);
    while let Some(field) = fields.take()? {
        match field.number {
            LABEL_NAME => name = text(field.value)?,
            LABEL_VALUE => value = text(field.value)?,
            _ => {}
        }
    }
    Ok((name, value))
}
