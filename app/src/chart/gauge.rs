//! One value between a least and a most, as an arc of 270°. The number in its middle is the page's.

use super::bounds::{Bounds, extent, tame};
use super::picture::{Anchor, Ink, Picture, Spot};
use super::text;
use super::threshold::{limits, severity};
use super::units;
use super::value_ticks::ticks;
use crate::model::{Thresholds, Unit};
use crate::theme::{Severity, Token};

/// The newest value of one series.
#[derive(Debug, Clone, PartialEq)]
pub struct Gauge {
    /// `None` where there is none: not the same as the least.
    pub value: Option<f64>,
    /// Of the value.
    pub unit: Unit,
    /// The ends of the arc, and where it turns to a warning and worse.
    pub thresholds: Thresholds,
}

/// The arc begins at the lower left and goes on clockwise, in degrees from the right.
const FIRST: f64 = 135.0;
const SWEEP: f64 = 270.0;

impl Gauge {
    /// How bad the value is: the page says it in the middle, by icon and word.
    #[must_use]
    pub fn severity(&self) -> Severity {
        severity(self.value.and_then(tame), &self.thresholds)
    }

    /// The values at the ends of the arc.
    #[must_use]
    pub fn range(&self) -> (f64, f64) {
        let bounds = self.bounds();
        (bounds.low, bounds.high)
    }

    fn bounds(&self) -> Bounds {
        // Percents are of a whole, so that the arc is one too, whatever the value.
        let whole = (self.unit.as_str() == "percent").then_some((0.0, 100.0));
        let seen = self.value.into_iter().chain(whole.into_iter().flat_map(|(least, most)| [least, most]));
        ticks(Bounds::new(extent(seen), &self.thresholds, true, &self.unit), &self.unit, 5).bounds
    }

    pub(super) fn mark(&self, picture: &mut Picture) {
        let size = picture.size;
        let bounds = self.bounds();
        // Below the ends of the arc, which are at 0.71 of the radius, stand their values.
        let radius = ((size.width - 8.0) / 2.0).min((size.height - 22.0) / 1.75);
        let height = radius * 1.71 + 16.0;
        let dial = Dial {
            centre: Spot::new(size.width / 2.0, (size.height - height) / 2.0 + radius),
            band: (radius * 0.14).clamp(4.0, 16.0),
            radius,
        };
        let (inner, outer) = (dial.radius - 6.0 - dial.band, dial.radius - 6.0);
        picture.area(dial.ring(0.0, 1.0, inner, outer), Token::Surface3);
        match self.value.and_then(tame) {
            Some(value) => {
                // The least is a thin line: a value, where an empty arc is none.
                let (low, high) = (bounds.share(0.0), bounds.share(value));
                let (from, to) = (low.min(high).min(0.995), low.max(high));
                let body = dial.ring(from, to.max(from + 0.005), inner, outer);
                match self.severity() {
                    severity @ (Severity::Warning | Severity::Critical) => {
                        let edge = body.iter().chain(body.first()).copied().collect();
                        picture.area(body, Token::Fill(severity));
                        picture.line(edge, 1.0, None, Token::Fg(severity));
                    }
                    _ => picture.area(body, Token::Series(0)),
                }
            }
            None => picture.line(
                dial.arc(0.0, 1.0, f64::midpoint(inner, outer)),
                1.0,
                None,
                Ink::faint(Token::BorderStrong, 0.8),
            ),
        }
        self.limits(picture, &dial, &bounds);
        self.ends(picture, &dial, &bounds);
    }

    /// The severities around the arc, each from its threshold to the next, with a tick where it begins.
    fn limits(&self, picture: &mut Picture, dial: &Dial, bounds: &Bounds) {
        let mut limits: Vec<(Severity, f64)> = limits(&self.thresholds).collect();
        limits.sort_by(|a, b| a.1.total_cmp(&b.1));
        let ends = limits.iter().skip(1).map(|next| next.1).chain([bounds.high]).collect::<Vec<_>>();
        for (&(severity, from), &to) in limits.iter().zip(&ends) {
            let (from, to) = (bounds.share(from), bounds.share(to));
            if to <= from {
                continue;
            }
            let ink = Token::Fg(severity);
            picture.area(dial.ring(from, to, dial.radius - 3.0, dial.radius), ink);
            // A seam on both sides keeps the tick apart from an arc of the same colour.
            let inner = dial.radius - 6.0 - dial.band;
            picture.line(vec![dial.at(from, inner), dial.at(from, dial.radius - 6.0)], 4.0, None, Token::Surface);
            picture.line(vec![dial.at(from, inner), dial.at(from, dial.radius)], 1.5, None, ink);
        }
    }

    fn ends(&self, picture: &mut Picture, dial: &Dial, bounds: &Bounds) {
        // Towards the middle, away from the severities around the arc.
        let inner = dial.radius - 8.0 - dial.band;
        for (part, value) in [(0.0, bounds.low), (1.0, bounds.high)] {
            let end = dial.at(part, inner);
            let quantity = units::format(value, &self.unit);
            let number = quantity.number.strip_suffix(".0").unwrap_or(&quantity.number).to_owned();
            let label = match quantity.unit.as_str() {
                "%" => number,
                unit if unit.is_empty() || value == 0.0 => number,
                unit => format!("{number} {unit}"),
            };
            // Each end has half of the picture, so that they never meet.
            let label = text::shorten(&label, picture.size.width / 2.0 - 4.0);
            let half = text::width(&label) / 2.0;
            let foot = dial.at(part, dial.radius - 6.0).y + 9.0;
            let x = end.x.clamp(half, (picture.size.width - half).max(half));
            picture.text(Spot::new(x, foot), label, Anchor::Middle, Token::Muted);
        }
    }
}

struct Dial {
    centre: Spot,
    radius: f64,
    band: f64,
}

impl Dial {
    /// A place by how far along the arc it is, from 0 to 1, and how far out.
    fn at(&self, part: f64, radius: f64) -> Spot {
        let angle = (FIRST + SWEEP * part.clamp(0.0, 1.0)).to_radians();
        Spot::new(self.centre.x + radius * angle.cos(), self.centre.y + radius * angle.sin())
    }

    fn arc(&self, from: f64, to: f64, radius: f64) -> Vec<Spot> {
        // A corner every 3° is round to the eye.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 1 to 90")]
        let corners = (((to - from).clamp(0.0, 1.0) * SWEEP / 3.0).ceil() as u32).max(1);
        (0..=corners).map(|at| self.at(from + (to - from) * f64::from(at) / f64::from(corners), radius)).collect()
    }

    fn ring(&self, from: f64, to: f64, inner: f64, outer: f64) -> Vec<Spot> {
        let mut corners = self.arc(from, to, outer);
        corners.extend(self.arc(from, to, inner).into_iter().rev());
        corners
    }
}
