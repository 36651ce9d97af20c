"""Whole queries: joins, set operations, subqueries, orders, limits, names."""
import itertools

LEFT = "VALUES (1, 'a', 10), (2, 'b', NULL), (2, 'c', 5), (NULL, 'd', 1) AS l(k, s, x)"
RIGHT = "VALUES (2, 'b', 7), (2, NULL, 8), (3, 'c', 9), (NULL, 'd', 0) AS r(k, s, y)"
JOINS = ["JOIN", "INNER JOIN", "LEFT JOIN", "LEFT OUTER JOIN", "RIGHT JOIN", "FULL JOIN", "FULL OUTER JOIN", "LEFT SEMI JOIN", "SEMI JOIN", "LEFT ANTI JOIN", "ANTI JOIN", "CROSS JOIN"]
CONDITIONS = [
    "ON l.k = r.k", "ON l.k <=> r.k", "ON l.k = r.k AND l.s = r.s", "USING (k)", "USING (k, s)", "ON l.k < r.k", "ON true", "ON false", "ON NULL", "ON l.k = r.k AND l.x > 1", "ON l.k = r.k AND r.y > 7", "ON l.k = r.k OR l.s = r.s", "", "ON l.k + 1 = r.k", "ON l.x IS NULL",
    "ON k = r.k", "USING (x)", "ON l.k = r.k AND l.k IN (1, 2)", "ON CAST(l.k AS STRING) = r.s", "ON l.k = r.k WHERE r.y IS NULL", "ON l.k = r.k WHERE l.x IS NOT NULL", "ON EXISTS (SELECT 1)", "ON l.k IN (SELECT 2)",
]
SETS = ["UNION", "UNION ALL", "UNION DISTINCT", "INTERSECT", "INTERSECT ALL", "EXCEPT", "EXCEPT ALL", "MINUS", "EXCEPT DISTINCT"]
SIDES = [
    "SELECT x FROM VALUES (1), (2), (2), (NULL), (NULL) AS t(x)", "SELECT x FROM VALUES (2), (NULL), (3) AS t(x)", "SELECT x FROM VALUES (2L), (2L), (4L) AS t(x)", "SELECT x FROM VALUES ('2'), ('a') AS t(x)", "SELECT x FROM VALUES (CAST('NaN' AS DOUBLE)), (-0.0D), (0.0D), (2D) AS t(x)",
    "SELECT x FROM VALUES (2.00), (2.50) AS t(x)", "SELECT 1 AS x WHERE false", "SELECT array(1) AS x", "SELECT map('a', 1) AS x", "SELECT NULL AS x", "SELECT 1 AS x, 2 AS y", "SELECT DATE'2024-01-01' AS x", "SELECT true AS x",
]
T = "VALUES (1, 'a', 10.5), (2, 'b', NULL), (3, NULL, -1.5), (NULL, 'a', 0.0) AS t(i, s, d)"
U = "VALUES (1, 'a'), (1, 'b'), (3, 'c'), (NULL, NULL) AS u(j, w)"

