"""Statements that once had another answer than Spark's, or one at all where Spark fails; the fixture keeps all of them."""

STATEMENTS = """
cast | SELECT CAST(3.4028235E38F AS DOUBLE)
cast | SELECT CAST(3.4028234E38F AS DOUBLE)
subquery | SELECT i FROM VALUES (1), (2) AS t(i) WHERE 4 NOT IN (SELECT j FROM VALUES (1), (NULL) AS u(j))
subquery | SELECT i FROM VALUES (1), (2) AS t(i) WHERE NOT (NULL IN (SELECT j FROM VALUES (1), (3) AS u(j)))
subquery | SELECT i, (SELECT count(*) FROM VALUES (1), (1) AS u(j) WHERE j = i HAVING count(*) > 1) AS n FROM VALUES (1), (2) AS t(i)
subquery | SELECT i FROM VALUES (1), (2) AS t(i) ORDER BY (SELECT max(j) FROM VALUES (1), (2) AS u(j) WHERE j = i), i
subquery | SELECT i FROM VALUES (1), (2) AS t(i) GROUP BY i HAVING EXISTS (SELECT 1 FROM VALUES (1) AS u(j) WHERE j = i) IS NOT NULL
limit | SELECT i FROM VALUES (1), (2) AS t(i) ORDER BY i LIMIT 1L
limit | SELECT i FROM VALUES (1), (2) AS t(i) ORDER BY i LIMIT 2147483648
avg | SELECT sum(c), avg(c) FROM VALUES (CAST(0.00000000000000000000000000000000000001 AS DECIMAL(38,38))) AS t(c)
avg | SELECT i, avg(x) OVER (ORDER BY i) FROM (SELECT i, CAST(v AS DECIMAL(38,38)) AS x FROM VALUES (0, '0.5'), (1, '0.5'), (2, '0.25') AS t(i, v))
avg | SELECT i, avg(x) OVER (ORDER BY i ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM VALUES (1, 9223372036854775807L), (2, 1L), (3, -5L) AS t(i, x)
avg | SELECT avg(x), avg(DISTINCT x) FROM VALUES (0.1D), (0.2D), (0.3D), (1E308D), (-1E308D), (0.7D), (0.7D) AS t(x)
sum | SELECT sum(x), sum(DISTINCT x) FROM VALUES (0.1D), (0.2D), (0.3D), (1E308D), (-1E308D), (0.7D), (0.7D) AS t(x)
sum | SELECT i, sum(x) OVER (ORDER BY i ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM VALUES (1, CAST('Infinity' AS DOUBLE)), (2, 1D), (3, 3D) AS t(i, x)
try_sum | SELECT try_sum(x) FROM VALUES (0.1D), (0.2D), (0.3D), (1E308D), (-1E308D), (0.7D) AS t(x)
collect_list | SELECT collect_list(DISTINCT x) FROM VALUES ('c'), ('a'), ('c'), ('b'), (NULL) AS t(x)
array_agg | SELECT array_agg(DISTINCT x) FROM VALUES (3), (1), (3), (2), (NULL) AS t(x)
max | SELECT max(DISTINCT x) OVER () FROM VALUES (1), (2) AS t(x)
regr_intercept | SELECT regr_intercept(x, y) FROM VALUES (1.10, 2.5), (2.20, 3.5), (99999999999999999.99, 1.5) AS t(x, y)
mod | SELECT mod(CAST(5 AS INT), CAST(1.5 AS DECIMAL(18,4))), CAST(5 AS INT) % 1.5, 5 % 1.5
+ | SELECT 1.5 + CAST(5 AS INT), 1.5 + 5, 1.5 + 5Y, 1.5 + 5S, 1.5 + 5L
/ | SELECT 5Y / 12.50BD, NULL / 12.50BD, 12.50BD / NULL
& | SELECT NULL & NULL
div | SELECT a div b FROM VALUES (5, CAST(0.00000000000000000000000000000000000001 AS DECIMAL(38,38))) AS t(a, b)
- | SELECT -128Y - 0.1F
lag | SELECT lag(x, 1, 'none') OVER (ORDER BY x) FROM VALUES (true), (false) AS t(x)
lag | SELECT lag('1', 1, map('a', 1)) OVER (ORDER BY 1)
array_contains | SELECT array_contains(array(DATE'2024-02-29'), TIMESTAMP_NTZ'2024-02-29 23:59:59.5')
timestamp_seconds | SELECT timestamp_seconds('3.25')
timestamp_millis | SELECT timestamp_millis('12')
timestamp_micros | SELECT timestamp_micros(1.5)
timestampadd | SELECT timestampadd(MINUTE, 1, TIMESTAMP_NTZ'1969-12-31 23:59:59.5')
timestampdiff | SELECT timestampdiff(DAYOFYEAR, DATE'2024-01-01', DATE'2024-02-01')
overlay | SELECT overlay('Spark SQL', 'a', 2147483647)
overlay | SELECT overlay('Spark SQL', 'a', 1, 2147483647)
sequence | SELECT sequence(TIMESTAMP'2024-02-29 23:59:59.999999', DATE'2024-02-29')
date_part | SELECT date_part('YEAR', '2024-02-29 24:00:00'), date_part('HOUR', '2024-02-29 24:00:00')
array | SELECT array(INTERVAL -1 MONTH)
struct | SELECT struct(INTERVAL 1 DAY)
collect_list | SELECT collect_list(x) FROM VALUES (INTERVAL 1 DAY) AS t(x)
coalesce | SELECT coalesce(INTERVAL 1 DAY, INTERVAL 1 HOUR) > INTERVAL 0 DAY
try_add | SELECT try_add(5Y, 1.5), try_add(5, 1.5)
try_divide | SELECT try_divide(NULL, 1.5)
decode | SELECT decode(1, 1L, 2, 1.0D, 3)
substring | SELECT substring(X'537061726B', -2147483648)
make_timestamp_ntz | SELECT make_timestamp_ntz(1, 1, 1, 1, 1, -2147483648)
make_timestamp | SELECT make_timestamp(7, -1, 0, 1, 7, 0.1F, 'Nowhere/City')
soundex | SELECT soundex(1)
str_to_map | SELECT str_to_map(1)
array_join | SELECT array_join(array('b', 'a'), 1)
array_repeat | SELECT array_repeat(1, 5Y)
unix_timestamp | SELECT unix_timestamp(TIMESTAMP'2024-02-29 00:00:00', 1)
to_timestamp | SELECT to_timestamp(1, 'yyyy-MM-dd')
to_timestamp | SELECT to_timestamp(1)
to_date | SELECT to_date(1, 'yyyy-MM-dd')
ceil | SELECT ceil(1.5, 5Y)
floor | SELECT floor(1.5, 1.9)
round | SELECT round(1.5D, 2147483647)
round | SELECT round(1, -2147483648)
months_between | SELECT months_between('2024-01-01', '2023-01-01', 'true')
lpad | SELECT lpad('Spark SQL', -2147483648)
rpad | SELECT rpad(X'00', -1)
split_part | SELECT split_part('Spark SQL', 'a', -2147483648)
substring_index | SELECT substring_index('Spark SQL', 'a', -2147483648)
space | SELECT space(2147483647)
repeat | SELECT repeat('abc', 2147483647)
extract | SELECT extract(HOUR FROM INTERVAL 90 MINUTE)
extract | SELECT extract(DAY FROM INTERVAL 5 DAYS 3 HOURS), extract(HOUR FROM INTERVAL 5 DAYS 3 HOURS)
stack | SELECT stack(2L, 1, 2)
explode | SELECT * FROM (SELECT 1 AS a) t LATERAL VIEW explode(array(1))
explode | SELECT * FROM (SELECT 1 AS a) t LATERAL VIEW explode(array(1, 2)) AS x
posexplode | SELECT * FROM (SELECT 1 AS a) t LATERAL VIEW posexplode(array(1, 2)) AS p, x
aggregate | SELECT aggregate(array(3, NULL, 1), array(0), (s, x) -> array_append(s, x))
"""


def statements():
    for line in STATEMENTS.strip().splitlines():
        name, sql = line.split(" | ", 1)
        yield name, sql
