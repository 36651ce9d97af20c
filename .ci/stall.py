"""Refreshes under random limits of memory: each ends, with the gold of one without a limit or with an error.

    stall.py GOLDSMITH [REFRESHES [SCALE [SEED]]]
"""

import hashlib
import pathlib
import random
import subprocess
import sys
import tempfile

AS_OF = "2026-01-01T00:00:00Z"
TIMEOUT_S = 900
# Seconds: far longer than anything here takes, and short enough to be seen within TIMEOUT_S.
STALL_TIMEOUT = "180"
CONFIG = '[bronze]\nurl = "bronze"\n\n[gold]\nurl = "{gold}"\n\n[pack]\npath = "builtin:commerce"\n'


def main(goldsmith, refreshes="500", scale="0.3", seed="1"):
    random.seed(int(seed))
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(goldsmith, pathlib.Path(folder))
        made = lake.run("generate", "bronze", "--scale", scale, "--seed", "1")
        if made.returncode != 0:
            sys.exit(made.stderr)
        expected = lake.refreshed("reference")
        if expected is None:
            sys.exit("the refresh without a limit failed")
        ended = {"equal": 0, "refused": 0}
        for number in range(int(refreshes)):
            limit, threads = random.randint(24, 250), random.randint(1, 4)
            try:
                found = lake.refreshed(f"gold{number}", "--memory-limit", f"{limit}MiB", "--threads", str(threads))
            except subprocess.TimeoutExpired:
                sys.exit(f"refresh {number} with {limit} MiB and {threads} threads stands still")
            if found is not None and found != expected:
                sys.exit(f"refresh {number} with {limit} MiB and {threads} threads gave other rows")
            ended["refused" if found is None else "equal"] += 1
        if ended["equal"] * 2 < int(refreshes):
            sys.exit(f"the limits are too narrow to show anything: {ended}")
        print(f"{refreshes} refreshes ended: {ended['equal']} with the same gold, {ended['refused']} with an error")


class Lake:
    def __init__(self, goldsmith, folder):
        self.goldsmith, self.folder = pathlib.Path(goldsmith).resolve(), folder

    def run(self, *arguments):
        command = [self.goldsmith, *arguments]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=TIMEOUT_S)

    def refreshed(self, gold, *arguments):
        """What gold has after a refresh into an empty folder, as digests by table; None if it ended with an error."""
        config = self.folder / "goldsmith.toml"
        config.write_text(CONFIG.format(gold=gold))
        done = self.run("refresh", "--full", "--as-of", AS_OF, "--stall-timeout", STALL_TIMEOUT, *arguments)
        if done.returncode != 0:
            if "no counter of it moved" in done.stderr:
                sys.exit(f"{arguments} stood still: {done.stderr}")
            if not done.stderr.startswith("error: "):
                sys.exit(f"{arguments}: {done.stderr}")
            return None
        digests = {}
        for table in sorted(path.name for path in (self.folder / gold).iterdir() if path.name != "_goldsmith"):
            rows = self.run("query", "--output", "csv", f"SELECT * FROM gold.{table}")
            if rows.returncode != 0:
                sys.exit(rows.stderr)
            lines = sorted(rows.stdout.splitlines())
            digests[table] = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        return digests


if __name__ == "__main__":
    main(*sys.argv[1:])
