#!/usr/bin/env python3
"""Runs the models of the commerce pack on Apache Spark: the yardstick that our own engine has to meet.

    python run_pack.py --bronze BRONZE --out GOLD [--as-of 2026-01-01T00:00:00Z] [--deleted-rows reference]

BRONZE holds one Delta table per folder. GOLD gets one TABLE.parquet per gold model; with --silver DIR the silver models
are kept as well. The queries run as they stand in the files, in the order of their dependencies, on one local core, in
UTC, with ANSI mode off; Spark itself puts in the variables. One thing is put into the text, because Spark has no switch
for its clock: `current_timestamp()` and `current_date()` become literals of the time given by --as-of.

The models see just the columns of contracts/bronze.toml, and the result has to have those of contracts/gold.toml.
With --expect DIR every gold table is compared, row for row, with DIR/TABLE.parquet.

Exit: 0 all written or skipped, 1 a result is not as contracts/gold.toml says, 2 a blocking audit failed, 3 the lake
lacks something that is not optional, 5 rows differ from those of --expect.
"""
import argparse
import datetime
import glob
import json
import os
import pathlib
import re
import shutil
import sys
import tempfile
import tomllib

from deltalake import DeltaTable
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import DataType, DecimalType, IntegerType, LongType, ShortType, StructType
from pyspark.sql.types import _parse_datatype_string as parse_type
from pyspark.sql.window import Window

PACK = pathlib.Path(__file__).resolve().parent.parent / "commerce"

VARIABLES = {
    "party_type": "map(13271, 'Person', 2077, 'Organization', 6926, 'Team', 8363, 'OperatingUnit', 9027, 'LegalEntity')",
}

REQUIRED = ["custtable", "dirpartytable", "salestable", "salesline"]


class Unusable(Exception):
    """The lake lacks something that a model needs."""


class Model:
    """A model file: a header in TOML behind leading `--`, then one query."""

    def __init__(self, path: pathlib.Path, layer: str):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        end = next(i for i, line in enumerate(lines) if not line.startswith("--"))
        self.header = tomllib.loads("".join(line[2:].removeprefix(" ") for line in lines[:end]))
        self.sql = "".join(lines[end:])
        self.name = self.header.get("name", path.stem)
        self.layer = self.header["layer"]
        self.grain = self.header["grain"]
        self.optional = set(self.header.get("optional", []))
        self.skip_without = self.header.get("skip_without", [])
        self.exact_case = set(self.header.get("exact_case", []))
        code = re.sub(r"--[^\n]*", "", self.sql)
        #: Models whose tables the query reads, as `layer.name`.
        self.parents = set(re.findall(r"\b((?:silver|gold)\.\w+)", code))
        #: Bronze tables that the query reads.
        self.bronze = set(re.findall(r"\b(?:FROM|JOIN)\s+(\w+)\b(?!\.)", code))
        assert self.layer == layer, f"{path}: the layer is `{self.layer}`, the folder says `{layer}`"

    @property
    def table(self) -> str:
        return f"{self.layer}.{self.name}"


def read_models() -> list[Model]:
    """Returns the models of the pack, parents first."""
    models = [Model(path, layer) for layer in ("silver", "gold") for path in sorted((PACK / layer).glob("*.sql"))]
    waiting = {model.table: model for model in models}
    ordered: list[Model] = []
    while waiting:
        ready = [m for m in waiting.values() if not m.parents & waiting.keys()]
        assert ready, f"circle among {sorted(waiting)}"
        for model in ready:
            ordered.append(waiting.pop(model.table))
    return ordered


def read_delta(spark: SparkSession, folder: pathlib.Path) -> DataFrame:
    """Returns the rows of a Delta table at its latest version; no Spark package for Delta is needed.

    Refuses what listing the live files does not cover: partitions and the features of later protocols.
    """
    table = DeltaTable(str(folder))
    if table.protocol().min_reader_version > 1 or table.metadata().partition_columns:
        raise Unusable(f"`{folder.name}` is partitioned or needs a later reader; hint: run the pack on a plain copy")
    schema = StructType.fromJson(json.loads(table.schema().to_json()))
    files = table.file_uris()
    return spark.read.schema(schema).parquet(*files) if files else spark.createDataFrame([], schema)


def fits(source: DataType, target: DataType) -> bool:
    """Whether every value of `source` is one of `target`."""
    if isinstance(source, DecimalType) and isinstance(target, DecimalType):
        return source.scale <= target.scale and source.precision - source.scale <= target.precision - target.scale
    return source == target or isinstance(target, LongType) and isinstance(source, (IntegerType, ShortType))


def exclude_deleted(table: DataFrame) -> DataFrame:
    """Leaves out records whose latest version is deleted, and every deleted row (`deleted_rows = "exclude"`)."""
    names = {name.lower(): name for name in table.columns}
    if "isdelete" not in names:
        return table
    deleted = F.coalesce(F.col(names["isdelete"]), F.lit(False))
    if "id" in names and "versionnumber" in names:
        record = Window.partitionBy(names["id"]).orderBy(F.col(names["versionnumber"]).desc_nulls_last(), deleted.desc())
        gone = F.first(deleted).over(record) & F.col(names["id"]).isNotNull()
        table = table.withColumn("_gone", gone).where("NOT _gone").drop("_gone")
    return table.where(~deleted)


