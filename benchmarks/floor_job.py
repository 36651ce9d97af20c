#!/usr/bin/env python3
"""Writes the job of goldsmith-floor.   floor_job.py BRONZE GOLD OUT JOB.json --threads N --split columns|files

The job names the live bronze files with the columns that goldsmith's models use (jobs/commerce/contracts/bronze.toml; with
`deleted_rows = "exclude"` also those by which deleted records are found), and the files of a finished gold folder.
"""
import argparse
import json
import os
import tomllib

from deltalake import DeltaTable

CONTRACT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "jobs", "commerce", "contracts", "bronze.toml")
DELETION = ["id", "isdelete", "versionnumber", "sinkmodifiedon"]
# lake/src/exec/write/file.rs: the default level of the parquet crate, and ROW_GROUP_ROWS.
ZSTD_LEVEL = 1
ROW_GROUP_ROWS = 256 * 1024


def bronze_tables(bronze, deleted_rows):
    """Files and columns of each table that the models use, spelt as in the table; tables that are missing are left out."""
    with open(CONTRACT, "rb") as file:
        contract = tomllib.load(file)
    tables = []
    for name, types in contract.items():
        if not os.path.isdir(os.path.join(bronze, name, "_delta_log")):
            continue
        table = DeltaTable(os.path.join(bronze, name))
        wanted = set(types)
        spelt = {field.name.lower(): field.name for field in table.schema().fields}
        if deleted_rows == "exclude" and "isdelete" in spelt:
            wanted.update(DELETION)
        columns = [spelt[column] for column in sorted(wanted) if column in spelt]
        tables.append({"files": table.file_uris(), "columns": columns})
    return tables


def gold_files(gold):
    folders = [os.path.join(gold, name) for name in sorted(os.listdir(gold))]
    return [file for folder in folders if os.path.isdir(os.path.join(folder, "_delta_log"))
            for file in DeltaTable(folder).file_uris()]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bronze")
    parser.add_argument("gold")
    parser.add_argument("out")
    parser.add_argument("job")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--split", choices=["columns", "files"], default="columns")
    parser.add_argument("--deleted-rows", choices=["exclude", "reference"], default="exclude")
    options = parser.parse_args()
    job = {
        "threads": options.threads,
        "bronze": bronze_tables(options.bronze, options.deleted_rows),
        "gold": gold_files(options.gold),
        "out": os.path.abspath(options.out),
        "split": options.split,
        "zstd_level": ZSTD_LEVEL,
        "row_group_rows": ROW_GROUP_ROWS,
    }
    with open(options.job, "w", encoding="utf-8") as file:
        json.dump(job, file, indent=1)


if __name__ == "__main__":
    main()
