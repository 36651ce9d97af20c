"""Patterns of dates and times, written and read; text forms; arithmetic over ends of months and leap years."""
import itertools

from .literals import DATES, LOCAL_TIMES, TIMES, TIME_TEXTS

LETTERS = "GyYMLwWdDFEauehHkKmsSnNAVzOXxZqQp"
SPECIAL = ["yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd''HH", "''", "'", "yyyy'x", "[yyyy]-[MM]", "yyyy{", "#", "yyyy MM dd", "dd.MM.yy", "d/M/y", "MM/dd/yyyy hh:mm:ss a", "EEE, d MMM yyyy HH:mm:ss Z", "yyyy-'Q'q", "yyyyDDD", "HHmmss", "yyyy-MM-dd HH:mm:ss.SSSSSS",
           "yyyy-MM-dd HH:mm:ss.S", "yyyy-MM-dd HH:mm:ss.SSSSSSSSS", "yyyyMMddHHmmssSSS", "hh", "h a", "K:mm a", "k:mm", "EEEE d MMMM yyyy", "EEEEE", "MMMMM", "GGGG", "y", "yyy", "yyyyyy", "yyyyyyy", "zzzz", "OOOO", "XXX", "xx", "ZZZZZ", "VV", "ppM", "q Q", "LLL", "QQQQ", "YYYY-ww", "ee", "c", "B"]
READ = [
    ("yyyy-MM-dd", ["2024-02-29", "2024-2-9", "2024-02-30", "24-02-29", "2024-02-29 ", " 2024-02-29", "2024-02-29x", "02024-02-29", "", "2023-02-29", "12024-02-29", "-2024-02-29", "0000-01-01", "+2024-01-01"]),
    ("yyyy-M-d", ["2024-2-9", "2024-02-09", "2024-12-31", "2024-2-009"]),
    ("yy-MM-dd", ["24-02-29", "99-01-01", "2024-02-29", "70-01-01", "4-02-29"]),
    ("dd/MM/yyyy", ["29/02/2024", "1/2/2024", "31/04/2024", "29-02-2024", "00/01/2024"]),
    ("MM/dd/yyyy HH:mm:ss", ["02/29/2024 23:59:59", "02/29/2024 24:00:00", "2/9/2024 1:2:3", "02/29/2024 23:59:60"]),
    ("yyyy-MM-dd hh:mm a", ["2024-02-29 12:30 AM", "2024-02-29 01:30 pm", "2024-02-29 13:30 PM", "2024-02-29 00:30 AM"]),
    ("MMM d, yyyy", ["Feb 29, 2024", "feb 29, 2024", "FEB 29, 2024", "February 29, 2024", "Feb. 29, 2024"]),
    ("MMMM d yyyy", ["February 29 2024", "Feb 29 2024"]),
    ("EEE, d MMM yyyy", ["Thu, 29 Feb 2024", "Fri, 29 Feb 2024"]),
    ("yyyyMMdd", ["20240229", "2024229", "202402291", "20240230"]),
    ("yyyyMMddHHmmss", ["20240229235959", "20240229"]),
    ("yyyy-MM-dd'T'HH:mm:ssXXX", ["2024-02-29T10:11:12+02:00", "2024-02-29T10:11:12Z", "2024-02-29T10:11:12+0200", "2024-02-29T10:11:12"]),
    ("yyyy-MM-dd HH:mm:ss.SSS", ["2024-02-29 10:11:12.123", "2024-02-29 10:11:12.1", "2024-02-29 10:11:12.1234", "2024-02-29 10:11:12"]),
    ("yyyy-MM-dd HH:mm:ss[.SSSSSS]", ["2024-02-29 10:11:12", "2024-02-29 10:11:12.123456", "2024-02-29 10:11:12.123"]),
    ("yyyy-MM-dd HH:mm:ss.SSSSSSSSS", ["2024-02-29 10:11:12.123456789", "2024-02-29 10:11:12.123456999"]),
    ("yyyy-MM-dd HH:mm:ss z", ["2024-02-29 10:11:12 UTC", "2024-02-29 10:11:12 PST", "2024-02-29 10:11:12 Europe/Paris"]),
    ("yyyy-MM-dd HH:mm VV", ["2024-02-29 10:11 Europe/Paris", "2024-07-29 10:11 America/New_York"]),
    ("yyyy-MM-dd HH:mm:ss O", ["2024-02-29 10:11:12 GMT+8"]),
    ("yyyy", ["2024", "24", "20240", "x"]), ("yyyy-MM", ["2024-02", "2024-13"]), ("MM", ["02"]), ("HH:mm", ["10:11", "25:00"]), ("HH:mm:ss", ["10:11:12"]), ("D yyyy", ["60 2024", "366 2023"]), ("yyyy-DDD", ["2024-060"]), ("yyyy Q", ["2024 1"]), ("YYYY-ww", ["2024-09"]), ("G yyyy", ["AD 2024"]),
    ("H:m:s", ["1:2:3"]), ("yyyy-MM-dd kk", ["2024-02-29 24"]), ("yyyy-MM-dd KK a", ["2024-02-29 00 PM"]), ("u-MM-dd", ["2024-02-29"]), ("yyyy/MM/dd", ["2024/02/29", "2024-02-29"]), ("y-M-d", ["2024-2-9", "5-1-1"]), ("d.M.yyyy", ["9.2.2024", "09.02.2024"]), ("dd-MMM-yy", ["09-Feb-24", "09-FEB-24", "9-Feb-24"]), ("e", ["1"]), ("F", ["1"]), ("W", ["1"]), ("'", ["x"]), ("", ["", "x"]), ("yyyy-MM-dd''", ["2024-02-29'"]),
]
INTERVALS = ["INTERVAL 1 DAY", "INTERVAL -1 MONTH", "INTERVAL 1 MONTH", "INTERVAL 13 MONTH", "INTERVAL -1 YEAR", "INTERVAL '1 02:03:04.5' DAY TO SECOND", "INTERVAL 1 HOUR", "INTERVAL '0.000001' SECOND", "INTERVAL -1 SECOND", "INTERVAL 100 YEAR"]


