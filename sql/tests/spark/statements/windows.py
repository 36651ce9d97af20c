"""Window functions and frames."""
import itertools

TABLES = [
    "VALUES ('a', 1, 10), ('a', 2, NULL), ('a', 2, 30), ('b', NULL, 5), ('b', 3, 7), (NULL, 3, 8) AS t(g, o, x)",
    "VALUES ('a', 1.5D, 1.5), ('a', CAST('NaN' AS DOUBLE), 2.5), ('b', -0.0D, NULL), ('b', 0.0D, 4.25) AS t(g, o, x)",
    "VALUES (1, DATE'2024-01-01', 'p'), (1, DATE'2024-01-03', NULL), (2, DATE'2024-01-31', 'q'), (1, NULL, 'r') AS t(g, o, x)",
    "VALUES (true, TIMESTAMP'2024-01-01 00:00:00', 1D), (true, TIMESTAMP'2024-01-01 12:00:00', 2D), (false, TIMESTAMP'2024-01-03 00:00:00', NULL) AS t(g, o, x)",
    "VALUES (1L, 'b', 2L), (1L, 'a', 9223372036854775807L), (1L, NULL, 3L), (2L, 'B', -1L) AS t(g, o, x)",
    "VALUES (15, 1.25, true), (15, 2.25, false), (NULL, 3.25, NULL) AS t(g, o, x)",
]
PLACES = ["row_number()", "rank()", "dense_rank()", "percent_rank()", "cume_dist()", "ntile(2)", "ntile(100)"]
OTHERS = [
    "lag(x)", "lag(x, 2)", "lag(x, -1)", "lag(x, 0)", "lag(x, 1, x)", "lag(x, 1, NULL)", "lag(x, 1, 0)", "lag(x, 1, 'none')", "lead(x)", "lead(x, 2)", "lead(x, 1, o)", "lead(x, -1, 1.5)",
    "lag(o) IGNORE NULLS", "lead(x) IGNORE NULLS", "lag(x, 1L)", "lag(x, o)", "lag(x, NULL)", "lag(x, 1.5)", "lag()", "lag(x, 1, 2, 3)", "nth_value(x, 1)", "nth_value(x, 2)", "nth_value(x, 3)",
    "nth_value(x, 0)", "nth_value(x, -1)", "nth_value(x, NULL)", "nth_value(x, o)", "nth_value(x, 2) IGNORE NULLS", "nth_value(x, 2, true)", "nth_value(x, '2')", "nth_value(x, 2L)", "ntile()", "ntile(0)", "ntile(-1)",
    "ntile(NULL)", "ntile(x)", "ntile(2L)", "ntile('2')", "ntile(1 + 1)", "row_number(1)", "rank(x)", "dense_rank(x)", "percent_rank(x)", "cume_dist(x)", "row_number(DISTINCT x)", "rank() FILTER (WHERE true)",
    "first_value(x)", "first(x)", "last_value(x)", "last(x)", "first_value(x) IGNORE NULLS", "last_value(x) IGNORE NULLS", "first_value(x, true)", "any_value(x)", "count(*)", "count(x)", "count(DISTINCT x)", "sum(x)", "avg(x)", "min(x)", "max(x)",
    "max(o)", "min(o)", "collect_list(x)", "size(collect_list(x))", "stddev(x)", "max_by(x, o)", "sum(x) FILTER (WHERE o IS NOT NULL)", "count(1)", "percentile(x, 0.5)", "median(x)", "bool_or(x)", "upper(x)", "1", "sum(sum(x))",
]
ORDERS = ["o", "o DESC", "o NULLS LAST", "o DESC NULLS FIRST", "o ASC, x DESC", "x", "o, x NULLS LAST", "g, o", "1", "NULL", "o + 1", "-o"]
FRAMES = [
    "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW", "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING", "ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING", "ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
    "ROWS BETWEEN 2 PRECEDING AND 1 PRECEDING", "ROWS BETWEEN 1 FOLLOWING AND 2 FOLLOWING", "ROWS 1 PRECEDING", "ROWS UNBOUNDED PRECEDING", "ROWS CURRENT ROW", "ROWS BETWEEN 1 FOLLOWING AND 1 PRECEDING",
    "ROWS BETWEEN CURRENT ROW AND CURRENT ROW", "ROWS BETWEEN 0 PRECEDING AND 0 FOLLOWING", "ROWS BETWEEN -1 PRECEDING AND 1 FOLLOWING", "ROWS BETWEEN 1.5 PRECEDING AND CURRENT ROW", "ROWS BETWEEN NULL PRECEDING AND CURRENT ROW", "ROWS BETWEEN 1 + 1 PRECEDING AND CURRENT ROW",
    "RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW", "RANGE BETWEEN 1 PRECEDING AND 1 FOLLOWING", "RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING", "RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING", "RANGE BETWEEN 1 FOLLOWING AND 2 FOLLOWING",
    "RANGE BETWEEN INTERVAL 2 DAYS PRECEDING AND CURRENT ROW", "RANGE BETWEEN INTERVAL 1 MONTH PRECEDING AND INTERVAL 1 MONTH FOLLOWING", "RANGE BETWEEN INTERVAL 13 HOURS PRECEDING AND CURRENT ROW", "RANGE BETWEEN 0.5 PRECEDING AND 1.5 FOLLOWING", "RANGE BETWEEN 1D PRECEDING AND CURRENT ROW",
    "RANGE CURRENT ROW", "RANGE BETWEEN CURRENT ROW AND CURRENT ROW", "GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW", "RANGE BETWEEN 1L PRECEDING AND 1L FOLLOWING",
]


