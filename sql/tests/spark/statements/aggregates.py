"""Aggregate functions over columns of every type: whole tables, groups, none, DISTINCT, FILTER, windows."""
import itertools

from .literals import NULL, SAMPLES
from .operators import NUMBERS

ONE = [
    "count", "count_if", "sum", "avg", "mean", "try_avg", "try_sum", "min", "max", "first", "first_value", "any_value", "last", "last_value", "bool_and",
    "every", "bool_or", "some", "any", "bit_and", "bit_or", "bit_xor", "collect_list", "array_agg", "collect_set", "stddev", "stddev_samp", "std", "stddev_pop",
    "variance", "var_samp", "var_pop", "skewness", "kurtosis", "median",
]
TWO = [
    "max_by", "min_by", "corr", "covar_pop", "covar_samp", "regr_intercept", "regr_r2", "regr_slope", "regr_sxx", "regr_sxy", "regr_syy",
    "regr_avgx", "regr_avgy", "regr_count",
]
# Their order of elements is not part of the answer.
UNORDERED = {"collect_set"}

COLUMNS = {
    **NUMBERS,
    "BOOLEAN": ["true", "false", "NULL"],
    "STRING": ["'b'", "'a'", "''", "'ä'", "'B'", "NULL", "'10'", "'9'"],
    "DATE": ["'2024-02-29'", "'1969-12-31'", "'9999-12-31'", "NULL"],
    "TIMESTAMP": ["'2024-02-29 10:11:12.5'", "'1969-12-31 23:59:59'", "NULL"],
    "BINARY": ["'b'", "'a'", "NULL"],
}
TABLES = [
    "VALUES (1, 10), (2, NULL), (NULL, 30), (2, 40) AS t(x, y)",
    "VALUES (CAST(NULL AS INT), CAST(NULL AS INT)) AS t(x, y)",
    "VALUES (1.5D, 2D), (CAST('NaN' AS DOUBLE), 1D), (-0.0D, 0D) AS t(x, y)",
    "VALUES (CAST('Infinity' AS DOUBLE), 1D), (1D, 2D), (3D, 5D) AS t(x, y)",
    "VALUES (1.10, 2.5), (2.20, 3.5), (NULL, 4.5), (99999999999999999.99, 1.5) AS t(x, y)",
    "VALUES ('a', 1), ('b', 2), (NULL, 3), ('a', 4) AS t(x, y)",
    "VALUES (9223372036854775807L, 1L), (1L, 2L), (-5L, 3L) AS t(x, y)",
    "VALUES (DATE'2024-02-29', 3), (DATE'1970-01-01', 1) AS t(x, y)",
    "VALUES (true, false), (false, true), (NULL, true) AS t(x, y)",
    "VALUES (array(1, 2), 1), (array(1), 2), (NULL, 3) AS t(x, y)",
    "VALUES (named_struct('a', 1, 'b', 'z'), 1), (named_struct('a', 1, 'b', 'y'), 2) AS t(x, y)",
    "VALUES (map('a', 1), 1) AS t(x, y)",
    "VALUES (INTERVAL '1-2' YEAR TO MONTH, INTERVAL '1' DAY), (INTERVAL '0-1' YEAR TO MONTH, INTERVAL '2' DAY) AS t(x, y)",
    "VALUES (0.1F, 0.2F), (0.3F, NULL), (CAST('NaN' AS FLOAT), 1F) AS t(x, y)",
    "VALUES (CAST(99999999999999999999999999999999999999 AS DECIMAL(38,0)), 1), (CAST(1 AS DECIMAL(38,0)), 2) AS t(x, y)",
    "VALUES (127Y, 1S), (-128Y, 2S), (5Y, NULL) AS t(x, y)",
    "VALUES (X'6162', 1), (X'61', 2) AS t(x, y)",
    "VALUES (0.1D, 1D), (0.2D, 2D), (0.3D, 4D), (1E308D, 7D), (-1E308D, 7D), (0.7D, 11D), (1E-300D, 12D) AS t(x, y)",
]


def column(data_type, values):
    rows = ", ".join(f"({number}, CAST({value} AS STRING))" for number, value in enumerate(values * 2))
    return f"(SELECT i, i % 3 AS g, CAST(v AS {data_type}) AS x FROM VALUES {rows} AS t(i, v))"


def wrapped(name, call):
    return f"sort_array({call})" if name in UNORDERED else call


