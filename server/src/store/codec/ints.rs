//! A column of whole numbers: what can be said of all of them, then what is left of each.
//!
//! A tag, the first number (and the first step), then the residuals: the numbers themselves, their steps or the steps
//! of their steps, less the smallest one and divided by what all have in common. Arithmetic wraps, so that every
//! `i64` is taken; wrapping is undone by wrapping.

use super::narrow::{Take, Width};
use super::{Corrupt, MAX_COUNT, guess, narrow, packed, varint};

/// Residuals below which pco's head outweighs what it wins.
const FEW: usize = 24;

/// Residuals from which pco is tried whatever is guessed; below, trying costs more time than it wins bytes.
const SURE: usize = 256;

/// How a column is to be read: its first byte. The low two bits of the first six are the order.
const PACKED: u8 = 0x00;
const PCO: u8 = 0x10;
const CONSTANT: u8 = 0x80;
const LINEAR: u8 = 0x81;

/// Appends `numbers`; nothing at all where there are none.
pub(super) fn encode(numbers: &[i64], out: &mut Vec<u8>) {
    let &[first, ref rest @ ..] = numbers else { return };
    let step = rest.first().map_or(0, |second| second.wrapping_sub(first));
    if steps(numbers).all(|s| s == step) {
        out.push(if step == 0 { CONSTANT } else { LINEAR });
        varint::put_signed(first, out);
        if step != 0 {
            varint::put_signed(step, out);
        }
        return;
    }
    let (order, guessed) = Order::of(numbers);
    let (residuals, shared) = Shared::take_out(order.residuals(numbers));
    let max = residuals.iter().copied().max().unwrap_or_default();
    let tag_at = out.len();
    out.push(PACKED | order as u8);
    order.put_start(first, step, out);
    varint::put_signed(shared.min, out);
    varint::put(shared.factor, out);

    let body_at = out.len();
    let bits = packed::width(max);
    let packed_size = 1 + packed::size(residuals.len(), bits).unwrap_or(usize::MAX);
    let promising = residuals.len() >= SURE || residuals.len() >= FEW && guessed * 1.1 < f64::from(bits);
    if promising && narrow::put(&residuals, max, out) && out.len() - body_at < packed_size {
        let width = Width::of(max);
        if let Some(tag) = out.get_mut(tag_at) {
            *tag = PCO | (width as u8) << 2 | order as u8;
        }
        return;
    }
    out.truncate(body_at);
    out.push(bits as u8);
    packed::put(&residuals, bits, out);
}

/// Appends the `count` numbers that `bytes` is made of; on an error `out` may have some of them.
pub(super) fn decode(mut bytes: &[u8], count: usize, out: &mut Vec<i64>) -> Result<(), Corrupt> {
    if count == 0 && bytes.is_empty() {
        return Ok(());
    }
    let (&tag, rest) = bytes.split_first().ok_or(Corrupt("it is empty"))?;
    if count == 0 || count > MAX_COUNT {
        return Err(Corrupt("no column has that many numbers"));
    }
    bytes = rest;
    let first = varint::take_signed(&mut bytes)?;
    if tag == CONSTANT || tag == LINEAR {
        let step = if tag == LINEAR { varint::take_signed(&mut bytes)? } else { 0 };
        if !bytes.is_empty() {
            return Err(Corrupt("bytes are left behind the step"));
        }
        let nth = (0..count as u64).map(u64::cast_signed);
        out.extend(nth.map(|nth| first.wrapping_add(step.wrapping_mul(nth))));
        return Ok(());
    }
    let order = Order::from_tag(tag)?;
    let left = count.checked_sub(order as usize).ok_or(Corrupt("it has fewer numbers than its order"))?;
    let step = if order == Order::Second { varint::take_signed(&mut bytes)? } else { 0 };
    let shared = Shared { min: varint::take_signed(&mut bytes)?, factor: varint::take(&mut bytes)? };
    let mut rebuilt = Rebuild { order, shared, last: first, step, out };
    rebuilt.start(count);
    match tag & !3 {
        PACKED => {
            let (&bits, bytes) = bytes.split_first().ok_or(Corrupt("the width is cut off"))?;
            packed::read(bytes, left, bits.into(), |number| rebuilt.take(&[number]))
        }
        tag => {
            let width = [Width::One, Width::Two, Width::Four, Width::Eight].into_iter();
            let width = width.into_iter().find(|&w| tag == PCO | (w as u8) << 2).ok_or(UNKNOWN)?;
            narrow::read(bytes, left, width, &mut rebuilt)
        }
    }
}

const UNKNOWN: Corrupt = Corrupt("its first byte is none of ours");

/// How often steps are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    /// The numbers themselves: noise about a level.
    None = 0,
    /// From one number to the next: counters, gauges that move slowly.
    First = 1,
    /// From one step to the next: what grows steadily.
    Second = 2,
}

impl Order {
    fn from_tag(tag: u8) -> Result<Self, Corrupt> {
        [Self::None, Self::First, Self::Second].into_iter().find(|&order| order as u8 == tag & 3).ok_or(UNKNOWN)
    }

