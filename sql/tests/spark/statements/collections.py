"""Functions with lambdas, generators, tables of functions."""
import itertools

from .literals import ARRAYS, MAPS, SAMPLES

NUMBERS = ["array(1, 2, 3)", "array(3, NULL, 1)", "array()", "CAST(NULL AS ARRAY<INT>)", "array(1.5D, CAST('NaN' AS DOUBLE))", "array(1.50, NULL)", "array('a', 'b', NULL)", "array(array(1, 2), array())", "array(named_struct('a', 1))", "array(true, NULL)", "1", "NULL", "map('a', 1)"]
LAMBDAS = {
    "transform": ["x -> x + 1", "x -> x", "(x, i) -> i", "(x, i) -> x || i", "x -> NULL", "x -> struct(x)", "x -> array(x, x)", "(x, y, z) -> x", "() -> 1", "1", "x -> upper(x)", "x -> x IS NULL", "x -> coalesce(x, 0)", "x -> transform(array(1), y -> y + x)", "x -> sum(x)"],
    "filter": ["x -> x > 1", "x -> x IS NOT NULL", "(x, i) -> i > 0", "x -> NULL", "x -> x", "x -> true", "x -> 'true'", "x -> x = x", "x -> x % 2 = 1"],
    "exists": ["x -> x > 1", "x -> x IS NULL", "x -> NULL", "x -> x = 3", "x -> x", "x -> false"],
    "forall": ["x -> x > 0", "x -> x IS NULL", "x -> NULL", "x -> x < 3", "x -> x", "x -> true"],
    "any_match": ["x -> true"],
    "array_sort": ["(a, b) -> a - b", "(a, b) -> CASE WHEN a < b THEN 1 WHEN a > b THEN -1 ELSE 0 END", "(a, b) -> NULL", "(a, b) -> 0", "a -> 1", "(a, b) -> 'x'", "(a, b) -> 1L", "(a, b) -> int(coalesce(b, 0) - coalesce(a, 0))"],
}
FOLDS = ["0, (s, x) -> s + x", "0, (s, x) -> s + x, s -> s * 10", "0L, (s, x) -> s + x", "0D, (s, x) -> s + x", "'', (s, x) -> s || x", "0, (s, x) -> s + 1", "NULL, (s, x) -> s", "0, (s, x) -> coalesce(x, 0) + s", "array(0), (s, x) -> array_append(s, x)", "0, (s, x) -> x > 1", "0, x -> x", "struct(0 AS n), (s, x) -> struct(s.n + 1 AS n), s -> s.n", "0.0, (s, x) -> s + x", "CAST(0 AS DECIMAL(38,18)), (s, x) -> CAST(s + x AS DECIMAL(38,18))", "1, (s, x) -> 5, s -> NULL"]
PAIRS = ["(x, y) -> x + y", "(x, y) -> struct(x, y)", "(x, y) -> x || y", "(x, y) -> x", "(x, y) -> coalesce(x, y)", "(x, y) -> NULL", "x -> x"]
MAP_LAMBDAS = {
    "map_filter": ["(k, v) -> v > 1", "(k, v) -> k = 'a'", "(k, v) -> NULL", "(k, v) -> v IS NULL", "k -> true"],
    "transform_values": ["(k, v) -> v + 1", "(k, v) -> k", "(k, v) -> NULL", "(k, v) -> array(v)", "v -> 1"],
    "transform_keys": ["(k, v) -> upper(k)", "(k, v) -> 1", "(k, v) -> NULL", "(k, v) -> v", "(k, v) -> concat(k, v)", "(k, v) -> k"],
}
MAP_VALUES = [*MAPS, "map('a', 1, 'b', 2)", "map(1, 1.5, 2, NULL)", "map('A', 1, 'a', 2)", "1", "NULL"]
GENERATORS = ["explode", "explode_outer", "posexplode", "posexplode_outer", "inline", "inline_outer"]


