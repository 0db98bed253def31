#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""moving.py HEAPYARD - what `heapyard reloc move`, `handles` and `frames` answer, and their page.  Prints TAP."""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

HEAPYARD = Path(sys.argv[1]).resolve()
SURVIVES = {"still", "handles", "relative", "registered", "frames", "mesh"}
count = failed = 0


def check(what, wrong):
    """wrong: a list of what is not as it must be."""
    global count, failed
    count += 1
    failed += bool(wrong)
    print(f"{'not ' if wrong else ''}ok {count} - {what}")
    for line in list(wrong)[:10]:
        print(f"# {line}")


def run(*words, text=None):
    return subprocess.run([HEAPYARD, *words], capture_output=True, input=text, timeout=100)


def ask(*words):
    done = run("reloc", *words, "--format", "json")
    if done.returncode == 77:
        print(f"1..0 # SKIP {done.stderr.decode().strip()}")
        sys.exit(0)
    return json.loads(done.stdout)


def moves():
    answer = ask("move", "--moves", "30")
    outcomes = {row["strategy"]: row["outcome"] for row in answer["outcomes"]}
    check("six strategies survive, the others do not",
          [f"{name}: {outcome}" for name, outcome in outcomes.items() if (outcome == "right") != (name in SURVIVES)])
    stale = {row["strategy"]: row for row in answer["stale"]}
    check("without a strategy something is stale of each kind",
          [kind for kind in ("data", "stack", "heap", "registers") if stale["table"][kind] == 0])
    price = {row["strategy"]: row for row in answer["prices"]}
    check("handles and distances cost instructions, addresses do not",
          [] if price["still"]["follow"] == price["frames"]["follow"] == price["registered"]["follow"] <
          price["handles"]["follow"] < price["relative"]["follow"] else [str(price)])


def frames():
    answer = ask("frames", "--pages", "64")
    before, after = answer["frames"]
    check("shuffled frames, the same bytes", [str(after)] if after["wrong"] or not after["displaced"] else [])
    check("more mappings than before", [] if after["mappings"] > before["mappings"] else [str(after)])


def handles(folder):
    events = "".join(f"{i} 0 malloc {i} {40 + i % 50}\n" for i in range(2000))
    events += "".join(f"{2000 + i} 0 free {i}\n" for i in range(2000) if i % 9)
    events += "".join(f"{5000 + i} 0 malloc {2000 + i} 3000\n" for i in range(100))
    trace = folder / "combed.hyt"
    done = run("import", "-", "-o", str(trace), text=events.encode())
    if done.returncode != 0:
        check("a trace is made", [done.stderr.decode()])
        return
    rows = {row["budget"]: row for row in ask("handles", str(trace))["defragmentation"]}
    check("nothing moves what must not, and anything wins footprint",
          [] if rows["nothing"]["moved"] == 0 and rows["anything"]["won"] > 0 else [str(rows)])
    done = run("reloc", "move", "--strategy", "still,relative,table", "--moves", "20", "--page", str(folder), str(trace))
    page = (folder / "moving.html").read_text(encoding="utf-8") if done.returncode == 0 else ""
    check("the page has all chapters",
          [done.stderr.decode()] if not page else
          [f"no {chapter}" for chapter in ("outcomes", "stale", "prices", "handles", "frames", "remains", "simplified")
           if f'id="{chapter}"' not in page])


def main():
    moves()
    frames()
    with tempfile.TemporaryDirectory() as name:
        handles(Path(name))
    print(f"1..{count}")
    sys.exit(failed != 0)


main()