def register_bronze(spark: SparkSession, lake: pathlib.Path, models: list[Model], deleted_rows: str) -> set[str]:
    """Makes a view of every bronze table in the contract and returns the names of those that the lake has."""
    contract = tomllib.loads((PACK / "contracts" / "bronze.toml").read_text(encoding="utf-8"))
    optional = set().union(*(m.optional for m in models))
    exact = {name.lower(): name.split(".")[1] for m in models for name in m.exact_case}
    folders = {p.name.lower(): p for p in lake.iterdir() if (p / "_delta_log").is_dir()}
    for name, columns in contract.items():
        types = {column: parse_type(spelt) for column, spelt in columns.items()}
        if name not in folders:
            if name in REQUIRED:
                raise Unusable(f"the lake has no table `{name}`")
            spark.createDataFrame([], ", ".join(f"{c} {t}" for c, t in columns.items())).createOrReplaceTempView(name)
            continue
        table = read_delta(spark, folders[name])
        if deleted_rows == "exclude":
            table = exclude_deleted(table)
        fields = {f.name.lower(): f for f in table.schema.fields}
        selected = []
        for column, target in types.items():
            field, key = fields.get(column), f"{name}.{column}"
            if field is not None and key in exact and field.name != exact[key]:
                field = None
            if field is None:
                if not any(o.lower() == key for o in optional):
                    raise Unusable(f"`{name}` has no column `{column}`")
                selected.append(F.lit(None).cast(target).alias(column))
            elif not fits(field.dataType, target):
                raise Unusable(f"`{key}` is {field.dataType.simpleString()}, not {target.simpleString()}")
            else:
                selected.append(F.col(f"`{field.name}`").cast(target).alias(column))
        table.select(selected).createOrReplaceTempView(name)
    return set(folders)


def pin_clock(sql: str, as_of: datetime.datetime) -> str:
    """Puts the refresh time in place of the two functions that read the clock."""
    sql = re.sub(r"(?i)\bcurrent_timestamp\(\)", f"TIMESTAMP '{as_of:%Y-%m-%d %H:%M:%S.%f}'", sql)
    return re.sub(r"(?i)\bcurrent_date\(\)", f"DATE '{as_of:%Y-%m-%d}'", sql)


def audit(spark: SparkSession, model: Model) -> list[tuple[str, str, int]]:
    """Runs the audits of a model: text, severity, faulty rows. The grain is audited first."""
    table, rows = spark.table(model.table), []
    not_null = list(model.grain) + [c for c in [model.header.get("timestamp")] if c]
    audits = [{"not_null": not_null}, {"unique": model.grain}, *model.header.get("audits", [])]
    for a in audits:
        severity = a.get("severity", "block")
        if "not_null" in a:
            text = f"not null {a['not_null']}"
            faults = table.where(" OR ".join(f"`{c}` IS NULL" for c in a["not_null"])).count()
        elif "unique" in a:
            text = f"unique {a['unique']}"
            faults = table.groupBy(*a["unique"]).count().where("count > 1").count()
        else:
            to = a["references"]
            text = f"{to['columns']} in {to['table']}"
            if not spark.catalog.tableExists(to["table"]):
                continue
            pairs = [F.col(f"l.{c}") == F.col(f"r.{t}") for c, t in zip(to["columns"], to["to"])]
            known = spark.table(to["table"]).select(*to["to"])
            named = table.where(" AND ".join(f"`{c}` IS NOT NULL" for c in to["columns"]))
            faults = named.alias("l").join(known.alias("r"), pairs, "left_anti").count()
        rows.append((text, severity, faults))
    return rows


def check_columns(spark: SparkSession, model: Model) -> None:
    """Compares a gold table with its contract: names, order, types."""
    contract = tomllib.loads((PACK / "contracts" / "gold.toml").read_text(encoding="utf-8"))[model.name]["columns"]
    found = [[f.name, f.dataType.simpleString()] for f in spark.table(model.table).schema.fields]
    assert found == contract, f"{model.name}: {found} instead of {contract}"
    undescribed = [c for c, _ in contract if c not in model.header.get("columns", {})]
    assert not undescribed, f"{model.name}: no description of {undescribed}"


def write_file(spark: SparkSession, model: Model, out: pathlib.Path) -> int:
    """Writes a table as one parquet file and returns its number of rows."""
    table, parts = spark.table(model.table), out / f".{model.name}"
    table.orderBy(*model.header.get("sort_by", model.grain)).coalesce(1).write.mode("overwrite").parquet(str(parts))
    [part] = glob.glob(f"{parts}/*.parquet")
    os.replace(part, out / f"{model.name}.parquet")
    shutil.rmtree(parts)
    return table.count()


