"""The part of the answers that the repository keeps: some of every function, small enough to be read."""
import collections
import json
import re
import zlib

BYTES = 950_000
LINE = 3_000


def compact(line):
    """Without what no test reads: the family, and of an error everything but its class."""
    line.pop("family", None)
    if "error" in line:
        line["error"] = (re.match(r"\[[A-Z0-9_.]+\]", line["error"]) or [line["error"][:40]])[0]
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"


def choose(every, path):
    """Takes turns between functions; in each, answers and refusals in a fixed, scattered order."""
    queues = collections.defaultdict(list)
    for text in open(every, encoding="utf-8"):
        line = json.loads(text)
        first = line["family"] != "mended"
        order = zlib.crc32(line["sql"].encode())
        if len(text) < LINE:
            queues[line["function"]].append((first, "error" in line and order % 4 > 0, order, compact(line)))
    for queue in queues.values():
        queue.sort(reverse=True)
    kept, size = [], 0
    while queues and size < BYTES:
        for name in sorted(queues):
            first, _, _, text = queues[name].pop()
            if not queues[name]:
                del queues[name]
            if size + len(text.encode()) > BYTES:
                queues.clear()
                break
            kept.append((name, text))
            size += len(text.encode())
    with open(path, "w", encoding="utf-8") as out:
        out.writelines(text for _, text in sorted(kept))
    print(f"{len(kept)} statements of {len({name for name, _ in kept})} functions, {size} bytes")
