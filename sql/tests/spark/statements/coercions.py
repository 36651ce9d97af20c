"""Values of different types that become values of one type: CASE, coalesce, IN, UNION, VALUES, keys of joins."""
import itertools

from .literals import SAMPLES
from .operators import NUMBERS


def statements():
    for left, right in itertools.product(SAMPLES, repeat=2):
        yield "coalesce", f"SELECT coalesce({left}, {right})"
        yield "case", f"SELECT CASE WHEN true THEN {left} ELSE {right} END"
        yield "if", f"SELECT if(false, {left}, {right})"
        yield "in", f"SELECT {left} IN ({right}, {left})"
        yield "union", f"SELECT {left} AS c UNION ALL SELECT {right}"
        yield "values", f"SELECT c FROM VALUES ({left}), ({right}) AS t(c)"
        yield "array", f"SELECT array({left}, {right})"
        yield "greatest", f"SELECT greatest({left}, {right})"
        yield "nullif", f"SELECT nullif({left}, {right})"
        yield "nvl2", f"SELECT nvl2(1, {left}, {right})"
        yield "between", f"SELECT {left} BETWEEN {right} AND {left}"
        yield "join", f"SELECT * FROM (SELECT {left} AS a) x JOIN (SELECT {right} AS b) y ON x.a = y.b"
        yield "case", f"SELECT CASE {left} WHEN {right} THEN 'equal' ELSE 'other' END"
    for left, right in itertools.product(SAMPLES[::2], repeat=2):
        yield "map", f"SELECT map({left}, {right})"
        yield "map", f"SELECT map('a', {left}, 'b', {right})"
        yield "least", f"SELECT least({left}, {right})"
        yield "intersect", f"SELECT {left} AS c INTERSECT SELECT {right}"
        yield "except", f"SELECT {left} AS c EXCEPT SELECT {right}"
        yield "in", f"SELECT {left} IN (SELECT {right})"
        yield "using", f"SELECT * FROM (SELECT {left} AS a) x JOIN (SELECT {right} AS a) y USING (a)"
        yield "array_contains", f"SELECT array_contains(array({left}), {right})"
        yield "concat", f"SELECT concat({left}, {right})"
        yield "equal_null", f"SELECT equal_null({left}, {right})"
        yield "lag", f"SELECT lag({left}, 1, {right}) OVER (ORDER BY 1)"
    for one, two, three in itertools.product(["1", "1.5", "'a'", "NULL", "DATE'2024-01-01'", "TIMESTAMP'2024-01-01 00:00:00'", "1.5D", "true", "9223372036854775807L"], repeat=3):
        yield "coalesce", f"SELECT coalesce(NULL, {one}, {two}, {three})"
        yield "case", f"SELECT CASE WHEN false THEN {one} WHEN true THEN {two} ELSE {three} END"
    for left, right in itertools.product(NUMBERS, repeat=2):
        one, two = f"CAST({NUMBERS[left][0]} AS {left})", f"CAST({NUMBERS[right][0]} AS {right})"
        for sql in ["coalesce({}, {})", "CASE WHEN true THEN {} ELSE {} END", "greatest({}, {})", "{} IN ({})", "array({}, {})", "round({}, 1) + {}", "sequence({}, {})", "nullif({}, {})", "pmod({}, {})", "mod({}, {})"]:
            yield sql.split("(")[0].split()[0].strip("{}").lower() or "in", f"SELECT {sql.format(one, two)}"
        yield "union", f"SELECT {one} AS c UNION SELECT {two}"
        yield "sum", f"SELECT sum(c), avg(c) FROM (SELECT {one} AS c UNION ALL SELECT {two})"
