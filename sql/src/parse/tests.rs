//! What is accepted, what is refused, and what is known about a query before planning.

use super::*;
use crate::error::SqlError;

fn tables(sql: &str) -> Vec<String> {
    let query = Query::parse(sql).unwrap();
    query
        .tables()
        .into_iter()
        .map(|table| table.schema.map(|schema| schema + ".").unwrap_or_default() + &table.name)
        .collect()
}

#[test]
fn tables_are_found_once_and_named_queries_are_none() {
    let sql = "WITH a AS (SELECT * FROM T1), b AS (SELECT * FROM a JOIN silver.Party p ON p.x = a.x)
               SELECT * FROM b, t1 WHERE EXISTS (SELECT 1 FROM gold.x WHERE x.y IN (SELECT z FROM t3))";
    assert_eq!(tables(sql), ["t1", "silver.party", "gold.x", "t3"]);
}

#[test]
fn a_named_query_is_known_only_after_and_inside() {
    // In its own body, and outside of the query that names it, the name is a table.
    assert_eq!(tables("WITH a AS (SELECT * FROM a) SELECT * FROM a"), ["a"]);
    assert_eq!(tables("SELECT * FROM (WITH a AS (SELECT 1) SELECT * FROM a) x JOIN a ON true"), ["a"]);
}

#[test]
fn columns_wildcards_and_clocks_are_seen() {
    let query = Query::parse("SELECT t.A + b, count(*)\nFROM t WHERE C = now()").unwrap();
    assert_eq!(query.columns_named().into_iter().collect::<Vec<_>>(), ["a", "b", "c", "t"]);
    assert!(!query.uses_wildcard());
    assert!(query.uses_clock());
    assert_eq!(query.position_of("c"), Some((2, 14)));
    assert_eq!(query.position_of("T"), Some((1, 8)));
    assert!(Query::parse("SELECT t.* FROM t").unwrap().uses_wildcard());
    assert!(Query::parse("SELECT current_date FROM t").unwrap().uses_clock());
    assert!(!Query::parse("SELECT unix_timestamp(a) FROM t").unwrap().uses_clock());
}

#[test]
fn other_statements_are_refused_by_name() {
    for (sql, statement) in [
        ("CREATE TABLE t (a INT)", "CREATE TABLE"),
        ("insert into t values (1)", "INSERT INTO"),
        ("COPY t TO 'x'", "COPY T"),
        ("SHOW TABLES", "SHOW TABLES"),
        ("SELECT 1; DROP TABLE t", "…; `DROP`"),
    ] {
        match Query::parse(sql) {
            Err(SqlError::NotAQuery { statement: found }) => assert_eq!(found, statement),
            other => panic!("{sql}: {other:?}"),
        }
    }
    assert!(Query::parse("SELECT 1;").is_ok());
}

#[test]
fn syntax_errors_point_at_the_place() {
    let sql = "SELECT a\nFROM t\nWHERE a = = 1";
    let error = Query::parse(sql).unwrap_err();
    assert_eq!(
        error.render(sql),
        "syntax error at line 3, column 11: expected an expression, found `=`\n3 | WHERE a = = 1\n  |           ^"
    );
    for sql in [
        "",
        "SELECT",
        "SELECT 1::INT",
        "SELECT a FROM t QUALIFY 1 = 1",
        "SELECT * EXCEPT (a) FROM t",
        "SELECT 1 IN (1) = true",
        "SELECT CAST(1 AS foo)",
        "SELECT DATE'2024-13-01'",
        "SELECT INTERVAL 1 MONTH 1 DAY",
        "SELECT a b c FROM t",
        "SELECT 1 FROM t WHERE",
        "SELECT * FROM t LIMIT",
        "SELECT (1",
        "SELECT * FROM VALUES (1) left",
        "SELECT a AS b c",
    ] {
        assert!(matches!(Query::parse(sql), Err(SqlError::Syntax(_))), "{sql}");
    }
    let deep = format!("SELECT {}1{}", "(".repeat(5000), ")".repeat(5000));
    assert!(matches!(Query::parse(&deep), Err(SqlError::Syntax(_))));
}

#[test]
fn spark_forms_are_accepted() {
    for sql in [
        "SELECT `a b`, \"text\", 1L, 1.5D, 2S, 1.5BD, a == b, a <=> b, !a, a DIV 2, a RLIKE 'x', NOT a LIKE 'b' ESCAPE '/' FROM t",
        "SELECT * FROM VALUES (1, 2), (3, 4) AS t(x, y)",
        "VALUES (1), (2) ORDER BY 1 LIMIT 1 OFFSET 1",
        "SELECT a FROM t LEFT ANTI JOIN u ON t.a = u.a LEFT SEMI JOIN v USING (a) NATURAL JOIN w",
        "SELECT a, x FROM t LATERAL VIEW OUTER explode(t.xs) e AS x LATERAL VIEW posexplode(ys) AS p, y",
        "SELECT transform(xs, x -> x + 1), aggregate(xs, 0, (acc, x) -> acc + x) FROM t",
        "SELECT extract(YEAR FROM d), trim(BOTH 'x' FROM s), substring(s FROM 1 FOR 2), position('a' IN s), overlay(s PLACING 'x' FROM 1) FROM t",
        "SELECT sum(a) FILTER (WHERE b > 1) OVER (PARTITION BY c ORDER BY d DESC NULLS LAST ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM t",
        "SELECT first(a IGNORE NULLS) OVER w FROM t WINDOW w AS (PARTITION BY b)",
        "SELECT a, count(*) FROM t GROUP BY ROLLUP (a, (b, c)) HAVING count(*) > 1",
        "SELECT a FROM t GROUP BY a, b WITH CUBE",
        "SELECT timestampdiff(HOUR, a, b), datediff(a, b) FROM t",
        "SELECT INTERVAL 1 DAY, INTERVAL '1-2' YEAR TO MONTH, INTERVAL -5 hours 3 seconds, INTERVAL '1 day'",
        "SELECT CASE a WHEN 1 THEN 2 ELSE 3 END, CASE WHEN a THEN b END FROM t",
        "(SELECT 1) UNION ALL (SELECT 2) EXCEPT SELECT 3 INTERSECT SELECT 4",
        "SELECT * FROM ((SELECT 1 AS a) t JOIN (SELECT 2 AS b) u ON true)",
        "SELECT * FROM (((SELECT 1 AS a)) t JOIN u ON true)",
        "SELECT * FROM (((SELECT 1 AS a) UNION (SELECT 2)) AS t JOIN u ON true) JOIN v ON true",
        "SELECT * FROM (((SELECT 1 AS a) UNION (SELECT 2)) EXCEPT SELECT 3) AS t",
        "SELECT ((SELECT 1) + 1), (((SELECT 1))), ((SELECT 1) UNION (SELECT 1) LIMIT 1)",
        "SELECT m['k'], xs[0], s.f, struct(1 AS a).a FROM t",
        "SELECT left, date, timestamp, interval, value FROM t",
        "SELECT /*+ BROADCAST(t) */ a FROM t -- comment",
        "SELECT a LIKE ANY ('x', 'y') FROM t",
        "SELECT (SELECT max(a) FROM u WHERE u.b = t.b), a IN (SELECT 1), EXISTS (SELECT 1) FROM t",
        "SELECT CAST(a AS array<struct<x:int,y:map<string,decimal(10,2)>>>) FROM t",
    ] {
        if let Err(error) = Query::parse(sql) {
            panic!("{}", error.render(sql));
        }
    }
}
