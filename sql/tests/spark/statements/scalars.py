"""Calls of scalar functions: every parameter over its awkward values, wrong types, wrong numbers of arguments, columns."""
import itertools
import zlib

from .literals import EVERYTHING, KINDS, NULL, SAMPLES

PATTERNS = ["'[a-c]+'", "'(\\\\d+)'", "'(a)(b)?'", "''", "'.'", "'^$'", "'('", "'\\\\b'", "'(?i)A'", "'a|'", "'\\\\p{L}'", "'(?<n>a)'", "'x*'", NULL]
FORMATS = [
    "'yyyy-MM-dd'", "'yyyy-MM-dd HH:mm:ss.SSS'", "'dd/MM/yyyy'", "'MMM d, yyyy'", "'EEEE'", "'D'", "'hh:mm a'", "'yy-M-d'", "'QQQ'", "'\\'T\\'HH'",
    "'u'", "'w'", "'xxx'", "'VV'", "'G'", "'YYYY'", "''", "'yyyyMMdd'", "'SSSSSS'", "'q'", "'L'", "'LLLL'", "'E'", "'k'", "'K'", "'z'", "'O'", "'X'",
    "'n'", "'A'", "'yyyyy'", "'e'", "'F'", "'[yyyy]'", NULL,
]
ZONES = ["'Asia/Seoul'", "'America/New_York'", "'UTC'", "'+05:30'", "'-8'", "'GMT+1'", "'Nowhere/City'", "'EST'", "''", "'Z'", NULL]
UNITS = [
    "'YEAR'", "'quarter'", "'MM'", "'mon'", "'week'", "'DAY'", "'dd'", "'HOUR'", "'minute'", "'SECOND'", "'millisecond'", "'MICROSECOND'", "'x'", "''",
    "'yyyy'", "'yy'", NULL,
]
FIELDS = [
    "'YEAR'", "'YEAROFWEEK'", "'QUARTER'", "'MONTH'", "'WEEK'", "'DAY'", "'DOW'", "'DOW_ISO'", "'DAYOFWEEK_ISO'", "'DOY'", "'HOUR'", "'minutes'",
    "'SECONDS'", "'y'", "'d'", "'m'", "'h'", "'s'", "'mins'", "'millisecond'", "'epoch'", "'x'", NULL,
]
DAYS = ["'TU'", "'monday'", "'Sun'", "'x'", "''", NULL]
CHARSETS = ["'utf-8'", "'US-ASCII'", "'UTF-16'", "'iso-8859-1'", "'utf-16be'", "'UTF-16LE'", "'x'", NULL]
BITS = ["256", "0", "224", "384", "512", "1", "-1", NULL]
BASES = ["10", "16", "2", "36", "-10", "1", "37", "0", NULL]
KEYS = ["'a'", "1", "0", "-1", "4", "1L", "1.0", "'1'", NULL, "2147483647"]

LOCAL = {
    "pattern": PATTERNS, "format": FORMATS, "zone": ZONES, "unit": UNITS, "field": FIELDS, "day": DAYS, "charset": CHARSETS, "bits": BITS, "base": BASES,
    "key": KEYS,
}

