//! A moment as a date, in UTC. Not here: any clock.

/// `2026-11-22 09:12:44.123456789 UTC`, from nanoseconds since 1970.
pub(super) fn utc(nanos: i64) -> String {
    let (seconds, fraction) = (nanos.div_euclid(1_000_000_000), nanos.rem_euclid(1_000_000_000));
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{fraction:09} UTC")
}

/// The Gregorian date of a day counted from 1970-01-01. Years are taken to begin in March, so that the leap day comes last.
fn civil(days: i64) -> (i64, i64, i64) {
    // Day 0 becomes 0000-03-01; an era of 400 years has 146,097 days.
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_before_and_after_the_epoch_and_leap_days_are_right() {
        assert_eq!(utc(0), "1970-01-01 00:00:00.000000000 UTC");
        assert_eq!(utc(-1), "1969-12-31 23:59:59.999999999 UTC");
        assert_eq!(utc(951_782_400_000_000_000), "2000-02-29 00:00:00.000000000 UTC");
        assert_eq!(utc(1_795_338_764_000_000_005), "2026-11-22 09:12:44.000000005 UTC");
        assert_eq!(&utc(i64::MIN)[..4], "1677");
        assert_eq!(&utc(i64::MAX)[..4], "2262");
    }
}