def statements():
    for name, table in itertools.product(ONE, TABLES):
        for args in ["x", "DISTINCT x", "y"]:
            yield name, f"SELECT {wrapped(name, f'{name}({args})')} FROM {table}"
        yield name, f"SELECT {wrapped(name, f'{name}(x)')} FROM {table} WHERE false"
        yield name, f"SELECT {wrapped(name, f'{name}(x)')} FROM {table} WHERE false GROUP BY y"
        yield name, f"SELECT {wrapped(name, f'{name}(x) FILTER (WHERE y > 1)')} FROM {table}"
        yield name, f"SELECT y, {wrapped(name, f'{name}(x)')} FROM {table} GROUP BY y"
        yield name, f"SELECT y, {wrapped(name, f'{name}(x) OVER (PARTITION BY y)')} FROM {table}"
        yield name, f"SELECT y, {wrapped(name, f'{name}(x) OVER (ORDER BY y)')} FROM {table}"
        yield name, f"SELECT y, {wrapped(name, f'{name}(x) OVER (ORDER BY y ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)')} FROM {table}"
    for name, (data_type, values) in itertools.product(ONE, COLUMNS.items()):
        source = column(data_type, values)
        yield name, f"SELECT {wrapped(name, f'{name}(x)')} FROM {source}"
        yield name, f"SELECT g, {wrapped(name, f'{name}(x)')} FROM {source} GROUP BY g"
        yield name, f"SELECT g, {wrapped(name, f'{name}(DISTINCT x)')} FROM {source} GROUP BY g"
        yield name, f"SELECT i, {wrapped(name, f'{name}(x) OVER (ORDER BY i)')} FROM {source}"
        yield name, f"SELECT i, {wrapped(name, f'{name}(x) OVER (PARTITION BY g ORDER BY i DESC ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING)')} FROM {source}"
    for name, table in itertools.product(TWO, TABLES):
        for args in ["x, y", "y, x", "x, x", "DISTINCT x, y"]:
            yield name, f"SELECT {name}({args}) FROM {table}"
        yield name, f"SELECT {name}(x, y) FROM {table} WHERE false"
        yield name, f"SELECT {name}(x, y) FILTER (WHERE y > 1) FROM {table}"
        yield name, f"SELECT y, {name}(x, y) OVER (ORDER BY y) FROM {table}"
    for name, (left, lefts), (right, rights) in itertools.product(TWO, list(COLUMNS.items())[2:16:2], list(COLUMNS.items())[1:16:3]):
        rows = ", ".join(f"(CAST({one} AS STRING), CAST({two} AS STRING))" for one, two in itertools.zip_longest(lefts, rights, fillvalue="NULL"))
        yield name, f"SELECT {name}(x, y) FROM (SELECT CAST(a AS {left}) AS x, CAST(b AS {right}) AS y FROM VALUES {rows} AS t(a, b))"
    for name, value in itertools.product([*ONE, *TWO], SAMPLES):
        yield name, f"SELECT {wrapped(name, f'{name}({value})')}" if name in ONE else f"SELECT {name}({value}, 1)"
        if name in TWO:
            yield name, f"SELECT {name}(1, {value})"
    for name in [*ONE, *TWO]:
        yield name, f"SELECT {name}()"
        yield name, f"SELECT {name}(1, 2, 3)"
        yield name, f"SELECT {name}(*) FROM {TABLES[0]}"
        yield name, f"SELECT x FROM {TABLES[0]} WHERE {name}(x) > 1"
        yield name, f"SELECT {name}({name}(x)) FROM {TABLES[0]}"
    yield from of_options()
    yield from of_groups()


def of_options():
    """Arguments that only some functions have."""
    for table in TABLES:
        for share in ["0.5", "0", "1", "0.25D", "1.5", "-0.1", NULL, "array(0.1, 0.9)", "'0.5'", "array()", "y"]:
            yield "percentile", f"SELECT percentile(x, {share}) FROM {table}"
        for count in ["1", "y", "0", "-1", NULL, "2L"]:
            yield "percentile", f"SELECT percentile(x, 0.5, {count}) FROM {table}"
        yield "percentile", f"SELECT percentile(DISTINCT x, 0.5) FROM {table}"
        yield "percentile", f"SELECT percentile(x, 0.3) FILTER (WHERE y > 1) FROM {table}"
        yield "percentile", f"SELECT y, percentile(x, 0.3) OVER (PARTITION BY y) FROM {table}"
        yield "percentile", f"SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY x) FROM {table}"
        for name in ["first", "last", "any_value", "first_value", "last_value"]:
            for args in ["x, true", "x, false", "x, NULL", "x, 'true'", "x, y > 1"]:
                yield name, f"SELECT {name}({args}) FROM {table}"
            yield name, f"SELECT {name}(x) IGNORE NULLS FROM {table}"
            yield name, f"SELECT y, {name}(x) IGNORE NULLS OVER (ORDER BY y) FROM {table}"
            yield name, f"SELECT y, {name}(x) RESPECT NULLS OVER (ORDER BY y ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM {table}"
        yield "count", f"SELECT count(*), count(1), count(NULL), count(x, y), count(DISTINCT x, y), count(ALL x) FROM {table}"
        yield "count", f"SELECT count(DISTINCT *) FROM {table}"
        yield "count", f"SELECT count(DISTINCT x), sum(DISTINCT y), count(y) FROM {table}"
        yield "sum", f"SELECT sum(x) + 1, sum(x + y), -sum(y), sum(x) / count(x) FROM {table}"
        yield "max", f"SELECT max(x) FILTER (WHERE x IS NULL), min(y) FILTER (WHERE false) FROM {table}"
        yield "max", f"SELECT max(struct(x, y)), min(struct(y, x)) FROM {table}"
        yield "collect_list", f"SELECT sort_array(collect_list(struct(y, x))) FROM {table}"
        yield "collect_list", f"SELECT size(collect_set(x)), array_join(collect_list(CAST(y AS STRING)), '|') FROM {table}"