def quote(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def statements():
    times = ["TIMESTAMP'2024-02-09 03:04:05.006007'", "TIMESTAMP'1969-12-31 23:59:59.999999'", "DATE'2024-12-30'", "TIMESTAMP'0001-01-01 00:00:00'", "TIMESTAMP'9999-12-31 12:00:00'"]
    for letter, count in itertools.product(LETTERS, range(1, 7)):
        for time in times[: 3 if count > 2 else 5]:
            yield "date_format", f"SELECT date_format({time}, {quote(letter * count)})"
    for pattern, time in itertools.product(SPECIAL, [*times, "NULL", "'2024-02-09 13:14:15'", *LOCAL_TIMES[:1]]):
        yield "date_format", f"SELECT date_format({time}, {quote(pattern)})"
        yield "from_unixtime", f"SELECT from_unixtime(1709622489, {quote(pattern)})"
    for pattern, texts in READ:
        for text, name in itertools.product(texts, ["to_date", "to_timestamp", "unix_timestamp", "to_unix_timestamp", "to_timestamp_ntz", "try_to_timestamp"]):
            yield name, f"SELECT {name}({quote(text)}, {quote(pattern)})"
        rows = ", ".join(f"({quote(text)})" for text in texts)
        for name in ["to_date", "to_timestamp", "unix_timestamp"]:
            yield name, f"SELECT c, {name}(c, {quote(pattern)}) FROM VALUES {rows}, (NULL) AS t(c)"
            yield name, f"SELECT c, {name}(c, p) FROM (SELECT c, {quote(pattern)} AS p FROM VALUES {rows} AS t(c))"
    rows = ", ".join(f"({text})" for text in TIME_TEXTS)
    for name in ["to_date", "to_timestamp", "unix_timestamp", "year", "month", "date_add", "datediff", "last_day", "date", "timestamp", "hour", "dayofweek", "try_to_timestamp", "to_timestamp_ntz", "weekofyear", "add_months"]:
        extra = {"date_add": ", 1", "add_months": ", 1", "datediff": ", DATE'2024-01-01'"}.get(name, "")
        yield name, f"SELECT c, {name}(c{extra}) FROM VALUES {rows} AS t(c)"
    for time, interval in itertools.product([*DATES, *TIMES, *LOCAL_TIMES, "DATE'2024-01-31'", "'2024-02-29'"], INTERVALS):
        for op in "+-":
            yield op, f"SELECT {time} {op} {interval}"
    days = ", ".join(f"(DATE'{day}')" for day in ["2024-01-31", "2024-02-28", "2024-02-29", "2023-02-28", "2024-03-31", "2024-12-31", "1969-12-31", "1970-01-01", "1582-10-15", "1582-10-04", "0001-01-01", "9999-12-31", "1900-02-28", "2000-02-29", "2021-01-03", "2020-12-28"])
    for code in ["add_months(d, n)", "date_add(d, n)", "date_sub(d, n)", "months_between(d, add_months(d, n))", "make_date(year(d), n, day(d))", "d + make_ym_interval(0, n)", "d + make_dt_interval(n)", "timestampadd(MONTH, n, d)", "timestampadd(QUARTER, n, d)", "timestampdiff(MONTH, d, date_add(d, n))", "timestampdiff(YEAR, d, date_add(d, n * 30))", "datediff(d, date_add(d, n))", "trunc(date_add(d, n), 'week')", "d - date_add(d, n)", "d + n", "make_timestamp(year(d), month(d), day(d), n, 0, 0)"]:
        yield code.split("(")[0], f"SELECT d, n, {code} FROM (VALUES {days} AS a(d)) CROSS JOIN (VALUES (0), (1), (-1), (12), (-13), (29), (31), (NULL) AS b(n))"
    for name in ["year", "quarter", "month", "day", "dayofmonth", "dayofyear", "dayofweek", "weekday", "weekofyear", "last_day", "unix_date", "date_format", "to_date", "string", "timestamp", "date"]:
        extra = ", 'E D w'" if name == "date_format" else ""
        yield name, f"SELECT d, {name}(d{extra}) FROM VALUES {days} AS t(d)"
    for unit in ["YEAR", "YYYY", "YY", "QUARTER", "MONTH", "MM", "MON", "WEEK", "DAY", "DD", "HOUR", "MINUTE", "SECOND", "MILLISECOND", "MICROSECOND", "year", "Week", "", "decade", "century"]:
        yield "trunc", f"SELECT d, trunc(d, '{unit}') FROM VALUES {days} AS t(d)"
        yield "date_trunc", f"SELECT d, date_trunc('{unit}', d) FROM VALUES {', '.join(f'({time})' for time in TIMES)} AS t(d)"
        yield "trunc", f"SELECT trunc(d, u) FROM (SELECT DATE'2024-05-15' AS d, u FROM VALUES ('{unit}'), (NULL) AS t(u))"
        yield "date_trunc", f"SELECT date_trunc(u, d) FROM (SELECT TIMESTAMP'2024-05-15 10:11:12.131415' AS d, u FROM VALUES ('{unit}'), (NULL) AS t(u))"
    rows = ", ".join(f"({time})" for time in TIMES)
    zones = ["UTC", "Asia/Seoul", "America/New_York", "Europe/London", "Asia/Kolkata", "+05:30", "-08:00", "Australia/Lord_Howe", "CET", "EST", "PST", "MST", "Z", "GMT", "UTC+3", "+5", "+0530", "Europe/Nowhere", "", "utc"]
    for zone in zones:
        yield "from_utc_timestamp", f"SELECT c, from_utc_timestamp(c, '{zone}') FROM VALUES {rows} AS t(c)"
        yield "to_utc_timestamp", f"SELECT c, to_utc_timestamp(c, '{zone}') FROM VALUES {rows}, (TIMESTAMP'2024-03-10 02:30:00'), (TIMESTAMP'2024-11-03 01:30:00') AS t(c)"
        yield "convert_timezone", f"SELECT convert_timezone('{zone}', 'Asia/Tokyo', TIMESTAMP_NTZ'2024-03-10 02:30:00')"
        yield "convert_timezone", f"SELECT convert_timezone('{zone}', TIMESTAMP_NTZ'2024-11-03 01:30:00')"
        yield "make_timestamp", f"SELECT make_timestamp(2024, 3, 10, 2, 30, 1.5, '{zone}')"
        yield "from_utc_timestamp", f"SELECT from_utc_timestamp(TIMESTAMP'2024-07-10 02:30:00', z) FROM VALUES ('{zone}'), (NULL) AS t(z)"
        yield "cast", f"SELECT CAST('2024-07-10 02:30:00 {zone}' AS TIMESTAMP), CAST('2024-07-10 02:30:00{zone}' AS TIMESTAMP), CAST('2024-07-10T02:30:00.5{zone}' AS DATE)"
    for seconds in ["0", "-1", "59.999999", "60", "60.5", "59.9999999", "NULL", "1.5D", "'3.25'", "-0.5", "61"]:
        yield "make_timestamp", f"SELECT make_timestamp(2024, 2, 29, 23, 59, {seconds})"
        yield "make_timestamp_ntz", f"SELECT make_timestamp_ntz(2024, 2, 29, 23, 59, {seconds})"
        yield "make_timestamp_ltz", f"SELECT make_timestamp_ltz(2024, 2, 29, 23, 59, {seconds})"
        yield "make_dt_interval", f"SELECT make_dt_interval(1, 2, 3, {seconds})"
        yield "timestamp_seconds", f"SELECT timestamp_seconds({seconds})"
    for left, right in itertools.product([*TIMES[:4], "DATE'2024-01-31'", "'2024-03-31 12:00:00'", "TIMESTAMP'2024-01-31 12:00:00'"], repeat=2):
        yield "months_between", f"SELECT months_between({left}, {right}), months_between({left}, {right}, false)"
        for unit in ["MICROSECOND", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR"]:
            yield "timestampdiff", f"SELECT timestampdiff({unit}, {left}, {right})"