# Name, and its parameters; those after "?" may be left out, one after "*" may be repeated.
SIGNATURES = """
abs number|acos double|acosh double|asin double|asinh double|atan double|atan2 double double|atanh double|bin long|bit_count long
bit_get long int|getbit long int|bround number ? int|cbrt double|ceil number ? int|ceiling number ? int|conv numtext base base|cosh double
degrees double|e|exp double|expm1 double|factorial int|floor number ? int|ln double|log double ? double|log10 double|log1p double|log2 double
mod number number|nanvl double double|negative number|pi|pmod number number|positive number|pow double double|power double double|radians double
rint double|round number ? int|shiftleft long int|shiftright long int|shiftrightunsigned long int|sign number|signum number|sinh double
sqrt double|tanh double|try_add number number|try_divide number number|try_multiply number number|try_subtract number number
width_bucket double double double int|ascii text|base64 binary|bit_length text|btrim text ? short|char long|char_length text
character_length text|chr long|concat text * text|concat_ws short * text|contains text short|decode binary charset|encode text charset
endswith text short|find_in_set short text|hex any|initcap text|instr text short|lcase text|left text int|len text|length text
levenshtein text text ? int|locate short text ? int|lower text|lpad text int ? short|ltrim text|octet_length text|overlay text short int ? int
position short text ? int|regexp_count text pattern|regexp_extract text pattern ? int|regexp_extract_all text pattern ? int
regexp_instr text pattern ? int|regexp_like text pattern|regexp_replace text pattern short ? int|regexp_substr text pattern|repeat text int
replace text short ? short|reverse text|right text int|rlike text pattern|regexp text pattern|rpad text int ? short|rtrim text|soundex text|space int
split text pattern ? int|split_part text short int|startswith text short|substr text int ? int|substring text int ? int
substring_index text short int|translate text short short|trim text|ucase text|unbase64 text|unhex numtext|upper text|like text short
ilike text short|crc32 binary|hash any * any|md5 binary|sha binary|sha1 binary|sha2 binary bits|xxhash64 any * any|coalesce any * any
equal_null any any|greatest any any * any|if bool any any|ifnull any any|isnan double|isnotnull any|isnull any|least any any * any|nullif any any
nvl any any|nvl2 any any any|typeof any|boolean any|tinyint any|smallint any|int any|bigint any|float any|double any|decimal any|string any|binary any
date any|timestamp any|add_months date int|convert_timezone zone zone time|date_add date int|date_diff date date|date_format time format
date_from_unix_date int|date_part field time|date_sub date int|date_trunc unit time|dateadd date int|datediff date date|datepart field time
day date|dayofmonth date|dayofweek date|dayofyear date|from_unixtime long ? format|from_utc_timestamp time zone|hour time|last_day date
make_date int int int|make_dt_interval ? int int int double|make_timestamp int int int int int number ? zone
make_timestamp_ltz int int int int int number ? zone|make_timestamp_ntz int int int int int number|make_ym_interval ? int int|minute time|month date
months_between time time ? bool|next_day date day|quarter date|second time|timestamp_micros long|timestamp_millis long|timestamp_seconds number
to_date date ? format|to_timestamp time ? format|to_timestamp_ltz time ? format|to_timestamp_ntz time ? format|to_unix_timestamp time ? format
to_utc_timestamp time zone|trunc date unit|try_to_timestamp time ? format|unix_date date|unix_micros time|unix_millis time|unix_seconds time
unix_timestamp time ? format|weekday date|weekofyear date|year date|array * any|array_append array any|array_compact array|array_contains array any
array_distinct array|array_except array array|array_insert array int any|array_intersect array array|array_join texts short ? short|array_max array
array_min array|array_position array any|array_prepend array any|array_remove array any|array_repeat any int|array_size array|array_sort array
array_union array array|arrays_overlap array array|arrays_zip array array|cardinality array|element_at array key|flatten array|get array int
map any any|map_concat map map|map_contains_key map key|map_entries map|map_from_arrays array array|map_from_entries array|map_keys map|map_values map
named_struct short any|sequence int int ? int|sequence date date ? span|sequence time time ? span|sequence date date ? months|size array
slice array int int|sort_array array ? bool|str_to_map text ? short short|struct any * any|try_element_at array key|try_element_at map key
element_at map key|concat array array|reverse array|hex text|hex binary|lower binary|length binary|substring binary int ? int|overlay binary binary int
lpad binary int ? binary|rpad binary int ? binary|try_add date int|try_add date months|try_add time span|try_subtract time span|try_divide months number
abs months|negative span|sign span|date_part field span|date_part field months|date_part field date|trunc time unit|from_unixtime numtext
to_date numtext format|unix_timestamp text format|to_timestamp text format|concat binary binary|startswith binary binary|endswith binary binary
contains binary binary|btrim binary binary|size map|timestamp_seconds double|round double int|round long int|bround double int|bround long int
ceil double|floor double|greatest text text|greatest number number|least date time|coalesce number text|coalesce date time|nvl date text
nullif number text|if bool number text|hash array|hash map|xxhash64 array|hash struct|xxhash64 number|hash number|hash time|xxhash64 time|hash span
""".replace("\n", "|")

NO_PARENTHESES = ["current_date", "current_timestamp"]


def signatures():
    """Yields name, parameters that must be given, that may be given, and that may be repeated."""
    for line in filter(None, (part.strip() for part in SIGNATURES.split("|"))):
        name, *words = line.split()
        parts, place = ([], [], []), 0
        for word in words:
            if word in "?*":
                place = 1 if word == "?" else 2
            else:
                parts[place].append(word)
        yield name, *parts


def pool(kind):
    return LOCAL.get(kind) or KINDS[kind]


def ordinary(kinds):
    return [pool(kind)[0] for kind in kinds]


