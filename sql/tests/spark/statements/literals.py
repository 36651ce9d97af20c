"""Awkward values of every type, written as Spark SQL, and what a parameter is given."""

NULL = "NULL"

BOOLEANS = ["true", "false", "CAST(NULL AS BOOLEAN)"]
INTS = ["1", "0", "-1", "3", "7", "2147483647", "-2147483648", "CAST(NULL AS INT)"]
SMALL_INTS = ["5Y", "127Y", "-128Y", "5S", "32767S", "-32768S"]
LONGS = ["5L", "-1L", "9223372036854775807L", "-9223372036854775808L", "CAST(NULL AS BIGINT)"]
FLOATS = ["1.5F", "0.1F", "-0.0F", "3.4028235E38F", "CAST('NaN' AS FLOAT)", "CAST('-Infinity' AS FLOAT)"]
DOUBLES = [
    "1.5D", "-2.5D", "0.0D", "-0.0D", "0.1D", "1E308D", "4.9E-324D", "9007199254740993D", "1E19D",
    "CAST('NaN' AS DOUBLE)", "CAST('Infinity' AS DOUBLE)", "CAST('-Infinity' AS DOUBLE)", "CAST(NULL AS DOUBLE)",
]
DECIMALS = [
    "1.5", "-2.345", "0.00", "12.50BD", "0.0000001", "123456789012345678.1234",
    "CAST(12.3456 AS DECIMAL(18,4))", "CAST(NULL AS DECIMAL(18,4))", "CAST(-7 AS DECIMAL(38,0))",
    "99999999999999999999999999999999999999", "-0.00000000000000000000000000000000000001",
]
TEXTS = [
    "'Spark SQL'", "''", "' '", "'abc'", "'straße'", "'ΑΣ'", "'😀x'", "'e\u0301é'", "'İ'", "'a,b,,c'", "'a%b_c'",
    "'back\\\\slash'", "'tab\\tnew\\nline'", "repeat('ab', 70)", "CAST(NULL AS STRING)",
]
NUMBER_TEXTS = [
    "'1'", "'-1.5'", "' 12 '", "'+7'", "'1e3'", "'NaN'", "'-Infinity'", "'inf'", "'2147483648'", "'9223372036854775808'", "'1.'", "'.5'",
    "'1,000'", "'0x1F'", "'1L'", "'1d'", "'-'", "'1 2'", "'99999999999999999999999999999999999999999'", "'\\t5\\n'", "'５'",
]
TRUTH_TEXTS = ["'true'", "'T'", "' yes '", "'n'", "'0'", "'1'", "'tru'", "'FALSE'"]
DATES = [
    "DATE'2024-02-29'", "DATE'1970-01-01'", "DATE'1969-12-31'", "DATE'0001-01-01'", "DATE'1582-10-04'", "DATE'1582-10-15'", "DATE'1900-01-01'",
    "DATE'2024-12-30'", "DATE'2154-12-31'", "DATE'9999-12-31'", "CAST(NULL AS DATE)",
]
TIMES = [
    "TIMESTAMP'2024-02-29 23:59:59.999999'", "TIMESTAMP'1970-01-01 00:00:00'", "TIMESTAMP'1969-12-31 23:59:59.5'",
    "TIMESTAMP'0001-01-01 00:00:00'", "TIMESTAMP'1582-10-10 12:00:00'", "TIMESTAMP'1900-01-01 00:00:00'", "TIMESTAMP'2024-03-31 01:30:00'",
    "TIMESTAMP'2154-12-31 23:59:59'", "TIMESTAMP'9999-12-31 23:59:59.999999'", "TIMESTAMP'2024-01-31 10:20:30.123'", "CAST(NULL AS TIMESTAMP)",
]
LOCAL_TIMES = ["TIMESTAMP_NTZ'2024-02-29 23:59:59.999999'", "TIMESTAMP_NTZ'1969-12-31 23:59:59.5'", "CAST(NULL AS TIMESTAMP_NTZ)"]
TIME_TEXTS = [
    "'2024-02-29'", "'2024-2-9'", "'2024-02-30'", "'2024'", "'2024-03'", "'2024-02-29T10:11:12Z'", "'2024-02-29 10:11:12.123456789'",
    "'2024-02-29 10:11:12+05:30'", "'2024-02-29 10:11:12 Europe/Paris'", "'2024-02-29 24:00:00'", "'2024-02-29 1:2:3'", "' 2024-02-29 '",
    "'10000-01-01'", "'-0001-01-01'", "'+2024-01-01'", "'2024-02-29 x'", "'2024/02/29'", "'20240229'", "'10:11:12'", "'T10:11'", "'2024-02-29T'",
    "'0000-01-01'", "'2023-02-29'", "'2024-13-01'", "'2024-02-29 23:59:60'", "'epoch'", "'2024-02-29 10:11:12 UTC+1'",
]
BINARIES = ["X'537061726B'", "X''", "X'00FF80'", "CAST(NULL AS BINARY)"]
ARRAYS = [
    "array(1, 2, 3)", "array(3, NULL, 1, 3)", "array('b', 'a', NULL)", "array(1.5D, CAST('NaN' AS DOUBLE), -0.0D, 0.0D)", "array()",
    "array(array(1), array(2, 3), NULL)", "CAST(NULL AS ARRAY<INT>)", "array(DATE'2024-02-29')", "array(struct(1, 'a'), struct(0, 'b'))",
]
MAPS = ["map('a', 1, 'b', NULL)", "map(1, 'x')", "map()", "CAST(NULL AS MAP<STRING, INT>)"]
STRUCTS = ["named_struct('a', 1, 'b', 'x')", "struct(1.5, NULL)", "CAST(NULL AS STRUCT<a: INT>)"]
MONTHS = ["INTERVAL '1-2' YEAR TO MONTH", "INTERVAL -1 MONTH", "INTERVAL 2 YEAR"]
SPANS = [
    "INTERVAL '1 02:03:04.5' DAY TO SECOND", "INTERVAL -1 DAY", "INTERVAL 90 MINUTE", "INTERVAL '0.000001' SECOND",
]

