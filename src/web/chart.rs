//! Pictures as SVG, each with the table it is drawn from: whoever cannot see it reads the same.

use super::view::{Cell, Table};

/// Width of a picture, in its own units.
const WIDTH: u64 = 720;
/// Where bars begin, and how long the longest is.
const LABELS: u64 = 190;
const BARS: u64 = 430;
/// Height of a bar with its gap.
const ROW: u64 = 30;
const HEIGHT: u64 = 220;
const MONTHS: u64 = 12;
const TOP: u64 = 20;
const BOTTOM: u64 = 185;
const LEFT: u64 = 60;
/// A whole, in basis points.
const WHOLE: u64 = 10_000;

/// One shape of a picture.
#[derive(Clone, Debug)]
pub enum Shape {
    /// A box.
    Box {
        /// Left edge.
        x: u64,
        /// Upper edge.
        y: u64,
        /// Width.
        width: u64,
        /// Height.
        height: u64,
        /// Class of its colour.
        class: &'static str,
    },
    /// A line through points.
    Line {
        /// `x,y x,y ..`.
        points: String,
        /// Class of its colour.
        class: &'static str,
    },
    /// Words.
    Words {
        /// Where.
        x: u64,
        /// Where.
        y: u64,
        /// `start`, `middle` or `end`.
        anchor: &'static str,
        /// What.
        text: String,
    },
}

/// A picture.
#[derive(Clone, Debug)]
pub struct Chart {
    /// What it shows.
    pub title: String,
    /// The same in a sentence.
    pub said: String,
    /// An id of its own on the page.
    pub id: &'static str,
    /// Height in its own units.
    pub height: u64,
    /// Its shapes.
    pub shapes: Vec<Shape>,
    /// What it is drawn from.
    pub table: Table,
}

/// A row of bars: label, values with their classes, words beside it, where the label leads.
pub struct Bar {
    /// What it is of.
    pub label: String,
    /// Values from left to right.
    pub values: Vec<(u64, &'static str)>,
    /// The words behind it.
    pub said: String,
}

fn words(x: u64, y: u64, anchor: &'static str, text: impl Into<String>) -> Shape {
    Shape::Words { x, y, anchor, text: text.into() }
}

/// Bars from left to right, to one scale.
#[must_use]
pub fn bars(id: &'static str, title: String, said: String, bars: &[Bar], table: Table) -> Chart {
    let total = |b: &Bar| b.values.iter().map(|(n, _)| n).sum::<u64>();
    let most = bars.iter().map(total).max().unwrap_or(0).max(1);
    let mut shapes = Vec::new();
    for (y, bar) in (0..).map(|i| i * ROW).zip(bars) {
        shapes.push(words(LABELS - 10, y + 20, "end", bar.label.clone()));
        let mut x = LABELS;
        for (value, class) in &bar.values {
            let width = value * BARS / most;
            shapes.push(Shape::Box { x, y: y + 6, width, height: ROW - 10, class });
            x += width;
        }
        shapes.push(words(x + 8, y + 20, "start", bar.said.clone()));
    }
    let height = ROW * u64::try_from(bars.len()).unwrap_or(0).max(1);
    Chart { title, said, id, height, shapes, table }
}

/// A line of shares by month, with a line at what is to be reached; months without anything are left out.
#[must_use]
pub fn months(
    id: &'static str,
    title: String,
    said: String,
    shares: &[Option<u64>; 12],
    target: u64,
    table: Table,
) -> Chart {
    let x = |month: u64| LEFT + month * (WIDTH - LEFT - 30) / (MONTHS - 1);
    let y = |share: u64| BOTTOM - share.min(WHOLE) * (BOTTOM - TOP) / WHOLE;
    let mut shapes = Vec::new();
    for share in [0, WHOLE / 2, WHOLE] {
        let points = format!("{LEFT},{0} {WIDTH},{0}", y(share));
        shapes.push(Shape::Line { points, class: "grid" });
        shapes.push(words(LEFT - 8, y(share) + 5, "end", format!("{}%", share / 100)));
    }
    let points = format!("{LEFT},{0} {WIDTH},{0}", y(target));
    shapes.push(Shape::Line { points, class: "target" });
    shapes.push(words(WIDTH - 4, y(target) - 6, "end", format!("{}%", target / 100)));
    let known = (0..).zip(shares).filter_map(|(m, share)| share.map(|s| (m, s)));
    let points: Vec<(u64, u64)> = known.map(|(m, s)| (x(m), y(s))).collect();
    let text: Vec<String> = points.iter().map(|(x, y)| format!("{x},{y}")).collect();
    shapes.push(Shape::Line { points: text.join(" "), class: "line" });
    for (x, y) in points {
        shapes.push(Shape::Box { x: x - 4, y: y - 4, width: 8, height: 8, class: "first" });
    }
    for month in 0..MONTHS {
        shapes.push(words(x(month), HEIGHT - 10, "middle", (month + 1).to_string()));
    }
    Chart { title, said, id, height: HEIGHT, shapes, table }
}

/// A table of two columns of a picture's numbers.
#[must_use]
pub fn twin(caption: &str, columns: [&str; 2], rows: Vec<(String, String)>) -> Table {
    Table {
        caption: caption.to_owned(),
        columns: columns.map(str::to_owned).to_vec(),
        rows: rows.into_iter().map(|(a, b)| vec![Cell::text(a), Cell::number(b)]).collect(),
        next: None,
    }
}
