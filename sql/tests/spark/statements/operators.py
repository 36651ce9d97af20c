"""Operators: pairs of types, pairs of values in columns, precedence, literals."""
import itertools

from .literals import BOOLEANS, DATES, DECIMALS, DOUBLES, INTS, LONGS, MONTHS, SAMPLES, SPANS, TEXTS, TIMES

ARITHMETIC = ["+", "-", "*", "/", "%", "div"]
COMPARISONS = ["=", "<", ">=", "<=>", "!="]
BITS = ["&", "|", "^"]

NUMBERS = {
    "TINYINT": ["5", "127", "-128", "0", "NULL"],
    "SMALLINT": ["5", "32767", "-32768", "NULL"],
    "INT": ["5", "-3", "0", "2147483647", "-2147483648", "NULL"],
    "BIGINT": ["5", "-3", "0", "9223372036854775807", "-9223372036854775808", "NULL"],
    "FLOAT": ["1.5", "-0.0", "0.1", "'NaN'", "'-Infinity'", "3.4028235E38", "NULL"],
    "DOUBLE": ["1.5", "-0.0", "0.0", "0.1", "'NaN'", "'Infinity'", "1E308", "4.9E-324", "NULL"],
    "DECIMAL(18,4)": ["1.5", "-0.0001", "0", "99999999999999.9999", "NULL"],
    "DECIMAL(10,0)": ["7", "-7", "9999999999", "NULL"],
    "DECIMAL(38,0)": ["7", "99999999999999999999999999999999999999", "NULL"],
    "DECIMAL(38,18)": ["1.000000000000000001", "-99999999999999999999.999999999999999999", "NULL"],
    "DECIMAL(38,38)": ["0.00000000000000000000000000000000000001", "0.5", "NULL"],
    "DECIMAL(5,2)": ["1.25", "-999.99", "0", "NULL"],
    "DECIMAL(32,6)": ["2.345678", "-99999999999999999999999999.999999", "NULL"],
}