PREDICATES = [
    "i IN (SELECT j FROM {u})", "i NOT IN (SELECT j FROM {u})", "i NOT IN (SELECT j FROM {u} WHERE j IS NOT NULL)", "i IN (SELECT j FROM {u} WHERE false)", "i NOT IN (SELECT j FROM {u} WHERE false)", "(i, s) IN (SELECT j, w FROM {u})", "(i, s) NOT IN (SELECT j, w FROM {u})", "s IN (SELECT w FROM {u} WHERE j = i)",
    "s NOT IN (SELECT w FROM {u} WHERE j = i)", "EXISTS (SELECT 1 FROM {u} WHERE j = i)", "NOT EXISTS (SELECT 1 FROM {u} WHERE j = i)", "EXISTS (SELECT * FROM {u} WHERE false)", "EXISTS (SELECT 1 FROM {u} WHERE j > i)", "EXISTS (SELECT 1 FROM {u} WHERE j = i AND w = s)", "EXISTS (SELECT max(j) FROM {u} WHERE j = i)",
    "EXISTS (SELECT j FROM {u} WHERE j = i GROUP BY j HAVING count(*) > 1)", "EXISTS (SELECT 1 FROM {u} WHERE j = i LIMIT 1)", "i = (SELECT max(j) FROM {u})", "i = (SELECT j FROM {u})", "i = (SELECT j FROM {u} WHERE false)", "i > (SELECT avg(j) FROM {u})", "i = (SELECT max(j) FROM {u} WHERE w = s)", "i IN (1, (SELECT max(j) FROM {u}))",
    "i IN (SELECT j FROM {u}) OR s = 'b'", "NOT (i IN (SELECT j FROM {u}))", "i IN (SELECT j FROM {u}) AND s IS NOT NULL", "(i IN (SELECT j FROM {u})) IS NULL", "(i IN (SELECT j FROM {u})) = true", "CASE WHEN i IN (SELECT j FROM {u}) THEN true ELSE false END", "EXISTS (SELECT 1 FROM {u} WHERE j = i) OR i = 2", "NOT EXISTS (SELECT 1 FROM {u}) OR i IS NULL",
    "i IN (SELECT j + 1 FROM {u})", "i IN (SELECT w FROM {u})", "i IN (SELECT j, w FROM {u})", "i + 1 IN (SELECT j FROM {u} ORDER BY j LIMIT 1)", "(SELECT count(*) FROM {u} WHERE j = i) > 0", "(SELECT count(*) FROM {u} WHERE j = i) = 0", "(SELECT sum(j) FROM {u} WHERE j = i) IS NULL", "i < ALL (SELECT j FROM {u})", "i = ANY (SELECT j FROM {u})", "i = SOME (SELECT j FROM {u})",
    "d > (SELECT min(j) FROM {u} WHERE j <= i)", "EXISTS (SELECT 1 FROM {u} WHERE i = 1)", "EXISTS (SELECT 1 FROM {u} WHERE j <=> i)", "i IN (SELECT j FROM {u} WHERE w <> s)", "NULL IN (SELECT j FROM {u})", "1 IN (SELECT j FROM {u})", "4 NOT IN (SELECT j FROM {u})", "i = 1 AND EXISTS (SELECT 1)", "i", "s", "NULL", "i = 1 OR NULL", "'true'", "count(*) > 1",
    "i IN (SELECT i FROM {u})", "i IN (SELECT k FROM {u})", "i IN (SELECT u.j FROM {u} WHERE u.j = t.i)", "i BETWEEN (SELECT min(j) FROM {u}) AND (SELECT max(j) FROM {u})",
]
SCALARS = ["(SELECT max(j) FROM {u})", "(SELECT j FROM {u})", "(SELECT j FROM {u} WHERE false)", "(SELECT max(w) FROM {u} WHERE j = i)", "(SELECT count(*) FROM {u} WHERE j = i)", "(SELECT count(*) + 1 FROM {u} WHERE j = i)", "(SELECT coalesce(sum(j), 0) FROM {u} WHERE j = i)", "(SELECT w FROM {u} WHERE j = i)", "(SELECT j, w FROM {u})", "(SELECT max(j) FROM {u} WHERE j > i)", "(SELECT first(w) FROM {u} WHERE j = i)",
           "(SELECT i)", "(SELECT i + 1)", "(SELECT max(j + i) FROM {u})", "i IN (SELECT j FROM {u})", "EXISTS (SELECT 1 FROM {u} WHERE j = i)", "i NOT IN (SELECT j FROM {u})", "(SELECT min(j) FROM {u}) + i", "(SELECT max(j) FROM {u} GROUP BY w)", "(SELECT count(*) FROM {u} WHERE j = i GROUP BY w)", "(SELECT max(j) FROM {u} WHERE j = i LIMIT 1)", "(SELECT w FROM {u} WHERE j = i ORDER BY w LIMIT 1)", "(SELECT count(*) FROM {u} WHERE j = i HAVING count(*) > 1)", "(SELECT collect_list(w) FROM {u} WHERE j = 3)"]