def of_groups():
    """GROUP BY, grouping sets, HAVING."""
    table = "VALUES ('a', 1, 10), ('a', 2, 20), ('b', 1, NULL), (NULL, 2, 5), (NULL, NULL, 7) AS t(g, h, x)"
    keys = ["g", "g, h", "1", "1, 2", "lower(g)", "g || 'x'", "ROLLUP(g)", "ROLLUP(g, h)", "CUBE(g, h)", "GROUPING SETS ((g), (h), ())", "GROUPING SETS ((g, h), ())",
            "g WITH ROLLUP", "g, h WITH CUBE", "ROLLUP((g, h))", "g, ROLLUP(h)", "CUBE(g), CUBE(h)", "g, h GROUPING SETS ((g), (h))", "GROUPING SETS (ROLLUP(g), h)", "GROUPING SETS (g, g)", "ALL",
            "CUBE(g, g)", "()", "3", "0", "sum(x)", "GROUPING SETS (1, 2)", "ROLLUP(1)", "h % 2", "g, g", "k"]
    outputs = ["g, h, sum(x)", "g, sum(x)", "g, h, grouping(g), grouping(h), grouping_id()", "g, grouping_id(g, h), count(*)", "g, grouping(g), max(h)", "count(*), sum(x)", "g, x", "lower(g), count(*)",
               "g || 'x', count(1)", "h % 2, count(1)", "g AS k, count(1)", "g, h", "grouping_id(g), count(*)", "grouping_id(h, g)", "*", "grouping(x)", "g, count(*) AS x", "coalesce(g, 'total') AS g, sum(x)", "h % 2 + 1 AS k, sum(x)"]
    for key, output in itertools.product(keys, outputs):
        name = "grouping_id" if "grouping_id" in output else "grouping" if "grouping" in output else "group by"
        yield name, f"SELECT {output} FROM {table} GROUP BY {key}"
    for having in ["sum(x) > 10", "g = 'a'", "count(*) > 1 AND g IS NOT NULL", "x > 1", "s > 10", "grouping(g) = 1", "grouping_id() > 0", "NULL", "max(h) = min(h)", "1"]:
        for key in ["g", "ROLLUP(g)", "g, h"]:
            yield "having", f"SELECT g, sum(x) AS s FROM {table} GROUP BY {key} HAVING {having}"
        yield "having", f"SELECT sum(x) AS s FROM {table} HAVING {having}"
    for order in ["g", "sum(x)", "s DESC", "2", "count(*), g", "h", "max(h), s", "grouping_id(), g"]:
        yield "order by", f"SELECT g, sum(x) AS s FROM {table} GROUP BY g ORDER BY {order}"
        yield "order by", f"SELECT g, sum(x) AS s FROM {table} GROUP BY ROLLUP(g) ORDER BY {order}, g NULLS LAST, s"
    for key in ["CAST('NaN' AS DOUBLE)", "-0.0D", "array(1)", "map(1, 2)", "named_struct('a', 1)", "NULL", "1", "'a'", "1 + 1", "current_date() IS NULL"]:
        yield "group by", f"SELECT count(*) FROM {table} GROUP BY {key}"
        yield "group by", f"SELECT {key} AS k, count(*) FROM {table} GROUP BY k"
    yield "group by", "SELECT x, count(*) FROM VALUES (0.0D), (-0.0D), (CAST('NaN' AS DOUBLE)), (-CAST('NaN' AS DOUBLE)), (NULL), (NULL) AS t(x) GROUP BY x"
    yield "group by", "SELECT x, count(*) FROM VALUES ('a'), ('A'), ('a '), (''), (NULL) AS t(x) GROUP BY x"
    yield "group by", "SELECT x, count(*) FROM VALUES (1.0), (1.00), (1) AS t(x) GROUP BY x"