def mixed(name, kinds, count):
    """Some combinations of awkward values, always the same ones."""
    pools = [pool(kind) for kind in kinds]
    for number in range(count):
        yield [values[zlib.crc32(f"{name}/{number}/{place}".encode()) % len(values)] for place, values in enumerate(pools)]


def argument_lists(name, required, optional, rest):
    longest = required + optional + rest
    for length in range(len(required), len(longest) + 1):
        kinds = longest[:length]
        yield ordinary(kinds)
        for place, kind in enumerate(kinds):
            for value in pool(kind):
                yield [*ordinary(kinds[:place]), value, *ordinary(kinds[place + 1:])]
        if length > 1:
            yield from mixed(name, kinds, 24 if length == len(longest) else 8)
    for place in range(len(longest)):
        others = EVERYTHING if len(longest) == 1 else SAMPLES
        for value in others:
            yield [*ordinary(longest[:place]), value, *ordinary(longest[place + 1:])]
    for length in range(len(longest) + 2):
        yield (ordinary(longest) + ["1", "1"])[:length]
    if rest:
        yield ordinary(longest + rest + rest)


def of_columns(name, kinds):
    """The same over a column for each argument, a row for each combination of values."""
    pools = [sorted(pool(kind), key=len)[: (40, 9, 5, 3, 2, 2, 2)[len(kinds) - 1]] for kind in kinds]
    types = [sql_type(kind) for kind in kinds]
    if None in types:
        return
    columns = [f"c{place}" for place in range(len(kinds))]
    cells = ", ".join(columns)
    joined = " CROSS JOIN ".join(
        f"(SELECT CAST(v AS {data_type}) AS {column} FROM VALUES {', '.join(f'({value})' for value in values)} AS t(v))"
        for column, data_type, values in zip(columns, types, (texts_of(values) for values in pools))
    )
    yield f"SELECT {cells}, {name}({cells}) FROM {joined}"


def texts_of(values):
    return [f"CAST({value} AS STRING)" for value in values if "array" not in value and "map" not in value and "X'" not in value] or ["NULL"]


def sql_type(kind):
    return {
        "bool": "BOOLEAN", "int": "INT", "long": "BIGINT", "double": "DOUBLE", "number": "DECIMAL(18,4)", "text": "STRING", "numtext": "STRING",
        "short": "STRING", "date": "DATE", "time": "TIMESTAMP", "pattern": "STRING", "format": "STRING", "zone": "STRING", "unit": "STRING",
        "day": "STRING", "charset": "STRING", "bits": "INT", "base": "INT", "binary": "STRING", "any": "STRING", "key": "INT",
    }.get(kind)


def statements():
    for name, required, optional, rest in signatures():
        for args in argument_lists(name, required, optional, rest):
            yield name, f"SELECT {name}({', '.join(args)})"
        longest = required + optional + rest
        for length in range(max(1, len(required)), len(longest) + 1):
            for sql in of_columns(name, longest[:length]):
                yield name, sql
    for name in NO_PARENTHESES:
        yield name, f"SELECT typeof({name})"
    yield from special_forms()


