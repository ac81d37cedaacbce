//! Durations as seconds, on the wire and in files. Fractions beyond a millisecond are rounded.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serializer};

#[expect(clippy::cast_precision_loss, reason = "exact for the next 280,000 years")]
fn seconds(of: Duration) -> f64 {
    of.as_millis() as f64 / 1000.0
}

fn duration<E: serde::de::Error>(seconds: f64) -> Result<Duration, E> {
    let rounded = (seconds * 1000.0).round() / 1000.0;
    Duration::try_from_secs_f64(rounded).map_err(|_| E::custom(format!("{seconds} is no number of seconds")))
}

pub(super) fn serialize<S: Serializer>(of: &Duration, to: S) -> Result<S::Ok, S::Error> {
    let secs = seconds(*of);
    // Whole seconds as people write them.
    if of.subsec_millis() == 0 { to.serialize_u64(of.as_secs()) } else { to.serialize_f64(secs) }
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    duration(f64::deserialize(from)?)
}

/// The same where there may be none.
pub(super) mod maybe {
    use super::{Deserialize, Deserializer, Duration, Serializer};

    pub(in crate::alert) fn serialize<S: Serializer>(of: &Option<Duration>, to: S) -> Result<S::Ok, S::Error> {
        match of {
            Some(of) => super::serialize(of, to),
            None => to.serialize_none(),
        }
    }

    pub(in crate::alert) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
        Option::<f64>::deserialize(from)?.map(super::duration).transpose()
    }
}
