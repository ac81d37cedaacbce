//! Floats as whole numbers, where they are some: integers, decimals, and else their bits.
//!
//! Invariant: a scale is used only where it gives back every bit of every value; that is tried out, not argued.

use super::Corrupt;

/// How a float comes from a whole number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Scale {
    /// That many places behind the point: `n / 10^places`, which is what reading a decimal gives. Zero: the number
    /// itself.
    Decimal(u8),
    /// `n × 10^-places`, which is what counting ticks by their length gives: often a neighbour of the decimal.
    Product(u8),
    /// The bits of the float, in the order of the floats, so that near ones stay near. Every float can be had like
    /// this.
    Bits,
}

const POWERS: [f64; 13] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12];
const FRACTIONS: [f64; 13] = [1e0, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-11, 1e-12];

/// Places behind the point that are looked for.
const PLACES: u8 = POWERS.len() as u8 - 1;

/// Values that are tried before all are.
const TRIED: usize = 16;

/// Added to a float below 2^51, it leaves no bits for a fraction: the sum is rounded, and its low bits are the integer.
const ROUNDING: f64 = 6_755_399_441_055_744.0;

const PRODUCT: u8 = 0x20;
const BITS: u8 = 0x40;

impl Scale {
    /// `values` as whole numbers, by the simplest scale that gives them back.
    pub(in crate::store) fn apply(values: &[f64]) -> (Self, Vec<i64>) {
        let sample: Vec<f64> = values.iter().step_by(values.len().div_ceil(TRIED).max(1)).copied().collect();
        let mut back = Vec::with_capacity(values.len());
        for (kind, least) in [(Self::Decimal as fn(u8) -> Self, 0), (Self::Product, 1)] {
            let mut sample = sample.clone();
            let mut candidates = least..=PLACES;
            while let Some(scale) = candidates.by_ref().map(kind).find(|scale| scale.gives_back(&sample)) {
                let numbers = scale.numbers(values);
                back.clear();
                scale.restore(&numbers, &mut back);
                let mut pairs = values.iter().zip(&back);
                let Some((odd, _)) = pairs.find(|(value, back)| value.to_bits() != back.to_bits()) else {
                    return (scale, numbers);
                };
                // It takes more places than the sample, or cannot be had like this at all.
                sample = vec![*odd];
            }
        }
        (Self::Bits, Self::Bits.numbers(values))
    }

    /// `value` with so many places behind the point as decimals of this scale have; none where it is no scale of decimals.
    pub(in crate::store) fn round(self, value: f64) -> Option<f64> {
        let Self::Decimal(places) = self else { return None };
        let power = at(&POWERS, places);
        Some((value * power).round() / power)
    }

    fn gives_back(self, values: &[f64]) -> bool {
        let mut back = Vec::with_capacity(1);
        values.iter().all(|value| {
            back.clear();
            self.restore(&self.numbers(&[*value]), &mut back);
            back.first().is_some_and(|back| back.to_bits() == value.to_bits())
        })
    }

    /// The whole numbers nearest to `values`.
    fn numbers(self, values: &[f64]) -> Vec<i64> {
        match self {
            Self::Decimal(0) => values.iter().map(|&value| value as i64).collect(),
            Self::Decimal(places) | Self::Product(places) => {
                let power = at(&POWERS, places);
                let rounded = values.iter().map(|value| (value * power + ROUNDING).to_bits());
                rounded.map(|bits| bits.wrapping_sub(ROUNDING.to_bits()).cast_signed()).collect()
            }
            Self::Bits => values.iter().map(|value| in_order(value.to_bits().cast_signed())).collect(),
        }
    }

    /// Appends the floats that `numbers` stand for.
    pub(super) fn restore(self, numbers: &[i64], out: &mut Vec<f64>) {
        match self {
            Self::Decimal(0) => out.extend(numbers.iter().map(|&number| number as f64)),
            Self::Decimal(places) => {
                let power = at(&POWERS, places);
                out.extend(numbers.iter().map(|&number| number as f64 / power));
            }
            Self::Product(places) => {
                let fraction = at(&FRACTIONS, places);
                out.extend(numbers.iter().map(|&number| number as f64 * fraction));
            }
            Self::Bits => out.extend(numbers.iter().map(|&number| f64::from_bits(in_order(number).cast_unsigned()))),
        }
    }

    /// The byte that stands for it.
    pub(super) fn tag(self) -> u8 {
        match self {
            Self::Decimal(places) => places,
            Self::Product(places) => PRODUCT | places,
            Self::Bits => BITS,
        }
    }

    /// The scale that `tag` stands for.
    pub(super) fn from_tag(tag: u8) -> Result<Self, Corrupt> {
        match tag {
            BITS => Ok(Self::Bits),
            places if places <= PLACES => Ok(Self::Decimal(places)),
            tag if tag & !0xf == PRODUCT && tag & 0xf <= PLACES => Ok(Self::Product(tag & 0xf)),
            _ => Err(Corrupt("its first byte is no scale")),
        }
    }
}

fn at(powers: &[f64], places: u8) -> f64 {
    powers.get(usize::from(places)).copied().unwrap_or(1.0)
}

/// Bits of floats as integers of the same order; twice is the way back.
fn in_order(bits: i64) -> i64 {
    bits ^ (bits >> 63) & i64::MAX
}