    /// The one whose residuals are likely to take the fewest bits, judged by some stretches of the numbers. Where it
    /// is a draw, the simpler one. Second comes how many bits that may be, each.
    fn of(numbers: &[i64]) -> (Self, f64) {
        let mut found = [Vec::new(), Vec::new(), Vec::new()];
        for stretch in stretches(numbers) {
            for three in stretch.windows(3) {
                let &[a, b, c] = three else { continue };
                let (before, step) = (b.wrapping_sub(a), c.wrapping_sub(b));
                let residuals = [c, step, step.wrapping_sub(before)];
                found.iter_mut().zip(residuals).for_each(|(of_order, residual)| of_order.push(residual));
            }
        }
        let costs = found.map(|residuals| guess::bits(residuals, numbers.len()));
        let [none, first, second] = costs;
        match () {
            () if none <= first && none <= second => (Self::None, none),
            () if first <= second => (Self::First, first),
            () => (Self::Second, second),
        }
    }

    fn residuals(self, numbers: &[i64]) -> Vec<i64> {
        match self {
            // The first number stands before the residuals anyway.
            Self::None => numbers.to_vec(),
            Self::First => steps(numbers).collect(),
            Self::Second => {
                let before = steps(numbers);
                steps(numbers).skip(1).zip(before).map(|(step, before)| step.wrapping_sub(before)).collect()
            }
        }
    }

    fn put_start(self, first: i64, step: i64, out: &mut Vec<u8>) {
        varint::put_signed(if self == Self::None { 0 } else { first }, out);
        if self == Self::Second {
            varint::put_signed(step, out);
        }
    }
}

/// A few stretches of long columns, short ones as they are.
fn stretches(numbers: &[i64]) -> impl Iterator<Item = &[i64]> {
    const STRETCHES: usize = 4;
    let sampled = (numbers.len() / 8).clamp(64, 256);
    let (length, every) = if numbers.len() <= sampled {
        (sampled, sampled)
    } else {
        (sampled / STRETCHES, (numbers.len() - sampled / STRETCHES) / (STRETCHES - 1))
    };
    (0..numbers.len()).step_by(every).map(move |at| numbers.get(at..numbers.len().min(at + length)).unwrap_or_default())
}

fn steps(numbers: &[i64]) -> impl Iterator<Item = i64> {
    numbers.iter().zip(numbers.iter().skip(1)).map(|(before, after)| after.wrapping_sub(*before))
}

/// What all residuals have in common: each is `min` and a multiple of `factor`.
#[derive(Debug, Clone, Copy)]
struct Shared {
    min: i64,
    factor: u64,
}

impl Shared {
    /// What is left of each residual, and what was taken out.
    fn take_out(residuals: Vec<i64>) -> (Vec<u64>, Self) {
        let min = residuals.iter().copied().min().unwrap_or_default();
        let mut left: Vec<u64> = residuals.into_iter().map(|r| r.wrapping_sub(min).cast_unsigned()).collect();
        let shift = left.iter().fold(0, |all, n| all | n).trailing_zeros() % u64::BITS;
        if shift > 0 {
            left.iter_mut().for_each(|n| *n >>= shift);
        }
        let odd = common_divisor(&left);
        if odd > 1 {
            left.iter_mut().for_each(|n| *n /= odd);
        }
        (left, Self { min, factor: odd << shift })
    }
}

/// The largest number that divides all; 1 where that is found out soon, which it is where there is none.
fn common_divisor(numbers: &[u64]) -> u64 {
    let mut divisor = 0;
    for &number in numbers {
        let (mut a, mut b) = (number, divisor);
        while b != 0 {
            (a, b) = (b, a % b);
        }
        divisor = a;
        if divisor == 1 {
            break;
        }
    }
    divisor.max(1)
}

/// Numbers out of their residuals.
struct Rebuild<'a> {
    order: Order,
    shared: Shared,
    last: i64,
    step: i64,
    out: &'a mut Vec<i64>,
}

impl Rebuild<'_> {
    /// The numbers that stand before the residuals.
    fn start(&mut self, count: usize) {
        self.out.reserve(count);
        if self.order != Order::None {
            self.out.push(self.last);
        }
        if self.order == Order::Second {
            self.last = self.last.wrapping_add(self.step);
            self.out.push(self.last);
        }
    }
}

impl Take for Rebuild<'_> {
    fn take<T: Copy + Into<u64>>(&mut self, numbers: &[T]) {
        let Shared { min, factor } = self.shared;
        let residuals = numbers.iter().map(|&n| min.wrapping_add(n.into().wrapping_mul(factor).cast_signed()));
        let (mut last, mut step) = (self.last, self.step);
        match self.order {
            Order::None => self.out.extend(residuals),
            Order::First => self.out.extend(residuals.map(|residual| {
                last = last.wrapping_add(residual);
                last
            })),
            Order::Second => self.out.extend(residuals.map(|residual| {
                step = step.wrapping_add(residual);
                last = last.wrapping_add(step);
                last
            })),
        }
        (self.last, self.step) = (last, step);
    }
}
