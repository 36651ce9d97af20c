"""Runs a command as a whole process and says how long it took and how much memory it had."""
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass


@dataclass
class Finished:
    """A process that has ended well."""

    wall_seconds: float
    cpu_seconds: float
    peak_memory_bytes: int
    stdout: str


def run(command):
    """Runs `command` to its end; one that fails ends this program too, with what it wrote.

    Peak memory is the highest resident set that the kernel saw (what /proc calls VmHWM). The kernel counts that of the
    process that starts it as well, until the program is loaded: so the drivers import nothing large.
    """
    command = [str(part) for part in command]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        started = time.monotonic()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode(errors="replace"))
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)}\nexit {process.returncode}\n{texts[1]}{texts[0]}")
    return Finished(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, texts[0])
