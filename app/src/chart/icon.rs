//! The shapes of severities: a triangle with a stroke for a warning, an octagon with a cross for worse.

use std::f64::consts::PI;

use super::picture::{Picture, Spot};
use crate::theme::{Severity, Token};

/// From its centre to its farthest corner.
pub(super) const RADIUS: f64 = 6.5;

/// The icon of a warning or of what is critical, around `centre`.
pub(super) fn draw(picture: &mut Picture, severity: Severity, centre: Spot) {
    let Spot { x, y } = centre;
    let sign = Token::OnFill(severity);
    if severity == Severity::Warning {
        // An upright triangle's middle is below the middle of its height.
        plate(picture, severity, &corners(Spot::new(x, y + 1.0), 3, 0.0));
        picture.line(vec![Spot::new(x, y - 2.0), Spot::new(x, y + 1.0)], 1.5, None, sign);
        picture.line(vec![Spot::new(x, y + 2.0), Spot::new(x, y + 3.5)], 1.5, None, sign);
    } else {
        plate(picture, severity, &corners(centre, 8, PI / 8.0));
        for up in [-2.0, 2.0] {
            picture.line(vec![Spot::new(x - 2.0, y - up), Spot::new(x + 2.0, y + up)], 1.5, None, sign);
        }
    }
}

/// The body and its edge: in the light theme a warning's body alone would not stand out from the surface.
fn plate(picture: &mut Picture, severity: Severity, corners: &[Spot]) {
    picture.area(corners.to_vec(), Token::Fill(severity));
    let closed = corners.iter().chain(corners.first()).copied().collect();
    picture.line(closed, 1.0, None, Token::Fg(severity));
}

fn corners(centre: Spot, count: u32, turned: f64) -> Vec<Spot> {
    let radius = RADIUS - 0.5;
    (0..count)
        .map(|at| {
            let angle = turned + 2.0 * PI * f64::from(at) / f64::from(count);
            Spot::new(centre.x + radius * angle.sin(), centre.y - radius * angle.cos())
        })
        .collect()
}
