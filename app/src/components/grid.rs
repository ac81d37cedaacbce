//! Where widgets lie on six columns, worked out from the twelve they were laid out on.
//!
//! Pure: the same widgets give the same places. One column needs no working out: it is the order alone.

use crate::model::{ChartType, Widget};

/// Columns of the middle layout.
const COLUMNS: u8 = 6;

/// A place on a grid, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) x: u8,
    pub(super) y: u16,
    pub(super) width: u8,
    pub(super) height: u8,
}

impl Place {
    /// As it was laid out, kept within twelve columns.
    pub(super) fn of(widget: &Widget) -> Self {
        let x = widget.position_x.min(11);
        let (width, height) = (widget.width.clamp(1, 12 - x), widget.height.max(1));
        Self { x, y: widget.position_y, width, height }
    }
}

/// From top to bottom and from left to right: how a narrow page stacks them, and how they are read aloud.
pub(super) fn in_reading_order(mut widgets: Vec<Widget>) -> Vec<Widget> {
    widgets.sort_by_key(|widget| (widget.position_y, widget.position_x));
    widgets
}

/// The same on six columns: half as wide, as many in a row as fit, and the last of a row takes what is left of it.
pub(super) fn on_six(in_order: &[Widget]) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::with_capacity(in_order.len());
    let (mut row_starts_at, mut row) = (0, Place { x: 0, y: 0, width: 0, height: 0 });
    for widget in in_order {
        let laid_out = Place::of(widget);
        let width = laid_out.width.div_ceil(2).max(least_width(widget.chart_type));
        if row.x + width > COLUMNS {
            fill(&mut places[row_starts_at..]);
            row_starts_at = places.len();
            row = Place { x: 0, y: row.y + u16::from(row.height), width: 0, height: 0 };
        }
        places.push(Place { x: row.x, y: row.y, width, height: laid_out.height });
        row.x += width;
        row.height = row.height.max(laid_out.height);
    }
    fill(&mut places[row_starts_at..]);
    places
}

const fn least_width(chart: ChartType) -> u8 {
    match chart {
        ChartType::Gauge => 2,
        ChartType::Line | ChartType::Area | ChartType::Bar => 3,
    }
}

fn fill(row: &mut [Place]) {
    if let Some(last) = row.last_mut() {
        last.width = COLUMNS - last.x;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::shipped_widgets;

    fn widgets(laid_out: &[(ChartType, u8, u16, u8, u8)]) -> Vec<Widget> {
        let one = shipped_widgets().remove(0);
        let widget = |&(chart_type, position_x, position_y, width, height): &(ChartType, u8, u16, u8, u8)| Widget {
            chart_type,
            position_x,
            position_y,
            width,
            height,
            ..one.clone()
        };
        in_reading_order(laid_out.iter().map(widget).collect())
    }

    #[track_caller]
    fn check(laid_out: &[(ChartType, u8, u16, u8, u8)], want: &[(u8, u16, u8, u8)]) {
        let got: Vec<_> = on_six(&widgets(laid_out)).iter().map(|p| (p.x, p.y, p.width, p.height)).collect();
        assert_eq!(got, want, "{laid_out:?}");
    }

    #[test]
    fn rows_are_filled_to_their_end() {
        use ChartType::{Bar, Gauge, Line};
        check(&[], &[]);
        check(&[(Line, 0, 0, 3, 4)], &[(0, 0, 6, 4)]);
        check(&[(Line, 0, 0, 6, 5), (Gauge, 6, 0, 3, 5)], &[(0, 0, 3, 5), (3, 0, 3, 5)]);
        check(
            &[(Bar, 9, 0, 3, 4), (Line, 0, 0, 6, 5), (Gauge, 6, 0, 3, 5)],
            &[(0, 0, 3, 5), (3, 0, 3, 5), (0, 5, 6, 4)],
        );
        check(&[(Line, 0, 0, 12, 2), (Line, 0, 2, 12, 2)], &[(0, 0, 6, 2), (0, 2, 6, 2)]);
    }

    #[test]
    fn the_shipped_layout_overlaps_nowhere() {
        let places = on_six(&in_reading_order(shipped_widgets()));
        for (i, a) in places.iter().enumerate() {
            assert!(a.x + a.width <= COLUMNS, "{a:?}");
            for b in &places[i + 1..] {
                let apart = a.x + a.width <= b.x
                    || b.x + b.width <= a.x
                    || a.y + u16::from(a.height) <= b.y
                    || b.y + u16::from(b.height) <= a.y;
                assert!(apart, "{a:?} and {b:?}");
            }
        }
    }

    #[test]
    fn what_is_laid_out_beyond_the_edge_is_kept_within_it() {
        let far = &widgets(&[(ChartType::Line, 200, 0, 200, 0)])[0];
        assert_eq!(Place::of(far), Place { x: 11, y: 0, width: 1, height: 1 });
    }
}
