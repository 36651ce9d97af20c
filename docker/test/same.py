"""Compares two answers of `goldsmith query --output json`: same.py EXPECTED FOUND NAME"""

import collections
import json
import sys

# When a row was last changed depends on when it was published.
IGNORED = {"RowModifiedUtc"}


def rows(path):
    with open(path, encoding="utf-8") as file:
        answer = json.load(file)
    names = [name for name, _type in answer["schema"]]
    kept = [place for place, name in enumerate(names) if name not in IGNORED]
    listed = (json.dumps([row[place] for place in kept]) for row in answer["rows"])
    return [names[place] for place in kept], collections.Counter(listed)


def main(expected_path, found_path, name):
    (columns, expected), (found_columns, found) = rows(expected_path), rows(found_path)
    if columns != found_columns:
        sys.exit(f"{name}: columns {found_columns} instead of {columns}")
    missing, extra = expected - found, found - expected
    if missing or extra:
        example = next(iter((missing or extra).keys()))
        sys.exit(f"{name}: {missing.total()} rows are missing, {extra.total()} are too many, such as {example}")
    print(f"{name}: {found.total()} rows, no difference")


if __name__ == "__main__":
    main(*sys.argv[1:])
