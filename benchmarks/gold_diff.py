#!/usr/bin/env python3
"""Compares two folders of gold tables as multisets of rows.   gold_diff.py EXPECTED ACTUAL

A folder holds TABLE.parquet files or Delta tables. Names and types of columns, number of rows and every value have to
agree, doubles to the last bit. RowModifiedUtc is not compared, except where it comes from the data. Exit 0: equal.

Tables of any size are compared by two sums of 64-bit row hashes, which need no memory. Only when these differ are the
rows joined by key, to show what is different.
"""
import argparse
import os
import sys

import duckdb

import delta

KEYS = {
    "profiles_Customer": ["CustomerId", "DataAreaId", "AccountNum"],
    "activities_Orders": ["OrderLineId", "DataAreaId"],
    "activities_LoyaltyPoints": ["LoyaltyEventId"],
    "supporting_Products": ["ProductId"],
    "supporting_Channels": ["ChannelId"],
    "supporting_Calendar": ["Date"],
    "supporting_LoyaltyPrograms": ["ProgramId"],
    "supporting_LoyaltyRewardPoints": ["RewardPointId"],
    "analytics_CustomerMetrics": ["CustomerId", "DataAreaId", "AccountNum"],
}
EXAMPLES = 5


def find(folder, table):
    """The table as something to select from, or None."""
    if os.path.isfile(os.path.join(folder, table + ".parquet")):
        return delta.quoted(os.path.join(folder, table + ".parquet"))
    if os.path.isdir(os.path.join(folder, table, "_delta_log")):
        return delta.table(os.path.join(folder, table))
    return None


def open_table(connection, name, folder, table):
    """Makes the view `name` and returns its columns and types, or None if there is no such table."""
    source = find(folder, table)
    if source is None:
        return None
    connection.execute(f"CREATE OR REPLACE VIEW {name} AS FROM {source}")
    return dict(row[:2] for row in connection.execute(f"DESCRIBE {name}").fetchall())


def fingerprint(connection, name, columns):
    listed = [f'"{column}"' for column in columns]
    return connection.execute(f"""
        SELECT count(*), sum(hash({', '.join(listed)})::HUGEINT), sum(hash('again', {', '.join(reversed(listed))})::HUGEINT)
        FROM {name}""").fetchone()


def show_differences(connection, keys, columns):
    """Joins the two by key and prints how many rows are on one side only, and which columns differ in the others."""
    on = " AND ".join(f'e."{key}" IS NOT DISTINCT FROM a."{key}"' for key in keys)
    values = ", ".join(f'e."{column}" AS "e_{column}", a."{column}" AS "a_{column}"' for column in columns)
    different = " OR ".join(f'e."{column}" IS DISTINCT FROM a."{column}"' for column in columns)
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE difference AS
        SELECT {values}, e.here IS NULL AS unexpected, a.here IS NULL AS missing
        FROM (SELECT *, true AS here FROM expected) AS e
        FULL JOIN (SELECT *, true AS here FROM actual) AS a ON {on}
        WHERE e.here IS NULL OR a.here IS NULL OR {different}""")
    missing, unexpected = connection.execute(
        "SELECT count(*) FILTER (missing), count(*) FILTER (unexpected) FROM difference").fetchone()
    counts = ", ".join(f'count(*) FILTER ("e_{c}" IS DISTINCT FROM "a_{c}")' for c in columns)
    found = connection.execute(f"SELECT {counts} FROM difference WHERE NOT missing AND NOT unexpected").fetchone()
    print(f"     keys missing {missing}, unexpected {unexpected}; differing values:",
          {column: count for column, count in zip(columns, found) if count})
    if not missing and not unexpected and not any(found):
        print("     the same rows, but not as often")
        return
    order = ", ".join(f'coalesce("e_{key}", "a_{key}")' for key in keys)
    texts = ", ".join(f'"e_{column}"::VARCHAR, "a_{column}"::VARCHAR' for column in columns)
    rows = connection.execute(
        f"SELECT {texts}, unexpected, missing FROM difference ORDER BY {order} LIMIT {EXAMPLES}").fetchall()
    for row in rows:
        pairs = dict(zip(columns, zip(row[0::2], row[1::2])))
        key = [pairs[column][0] if pairs[column][0] is not None else pairs[column][1] for column in keys]
        if row[-1] or row[-2]:
            print("     only in", "EXPECTED:" if row[-1] else "ACTUAL:", key)
        else:
            print("     row", key, {c: {"expected": e, "actual": a} for c, (e, a) in pairs.items() if e != a})


def same(connection, table, expected_folder, actual_folder):
    """Compares one table and prints a line, or more if it differs."""
    expected = open_table(connection, "expected", expected_folder, table)
    actual = open_table(connection, "actual", actual_folder, table)
    if expected is None or actual is None:
        print(f"DIFF {table}: missing in {'EXPECTED' if expected is None else 'ACTUAL'}")
        return False
    if expected != actual:
        print(f"DIFF {table}: columns", set(expected.items()) ^ set(actual.items()))
        return False
    columns = [c for c in expected if c != "RowModifiedUtc" or table == "supporting_LoyaltyPrograms"]
    rows_expected, *hashes_expected = fingerprint(connection, "expected", columns)
    rows_actual, *hashes_actual = fingerprint(connection, "actual", columns)
    equal = rows_expected == rows_actual and hashes_expected == hashes_actual
    print(f"{'ok  ' if equal else 'DIFF'} {table}: rows expected {rows_expected}, actual {rows_actual}, "
          f"columns compared {len(columns)}")
    if not equal:
        show_differences(connection, KEYS[table], columns)
    return equal


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("expected")
    parser.add_argument("actual")
    options = parser.parse_args()
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = false")
    results = [same(connection, table, options.expected, options.actual) for table in KEYS]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
