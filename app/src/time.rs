//! Times as people write them: `1.5s`, `250ms`, or a plain number of milliseconds.

use rtclab_trace::SimTime;

/// Why a text is not a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// Not a number with one of the units.
    #[error("expected a time such as 1.5s, 250ms, or a number of milliseconds")]
    Shape,
    /// Negative, or beyond what a run can reach.
    #[error("expected a time from 0 to a year")]
    Range,
}

/// The longest time that is accepted, in milliseconds: a year.
const MAX_MS: f64 = 366.0 * 86_400_000.0;

/// Reads a time.
///
/// # Errors
///
/// The text is not a number with a unit, or out of range.
pub fn parse_time(text: &str) -> Result<SimTime, TimeError> {
    let text = text.trim();
    // The order matters: every unit ends in `s`.
    let units = [("ms", 1.0), ("us", 1e-3), ("µs", 1e-3), ("s", 1e3)];
    let unit = units.iter().find_map(|(unit, ms)| Some((text.strip_suffix(unit)?, *ms)));
    let (number, ms) = unit.unwrap_or((text, 1.0));
    let number = number.trim_end();
    let plain =
        !number.is_empty() && number.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | '+'));
    let number: f64 =
        if plain { number.parse().map_err(|_| TimeError::Shape)? } else { return Err(TimeError::Shape) };
    let ms = number * ms;
    if !(0.0..=MAX_MS).contains(&ms) {
        return Err(TimeError::Range);
    }
    Ok(SimTime::from_nanos((ms * 1e6).round() as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_milliseconds_and_plain_numbers_are_times() {
        let nanos = |text| parse_time(text).map(SimTime::as_nanos);
        assert_eq!(nanos("1.5s"), Ok(1_500_000_000));
        assert_eq!(nanos("250ms"), Ok(250_000_000));
        assert_eq!(nanos("250 ms"), Ok(250_000_000));
        assert_eq!(nanos("412.031"), Ok(412_031_000));
        assert_eq!(nanos("7us"), Ok(7_000));
        assert_eq!(nanos("0"), Ok(0));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["", "s", "soon", "1.5.2s", "1e3", "inf", "NaN", "1h", "0x10"] {
            assert_eq!(parse_time(text), Err(TimeError::Shape), "{text}");
        }
        for text in ["-1", "-0.5s", "99999999999s"] {
            assert_eq!(parse_time(text), Err(TimeError::Range), "{text}");
        }
    }
}
