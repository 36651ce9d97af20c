"""Casts between all types, of constants and of columns."""
from .literals import DATES, EVERYTHING, NUMBER_TEXTS, SAMPLES, TEXTS, TIMES, TIME_TEXTS, TRUTH_TEXTS
from .operators import NUMBERS

TYPES = [
    "BOOLEAN", "TINYINT", "SMALLINT", "INT", "BIGINT", "FLOAT", "DOUBLE", "DECIMAL(10,2)", "DECIMAL(38,18)", "DECIMAL(38,0)", "DECIMAL(3,3)", "STRING",
    "BINARY", "DATE", "TIMESTAMP", "TIMESTAMP_NTZ",
]
OTHER_TYPES = [
    "DECIMAL", "DECIMAL(5)", "DEC(4,1)", "NUMERIC(4,1)", "INTEGER", "LONG", "SHORT", "BYTE", "REAL", "ARRAY<INT>", "ARRAY<STRING>", "MAP<STRING, STRING>",
    "STRUCT<a: STRING, b: STRING>", "STRUCT<x: BIGINT>", "INTERVAL YEAR TO MONTH", "INTERVAL DAY TO SECOND", "INTERVAL DAY", "VOID", "DECIMAL(39,0)", "DECIMAL(2,3)",
    "CHAR(2)", "VARCHAR(2)", "TEXT", "VARIANT",
]
DOUBLE_TEXTS = [
    "1.0", "100.0", "1E7", "9999999.0", "1.0E10", "0.001", "0.0001", "1.0E-5", "123456.789", "-0.0", "'NaN'", "'Infinity'", "4.9E-324", "1.7976931348623157E308",
    "3.4028235E38", "0.1", "1E16", "9007199254740993", "2147483647.5", "-2147483648.9", "9.223372036854775807E18", "1E19", "-1E19", "127.9", "128", "-129.5", "32768",
    "1E-7", "2E-3", "1.1E23", "2E23", "0.3", "1.0E22", "5E-324", "1234567.8901234567", "NULL", "0.5", "1.5", "2.675", "1.005", "2.5E-8",
]


def columns():
    texts = [*NUMBER_TEXTS, *TRUTH_TEXTS, *TIME_TEXTS, *TEXTS[:6]]
    yield "STRING", texts
    yield "DOUBLE", [f"CAST({value} AS STRING)" for value in DOUBLE_TEXTS]
    yield "FLOAT", [f"CAST({value} AS STRING)" for value in DOUBLE_TEXTS]
    for data_type in ["TINYINT", "SMALLINT", "INT", "BIGINT", "DECIMAL(18,4)", "DECIMAL(38,18)", "DECIMAL(38,0)", "DECIMAL(5,2)"]:
        yield data_type, [f"CAST({value} AS STRING)" for value in [*NUMBERS[data_type], "1", "0"]]
    yield "DATE", [f"CAST({value} AS STRING)" for value in DATES]
    yield "TIMESTAMP", [f"CAST({value} AS STRING)" for value in TIMES]
    yield "TIMESTAMP_NTZ", [f"CAST({value} AS STRING)" for value in TIMES]
    yield "BOOLEAN", ["'true'", "'false'", "NULL"]


def statements():
    for value in EVERYTHING:
        for data_type in TYPES:
            yield "cast", f"SELECT CAST({value} AS {data_type})"
    for value in SAMPLES:
        for data_type in OTHER_TYPES:
            yield "cast", f"SELECT CAST({value} AS {data_type})"
        for data_type in TYPES + OTHER_TYPES:
            yield "try_cast", f"SELECT TRY_CAST({value} AS {data_type})"
    for source, values in columns():
        rows = ", ".join(f"({value})" for value in values)
        for data_type in TYPES:
            for cast in ["CAST", "TRY_CAST"]:
                yield cast.lower(), f"SELECT c, {cast}(c AS {data_type}) FROM (SELECT CAST(v AS {source}) AS c FROM VALUES {rows} AS t(v))"
    for value in ["array(1, 2)", "array('1', 'x', NULL)", "array(1.5D, NULL)", "array()", "array(array(1))", "array(true)", "array(DATE'2024-02-29')", "array(1.50)", "array(X'41')"]:
        for data_type in ["ARRAY<INT>", "ARRAY<STRING>", "ARRAY<DOUBLE>", "ARRAY<DECIMAL(5,1)>", "ARRAY<DATE>", "ARRAY<ARRAY<STRING>>", "STRING", "ARRAY<BOOLEAN>", "ARRAY<TIMESTAMP>", "MAP<INT, INT>"]:
            yield "cast", f"SELECT CAST({value} AS {data_type})"
    for value in ["map('1', 1)", "map(1, 'x')", "map('x', NULL)", "map()", "map(1.5, array(1))", "map('a', named_struct('x', 1))"]:
        for data_type in ["MAP<STRING, STRING>", "MAP<INT, STRING>", "MAP<STRING, INT>", "STRING", "MAP<STRING, ARRAY<STRING>>"]:
            yield "cast", f"SELECT CAST({value} AS {data_type})"
    for value in ["named_struct('a', 1, 'b', 'x')", "struct('1', 2.5)", "named_struct('a', NULL, 'b', NULL)", "struct(1)", "struct(named_struct('q', 1), array(1))"]:
        for data_type in ["STRUCT<a: STRING, b: STRING>", "STRUCT<x: INT, y: DOUBLE>", "STRING", "STRUCT<a: STRUCT<z: STRING>, b: ARRAY<STRING>>"]:
            yield "cast", f"SELECT CAST({value} AS {data_type})"