LITERALS = """
1|-1|+1|- -1|1L|1S|1Y|1F|1D|1BD|1.|.5|1.0|1e3|1E-3|1.5e3|1e400|1e3BD|1.5BD|1.5F|1.5L|128Y|-128Y|32768S|2147483647|2147483648|-2147483648|9223372036854775807
9223372036854775808|-9223372036854775808|9223372036854775808L|99999999999999999999999999999999999999|999999999999999999999999999999999999999|0.00000000000000000000000000000000000001
0.000000000000000000000000000000000000001|007|0x1F|1_000|1e|1.e3|.e3|1.2.3|'a' 'b'|'a''b'|"a"|"a'b"|"a""b"|'a"b'|'\\n'|'\\t'|'\\\\'|'\\''|'\\u0041'|'\\101'|'\\0'|'\\%'|'\\_'|'\\q'|'\\x41'
r'a\\nb'|R"a\\b"|'\\U0001F600'|'😀'|'a\\
b'|X'1F'|x'1f'|X'F'|X'G'|X''|X"00"|true|TRUE|False|null|NULL|DATE'2024-02-29'|date '2024-02-29'|DATE'2024-02-30'|DATE'2024'|DATE'2024-02'|DATE'2024-2-9'|DATE'x'|DATE''|DATE' 2024-02-29 '
DATE"2024-02-29"|DATE'2024-02-29 10:00:00'|TIMESTAMP'2024-02-29 10:11:12'|TIMESTAMP'2024-02-29'|TIMESTAMP'2024-02-29T10:11:12Z'|TIMESTAMP'2024-02-29 10:11:12+02:00'
TIMESTAMP'2024-02-29 10:11:12.1234567'|TIMESTAMP'x'|TIMESTAMP'10:11:12'|TIMESTAMP_NTZ'2024-02-29 10:11:12'|TIMESTAMP_NTZ'2024-02-29 10:11:12Z'|TIMESTAMP_LTZ'2024-02-29 10:11:12'
TIMESTAMP_LTZ'2024-02-29 10:11:12 America/New_York'|TIMESTAMP'2024-02-29 10:11:12.'|TIMESTAMP'2024-2-9 1:2:3'|DATE'10000-01-01'|DATE'-0001-01-01'|TIMESTAMP'12345678-01-01'
INTERVAL 1 DAY = INTERVAL '24' HOUR|INTERVAL '1-2' YEAR TO MONTH|INTERVAL '-1-2' YEAR TO MONTH|INTERVAL -'1-2' YEAR TO MONTH|INTERVAL '1-13' YEAR TO MONTH|INTERVAL '1 2:3:4' DAY TO SECOND
INTERVAL '1 02:03:04.123456' DAY TO SECOND|INTERVAL '-1 02:03:04' DAY TO SECOND|INTERVAL '1 25:00:00' DAY TO SECOND|INTERVAL '10:20' HOUR TO MINUTE|INTERVAL '1' YEAR + INTERVAL '1' MONTH
INTERVAL 1 YEAR 2 MONTHS|INTERVAL 1 DAY 2 HOURS 3 MINUTES 4.5 SECONDS|INTERVAL 1 YEAR 1 DAY|INTERVAL '1 year 2 months'|INTERVAL '3 days'|INTERVAL 'x'|INTERVAL 1 WEEK|INTERVAL '1' x|INTERVAL 1.5 DAY
INTERVAL 1.5 SECOND|INTERVAL '1' DAY * 2|2 * INTERVAL '1-1' YEAR TO MONTH|INTERVAL '1-1' YEAR TO MONTH / 2|INTERVAL '1' DAY / 0|INTERVAL '1' DAY * 1.5|INTERVAL '2' MONTH * 0.5D|current_date IS NULL
- INTERVAL '1' DAY|INTERVAL '106751991' DAY|INTERVAL '106751992' DAY|INTERVAL '178956970-8' YEAR TO MONTH|`a`|a|"a" = 'a'|1 AS `x y`|1 x|1 AS select|1 AS 'x'|'x' AS "y"
""".replace("\n", "|")

