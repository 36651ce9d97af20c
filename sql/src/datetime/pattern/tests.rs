use super::*;
use crate::datetime::text::{parse_timestamp, write_timestamp};

fn format(pattern: &str, timestamp: &str) -> String {
    let mut out = String::new();
    Pattern::new(pattern, Use::Format).unwrap().write(&mut out, parse_timestamp(timestamp).unwrap());
    out
}

fn read(pattern: &str, text: &str) -> Option<String> {
    let micros = Pattern::new(pattern, Use::Parse).unwrap().read(text).unwrap()?;
    let mut out = String::new();
    write_timestamp(&mut out, micros);
    Some(out)
}

#[test]
fn letters_write_what_java_writes() {
    let now = "2024-03-05 07:08:09.123456";
    for (pattern, expected) in [
        ("y yy yyy yyyy yyyyy", "2024 24 2024 2024 02024"),
        ("M MM MMM MMMM L LLL", "3 03 Mar March 3 Mar"),
        ("d dd D DD DDD E EE EEE EEEE", "5 05 65 65 065 Tue Tue Tue Tuesday"),
        ("a h hh H HH k kk K KK m mm s ss", "AM 7 07 7 07 7 07 7 07 8 08 9 09"),
        ("S SS SSS SSSSSS SSSSSSSSS", "1 12 123 123456 123456000"),
        ("Q QQ QQQ QQQQ q qq", "1 01 Q1 1st quarter 1 01"),
        (
            "VV z zzzz O X XXX x xx xxx Z ZZZZ ZZZZZ",
            "UTC UTC Coordinated Universal Time GMT Z Z +00 +0000 +00:00 +0000 GMT Z",
        ),
        ("yyyy-MM-dd'T'HH''mm", "2024-03-05T07'08"),
        ("G y [yyyy]", "AD 2024 2024"),
        ("", ""),
    ] {
        assert_eq!(format(pattern, now), expected, "{pattern}");
    }
    assert_eq!(format("h K k H", "2024-03-05 00:08:09"), "12 0 24 0");
    assert_eq!(format("y yyyy yy", "12024-03-05 00:00:00"), "12024 +12024 24");
}

#[test]
fn letters_without_a_meaning_are_errors() {
    for pattern in
        ["YYYY", "w", "u", "e", "A", "b", "MMMMM", "EEEEE", "yyyyyyy", "aa", "hhh", "{", "F", "'", "]"]
    {
        assert!(Pattern::new(pattern, Use::Format).is_err(), "{pattern}");
    }
    for pattern in ["E", "QQQ", "G"] {
        assert!(Pattern::new(pattern, Use::Parse).is_err(), "{pattern}");
    }
}

#[test]
fn texts_are_read_as_java_reads_them() {
    for (pattern, text, expected) in [
        ("y-M-d", "2024-3-5", Some("2024-03-05 00:00:00")),
        ("y-M-d", "2024-03-05", Some("2024-03-05 00:00:00")),
        ("yyyyMMdd", "20240305", Some("2024-03-05 00:00:00")),
        ("yyMMdd", "240305", Some("2024-03-05 00:00:00")),
        ("yyyyDDD", "2024065", Some("2024-03-05 00:00:00")),
        ("MMM d, yyyy", "mar 5, 2024", Some("2024-03-05 00:00:00")),
        ("yyyy-MM", "2024-03", Some("2024-03-01 00:00:00")),
        ("HH:mm", "07:08", Some("1970-01-01 07:08:00")),
        ("yyyy-MM-dd hh:mm a", "2024-03-05 07:08 PM", Some("2024-03-05 19:08:00")),
        ("yyyy-MM-dd kk", "2024-03-05 24", Some("2024-03-05 00:00:00")),
        ("yyyy-MM-dd HH:mm:ss.SSS", "2024-03-05 07:08:09.5", Some("2024-03-05 07:08:09.5")),
        ("yyyy-MM-dd'T'HH:mm:ssXXX", "2024-03-05T07:08:09+02:00", Some("2024-03-05 05:08:09")),
        ("yyyy-MM-dd HH:mm:ss VV", "2024-03-05 07:08:09 Europe/Paris", Some("2024-03-05 06:08:09")),
        ("yyyy-MM-dd[ HH:mm]", "2024-03-05", Some("2024-03-05 00:00:00")),
        ("yyyy-MM-dd[ HH:mm]", "2024-03-05 07:08", Some("2024-03-05 07:08:00")),
        ("yyyy-MM-dd", "nope", None),
        ("yyyy-MM-dd", "", None),
        ("yyyy-MM-dd", "2024", None),
        ("yyyy-MM-dd", "2024-02-30", None),
        ("yyyy-MM-dd", "2024-13-30", None),
        ("yyyy-MM-dd HH:mm", "2024-03-05 25:00", None),
    ] {
        assert_eq!(read(pattern, text).as_deref(), expected, "{pattern} {text}");
    }
}

#[test]
fn texts_that_only_spark_2_would_read_are_errors() {
    for text in ["2024-3-5", "2024-03-05x", " 2024-03-05"] {
        assert!(Pattern::new("yyyy-MM-dd", Use::Parse).unwrap().read(text).is_err(), "{text}");
    }
}
