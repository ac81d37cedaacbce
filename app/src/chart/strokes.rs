//! Patterns as plain lines, since no drawing surface of plotters has patterns of its own.

use super::picture::{Dash, Spot};

/// The drawn pieces of a dashed line.
pub(super) fn dashes(points: &[Spot], dash: Dash) -> Vec<Vec<Spot>> {
    let mut pieces = Vec::new();
    if !(dash.on > 0.0 && dash.off > 0.0) {
        return vec![points.to_vec()];
    }
    let (mut drawing, mut left) = (true, dash.on);
    let mut piece: Vec<Spot> = points.first().copied().into_iter().collect();
    for pair in points.windows(2) {
        let (mut from, to) = (pair[0], pair[1]);
        let mut rest = (to.x - from.x).hypot(to.y - from.y);
        while rest > left {
            let part = left / rest;
            from = Spot::new(from.x + (to.x - from.x) * part, from.y + (to.y - from.y) * part);
            rest -= left;
            if drawing {
                piece.push(from);
                pieces.push(std::mem::take(&mut piece));
            } else {
                piece = vec![from];
            }
            drawing = !drawing;
            left = if drawing { dash.on } else { dash.off };
        }
        left -= rest;
        if drawing {
            piece.push(to);
        }
    }
    if drawing && piece.len() > 1 {
        pieces.push(piece);
    }
    pieces
}

/// From one slanted line to the next, along an edge.
const HATCH_STEP: f64 = 7.0;

/// Lines at 45° that fill a rectangle. They belong to the picture, not to the rectangle: a band that moves
/// does not drag its lines along, and bands side by side meet.
pub(super) fn hatch(from: Spot, to: Spot) -> Vec<[Spot; 2]> {
    let mut lines = Vec::new();
    // Along a line, x + y stays the same.
    let mut sum = ((from.x + from.y) / HATCH_STEP).ceil() * HATCH_STEP;
    while sum < to.x + to.y {
        let low = Spot::new((sum - to.y).max(from.x), (sum - from.x).min(to.y));
        let high = Spot::new((sum - from.y).min(to.x), (sum - to.x).max(from.y));
        if high.x > low.x {
            lines.push([low, high]);
        }
        sum += HATCH_STEP;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_go_round_corners() {
        let corner = [Spot::new(0.0, 0.0), Spot::new(5.0, 0.0), Spot::new(5.0, 5.0)];
        assert_eq!(
            dashes(&corner, Dash { on: 4.0, off: 2.0 }),
            [vec![Spot::new(0.0, 0.0), Spot::new(4.0, 0.0)], vec![Spot::new(5.0, 1.0), Spot::new(5.0, 5.0)]]
        );
    }

    #[test]
    fn hatches_stay_within() {
        let (from, to) = (Spot::new(3.0, 5.0), Spot::new(40.0, 21.0));
        let lines = hatch(from, to);
        assert!(lines.len() > 4);
        for spot in lines.iter().flatten() {
            assert!((from.x..=to.x).contains(&spot.x) && (from.y..=to.y).contains(&spot.y), "{spot:?}");
        }
    }
}
