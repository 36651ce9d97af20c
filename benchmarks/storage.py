#!/usr/bin/env python3
"""What a refresh asks of storage: operations and bytes, in Azurite next to the local disk.

Makes one lake on the disk and the same one in Azurite, and refreshes both in full and once more unchanged, embedded, as whole
processes. The numbers are those of the report (`processes`). Exit 0: measured; 1: a process failed or the rows differ.

    python benchmarks/storage.py --azurite azurite-blob --bin DIR [--scale 0.1] [--runs 3]
"""
import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time

AS_OF = "2026-01-01T00:00:00Z"
HOST = "devstoreaccount1.dfs.core.windows.net"
COUNTED = ["lists", "log_reads", "data_reads", "writes", "deletes", "http_requests", "log_bytes_read", "data_bytes_read",
           "bytes_written"]


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def run(folder, *args):
    done = subprocess.run(args, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"error: {' '.join(args)} ended with {done.returncode}\n{done.stderr}")
    return done.stdout


def configure(folder, bronze, gold, endpoint):
    connection = 'connection = "account"\n' if endpoint else ""
    section = f'[connections.account]\nauth = "emulator"\nendpoint = "{endpoint}"\n' if endpoint else ""
    with open(os.path.join(folder, "goldsmith.toml"), "w", encoding="utf-8") as file:
        file.write(f'[bronze]\nurl = "{bronze}"\n{connection}[gold]\nurl = "{gold}"\n{connection}{section}')


def refresh(binary, folder, *more):
    report = json.loads(run(folder, binary, "refresh", "--as-of", AS_OF, "--output", "json", *more))
    (process,) = report["processes"]
    rows = sum(model["rows_inserted"] for model in report["models"])
    return rows, {"seconds": report["elapsed_ms"] / 1000} | {name: process[name] for name in COUNTED}


def measure(binary, folder, place, options):
    """Figures of a first, of a full and of an unchanged refresh of one place."""
    lake, gold, endpoint = place
    configure(folder, lake, gold, endpoint)
    connection = ["--connection", "account"] if endpoint else []
    run(folder, binary, "generate", lake, "--scale", f"{options.scale:g}", "--seed", "5", "--quiet", *connection)
    rows, first = refresh(binary, folder)
    full = [refresh(binary, folder, "--full")[1] for _ in range(options.runs)]
    unchanged = [refresh(binary, folder)[1] for _ in range(options.runs)]

    def median(runs):
        return {name: statistics.median(figures[name] for figures in runs) for name in runs[0]}

    return rows, {"first": first, "full": median(full), "unchanged": median(unchanged)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default="target/debug", help="folder of the program")
    parser.add_argument("--azurite", default="azurite-blob", help="program that starts Azurite")
    parser.add_argument("--scale", type=float, default=0.1)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    binary = os.path.abspath(os.path.join(options.bin, "goldsmith"))
    with tempfile.TemporaryDirectory() as work:
        port = free_port()
        azurite = subprocess.Popen([options.azurite, "--blobHost", "127.0.0.1", "--blobPort", str(port), "--location", work,
                                    "--silent", "--disableTelemetry"], stdout=subprocess.DEVNULL)
        try:
            for _ in range(600):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            places = {
                "disk": (os.path.join(work, "lake"), os.path.join(work, "gold"), None),
                "Azurite": (f"abfss://lake@{HOST}/bronze", f"abfss://gold@{HOST}/ci",
                            f"http://127.0.0.1:{port}/devstoreaccount1"),
            }
            found = {}
            for name, place in places.items():
                folder = os.path.join(work, name)
                os.makedirs(folder)
                found[name] = measure(binary, folder, place, options)
        finally:
            azurite.terminate()
            azurite.wait()
    if len({rows for rows, _ in found.values()}) != 1:
        sys.exit(f"error: rows differ: { {name: rows for name, (rows, _) in found.items()} }")
    names = ["seconds", *COUNTED]
    print("| refresh | where | " + " | ".join(name.replace("_", " ") for name in names) + " |")
    print("| --- | --- |" + " ---: |" * len(names))
    for kind in ("first", "full", "unchanged"):
        for name, (_, figures) in found.items():
            shown = (f"{figures[kind][n]:.2f}" if n == "seconds" else f"{int(figures[kind][n]):,}" for n in names)
            print(f"| {kind} | {name} | " + " | ".join(shown) + " |")


if __name__ == "__main__":
    main()