def differing_rows(spark: SparkSession, model: Model, expected: pathlib.Path) -> int:
    """Counts the rows that only one side has. Columns of the refresh itself and those that the other side lacks are
    left out; types are brought to ours."""
    ours, theirs = spark.table(model.table), spark.read.parquet(str(expected))
    # The reference stamps rows with its own clock, but for the programs, where the time comes from the data.
    stamp = set() if model.name == "supporting_LoyaltyPrograms" else {"RowModifiedUtc"}
    columns = [f for f in ours.schema.fields if f.name in theirs.columns and f.name not in stamp]
    ours = ours.select([f.name for f in columns])
    theirs = theirs.select([F.col(f.name).cast(f.dataType).alias(f.name) for f in columns])
    return ours.exceptAll(theirs).count() + theirs.exceptAll(ours).count()


def compare(spark: SparkSession, models: list[Model], folder: pathlib.Path) -> bool:
    """Compares every gold table with the file of its name and returns whether all are equal."""
    equal = True
    for model in (m for m in models if m.layer == "gold"):
        differing = differing_rows(spark, model, folder / f"{model.name}.parquet")
        print(f"{'same' if differing == 0 else 'DIFF'} {model.table}: {differing} rows differ", flush=True)
        equal = equal and differing == 0
    return equal


def run(spark: SparkSession, options: argparse.Namespace) -> int:
    """Builds every model and returns the exit code."""
    models = read_models()
    present = register_bronze(spark, options.bronze, models, options.deleted_rows)
    bronze = {view.name for view in spark.catalog.listTables() if view.isTemporary}
    spark.conf.set("deleted_rows", options.deleted_rows)
    for name, text in VARIABLES.items():
        spark.conf.set(name, text)
    spark.sql("CREATE DATABASE silver")
    spark.sql("CREATE DATABASE gold")
    contract = tomllib.loads((PACK / "contracts" / "gold.toml").read_text(encoding="utf-8"))
    passed, skipped = True, set()
    for model in models:
        missing = [t for t in model.skip_without if t not in present]
        missing += sorted(t for t in model.parents & skipped if t not in model.optional)
        if missing:
            print(f"skip {model.table}: without {', '.join(missing)}", flush=True)
            skipped.add(model.table)
            if model.layer == "gold":
                # What reads it as optional finds an empty table.
                columns = ", ".join(f"`{c}` {t}" for c, t in contract[model.name]["columns"])
                spark.sql(f"CREATE TABLE {model.table} ({columns}) USING parquet")
            continue
        undeclared = sorted((model.bronze & bronze) - present - model.optional)
        if undeclared:
            raise Unusable(f"`{model.table}` needs {', '.join(undeclared)}")
        spark.sql(pin_clock(model.sql, options.as_of)).write.format("parquet").saveAsTable(model.table)
        if model.layer == "gold":
            check_columns(spark, model)
        rows = spark.table(model.table).count()
        if model.layer == "gold":
            write_file(spark, model, options.out)
        elif options.silver:
            write_file(spark, model, options.silver)
        print(f"ok   {model.table}: {rows} rows", flush=True)
    for model in models:
        for text, severity, faults in audit(spark, model) if model.table not in skipped else []:
            if faults:
                print(f"{severity} {model.table}: {text}: {faults} rows", flush=True)
                passed = passed and severity != "block"
    if not passed:
        return 2
    return 0 if options.expect is None or compare(spark, models, options.expect) else 5


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bronze", type=pathlib.Path, required=True, help="folder with one Delta table per folder")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder for the gold files")
    parser.add_argument("--silver", type=pathlib.Path, help="folder for the silver files (default: not kept)")
    parser.add_argument("--expect", type=pathlib.Path, help="folder with the gold files to compare with")
    parser.add_argument(
        "--as-of", type=datetime.datetime.fromisoformat, default="2026-01-01T00:00:00Z", help="refresh time, RFC 3339"
    )
    parser.add_argument("--deleted-rows", choices=["reference", "exclude"], default="reference")
    parser.add_argument("--memory", default="4g", help="memory of the Java process")
    options = parser.parse_args()
    if options.as_of.tzinfo is None:
        parser.error("--as-of needs a zone, such as Z")
    options.as_of = options.as_of.astimezone(datetime.timezone.utc)
    for folder in filter(None, (options.out, options.silver)):
        folder.mkdir(parents=True, exist_ok=True)
    os.environ["TZ"] = "UTC"
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    with tempfile.TemporaryDirectory() as work:
        spark = (
            SparkSession.builder.master("local[1]")
            .config("spark.driver.memory", options.memory)
            .config("spark.driver.extraJavaOptions", "-Duser.timezone=UTC")
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
            .config("spark.local.dir", f"{work}/local")
            .config("spark.sql.warehouse.dir", f"{work}/warehouse")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.sql.ansi.enabled", "false")
            .config("spark.sql.shuffle.partitions", "4")
            .config("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
            .getOrCreate()
        )
        spark.sparkContext.setLogLevel("ERROR")
        try:
            return run(spark, options)
        except Unusable as error:
            print(f"error: {error}", file=sys.stderr)
            return 3
        finally:
            spark.stop()


if __name__ == "__main__":
    sys.exit(main())
