//! Numbers and times as people read them.

use chrono::{DateTime, TimeDelta, Utc};

/// `1,234,567`
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `12.3 MiB`
pub(super) fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{bytes} B") } else { format!("{value:.1} {}", UNITS[unit]) }
}

/// `2026-11-23 06:15:07`, UTC
pub(super) fn instant(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S").to_string()
}

/// `3 min ago`
pub(super) fn ago(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let passed = now - at;
    if passed < TimeDelta::seconds(5) { "just now".to_owned() } else { format!("{} ago", duration(passed)) }
}

/// `3 min`: the largest unit of which there is more than one
pub(super) fn duration(passed: TimeDelta) -> String {
    let seconds = passed.num_seconds().max(0);
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7199 => format!("{} min", seconds / 60),
        7200..=172_799 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86400),
    }
}

/// `4.2 s`, for what refreshes take
pub(super) fn elapsed(passed: TimeDelta) -> String {
    let seconds = passed.as_seconds_f64().max(0.0);
    if seconds < 100.0 { format!("{seconds:.1} s") } else { duration(passed) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times_are_short() {
        assert_eq!([count(0), count(999), count(1000), count(1_234_567)], ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(
            [bytes(0), bytes(1023), bytes(1536), bytes(5 << 30)],
            ["0 B", "1023 B", "1.5 KiB", "5.0 GiB"]
        );
        let seconds = |s| duration(TimeDelta::seconds(s));
        assert_eq!(
            [seconds(-5), seconds(59), seconds(150), seconds(7200), seconds(200_000)],
            ["0 s", "59 s", "2 min", "2 h", "2 days"]
        );
        let at = DateTime::UNIX_EPOCH;
        assert_eq!(ago(at, at + TimeDelta::seconds(3)), "just now");
        assert_eq!(ago(at, at + TimeDelta::minutes(3)), "3 min ago");
        assert_eq!(elapsed(TimeDelta::milliseconds(4210)), "4.2 s");
    }
}