PRECEDENCE = """
1 + 2 * 3|(1 + 2) * 3|10 - 2 - 3|2 * 3 % 4|-2 * 3|- 2 + 3|1 + 1 = 2|NOT 1 = 2|NOT true AND false|true OR false AND false|1 | 2 & 3 ^ 4|1 + 2 | 4|1 << 2|5 & 3 = 1|~1 + 1|- - 1|!true OR true
1 < 2 = true|1 = 1 = true|1 BETWEEN 0 AND 2 AND true|NOT 1 IN (2)|1 NOT IN (1, 2)|1 IN (NULL)|NULL IN (1)|NULL IN (NULL)|1 NOT IN (2, NULL)|1 IN (1, NULL)|1 IN ('1', 2)|'1' IN (1, 2)|1 IN (1.0, 2)|1.0 IN (1)
1 IN ()|(1, 2) IN ((1, 2), (3, 4))|(1, NULL) IN ((1, 2))|(1, NULL) IN ((1, NULL))|(1, 2) = (1, 2)|(1, NULL) = (1, NULL)|(1, NULL) <=> (1, NULL)|(1, 2) < (1, 3)|(1, 'a') < (1, NULL)|DATE'2024-01-01' IN ('2024-01-01')
true IN ('true')|CAST('NaN' AS DOUBLE) IN (CAST('NaN' AS DOUBLE))|-0.0D IN (0.0D)|1 BETWEEN NULL AND 2|3 BETWEEN NULL AND 2|2 BETWEEN 3 AND 1|NOT (2 BETWEEN 3 AND 1)|2 NOT BETWEEN 1 AND 3|'b' BETWEEN 'a' AND 'c'
'2' BETWEEN 1 AND 10|DATE'2024-01-15' BETWEEN '2024-01-01' AND '2024-01-31'|1 IS NULL|NULL IS NULL|NULL IS NOT NULL|1 IS NOT NULL|true IS TRUE|NULL IS TRUE|NULL IS NOT TRUE|false IS FALSE|NULL IS UNKNOWN|true IS NOT UNKNOWN
1 IS TRUE|'true' IS TRUE|1 IS DISTINCT FROM 2|NULL IS DISTINCT FROM NULL|NULL IS NOT DISTINCT FROM 1|1 == 1|1 <> 2|1 != 2|1 !> 2|1 !< 2|'a' || 'b' || NULL|'a' || 1|1 || 2|1.50 || 'x'|true || 'x'|NULL || NULL
array(1) || array(2)|X'01' || X'02'|X'41' || 'a'|'a' || DATE'2024-01-01'|array(1)[0]|array(1)[1]|array(1)[-1]|array(1)[NULL]|array(1)['0']|array(1)[0L]|map('a', 1)['a']|map('a', 1)['b']|map(1, 2)['1']|map(1, 2)[1L]|map('a', 1)[NULL]
named_struct('a', 1).a|named_struct('a', 1).A|named_struct('a', 1).b|struct(1, 2).col1|named_struct('a', named_struct('b', 2)).a.b|array(named_struct('a', 1), named_struct('a', 2)).a|map('k', named_struct('a', 1))['k'].a
1 / 0|0 / 0|1 % 0|1.0 / 0|1.0 % 0|1D / 0|1 div 0|5 div 2|-5 div 2|5.5 div 2|-5 % 3|5 % -3|-5.5 % 2|5 / 2|1 / 3|1.0 / 3|2L / 3|1.5F * 2|0.1F + 0.2|0.1D + 0.2|1 + '1'|'1' + '2'|'a' + 1|'1.5' * 2|'1' / '3'|'7' % 4|'7' div 2|'1' - 1.0
1 + NULL|NULL + NULL|NULL * 'a'|-NULL|-'1'|+'1'|-'a'|+true|-true|-DATE'2024-01-01'|~'1'|~1.5|~NULL|NOT NULL|NOT 'true'|NOT 1|NOT 'x'|true AND 'true'|true AND 1|true AND NULL|false AND NULL|true OR NULL|false OR NULL|NULL AND NULL
true AND 'x'|2147483647 + 1|-2147483648 - 1|2147483647 * 2|-2147483648 / -1|-2147483648 div -1|-(-2147483648)|9223372036854775807 + 1|9223372036854775807L * 2|127Y + 1Y|127Y * 2Y|-(-128Y)|32767S + 1S|100Y + 100S|1Y / 2Y
DATE'2024-01-31' + 1|1 + DATE'2024-01-31'|DATE'2024-01-31' - 1|DATE'2024-01-31' - DATE'2024-01-01'|DATE'2024-01-31' + INTERVAL 1 MONTH|DATE'2024-01-31' - INTERVAL 1 DAY|DATE'2024-01-31' + INTERVAL 1 HOUR|DATE'2024-01-31' + '1'
DATE'2024-01-31' + 1.5|DATE'2024-01-31' + 1L|DATE'2024-01-31' + 1Y|DATE'2024-01-31' * 2|1 - DATE'2024-01-31'|DATE'2024-01-31' + DATE'2024-01-31'|'2024-01-31' - DATE'2024-01-01'|DATE'2024-01-31' - '2024-01-01'|DATE'2024-01-31' + NULL
TIMESTAMP'2024-01-31 10:00:00' + INTERVAL 1 MONTH|TIMESTAMP'2024-01-31 10:00:00' - INTERVAL '1 02:03:04' DAY TO SECOND|TIMESTAMP'2024-01-31 10:00:00' + 1|TIMESTAMP'2024-01-31 10:00:00' - TIMESTAMP'2024-01-01 00:00:00'
TIMESTAMP'2024-01-31 10:00:00' - DATE'2024-01-01'|DATE'2024-01-31' - TIMESTAMP'2024-01-01 10:00:00'|TIMESTAMP'2024-01-31 10:00:00' - '2024-01-01'|'2024-01-31' + INTERVAL 1 DAY|'2024-01-31 10:00:00' - INTERVAL 1 DAY|INTERVAL 1 DAY + DATE'2024-01-31'
DATE'9999-12-31' + 1|DATE'0001-01-01' - 400|TIMESTAMP_NTZ'2024-01-31 10:00:00' + INTERVAL 1 DAY|TIMESTAMP_NTZ'2024-01-31 10:00:00' - TIMESTAMP'2024-01-31 09:00:00'|INTERVAL 1 DAY - INTERVAL 1 HOUR|INTERVAL 1 YEAR - INTERVAL 1 MONTH
INTERVAL 1 DAY + INTERVAL 1 MONTH|INTERVAL 1 DAY < INTERVAL 25 HOUR|INTERVAL 1 YEAR = INTERVAL 12 MONTH|INTERVAL 1 DAY = INTERVAL 1 MONTH|INTERVAL '3' DAY / INTERVAL '1' HOUR|INTERVAL 1 DAY / 3|INTERVAL 1 DAY * '2'|'2' * INTERVAL 1 MONTH
CASE WHEN true THEN 1 END|CASE WHEN false THEN 1 END|CASE WHEN NULL THEN 1 ELSE 2 END|CASE WHEN 'true' THEN 1 ELSE 2 END|CASE WHEN 1 THEN 1 END|CASE 1 WHEN 1 THEN 'a' WHEN 2 THEN 'b' END|CASE 1 WHEN '1' THEN 'a' ELSE 'b' END
CASE NULL WHEN NULL THEN 1 ELSE 2 END|CASE 1 WHEN NULL THEN 1 END|CASE 1.0 WHEN 1 THEN 'x' END|CASE 'a' WHEN 1 THEN 'x' ELSE 'y' END|CASE WHEN 1 = 1 THEN 1 ELSE 1/0 END|CASE CAST('NaN' AS DOUBLE) WHEN CAST('NaN' AS DOUBLE) THEN 1 END
'abc' LIKE 'a%'|'abc' LIKE '_b_'|'abc' LIKE 'A%'|'abc' LIKE ''|'' LIKE '%'|'' LIKE ''|NULL LIKE '%'|'a' LIKE NULL|'a%' LIKE 'a\\\\%'|'ab' LIKE 'a\\\\%'|'a_b' LIKE 'a!_b' ESCAPE '!'|'axb' LIKE 'a!_b' ESCAPE '!'|'a\\nb' LIKE 'a%b'|'a' LIKE '%a%a'
'a' LIKE 'a!' ESCAPE '!'|'a' LIKE 'a' ESCAPE 'ab'|'a\\\\b' LIKE 'a\\\\\\\\b'|'abc' LIKE ANY ('x%', 'a%')|'abc' LIKE ALL ('%c', 'a%')|'abc' NOT LIKE ALL ('x%', 'y%')|'abc' LIKE ANY ('x%', NULL)|'abc' NOT LIKE ANY ('a%', 'x')|'abc' NOT LIKE 'a%'
'abc' LIKE SOME ('a%')|1 LIKE '1'|'ABC' ILIKE 'a%'|'Straße' ILIKE 'STRASSE'|'İ' ILIKE 'i%'|'ABC' NOT ILIKE 'a%'|'ABC' ILIKE ANY ('a%', 'x')|'abc' RLIKE 'b'|'abc' RLIKE '^b'|'abc' NOT RLIKE 'b'|'abc' REGEXP 'a.c'|'abc' RLIKE NULL|NULL RLIKE 'a'
'a\\nb' RLIKE 'a.b'|'a.b' RLIKE 'a\\\\.b'|'abc' RLIKE '('|'😀' RLIKE '^.$'|'abc' RLIKE '[[:alpha:]]'|'Ab' RLIKE '(?i)aB'|'aa' RLIKE 'a{2}'|'ab' RLIKE '(?=b)'|'abab' RLIKE '(ab)\\\\1'|'é' RLIKE '\\\\w'|'٣' RLIKE '\\\\d'|' ' RLIKE '\\\\s'
1 :: INT|try_cast('x' AS INT)|CAST(1 AS BIGINT) + 1|x -> x|1 in (select 1)|(select 1)|(select 1) + 1|exists (select 1)|:p|?|*|t.*|1, 2|1,|
""".replace("\n", "|")