QUERIES = """
SELECT * FROM {t}|SELECT t.* FROM {t}|SELECT i, * FROM {t}|SELECT *, i + 1 AS n FROM {t}|SELECT I, S FROM {t}|SELECT T.i FROM {t}|SELECT `i` FROM {t}|SELECT x FROM {t}|SELECT u.i FROM {t}|SELECT i i, s AS `a b` FROM {t}|SELECT DISTINCT s FROM {t}|SELECT DISTINCT s, d FROM {t}|SELECT ALL s FROM {t}|SELECT DISTINCT * FROM {t}|SELECT
SELECT i AS a, a + 1 AS b FROM {t}|SELECT i AS s, s AS i FROM {t}|SELECT i + 1 AS i, i * 2 AS j FROM {t}|SELECT i AS a FROM {t} WHERE a = 1|SELECT i AS a FROM {t} ORDER BY a|SELECT i AS a, count(*) FROM {t} GROUP BY a|SELECT -i AS i FROM {t} ORDER BY i|SELECT s AS i, i AS k FROM {t} ORDER BY i|SELECT i a, a + 1 b, b * 2 c FROM {t}|SELECT max(i) AS m, m + 1 FROM {t}|SELECT i AS a, 2 AS a, a FROM {t}
SELECT i FROM {t} ORDER BY i|SELECT i FROM {t} ORDER BY i DESC|SELECT i FROM {t} ORDER BY i NULLS LAST|SELECT i FROM {t} ORDER BY i DESC NULLS FIRST|SELECT i FROM {t} ORDER BY 1|SELECT i FROM {t} ORDER BY 2|SELECT i FROM {t} ORDER BY 0|SELECT i FROM {t} ORDER BY d|SELECT i FROM {t} ORDER BY t.d DESC|SELECT i, s FROM {t} ORDER BY s, i|SELECT i FROM {t} ORDER BY -i|SELECT i FROM {t} ORDER BY d IS NULL, i
SELECT i FROM {t} ORDER BY coalesce(i, 99)|SELECT DISTINCT s FROM {t} ORDER BY s|SELECT DISTINCT s FROM {t} ORDER BY i|SELECT DISTINCT s FROM {t} ORDER BY upper(s)|SELECT i FROM {t} ORDER BY s || 'x', i|SELECT i FROM {t} ORDER BY NULL, i|SELECT i FROM {t} ORDER BY 'x', i|SELECT i FROM {t} ORDER BY 1 + 1, i|SELECT i FROM {t} ORDER BY ALL|SELECT i FROM {t} SORT BY i|SELECT i FROM {t} DISTRIBUTE BY s|SELECT i FROM {t} CLUSTER BY i
SELECT s FROM {t} ORDER BY (SELECT 1), s|SELECT i FROM {t} ORDER BY max(i)|SELECT s FROM {t} GROUP BY s ORDER BY max(i), s|SELECT i FROM {t} ORDER BY i LIMIT 2|SELECT i FROM {t} ORDER BY i LIMIT 0|SELECT i FROM {t} ORDER BY i LIMIT ALL|SELECT i FROM {t} ORDER BY i LIMIT 2 OFFSET 1|SELECT i FROM {t} ORDER BY i OFFSET 2|SELECT i FROM {t} ORDER BY i OFFSET 10|SELECT i FROM {t} ORDER BY i LIMIT -1
SELECT i FROM {t} ORDER BY i LIMIT NULL|SELECT i FROM {t} ORDER BY i LIMIT 1 + 1|SELECT i FROM {t} ORDER BY i LIMIT '2'|SELECT i FROM {t} ORDER BY i LIMIT 1.5|SELECT i FROM {t} ORDER BY i LIMIT i|SELECT i FROM {t} ORDER BY i LIMIT (SELECT 1)|SELECT i FROM {t} ORDER BY i LIMIT 1L|SELECT i FROM {t} ORDER BY i FETCH FIRST 1 ROWS ONLY|SELECT i FROM {t} ORDER BY i LIMIT 2147483648
SELECT count(*) FROM {t}|SELECT count(*) FROM {t} WHERE i > 100|SELECT max(i) FROM {t} WHERE i > 100|SELECT i, count(*) FROM {t}|SELECT count(*), 1 FROM {t}|SELECT count(*) FROM {t} GROUP BY s|SELECT s FROM {t} GROUP BY s|SELECT 1 FROM {t}|SELECT 1 FROM {t} GROUP BY s|SELECT 1 FROM {t} HAVING count(*) > 1|SELECT 1 HAVING true|SELECT 1 WHERE false|SELECT 1 WHERE NULL|SELECT 1 WHERE 1 = 1|SELECT count(*)|SELECT count(1) WHERE false|SELECT sum(1)
SELECT * FROM (SELECT i, s FROM {t})|SELECT * FROM (SELECT i, s FROM {t}) AS q|SELECT q.a FROM (SELECT i, s FROM {t}) AS q(a, b)|SELECT * FROM (SELECT i, s FROM {t}) AS q(a)|SELECT * FROM (SELECT 1, 2)|SELECT `1` FROM (SELECT 1)|SELECT * FROM (SELECT 1 AS a, 2 AS a)|SELECT a FROM (SELECT 1 AS a, 2 AS a)|SELECT A FROM (SELECT 1 AS a, 2 AS b)|SELECT col1 FROM VALUES (1), (2)|SELECT * FROM VALUES 1, 2|SELECT * FROM VALUES (1, 2), (3)
SELECT * FROM VALUES (1) AS t|SELECT * FROM VALUES (1, 2) AS t(a)|VALUES (1, 'a'), (2, 'b')|SELECT * FROM VALUES (i)|SELECT * FROM VALUES (1 + 1, upper('a')) AS t(a, b)|SELECT * FROM VALUES ((SELECT 1)) AS t(a)|SELECT * FROM VALUES (current_date() IS NULL) AS t(a)|SELECT * FROM VALUES (1), (1.5), (NULL) AS t(a)|SELECT * FROM VALUES (1), ('a') AS t(a)|SELECT * FROM VALUES (array(1)), (array(NULL)) AS t(a)|SELECT * FROM VALUES (count(1)) AS t(a)
WITH q AS (SELECT 1 AS a) SELECT * FROM q|WITH q(b) AS (SELECT 1 AS a) SELECT b FROM q|WITH q AS (SELECT 1 AS a), r AS (SELECT a + 1 AS b FROM q) SELECT * FROM q, r|WITH q AS (SELECT 1 AS a), q AS (SELECT 2 AS a) SELECT * FROM q|WITH r AS (SELECT * FROM q), q AS (SELECT 1) SELECT * FROM r|WITH q AS (SELECT 1 AS a) SELECT (SELECT a FROM q) + 1|WITH q AS (SELECT 1 AS a) (WITH q AS (SELECT 2 AS a) SELECT * FROM q)
WITH q AS (SELECT 1 AS a) SELECT * FROM (WITH q AS (SELECT 2 AS a) SELECT * FROM q)|WITH q AS (SELECT * FROM {t}) SELECT a.i, b.i FROM q a JOIN q b ON a.i = b.i|WITH q AS (SELECT 1 AS a) SELECT q.a, Q.A FROM q|WITH RECURSIVE q AS (SELECT 1 AS a) SELECT * FROM q|WITH q AS (SELECT 1 AS a UNION SELECT 2) SELECT sum(a) FROM q|WITH q (a, b) AS (SELECT 1) SELECT * FROM q|WITH `my q` AS (SELECT 1) SELECT * FROM `my q`
SELECT 1 UNION ALL SELECT 2 ORDER BY 1|SELECT 1 AS a UNION ALL SELECT 2 AS b ORDER BY a DESC|SELECT 1 AS a UNION ALL SELECT 2 AS b ORDER BY b|(SELECT 2 AS a LIMIT 1) UNION ALL (SELECT 1) ORDER BY a|SELECT 1 UNION SELECT 1 UNION ALL SELECT 1|SELECT 1 UNION ALL SELECT 1 UNION SELECT 1|SELECT 1 UNION ALL SELECT 2 INTERSECT SELECT 2|SELECT 1 UNION ALL SELECT 1 EXCEPT SELECT 1|SELECT 1 EXCEPT SELECT 1 UNION ALL SELECT 3|SELECT 1, 2 UNION SELECT 1
SELECT count(*) FROM (SELECT 1 UNION SELECT 1)|SELECT * FROM (SELECT 1 AS a UNION SELECT NULL) ORDER BY a|SELECT 1 AS a, 'x' AS b UNION ALL SELECT 2, NULL ORDER BY 1|SELECT NULL UNION ALL SELECT 1|SELECT NULL UNION SELECT NULL|SELECT 1 UNION SELECT 1.0|SELECT 1 UNION ALL BY NAME SELECT 2|SELECT DATE'2024-01-01' UNION SELECT '2024-01-01'|SELECT 1.5 UNION SELECT 2.25D|SELECT array(1) UNION SELECT array(1L)|SELECT named_struct('a', 1) UNION ALL SELECT named_struct('b', 2)
SELECT * FROM {t} a, {u} b WHERE a.i = b.j|SELECT a.i FROM ({t2}) a CROSS JOIN ({u2}) b|SELECT * FROM ({t2}) a NATURAL JOIN ({t2}) b|SELECT i FROM ({t2}) a JOIN ({t2}) b USING (i)|SELECT a.i, b.i FROM ({t2}) a LEFT JOIN ({t2}) b USING (i)|SELECT i FROM ({t2}) a JOIN ({t2}) b ON a.i = b.i|SELECT i FROM ({t2}) a FULL JOIN ({u3}) b USING (i)|SELECT a.i, b.i, i FROM ({t2}) a FULL JOIN ({u3}) b USING (i)|SELECT a.i, b.i FROM ({t2}) a RIGHT JOIN ({u3}) b USING (i)
SELECT * FROM ({t2}) a RIGHT JOIN ({u3}) b USING (i)|SELECT a.*, b.w FROM ({t2}) a LEFT JOIN ({u2}) b ON a.i = b.j WHERE b.w IS NULL|SELECT * FROM ({t2}) a LEFT JOIN ({u2}) b ON a.i = b.j AND b.w = 'b'|SELECT * FROM ({t2}) a LEFT JOIN ({u2}) b ON a.i = b.j LEFT JOIN ({u3}) c ON c.i = b.j|SELECT count(*) FROM ({t2}) a JOIN ({u2}) b|SELECT * FROM ({t2}) a JOIN ({u2}) a|SELECT a.i FROM ({t2}) a JOIN ({u2}) a|SELECT * FROM ({t2}) JOIN ({u2}) ON i = j
SELECT * FROM ({t2}) a LEFT SEMI JOIN ({u2}) b ON a.i = b.j|SELECT b.w FROM ({t2}) a LEFT SEMI JOIN ({u2}) b ON a.i = b.j|SELECT * FROM ({t2}) a JOIN LATERAL (SELECT * FROM ({u2}) b WHERE b.j = a.i)|SELECT * FROM ({t2}) a, LATERAL (SELECT a.i + 1 AS n)|SELECT * FROM ({t2}) a JOIN ({u2}) b ON a.i = b.j AND rand() < 2|SELECT * FROM ({t2}) a JOIN ({u2}) b ON max(a.i) = b.j|SELECT * FROM ({t2}) a NATURAL LEFT JOIN ({u3}) b|SELECT * FROM ({t2}) a JOIN ({u2}) b ON a.s = b.w AND a.i = b.j
SELECT * FROM ({t2}) PIVOT (sum(d) FOR s IN ('a', 'b'))|SELECT * FROM ({t2}) UNPIVOT (v FOR n IN (i, d))|SELECT * FROM ({t2}) TABLESAMPLE (100 PERCENT)|SELECT /*+ BROADCAST(a) */ i FROM ({t2}) a|SELECT i -- note\\n FROM ({t2})|SELECT /* a /* b */ c */ 1|SELECT 1;|SELECT 1; SELECT 2|select 1|Select i From ({t2}) Where i Is Not Null Order By I|SELECT 1 FROM nowhere|SELECT 1 AS from|SELECT 1 AS `from`|SELECT i.s FROM ({t2})|SELECT t.i.s FROM {t}
SELECT * EXCEPT (i) FROM {t}|SELECT i FROM {t} WHERE s = "a"|SELECT i FROM {t} WHERE s = 'A'|SELECT i FROM {t} WHERE d = 0|SELECT i FROM {t} WHERE d > '1'|SELECT i FROM {t} WHERE s > 1|SELECT i FROM {t} WHERE s = NULL|SELECT i FROM {t} WHERE NOT (s = 'a')|SELECT i FROM {t} WHERE s != 'a' OR s IS NULL|SELECT i FROM {t} WHERE i = 1 AND 1 / 0 IS NULL|SELECT i FROM {t} WHERE CAST(s AS INT) IS NULL|SELECT i FROM {t} WHERE sum(i) > 1|SELECT i FROM {t} WHERE i > 1 = true|SELECT i FROM {t} HAVING i > 1
SELECT struct(*) FROM {t}|SELECT named_struct('x', i).x FROM {t}|SELECT array(i, d) FROM {t}|SELECT map(s, i) FROM {t}|SELECT map(i, s) FROM {t} WHERE i = 1|SELECT explode(array(i, 1)) FROM {t}|SELECT coalesce(*) FROM {t}|SELECT count(t.*) FROM {t}|SELECT concat(*) FROM {t}|SELECT hash(*) FROM {t}|SELECT greatest(i, d), least(i, d) FROM {t}|SELECT if(i > 1, 'big', NULL) FROM {t}|SELECT CASE i WHEN 1 THEN 'one' WHEN NULL THEN 'null' END FROM {t}|SELECT upper(s) FROM {t} GROUP BY upper(s)|SELECT s FROM {t} GROUP BY upper(s)
SELECT rand() IS NULL|SELECT uuid() IS NULL|SELECT monotonically_increasing_id()|SELECT input_file_name()|SELECT current_user() IS NULL|SELECT version() IS NULL|SELECT nosuch(1)|SELECT sum(DISTINCT i), count(DISTINCT s), max(d) FROM {t}|SELECT sum(i) FILTER (WHERE s = 'a') FROM {t}|SELECT s, sum(d) AS d FROM {t} GROUP BY s ORDER BY d|SELECT s, sum(d) AS d FROM {t} GROUP BY s HAVING d > 1|SELECT i % 2 AS p, count(*) AS n FROM {t} GROUP BY i % 2 ORDER BY p|SELECT sum(i) + sum(d) FROM {t}
""".replace("\n", "|")


