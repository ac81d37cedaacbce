//! Until when a certificate is valid, whoever has issued it and whether anybody trusts it.
//!
//! Of X.509 (RFC 5280, 4.1) this walks over what stands before the end of the validity, and reads nothing else: what
//! verifies certificates tells that time only where it has passed.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// The last second of its validity, since the epoch. None for what is no certificate.
pub(super) fn valid_until(der: &[u8]) -> Option<i64> {
    let certificate = of(SEQUENCE, der)?.0;
    let (body, _) = of(SEQUENCE, certificate)?;
    let body = of(VERSION, body).map_or(body, |(_, rest)| rest);
    let (_serial, body) = of(INTEGER, body)?;
    let (_algorithm, body) = of(SEQUENCE, body)?;
    let (_issuer, body) = of(SEQUENCE, body)?;
    let (validity, _) = of(SEQUENCE, body)?;
    let (_, _, not_after) = element(validity)?;
    let (tag, text, _) = element(not_after)?;
    time(tag, str::from_utf8(text).ok()?)
}

/// The content of an element with this tag, and what stands behind it.
fn of(tag: u8, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    element(bytes).filter(|(has, _, _)| *has == tag).map(|(_, content, rest)| (content, rest))
}

/// Tag, content, and what stands behind.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        // So many bytes of length follow; no certificate needs more than four.
        0x81..=0x84 => {
            let (length, rest) = rest.split_at_checked(usize::from(first - 0x80))?;
            (length.iter().fold(0, |all, byte| all << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

/// `YYMMDDHHMMSSZ` with years from 1950 to 2049, or `YYYYMMDDHHMMSSZ`.
fn time(tag: u8, text: &str) -> Option<i64> {
    let digits = text.strip_suffix('Z').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    let (year, rest) = match tag {
        UTC_TIME if digits.len() == 12 => {
            let year: i16 = digits.get(..2)?.parse().ok()?;
            (if year < 50 { 2000 + year } else { 1900 + year }, digits.get(2..)?)
        }
        GENERALIZED_TIME if digits.len() == 14 => (digits.get(..4)?.parse().ok()?, digits.get(4..)?),
        _ => return None,
    };
    let part = |at: usize| rest.get(at..at + 2)?.parse::<i8>().ok();
    let civil = DateTime::new(year, part(0)?, part(2)?, part(4)?, part(6)?, part(8)?, 0).ok()?;
    Some(TimeZone::UTC.to_timestamp(civil).ok()?.as_second())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::*;

    fn until(year: i32) -> Vec<u8> {
        let mut params = CertificateParams::new(vec!["a.example".to_owned(); 40]).unwrap();
        params.not_after = date_time_ymd(year, 2, 28);
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    #[test]
    fn the_end_of_real_certificates_is_found() {
        // The last year of two digits is 2049.
        for (year, want) in
            [(2020, 1_582_848_000), (2049, 2_498_083_200), (2050, 2_529_619_200), (4096, 67_095_129_600)]
        {
            assert_eq!(valid_until(&until(year)), Some(want), "{year}");
        }
    }

    #[test]
    fn cut_off_it_has_no_end() {
        let whole = until(2030);
        let cuts = (0..120).filter(|at| valid_until(&whole[..*at]).is_some()).collect::<Vec<_>>();
        assert_eq!(cuts, Vec::<usize>::new());
        for text in [
            "300102030405",
            "300102030405+0100",
            "3001020304Z",
            "30010203040xZ",
            "301302030405Z",
            "9".repeat(12).as_str(),
        ] {
            assert_eq!(time(UTC_TIME, text), None, "{text}");
        }
        assert_eq!(time(UTC_TIME, "700101000001Z"), Some(1));
        assert_eq!(time(GENERALIZED_TIME, "19700101000001Z"), Some(1));
    }

    proptest! {
        #[test]
        fn no_bytes_are_too_odd(at in 0_usize..400, by in any::<u8>(), wild in prop::collection::vec(any::<u8>(), 0..64)) {
            let mut bytes = until(2030);
            bytes[at] = by;
            let _ = (valid_until(&bytes), valid_until(&wild));
        }
    }
}
