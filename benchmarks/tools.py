"""The programs that the drivers run, and how they are called."""
import argparse
import json
import os
import shutil
import sys

import process

HERE = os.path.dirname(os.path.abspath(__file__))
REPOSITORY = os.path.dirname(HERE)
# The reference result's refresh time: the generated orders end just before it.
AS_OF = "2026-01-01T00:00:00Z"


def add_options(parser):
    """Options that all drivers have."""
    target = os.environ.get("CARGO_TARGET_DIR", os.path.join(REPOSITORY, "target"))
    parser.add_argument("--bin", default=os.path.join(target, "debug"), metavar="DIR",
                        help="folder with the programs goldsmith and goldsmith-floor (default: %(default)s)")
    parser.add_argument("--work", default=os.path.join(REPOSITORY, "out", "benchmarks"), metavar="DIR",
                        help="lakes are kept here and used again (default: %(default)s)")
    parser.add_argument("--make-bronze", metavar="FILE",
                        help="make lakes with this Python script instead of `goldsmith generate`")
    parser.add_argument("--seed", type=int, default=5, help="default: %(default)s")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="default: all cores")
    parser.add_argument("--memory-limit", type=limits, default={}, metavar="[SCALE=]SIZE,..",
                        help="of goldsmith's and of DuckDB's operators, such as 1GiB or 1=512MiB,10=1GiB")


def scales(text):
    return [float(scale) for scale in text.split(",")]


def limits(text):
    """`1=512MiB,10=1GiB` by scale; a size without a scale is for all others."""
    found = {}
    for part in text.split(","):
        scale, _, size = part.rpartition("=")
        found[float(scale) if scale else None] = size
    return found


def memory_limit(options, scale):
    limit = options.memory_limit.get(scale, options.memory_limit.get(None))
    return ["--memory-limit", limit] if limit else []


def program(options, name):
    path = os.path.join(options.bin, name)
    if not os.access(path, os.X_OK):
        sys.exit(f"error: there is no program `{path}`\n  hint: cargo build --workspace, or name its folder with --bin")
    return path


def fresh(folder):
    """An empty folder in the place of `folder`."""
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    return folder


def make_lake(options, scale, folder=None):
    """The bronze lake of a scale and a seed, made once and then kept."""
    maker = "script" if options.make_bronze else "goldsmith"
    folder = folder or os.path.join(options.work, "lakes", f"{maker}-{scale:g}-{options.seed}")
    done = folder + ".done"
    if not os.path.exists(done):
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(os.path.dirname(folder), exist_ok=True)
        size = ["--scale", f"{scale:g}", "--seed", options.seed]
        if options.make_bronze:
            process.run([sys.executable, options.make_bronze, *size, folder])
        else:
            process.run([program(options, "goldsmith"), "generate", folder, *size])
        with open(done, "w", encoding="utf-8"):
            pass
    return folder


def mutate_lake(options, folder, step, fraction):
    """Commits the change set number `step` to the lake."""
    if options.make_bronze:
        process.run([sys.executable, options.make_bronze, "--mutate", 1, "--first-step", step,
                     "--seed", options.seed, "--fraction", fraction, folder])
    else:
        process.run([program(options, "goldsmith"), "generate", folder, "--mutate",
                     "--fraction", fraction, "--seed", options.seed + step])


def goldsmith(options, scale, bronze, gold, deleted_rows, silver=None):
    """The command that builds `gold`; its configuration is written beside it."""
    config = gold + ".toml"
    quoted = json.dumps  # a JSON string is a TOML string
    with open(config, "w", encoding="utf-8") as file:
        file.write(f"[bronze]\nurl = {quoted(os.path.abspath(bronze))}\n")
        if silver:
            file.write(f"[silver]\nurl = {quoted(os.path.abspath(silver))}\n")
        file.write(f"[gold]\nurl = {quoted(os.path.abspath(gold))}\n")
        file.write(f"[pack.vars]\ndeleted_rows = {quoted(deleted_rows)}\n")
    return [program(options, "goldsmith"), "refresh", "--config", config, "--as-of", AS_OF, "--output", "json",
            "--threads", options.threads, *memory_limit(options, scale)]


def duckdb(options, scale, bronze, gold, deleted_rows, *more):
    """The command that builds the same tables with DuckDB."""
    return [sys.executable, os.path.join(HERE, "duckdb_gold.py"), bronze, gold, "--as-of", AS_OF,
            "--deleted-rows", deleted_rows, "--threads", options.threads, *memory_limit(options, scale), *more]


def compare(expected, actual):
    """The command that fails unless both folders hold the same gold."""
    return [sys.executable, os.path.join(HERE, "gold_diff.py"), expected, actual]


def parser(description):
    return argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