def special_forms():
    """Functions with a syntax of their own, and those whose value is the clock."""
    for name in ["current_date", "curdate", "current_timestamp", "now", "localtimestamp"]:
        yield name, f"SELECT typeof({name}()), {name}() <=> {name}(), {name}() IS NULL"
        yield name, f"SELECT {name}(1)"
    yield "current_timezone", "SELECT current_timezone()"
    yield "current_timezone", "SELECT current_timezone(1)"
    times = KINDS["time"]
    units = ["MICROSECOND", "MILLISECOND", "SECOND", "MINUTE", "HOUR", "DAY", "DAYOFYEAR", "WEEK", "MONTH", "QUARTER", "YEAR", "x", "'DAY'"]
    for unit, time in itertools.product(units, times[:14] + ["NULL", "1"]):
        yield "timestampadd", f"SELECT timestampadd({unit}, 1, {time})"
        yield "timestampdiff", f"SELECT timestampdiff({unit}, TIMESTAMP'2024-01-31 10:20:30.123', {time})"
        yield "timestampdiff", f"SELECT timestampdiff({unit}, {time}, TIMESTAMP'2024-02-29 10:20:30.122')"
    for unit, count in itertools.product(units, ["-1", "0", "100000", "NULL", "'2'", "1.5", "5L", "2147483647", "-2147483648"]):
        yield "timestampadd", f"SELECT timestampadd({unit}, {count}, TIMESTAMP'2024-01-31 10:20:30.123')"
        yield "dateadd", f"SELECT dateadd({unit}, {count}, DATE'2024-01-31')"
    for unit in units:
        yield "datediff", f"SELECT datediff({unit}, DATE'2024-01-31', TIMESTAMP'2024-02-29 01:00:00')"
    for field, time in itertools.product([field.strip("'") for field in FIELDS if field != NULL], [*times[:11], *KINDS["date"][:5], *KINDS["span"], *KINDS["months"], "'2024-02-29'", "NULL"]):
        yield "extract", f"SELECT extract({field} FROM {time})"
    for side, what, text in itertools.product(["", "BOTH", "LEADING", "TRAILING"], ["", "'a'", "' '", "''", "'ab'", "NULL", "'😀'"], ["'  aba  '", "'abcba'", "''", "NULL", "'😀a😀'", "12"]):
        if side or what:
            yield "trim", f"SELECT trim({side} {what} FROM {text})"
    for name in ["ltrim", "rtrim"]:
        for text, what in itertools.product(KINDS["text"], KINDS["short"]):
            yield name, f"SELECT {name}({what}, {text})"
    for text, start, count in itertools.product(["'Spark SQL'", "''", "NULL", "'😀é'"], ["0", "1", "-3", "100", "NULL"], ["", " FOR 2", " FOR -1", " FOR NULL"]):
        yield "substring", f"SELECT substring({text} FROM {start}{count})"
    for text, by, start, count in itertools.product(["'Spark SQL'", "NULL", "X'010203'"], ["'_'", "'xyz'", "X'FF'"], ["0", "1", "6", "-1", "100"], ["", " FOR 0", " FOR 4"]):
        yield "overlay", f"SELECT overlay({text} PLACING {by} FROM {start}{count})"
    for part, text in itertools.product(KINDS["short"], KINDS["text"]):
        yield "position", f"SELECT position({part} IN {text})"
    for value, low, high, parts in itertools.product(["5.3", "-1", "NULL", "10", "CAST('NaN' AS DOUBLE)", "CAST('Infinity' AS DOUBLE)"], ["0", "10", "'x'"], ["10", "0", "NULL"], ["5", "0", "-1", "NULL", "9223372036854775807L"]):
        yield "width_bucket", f"SELECT width_bucket({value}, {low}, {high}, {parts})"
    for args in ["2, 1, 'a', 2, 'b'", "NULL, 1, 'a', NULL, 'b'", "9, 1, 'a'", "9, 1, 'a', 'z'", "1, 1L, 2, 1.0D, 3", "'1', 1, 'x'", "1"]:
        yield "decode", f"SELECT decode({args})"
    for args in ["", "'a', 1, 'b', 2", "'a', NULL", "NULL, 1", "1, 2", "'a'", "'a', 1, 'a', 2", "'A', 1, 'a', array(1)"]:
        yield "named_struct", f"SELECT named_struct({args})"
        yield "map", f"SELECT map({args})"
    for args in ["1, 2", "1, NULL, 2L", "1, 1.5", "1, 'a'", "DATE'2024-01-01', TIMESTAMP'2024-01-01 00:00:00'", "array(1), array()", "true, 1", "1.5, 2.25D", "1.5, 22.125", "NULL", "NULL, NULL", "map(1, 2)", "struct(1), struct(2L)"]:
        for name in ["array", "greatest", "least", "coalesce", "concat", "concat_ws", "hash", "xxhash64", "struct", "map", "nvl", "nullif", "equal_null", "arrays_zip"]:
            yield name, f"SELECT {name}({args})"
    for first, second in itertools.product([*KINDS["array"], "array(1L, 3L)", "array(1.0, 2.5)", "array('1')"], repeat=2):
        for name in ["array_union", "array_except", "array_intersect", "arrays_overlap", "concat", "arrays_zip"]:
            yield name, f"SELECT {name}({first}, {second})"
    for array, element in itertools.product([*KINDS["array"], "array(1L, 3L)", "array(1.0, 2.5)", "array('1')"], ["1", "1L", "1.0", "1.5D", "'a'", "'1'", "NULL", "CAST(NULL AS INT)", "CAST('NaN' AS DOUBLE)", "-0.0D", "array(1)", "true"]):
        for name in ["array_contains", "array_position", "array_remove", "array_append", "array_prepend"]:
            yield name, f"SELECT {name}({array}, {element})"