def statements():
    for join, condition in itertools.product(JOINS, CONDITIONS):
        for output in ["*", "l.k, l.s"]:
            yield "join", f"SELECT {output} FROM {LEFT} {join} {RIGHT} {condition}"
    for op, one, two in itertools.product(SETS, SIDES, SIDES):
        yield op.lower(), f"{one} {op} {two}"
    for predicate in PREDICATES:
        sql = predicate.format(u=U)
        yield "subquery", f"SELECT * FROM {T} WHERE {sql}"
        yield "subquery", f"SELECT i, {sql} AS p FROM {T}"
        yield "subquery", f"SELECT * FROM {T} WHERE NOT ({sql})"
        yield "subquery", f"SELECT s, count(*) FROM {T} WHERE {sql} GROUP BY s"
    for scalar in SCALARS:
        sql = scalar.format(u=U)
        yield "subquery", f"SELECT i, {sql} AS v FROM {T}"
        yield "subquery", f"SELECT coalesce({sql}, 0) FROM {T}"
        yield "subquery", f"SELECT i FROM {T} ORDER BY {sql}, i"
        yield "subquery", f"SELECT max(i), {sql} FROM {T}"
        yield "subquery", f"SELECT i, max({sql}) FROM {T} GROUP BY i"
        yield "subquery", f"SELECT i FROM {T} GROUP BY i HAVING {sql} IS NOT NULL"
    parts = {"t": T, "u": U, "t2": f"SELECT * FROM {T}", "u2": f"SELECT * FROM {U}", "u3": "SELECT * FROM VALUES (1, 'p'), (9, 'q'), (NULL, 'r') AS v(i, w)"}
    # A bar inside of these queries is the operator || only.
    for query in QUERIES.replace("||", "\0").split("|"):
        if query.strip():
            yield "query", query.replace("\0", "||").format(**parts).replace("\\n", "\n")
    for rows, order in itertools.product(
        ["(1D), (CAST('NaN' AS DOUBLE)), (-0.0D), (0.0D), (NULL), (CAST('-Infinity' AS DOUBLE))", "('b'), ('B'), (''), (NULL), ('é'), ('e'), ('😀'), ('ﬀ')", "(array(1, 2)), (array(1)), (array(NULL)), (NULL), (array())", "(true), (NULL), (false)", "(struct(1, 'b')), (struct(1, NULL)), (struct(NULL, 'a')), (NULL)", "(1.5), (NULL), (-1.50)", "(X'01'), (X'FF'), (X''), (NULL)", "(DATE'2024-01-01'), (NULL), (DATE'0001-01-01')", "(map(1, 2))", "(INTERVAL 1 DAY), (INTERVAL 25 HOUR)"],
        ["x", "x DESC", "x NULLS LAST", "x DESC NULLS FIRST"],
    ):
        yield "order by", f"SELECT x FROM VALUES {rows} AS t(x) ORDER BY {order}"
        yield "order by", f"SELECT DISTINCT x FROM VALUES {rows} AS t(x) ORDER BY {order} LIMIT 3"
    for rows in ["(1D), (CAST('NaN' AS DOUBLE)), (CAST('NaN' AS DOUBLE)), (-0.0D), (0.0D), (NULL)", "('a'), ('a '), ('A'), (NULL)", "(array(0.0D)), (array(-0.0D)), (NULL)", "(named_struct('a', 0.0D)), (named_struct('a', -0.0D))", "(1.0), (1.00)", "(map(1, 2)), (map(1, 2))"]:
        for query in ["SELECT DISTINCT x FROM {v}", "SELECT x, count(*) FROM {v} GROUP BY x", "SELECT count(DISTINCT x) FROM {v}", "SELECT a.x, b.x FROM (SELECT x FROM {v}) a JOIN (SELECT x FROM {v}) b ON a.x = b.x", "SELECT a.x, b.x FROM (SELECT x FROM {v}) a JOIN (SELECT x FROM {v}) b ON a.x <=> b.x", "SELECT x FROM {v} INTERSECT SELECT x FROM {v}", "SELECT x FROM {v} EXCEPT ALL SELECT x FROM {v}", "SELECT x, row_number() OVER (PARTITION BY x ORDER BY 1) FROM {v}", "SELECT x, count(*) OVER (PARTITION BY x) FROM {v}", "SELECT * FROM (SELECT x FROM {v}) JOIN (SELECT x FROM {v}) USING (x)", "SELECT x IN (SELECT x FROM {v}) FROM {v}", "SELECT size(collect_set(x)) FROM {v}", "SELECT x, rank() OVER (ORDER BY x) FROM {v}", "SELECT x FROM {v} WHERE x IN (SELECT x FROM {v})"]:
            yield "keys", query.format(v=f"VALUES {rows} AS t(x)")