# One or two of each type: what a parameter of another type is given, and what meets in operators.
SAMPLES = [
    NULL, "true", "1", "5Y", "5S", "5L", "1.5F", "1.5D", "12.50BD", "CAST(7 AS DECIMAL(38,10))", "'1'", "'abc'", "'2024-02-29'", "X'31'",
    "DATE'2024-02-29'", "TIMESTAMP'2024-02-29 23:59:59.5'", "TIMESTAMP_NTZ'2024-02-29 23:59:59.5'", "INTERVAL '1-2' YEAR TO MONTH",
    "INTERVAL '1 02:03:04.5' DAY TO SECOND", "array(1, 2)", "map('a', 1)", "named_struct('a', 1, 'b', 'x')",
]

EVERYTHING = [
    NULL, *BOOLEANS, *INTS, *SMALL_INTS, *LONGS, *FLOATS, *DOUBLES, *DECIMALS, *TEXTS, *NUMBER_TEXTS, *TRUTH_TEXTS, *DATES, *TIMES, *LOCAL_TIMES,
    *TIME_TEXTS, *BINARIES, *ARRAYS, *MAPS, *STRUCTS, *MONTHS, *SPANS,
]

# What a parameter of a kind is given; the first value is the ordinary one.
KINDS = {
    "any": ["1", "'a'", NULL, "1.5D", "12.50BD", "DATE'2024-02-29'", "array(1, NULL)", "-0.0D", "CAST('NaN' AS DOUBLE)", "true", "''"],
    "bool": [*BOOLEANS, "'true'", "'x'"],
    "int": [*INTS, "2", "-3", "5Y", "5L", "'2'", "1.9", "-1.9D", "'x'", "9223372036854775807L"],
    "long": [*INTS, *SMALL_INTS, *LONGS, "'12'", "1.9", "CAST('NaN' AS DOUBLE)"],
    "double": [*DOUBLES, *FLOATS, *INTS[:4], "5L", *DECIMALS[:4], "'1.5'", "'x'"],
    "number": [*DECIMALS, *DOUBLES, *FLOATS, *INTS, *SMALL_INTS, *LONGS, "'1.5'", "'x'", "''"],
    "text": [*TEXTS, "1", "1.50", "DATE'2024-02-29'", "true", "X'6162'", "1.0D", "1E20D"],
    "numtext": [*NUMBER_TEXTS, *TEXTS[:4]],
    "short": ["'a'", "''", "'b'", "'SQL'", "' '", "'😀'", "'.'", "'ab'", "CAST(NULL AS STRING)", "1"],
    "date": [*DATES, *TIMES[:3], *LOCAL_TIMES[:1], *TIME_TEXTS],
    "time": [*TIMES, *LOCAL_TIMES, *DATES[:4], *TIME_TEXTS],
    "binary": [*BINARIES, *TEXTS[:6]],
    "array": ARRAYS,
    "ints": ["array(1, 2, 3)", "array(3, NULL, 1, 3)", "array()", "CAST(NULL AS ARRAY<INT>)", "array(5L)", "array(1.5D)", "array(2.50)"],
    "texts": ["array('b', 'a', NULL)", "array()", "array('')", "CAST(NULL AS ARRAY<STRING>)", "array(1)"],
    "map": MAPS,
    "struct": STRUCTS,
    "months": MONTHS,
    "span": SPANS,
}
