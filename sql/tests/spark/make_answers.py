#!/usr/bin/env python3
"""Asks Spark 3.5 what awkward statements answer, and writes one JSON object a line (see README.md).

    python make_answers.py all.jsonl                        # every statement, the same ones each time; goes on where it ended
    python make_answers.py --family scalars all.jsonl       # of one module of statements/
    python make_answers.py --fixture all.jsonl answers.jsonl        # no Spark: the part of them that the repository keeps
"""
import argparse
import datetime
import decimal
import importlib
import json
import os
import pathlib
import sys
import time

# Longer answers are left out: sequences of every day of two thousand years.
LONGEST = 50_000
FAMILIES = ["mended", "operators", "casts", "coercions", "queries", "windows", "aggregates", "collections", "datetimes", "scalars"]


def session():
    os.environ["TZ"] = "UTC"
    time.tzset()
    from pyspark.sql import SparkSession

    spark = (
        SparkSession.builder.master("local[1]")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.ansi.enabled", "false")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.default.parallelism", "1")
        .config("spark.sql.leafNodeDefaultParallelism", "1")
        .config("spark.sql.adaptive.enabled", "false")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.driver.memory", "3g")
        .config("spark.driver.extraJavaOptions", "-Duser.timezone=UTC -XX:+UseSerialGC")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("OFF")
    return spark


def to_json(value, data_type):
    """A value in the format of the answers."""
    from pyspark.sql import types

    if value is None:
        return None
    if isinstance(data_type, types.ArrayType):
        return [to_json(element, data_type.elementType) for element in value]
    if isinstance(data_type, types.MapType):
        pairs = [[to_json(key, data_type.keyType), to_json(inner, data_type.valueType)] for key, inner in value.items()]
        return {"map": sorted(pairs, key=lambda pair: pair[0] if isinstance(pair[0], (int, str)) else json.dumps(pair[0]))}
    if isinstance(data_type, types.StructType):
        return [to_json(inner, field.dataType) for inner, field in zip(value, data_type.fields)]
    if isinstance(value, decimal.Decimal):
        with decimal.localcontext() as context:
            context.prec = 80
            return format(value.quantize(decimal.Decimal(1).scaleb(-data_type.scale)), "f")
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, (bytes, bytearray)):
        return value.hex()
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    if isinstance(value, (datetime.date, datetime.timedelta)):
        return str(value)
    return value


def one_line(error):
    return str(error).splitlines()[0][:160] if str(error) else type(error).__name__


def answer(spark, sql):
    """What Spark says; None where Python has no such value (a year beyond 9999, an interval of months and days)."""
    from pyspark.errors import PySparkException
    from py4j.protocol import Py4JJavaError

    try:
        frame = spark.sql(sql)
        schema = frame.schema
    except (PySparkException, Py4JJavaError) as error:
        return None if "CANNOT_PARSE_DATATYPE" in str(error) else {"error": one_line(error)}
    try:
        rows = frame.collect()
    except (PySparkException, Py4JJavaError) as error:
        return {"error": one_line(error)}
    except (ValueError, OverflowError, TypeError):
        return None
    fields = schema.fields
    return {
        "schema": [[field.name, field.dataType.simpleString()] for field in fields],
        "rows": [[to_json(value, field.dataType) for value, field in zip(row, fields)] for row in rows],
    }


def statements(families):
    seen = set()
    for family in families:
        for name, sql in importlib.import_module(f"statements.{family}").statements():
            if sql not in seen:
                seen.add(sql)
                yield family, name, sql


def known(*paths):
    """Lines of earlier runs by statement."""
    lines = {}
    for path in paths:
        if path.exists():
            with open(path, encoding="utf-8") as earlier:
                lines.update((json.loads(line)["sql"], line) for line in earlier if line.endswith("}\n"))
    return lines


def ask(families, path):
    """Writes every answer; what an earlier run found out is not asked again."""
    part = path.with_suffix(".part")
    spark, began, skipped, lines = session(), time.time(), 0, known(path, part)
    with open(part, "w", encoding="utf-8") as out:
        for number, (family, name, sql) in enumerate(statements(families), 1):
            line = lines.get(sql)
            if line is None:
                said = answer(spark, sql)
                line = said and json.dumps({"family": family, "function": name, "sql": sql, **said}, ensure_ascii=False) + "\n"
            if line is None or len(line) > LONGEST:
                skipped += 1
            else:
                out.write(line)
                out.flush()
            if number % 1000 == 0:
                print(f"{number} statements, {time.time() - began:.0f} s", file=sys.stderr, flush=True)
    spark.stop()
    part.replace(path)
    print(f"{number} statements, {skipped} of them left out", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--family", action="append", choices=FAMILIES)
    parser.add_argument("--fixture", metavar="ALL")
    parser.add_argument("--count", action="store_true", help="count the statements and ask nothing")
    parser.add_argument("out", type=pathlib.Path)
    args = parser.parse_args()
    families = args.family or FAMILIES
    if args.count:
        print(sum(1 for _ in statements(families)))
    elif args.fixture:
        from fixture import choose

        choose(pathlib.Path(args.fixture), args.out)
    else:
        ask(families, args.out)


if __name__ == "__main__":
    main()
