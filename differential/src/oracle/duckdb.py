"""Answers SQL statements: a JSON object with `sql` per line in, one with `rows` or `error` per line out."""
import json
import sys

import duckdb

database = duckdb.connect()
database.execute("SET threads = 1")


def plain(value):
    if value is None or isinstance(value, (bool, int)):
        return value
    return str(value)


for line in sys.stdin:
    try:
        database.execute(json.loads(line)["sql"])
        rows = [[plain(value) for value in row] for row in database.fetchall()]
        answer = {"rows": rows}
    except Exception as error:  # whatever it is, it is the answer
        answer = {"error": str(error)}
    print(json.dumps(answer), flush=True)
