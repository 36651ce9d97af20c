"""The part of the answers that the repository keeps: some of every function, small enough to be read."""
import collections
import itertools
import json
import re
import zlib

BYTES = 950_000
LINE = 3_000
# So many answers, then a refusal.
ANSWERS = 4


def compact(line):
    """Without what no test reads: the family, and of an error everything but its class."""
    line.pop("family", None)
    if "error" in line:
        line["error"] = (re.match(r"\[[A-Z0-9_.]+\]", line["error"]) or [line["error"][:40]])[0]
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"


def scattered(text):
    return zlib.crc32(text.encode())


def short(text):
    """By the statement, whatever is answered."""
    return len(json.loads(text)["sql"]), text


def alternating(*lists):
    """One of each list by turns, each element once."""
    every = itertools.chain.from_iterable(itertools.zip_longest(*lists))
    return list(dict.fromkeys(element for element in every if element is not None))


def ordered(lines):
    """Answers and refusals of one function: by turns a short one and one out of a fixed, scattered order."""
    answers, refusals = (
        alternating(sorted(half, key=short), sorted(half, key=scattered))
        for half in ([text for text in lines if '"error":' not in text], [text for text in lines if '"error":' in text])
    )
    groups = [answers[at:at + ANSWERS] for at in range(0, len(answers), ANSWERS)]
    pairs = itertools.zip_longest(groups, refusals)
    return [text for group, refusal in pairs for text in [*(group or []), refusal] if text]


def choose(every, path):
    """Takes what was mended, and then turns between functions, as long as there is room."""
    kept, functions = [], collections.defaultdict(list)
    with open(every, encoding="utf-8") as lines:
        for text in lines:
            line = json.loads(text)
            mended = line["family"] == "mended"
            if mended or len(text) < LINE:
                (kept if mended else functions[line["function"]]).append(compact(line))
    turns = itertools.zip_longest(*(ordered(lines) for _, lines in sorted(functions.items())))
    size = sum(len(text.encode()) for text in kept)
    for text in filter(None, itertools.chain.from_iterable(turns)):
        size += len(text.encode())
        if size > BYTES:
            break
        kept.append(text)
    with open(path, "w", encoding="utf-8") as out:
        out.writelines(sorted(kept))
    print(f"{len(kept)} statements of {len(functions)} functions")