def statements():
    for name, lambdas in LAMBDAS.items():
        for array, code in itertools.product(NUMBERS, lambdas):
            yield name, f"SELECT {name}({array}, {code})"
    for name in ["aggregate", "reduce"]:
        for array, fold in itertools.product(NUMBERS, FOLDS):
            yield name, f"SELECT {name}({array}, {fold})"
    for left, right, code in itertools.product(NUMBERS[:8], NUMBERS[:8:2], PAIRS):
        yield "zip_with", f"SELECT zip_with({left}, {right}, {code})"
    for name, lambdas in MAP_LAMBDAS.items():
        for value, code in itertools.product(MAP_VALUES, lambdas):
            yield name, f"SELECT {name}({value}, {code})"
    for left, right, code in itertools.product(MAP_VALUES[:8], MAP_VALUES[:8:2], ["(k, a, b) -> a + b", "(k, a, b) -> coalesce(a, b)", "(k, a, b) -> k", "(k, a, b) -> struct(a, b)", "(k, a) -> a"]):
        yield "map_zip_with", f"SELECT map_zip_with({left}, {right}, {code})"
    table = "VALUES (1, array(1, 2), map('a', 1)), (2, array(), map()), (3, NULL, NULL), (4, array(NULL), map('b', NULL)) AS t(i, xs, m)"
    for code in ["transform(xs, x -> x + i)", "filter(xs, x -> x < i)", "exists(xs, x -> x = i)", "forall(xs, x -> x > i)", "aggregate(xs, i, (s, x) -> s + x)", "zip_with(xs, array(i), (x, y) -> x + y)", "map_filter(m, (k, v) -> v = i)",
                 "transform_values(m, (k, v) -> v + i)", "transform_keys(m, (k, v) -> concat(k, i))", "map_zip_with(m, map('a', i), (k, a, b) -> a + b)", "array_sort(xs, (a, b) -> b - a)", "size(xs)", "xs[0]", "m['a']", "element_at(xs, i)", "get(xs, i)", "array_contains(xs, i)",
                 "array_repeat(i, i - 2)", "sequence(1, i)", "sequence(i, 1, -1)", "slice(xs, 1, i)", "slice(xs, i - 2, 1)", "map_keys(m)", "map_values(m)", "map_entries(m)", "map_concat(m, map('c', i))", "array_insert(xs, i, 9)", "sort_array(xs, false)", "array_max(xs)", "flatten(array(xs, xs))",
                 "arrays_zip(xs, array(i))", "array_position(xs, 1)", "array_remove(xs, 1)", "array_append(xs, i)", "array_prepend(xs, i)", "array_compact(xs)", "array_distinct(array_append(xs, 1))", "array_union(xs, array(i))", "array_except(xs, array(i))", "array_intersect(xs, array(i))", "arrays_overlap(xs, array(i))",
                 "array_join(xs, ',', 'n')", "map_from_arrays(array('k'), array(i))", "map_from_entries(array(struct('k', i)))", "str_to_map('a:1,b:2')", "map_contains_key(m, 'a')", "try_element_at(xs, i)", "element_at(m, 'a')", "cardinality(m)", "hash(xs)", "xxhash64(xs)", "CAST(xs AS STRING)", "CAST(m AS STRING)",
                 "element_at(xs, 0)", "element_at(xs, -1)", "array_size(xs)", "array(i, NULL, i + 1)", "map(i, xs)", "named_struct('i', i, 'xs', xs)", "struct(i, xs).xs", "concat(xs, array(i))", "reverse(xs)", "nullif(xs, array(1, 2))", "xs = array(1, 2)", "xs < array(1, 3)", "coalesce(xs, array(9))", "xs <=> NULL"]:
        name = code.split("(")[0] if "(" in code and "[" not in code[:4] else "index"
        yield name, f"SELECT i, {code} FROM {table}"
        yield name, f"SELECT i FROM {table} WHERE {code} IS NULL"
    for name, value in itertools.product(GENERATORS, [*ARRAYS, *MAP_VALUES, "array(map(1, 2))", "array(named_struct('p', 1, 'q', 'x'), NULL)", *SAMPLES]):
        yield name, f"SELECT {name}({value})"
        yield name, f"SELECT 1 AS one, {name}({value})"
        yield name, f"SELECT * FROM {name}({value})"
        yield name, f"SELECT * FROM (SELECT 1 AS a) t LATERAL VIEW {name}({value})"
    for name in GENERATORS:
        for sql in ["SELECT i, {g}(xs) FROM {t}", "SELECT i, {g}(m) FROM {t}", "SELECT i, {g}(xs) AS x FROM {t} ORDER BY i, x", "SELECT {g}(xs) + 1 FROM {t}", "SELECT i, c FROM {t} LATERAL VIEW {g}(xs) e AS c", "SELECT i, c FROM {t} LATERAL VIEW OUTER {g}(xs) e AS c", "SELECT i, p, c FROM {t} LATERAL VIEW {g}(xs) e AS p, c",
                    "SELECT i, k, v FROM {t} LATERAL VIEW {g}(m) e AS k, v", "SELECT i, e.* FROM {t} LATERAL VIEW {g}(xs) e", "SELECT {g}(xs), {g}(xs) FROM {t}", "SELECT {g}(xs) FROM {t} WHERE {g}(xs) = 1", "SELECT i, {g}(xs) FROM {t} GROUP BY i", "SELECT count({g}(xs)) FROM {t}", "SELECT i, c FROM {t}, LATERAL {g}(xs) AS e(c)", "SELECT i, a, b FROM {t} LATERAL VIEW {g}(xs) x AS a LATERAL VIEW {g}(xs) y AS b",
                    "SELECT {g}()", "SELECT {g}(1, 2)", "SELECT {g}(xs) AS (a) FROM {t}", "SELECT {g}(m) AS (k, v) FROM {t}", "SELECT {g}(collect_list(i)) FROM {t}", "SELECT i, {g}(array(named_struct('p', i, 'q', 'x'))) FROM {t}", "SELECT {g}(split('a,b', ',')) AS part"]:
            yield name, sql.format(g=name, t=table)
    for args in ["2, 1, 'a', 2, 'b'", "2, 1, 2, 3", "1, 1, 2", "0, 1", "-1, 1", "NULL, 1", "2, 1, 'a'", "2, 1, 1L", "2, NULL, 1", "2", "", "3, 1", "2, 1, 1.5", "2L, 1, 2", "'2', 1, 2", "2, 'a', 1, 'b', NULL", "2, 1.5, 2.25"]:
        yield "stack", f"SELECT stack({args})"
        yield "stack", f"SELECT * FROM VALUES (1), (2) AS t(i) LATERAL VIEW stack({args}) s"
    yield "stack", "SELECT i, k, v FROM VALUES (1, 10, 20), (2, NULL, 5) AS t(i, p, q) LATERAL VIEW stack(2, 'p', p, 'q', q) s AS k, v"
    yield "stack", "SELECT i, stack(2, 'p', p, 'q', q) AS (k, v) FROM VALUES (1, 10, 20), (2, NULL, 5) AS t(i, p, q)"
    for args in ["3", "0", "-1", "1, 4", "4, 1", "1, 10, 3", "10, 1, -4", "1, 10, 0", "1, 3, 1, 2", "NULL", "'3'", "1.9", "1, 3L", "", "1, 2, 3, 4, 5", "9223372036854775806, 9223372036854775807", "1 + 1"]:
        yield "range", f"SELECT * FROM range({args})"
        yield "range", f"SELECT sum(r.id), count(*) FROM range({args}) AS r"
        yield "range", f"SELECT range({args})"
