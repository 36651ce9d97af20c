#!/usr/bin/env python3
"""Builds the nine gold tables of the commerce pack with DuckDB, from the same bronze Delta tables as goldsmith.

  duckdb_gold.py BRONZE OUT [--as-of RFC3339] [--deleted-rows exclude|reference] [--threads N] [--memory-limit SIZE]

It has two uses: gold that comes from other SQL and another engine (equal.py), and a time to compare with (run.py). The
SQL in duckdb/ follows the rules of the reference pipeline, not goldsmith's models. Writes OUT/TABLE.parquet, one file a
table, and prints one JSON document with the seconds of each table.
"""
import argparse
import json
import os
import resource
import sys
import time

import duckdb

import delta

SQL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "duckdb")

BRONZE = [
    "custtable", "dirpartytable", "dirpersonname", "logisticselectronicaddress", "logisticslocation",
    "logisticspostaladdress", "retailaffiliation", "retailchanneltable", "retailloyaltycard",
    "retailloyaltycardrewardpointtrans", "retailloyaltycardtier", "salesline", "salestable",
]

# In an order in which every table comes after those that it reads. The second item is the order of the rows in
# goldsmith's files, used with --sorted.
GOLD = {
    "profiles_Customer": "CustomerId",
    "supporting_Products": "ProductId",
    "supporting_Channels": "ChannelId",
    "supporting_LoyaltyPrograms": "ProgramId",
    "supporting_LoyaltyRewardPoints": None,
    "activities_Orders": "OrderDate, OrderLineId",
    "activities_LoyaltyPoints": "EventDate, LoyaltyEventId",
    "supporting_Calendar": "DateKey",
    "analytics_CustomerMetrics": "CustomerId",
}

# What goldsmith writes: codec, level and rows of a row group (lake/src/exec/write/file.rs).
PARQUET = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 262144"


def read_sql(name):
    with open(os.path.join(SQL, name + ".sql"), encoding="utf-8") as file:
        return file.read()


def connect(options):
    """A connection without DuckDB's habit of keeping the order of rows, which costs memory and means nothing here."""
    config = {"threads": options.threads}
    if options.memory_limit:
        config["memory_limit"] = options.memory_limit
    if options.spill_dir:
        config["temp_directory"] = options.spill_dir
    connection = duckdb.connect(config=config)
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET preserve_insertion_order = false")
    # Python's lower() follows Unicode's special cases, as Spark's does. It is called for text outside ASCII only.
    connection.create_function("full_lower", lambda text: text.lower(), ["VARCHAR"], "VARCHAR")
    connection.execute("SET VARIABLE as_of = CAST(? AS TIMESTAMPTZ)", [options.as_of])
    connection.execute(read_sql("macros"))
    return connection


def open_bronze(connection, bronze, deleted_rows):
    """Makes a view of each bronze table, named like it.

    With `deleted_rows = "exclude"` a record is one Id, and it is gone if its version with the highest versionnumber is
    deleted, or if a deletion without a versionnumber is not older than each of its live rows (docs/models.md). Few are, so
    the records that are gone are listed first; where there are none, Id need not be read again.
    """
    connection.execute("CREATE SCHEMA files")
    for table in BRONZE:
        connection.execute(f"CREATE VIEW files.{table} AS FROM {delta.table(os.path.join(bronze, table))}")
        if deleted_rows == "reference":
            connection.execute(f"CREATE VIEW {table} AS FROM files.{table}")
            continue
        columns = {row[0].lower() for row in connection.execute(f"DESCRIBE files.{table}").fetchall()}
        written_at = "SinkModifiedOn" if "sinkmodifiedon" in columns else "NULL"
        connection.execute(f"""
            CREATE TEMP TABLE gone_{table} AS
            SELECT Id
            FROM (
              SELECT Id,
                max(versionnumber) FILTER (IsDelete) AS deleted_version,
                max(versionnumber) FILTER (IsDelete IS NOT true) AS live_version,
                count(*) FILTER (IsDelete AND versionnumber IS NULL) AS unversioned,
                count(*) FILTER (IsDelete AND versionnumber IS NULL AND {written_at} IS NULL) AS undated,
                max({written_at}) FILTER (IsDelete AND versionnumber IS NULL) AS deleted_at,
                max({written_at}) FILTER (IsDelete IS NOT true) AS live_at
              FROM files.{table}
              WHERE Id IN (SELECT Id FROM files.{table} WHERE IsDelete)
              GROUP BY Id)
            WHERE coalesce(deleted_version >= live_version, deleted_version IS NOT NULL)
              OR (unversioned > 0 AND (undated > 0 OR live_at IS NULL OR deleted_at >= live_at))""")
        gone = connection.execute(f"SELECT count(*) FROM gone_{table}").fetchone()[0]
        anti = f"ANTI JOIN gone_{table} USING (Id)" if gone else ""
        connection.execute(f"CREATE TEMP VIEW {table} AS FROM files.{table} {anti} WHERE IsDelete IS NOT true")


def build(connection, out, in_order):
    """Writes every gold table and returns the seconds that each took."""
    seconds = {}
    connection.execute("CREATE SCHEMA gold")
    started = time.monotonic()
    connection.execute(read_sql("shared"))
    seconds["shared"] = time.monotonic() - started
    for table, order in GOLD.items():
        started = time.monotonic()
        file = delta.quoted(os.path.join(out, table + ".parquet"))
        order_by = f"ORDER BY {order}" if in_order and order else ""
        connection.execute(f"COPY (FROM ({read_sql(table)}) {order_by}) TO {file} ({PARQUET})")
        connection.execute(f"CREATE VIEW gold.{table} AS FROM read_parquet({file})")
        seconds[table] = time.monotonic() - started
    return seconds


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bronze")
    parser.add_argument("out")
    parser.add_argument("--as-of", default="2026-01-01T00:00:00Z", metavar="RFC3339", help="default: %(default)s")
    parser.add_argument("--deleted-rows", choices=["exclude", "reference"], default="exclude")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--memory-limit", metavar="SIZE", help="DuckDB's own, such as 1GiB; what does not fit spills")
    parser.add_argument("--spill-dir", metavar="DIR")
    parser.add_argument("--sorted", action="store_true", help="rows in the order of goldsmith's files")
    return parser.parse_args(arguments)


def main(arguments=None):
    options = parse(arguments)
    started = time.monotonic()
    os.makedirs(options.out, exist_ok=True)
    if os.listdir(options.out):
        raise SystemExit(f"error: `{options.out}` is not empty")
    connection = connect(options)
    open_bronze(connection, options.bronze, options.deleted_rows)
    opened = time.monotonic() - started
    seconds = {"open": opened, **build(connection, options.out, options.sorted)}
    connection.remove_function("full_lower")
    connection.close()
    json.dump({
        "duckdb": duckdb.__version__,
        "elapsed_seconds": round(time.monotonic() - started, 3),
        "seconds": {name: round(value, 3) for name, value in seconds.items()},
        "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
