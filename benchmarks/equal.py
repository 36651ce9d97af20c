#!/usr/bin/env python3
"""Checks that goldsmith's gold equals that of the DuckDB rewrite, row by row.

For each scale a lake is made and then changed several times; at each of these states, and for both settings of
`deleted_rows`, goldsmith and DuckDB build all gold tables, which have to be equal. Exit 0: they are.

  equal.py                       lakes of scale 0.01, 0.1 and 1, three changes each
  equal.py --scales 0.01         what fits into CI
"""
import os
import shutil
import subprocess
import sys
import tempfile

import process
import tools


def check(options, scale, lake, folder, deleted_rows, label):
    """Builds both, compares them, and says how it went."""
    ours, theirs = os.path.join(folder, "gold-" + deleted_rows), os.path.join(folder, "duckdb")
    if not options.same_gold:
        tools.fresh(ours)
    built = process.run(tools.goldsmith(options, scale, lake, ours, deleted_rows))
    process.run(tools.duckdb(options, scale, lake, tools.fresh(theirs), deleted_rows))
    result = subprocess.run(tools.compare(theirs, ours), capture_output=True, text=True, check=False)
    equal = result.returncode == 0
    print(f"{'equal' if equal else 'DIFFERENT'}: scale {scale:g}, {label}, deleted_rows {deleted_rows} "
          f"({built.wall_seconds:.1f} s)", flush=True)
    if not equal or options.verbose:
        print(result.stdout + result.stderr, flush=True)
    return equal


def check_scale(options, scale, folder):
    """All states of one lake. The lake that is kept stays as it was made; the changes go to a copy."""
    kept, lake = tools.make_lake(options, scale), os.path.join(folder, "bronze")
    shutil.copytree(kept, lake)
    results = []
    for step in range(options.changes + 1):
        if step:
            tools.mutate_lake(options, lake, step, options.fraction)
        for deleted_rows in ("exclude", "reference"):
            label = f"change {step}" if step else "as made"
            results.append(check(options, scale, lake, folder, deleted_rows, label))
    return all(results)


def main():
    parser = tools.parser(__doc__)
    tools.add_options(parser)
    parser.add_argument("--scales", type=tools.scales, default=[0.01, 0.1, 1], metavar="N,..", help="default: 0.01,0.1,1")
    parser.add_argument("--changes", type=int, default=3, help="default: %(default)s")
    parser.add_argument("--fraction", type=float, default=0.001, help="rows that a change touches (default: %(default)s)")
    parser.add_argument("--same-gold", action="store_true",
                        help="refresh one gold folder from state to state instead of a fresh one each time")
    parser.add_argument("--verbose", action="store_true", help="print rows and columns compared")
    options = parser.parse_args()
    results = []
    os.makedirs(options.work, exist_ok=True)
    for scale in options.scales:
        with tempfile.TemporaryDirectory(dir=options.work, prefix="equal-") as folder:
            results.append(check_scale(options, scale, folder))
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