def statements():
    for call, table in itertools.product([*PLACES, *OTHERS], TABLES):
        name = call.split("(")[0]
        for window in ["PARTITION BY g ORDER BY o", "ORDER BY o, x", "PARTITION BY g", "", "ORDER BY o DESC NULLS LAST, x"]:
            yield name, f"SELECT g, o, x, {call} OVER ({window}) AS w FROM {table}"
        yield name, f"SELECT {call} FROM {table}"
    for order, table in itertools.product(ORDERS, TABLES):
        for call in ["rank()", "dense_rank()", "cume_dist()", "count(*)", "sum(x)", "max(o)", "percent_rank()"]:
            yield call.split("(")[0], f"SELECT g, o, x, {call} OVER (PARTITION BY g ORDER BY {order}) AS w FROM {table}"
            yield call.split("(")[0], f"SELECT g, o, x, {call} OVER (ORDER BY {order}) AS w FROM {table}"
    for frame, table in itertools.product(FRAMES, TABLES):
        for call in ["sum(x)", "count(x)", "max(o)", "first_value(x)", "last_value(x) IGNORE NULLS", "row_number()", "lag(x)", "avg(x)", "collect_list(o)", "nth_value(x, 2)"]:
            name = call.split("(")[0]
            yield name, f"SELECT g, o, x, {call} OVER (ORDER BY o {frame}) AS w FROM {table}"
            yield name, f"SELECT g, o, x, {call} OVER (PARTITION BY g ORDER BY o DESC {frame}) AS w FROM {table}"
            yield name, f"SELECT g, o, x, {call} OVER (PARTITION BY g {frame}) AS w FROM {table}"
            yield name, f"SELECT g, o, x, {call} OVER (ORDER BY o, x {frame}) AS w FROM {table}"
    table = TABLES[0]
    for tail in [
        "SELECT *, row_number() OVER w AS n FROM {t} WINDOW w AS (PARTITION BY g ORDER BY o, x)", "SELECT *, sum(x) OVER (w ROWS 1 PRECEDING) FROM {t} WINDOW w AS (ORDER BY o, x)",
        "SELECT *, sum(x) OVER w1, count(*) OVER w2 FROM {t} WINDOW w1 AS (ORDER BY o), w2 AS (PARTITION BY g)", "SELECT * FROM {t} WHERE row_number() OVER (ORDER BY o) = 1",
        "SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY g ORDER BY o DESC, x) AS n FROM {t}) WHERE n = 1", "SELECT g, sum(sum(x)) OVER (ORDER BY g) FROM {t} GROUP BY g",
        "SELECT g, sum(x) OVER () FROM {t} GROUP BY g", "SELECT g, rank() OVER (ORDER BY sum(x) DESC) AS r FROM {t} GROUP BY g", "SELECT g, sum(x) / sum(sum(x)) OVER () FROM {t} GROUP BY g",
        "SELECT g, count(*) OVER (PARTITION BY count(*)) FROM {t} GROUP BY g", "SELECT sum(row_number() OVER (ORDER BY o)) FROM {t}", "SELECT row_number() OVER (ORDER BY row_number() OVER (ORDER BY o)) FROM {t}",
        "SELECT x FROM {t} ORDER BY row_number() OVER (ORDER BY o DESC, x), x", "SELECT DISTINCT count(*) OVER (PARTITION BY g) FROM {t}", "SELECT g FROM {t} GROUP BY g HAVING count(*) OVER () > 1",
        "SELECT *, row_number() OVER w FROM {t} WINDOW v AS (ORDER BY o)", "SELECT sum(x) OVER (PARTITION BY g, o), sum(x) OVER (PARTITION BY o, g) FROM {t}", "SELECT max(x) OVER (PARTITION BY g) - x AS d, lag(x, 1, 0) OVER (ORDER BY o, x) + 1 FROM {t}",
        "SELECT CASE WHEN row_number() OVER (ORDER BY o, x) = 1 THEN 'first' ELSE 'other' END FROM {t}", "SELECT g, x FROM {t} QUALIFY row_number() OVER (ORDER BY o) = 1", "SELECT avg(x) OVER (PARTITION BY g ORDER BY o RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) a FROM {t}",
        "SELECT g, collect_list(x) OVER (PARTITION BY g ORDER BY o, x) FROM {t}", "SELECT x, sum(x) OVER (DISTRIBUTE BY g SORT BY o, x) FROM {t}", "SELECT count(*) OVER (PARTITION BY map(1, 2)) FROM {t}", "SELECT rank() OVER (ORDER BY map(1, x)) FROM {t}",
    ]:
        yield "window", tail.format(t=table)