def split(text):
    """Parts between bars; a bar beside a blank, or a double one, is the operator."""
    marked = text.replace("||", "\0").replace(" | ", " \1 ")
    return [part.replace("\0", "||").replace("\1", "|") for part in marked.split("|") if part.strip()]


def statements():
    for expression in split(LITERALS):
        yield "literal", f"SELECT {expression}"
    for expression in split(PRECEDENCE):
        yield "operator", f"SELECT {expression}"
    for left, right in itertools.product(SAMPLES, repeat=2):
        for op in [*ARITHMETIC, "=", "<", "<=>", "&", "||", "AND"]:
            yield op, f"SELECT {left} {op} {right}"
    for pool in (BOOLEANS, DATES[:8], TIMES[:8], TEXTS, SPANS, MONTHS, ["array(1)", "array(1, NULL)", "array()", "array(CAST('NaN' AS DOUBLE))"]):
        for left, right in itertools.product(pool, repeat=2):
            for op in ["=", "<", "<=>"]:
                yield op, f"SELECT {left} {op} {right}"
    for left, right in itertools.product(["'1'", "' 1 '", "'1.0'", "'x'", "''", "'1e0'", "'NaN'", "'2024-02-29'", "'true'"], [*INTS[:5], *LONGS[:4], *DOUBLES, *DECIMALS[:4], *BOOLEANS, *DATES[:2], *TIMES[:2]]):
        for op in ["=", "<", "<=>", "+", "IN"]:
            yield op, f"SELECT {left} {op} ({right})"
            yield op, f"SELECT {right} {op} ({left})"
    yield from of_columns()
    for value in SAMPLES:
        for op in ["-", "+", "~", "NOT", "!"]:
            yield op, f"SELECT {op} {value}"
        for test in ["IS NULL", "IS NOT NULL", "IS TRUE", "IS NOT FALSE", "IS UNKNOWN", "LIKE '1%'", "RLIKE '1'", "IN (1, 2)", "IN ('1', NULL)", "BETWEEN 0 AND 2", "BETWEEN '0' AND '2'", "IS DISTINCT FROM 1"]:
            yield test.split()[0], f"SELECT {value} {test}"


def of_columns():
    """Every pair of types of numbers: all pairs of values, a row each."""
    def column(name, data_type, values):
        return f"(SELECT CAST(v AS {data_type}) AS {name} FROM VALUES {', '.join(f'(CAST({value} AS STRING))' for value in values)} AS t(v))"

    for (left, lefts), (right, rights) in itertools.product(NUMBERS.items(), repeat=2):
        source = f"FROM {column('a', left, lefts)} CROSS JOIN {column('b', right, rights)}"
        for op in [*ARITHMETIC, *COMPARISONS]:
            yield op, f"SELECT a, b, a {op} b {source}"
        for constant in ["2", "0", "1.5", "100L", "2.50D", "NULL", "'3'"] if left == right else []:
            for op in [*ARITHMETIC, *COMPARISONS]:
                source = f"FROM {column('a', left, lefts)}"
                yield op, f"SELECT a, a {op} {constant} {source}"
                yield op, f"SELECT a, {constant} {op} a {source}"
        if all("." not in value and "N" not in value[:2] for value in lefts + rights):
            for op in BITS:
                yield op, f"SELECT a, b, a {op} b {source}"
