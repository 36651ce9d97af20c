#!/usr/bin/env python3
"""Measures full refreshes against a floor and against DuckDB.

For each scale a lake is made (once; it is kept). goldsmith and DuckDB build gold from it and both results have to be
equal: otherwise the benchmark fails. Then whole processes are measured, alternately and repeatedly:

  goldsmith      goldsmith refresh, all models in full, into a fresh folder
  duckdb         the same tables as SQL in DuckDB
  duckdb-sorted  with the rows in the order of goldsmith's files
  floor          goldsmith-floor: decode the same columns, encode the same rows, every thread busy
  floor-files    the same with one thread for each file that is written

The floor's time is the sum of the two times that it prints: loading the rows that it encodes is not part of it.
README.md says more about what counts. Exit 0: measured; 1: gold is not equal or a process failed.
"""
import json
import os
import platform
import statistics
import subprocess
import sys

import process
import report
import tools

CONTESTANTS = ["goldsmith", "duckdb", "duckdb-sorted", "floor", "floor-files"]


class Scale:
    """One lake and what is measured on it."""

    def __init__(self, options, scale):
        self.options, self.scale = options, scale
        self.folder = os.path.join(options.work, f"run-{scale:g}")
        self.lake = tools.make_lake(options, scale)
        tools.fresh(self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def goldsmith(self, gold):
        silver = tools.fresh(self.path("silver")) if self.options.silver else None
        return tools.goldsmith(self.options, self.scale, self.lake, gold, self.options.deleted_rows, silver)

    def duckdb(self, gold, *more):
        return tools.duckdb(self.options, self.scale, self.lake, gold, self.options.deleted_rows, *more)

    def check(self):
        """Builds with both, unmeasured, which also warms the page cache; the floor encodes goldsmith's result."""
        ours, theirs = self.path("gold"), self.path("gold-duckdb")
        process.run(self.goldsmith(tools.fresh(ours)))
        process.run(self.duckdb(tools.fresh(theirs)))
        compared = subprocess.run(tools.compare(theirs, ours), capture_output=True, text=True, check=False)
        print(compared.stdout, flush=True)
        if compared.returncode != 0:
            sys.exit(f"error: gold at scale {self.scale:g} is not equal to DuckDB's\n{compared.stderr}")
        for split in ("columns", "files"):
            process.run([sys.executable, os.path.join(tools.HERE, "floor_job.py"), self.lake, ours, self.path("out"),
                         self.path(f"floor-{split}.json"), "--threads", self.options.threads, "--split", split,
                         "--deleted-rows", self.options.deleted_rows])

    def measure(self, contestant):
        """One run of one contestant into a fresh folder."""
        out = tools.fresh(self.path("out"))
        # What the run before has written must not be written back at this one's expense.
        os.sync()
        if contestant.startswith("floor"):
            split = "files" if contestant == "floor-files" else "columns"
            done = process.run([tools.program(self.options, "goldsmith-floor"), self.path(f"floor-{split}.json")])
            told = json.loads(done.stdout)
            return {"seconds": told["read_seconds"] + told["write_seconds"], **told}
        if contestant == "goldsmith":
            done = process.run(self.goldsmith(out))
        else:
            done = process.run(self.duckdb(out, *(["--sorted"] if contestant == "duckdb-sorted" else [])))
        return {"seconds": done.wall_seconds, "cpu_seconds": done.cpu_seconds,
                "peak_memory_bytes": done.peak_memory_bytes, "bytes_written": size_of(out)}

    def run(self, contestants):
        """All rounds; each begins with another contestant."""
        runs = {contestant: [] for contestant in contestants}
        for number in range(self.options.runs):
            turn = number % len(contestants)
            for contestant in contestants[turn:] + contestants[:turn]:
                measured = self.measure(contestant)
                runs[contestant].append(measured)
                print(f"  scale {self.scale:g}, round {number + 1}, {contestant}: {measured['seconds']:.2f} s", flush=True)
        return runs


def size_of(folder):
    return sum(os.path.getsize(os.path.join(root, file)) for root, _, files in os.walk(folder)
               for file in files if file.endswith(".parquet"))


def summary(runs):
    """Medians of what was measured; the peak of memory is the highest of all runs."""
    result = {}
    for contestant, measured in runs.items():
        result[contestant] = {key: statistics.median(run[key] for run in measured) for key in measured[0]}
        result[contestant]["fastest_seconds"] = min(run["seconds"] for run in measured)
        result[contestant]["slowest_seconds"] = max(run["seconds"] for run in measured)
        if "peak_memory_bytes" in measured[0]:
            result[contestant]["peak_memory_bytes"] = max(run["peak_memory_bytes"] for run in measured)
    return result


def parse():
    parser = tools.parser(__doc__)
    tools.add_options(parser)
    parser.add_argument("--scales", type=tools.scales, default=[0.1, 1, 10], metavar="N,..", help="default: 0.1,1,10")
    parser.add_argument("--runs", type=int, default=5, help="of each contestant (default: %(default)s)")
    parser.add_argument("--deleted-rows", choices=["exclude", "reference"], default="exclude", help="default: exclude")
    parser.add_argument("--silver", action="store_true", help="goldsmith writes silver tables too")
    parser.add_argument("--without", default="", metavar="NAME,..", help=f"of {', '.join(CONTESTANTS[1:])}")
    parser.add_argument("--json", metavar="FILE", help="where to write all figures (default: results.json in --work)")
    return parser.parse_args()


def main():
    options = parse()
    contestants = [name for name in CONTESTANTS if name not in options.without.split(",")]
    busy = os.getloadavg()[0]
    if busy > 0.5:
        print(f"note: the machine is busy (load {busy:.1f}): what is measured now is not worth much", flush=True)
    # More cores than threads would let whatever is not bound by the number of threads run beside it.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:options.threads])
    results = {
        "settings": {key: value for key, value in vars(options).items() if key not in ("bin", "work", "make_bronze", "json")},
        "machine": {"cores": os.cpu_count(), "architecture": platform.machine(), "kernel": platform.release(),
                    "load_at_start": busy},
        "scales": {},
    }
    results["settings"]["memory_limit"] = {str(scale): size for scale, size in options.memory_limit.items()}
    for scale in options.scales:
        measured = Scale(options, scale)
        measured.check()
        runs = measured.run(contestants)
        results["scales"][f"{scale:g}"] = {"median": summary(runs), "runs": runs}
    print(report.table(results["scales"]))
    results["targets"] = report.targets(results["scales"])
    print(report.target_lines(results["targets"]))
    path = options.json or os.path.join(options.work, "results.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(results, file, indent=2)
    print(f"\nall figures: {path}")


if __name__ == "__main__":
    main()
