use proptest::prelude::*;

use super::*;

#[track_caller]
fn check(value: f64, unit: &str, want: &str) {
    assert_eq!(format(value, &Unit::new(unit.to_owned())).to_string(), want, "{value} {unit}");
}

#[test]
fn three_digits_and_a_unit() {
    check(93.14, "percent", "93.1 %");
    check(100.0, "percent", "100 %");
    check(0.0, "percent", "0 %");
    check(9.996, "percent", "10.0 %");
    check(0.01234, "percent", "0.0123 %");
    check(512.0, "bytes", "512 B");
    check(1536.0, "bytes", "1.50 KiB");
    check(1.52e9, "bytes", "1.42 GiB");
    check(1_048_575.0, "bytes", "1.00 MiB");
    check(1023.9 * 1024.0, "bytes", "1.00 MiB");
    check(1010.0 * 1024.0, "bytes", "1010 KiB");
    check(2_422_210.0, "bytes/s", "2.31 MiB/s");
    check(0.0, "bytes/s", "0 B/s");
    check(-1536.0, "bytes", "-1.50 KiB");
    check(3.0, "count", "3");
    check(999.0, "", "999");
    check(1234.0, "count", "1.23 k");
    check(999_999.0, "count", "1.00 M");
    check(0.75, "", "0.750");
    check(12.0, "count/s", "12.0 /s");
    check(0.0031, "seconds", "3.10 ms");
    check(90.0, "seconds", "1.50 min");
    check(86_400.0 * 3.0, "seconds", "3.00 d");
    check(41.5, "celsius", "41.5 °C");
    check(7.0, "widgets", "7.00 widgets");
    check(f64::NAN, "bytes", "–");
    check(f64::INFINITY, "percent", "–");
}

#[test]
fn growth_has_its_own_unit() {
    assert_eq!(per_second(&Unit::BYTES).as_str(), "bytes/s");
    assert_eq!(per_second(&Unit::COUNT).as_str(), "count/s");
    assert_eq!(per_second(&Unit::SECONDS), Unit::NONE);
}

/// What a quantity says, as a number of the plain unit.
fn read(quantity: &Quantity, unit: &Unit) -> f64 {
    let name = quantity.unit.trim_end_matches("/s");
    let steps: &[(f64, &str)] = match unit.as_str().trim_end_matches("/s") {
        "bytes" => &BYTES,
        "seconds" => &SECONDS,
        "percent" => &[(1.0, "%")],
        _ => &COUNTS,
    };
    let factor = steps.iter().find(|step| step.1 == name).unwrap().0;
    quantity.number.parse::<f64>().unwrap() * factor
}

proptest! {
    #[test]
    fn reads_back_to_three_digits(mantissa in 1.0..10.0_f64, exponent in -12..15_i32, negative: bool, unit in 0..5_usize) {
        let unit = Unit::new(["bytes", "bytes/s", "seconds", "count", "percent"][unit]);
        let value = mantissa * 10_f64.powi(exponent) * if negative { -1.0 } else { 1.0 };
        let back = read(&format(value, &unit), &unit);
        prop_assert!((back - value).abs() <= value.abs() * 0.0051, "{value} reads as {back}");
    }

    #[test]
    fn anything_is_short(value: f64) {
        for unit in [Unit::BYTES, Unit::SECONDS, Unit::COUNT, Unit::PERCENT] {
            let quantity = format(value, &unit);
            prop_assert!(quantity.number.len() <= 10, "{quantity}");
        }
    }
}
