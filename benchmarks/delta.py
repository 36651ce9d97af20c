"""Reads Delta tables with DuckDB without a DuckDB extension: the log through `deltalake`, the files as parquet."""
from deltalake import DeltaTable

TYPES = {"string": "VARCHAR", "long": "BIGINT", "integer": "INTEGER", "short": "SMALLINT", "byte": "TINYINT",
         "double": "DOUBLE", "float": "FLOAT", "boolean": "BOOLEAN", "date": "DATE", "timestamp": "TIMESTAMPTZ",
         "binary": "BLOB"}


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def table(path):
    """The newest version of the table as something to select from.

    Refuses a table whose data files alone do not say what its rows are.
    """
    delta = DeltaTable(path)
    odd = set(delta.protocol().reader_features or []) & {"deletionVectors", "columnMapping"}
    if odd or delta.metadata().partition_columns:
        raise SystemExit(f"error: `{path}` is more than its files: {sorted(odd) or 'partitioned'}")
    files = delta.file_uris()
    if not files:
        return nothing(delta)
    # By name: columns that were added later are missing in older files.
    return f"read_parquet([{', '.join(map(quoted, files))}], union_by_name = true)"


def nothing(delta):
    """No rows, in the columns of the table."""
    columns = (f'NULL::{TYPES.get(field.type.type, field.type.type)} AS "{field.name}"' for field in delta.schema().fields)
    return f"(SELECT {', '.join(columns)} WHERE false)"
