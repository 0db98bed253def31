#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The statistics of the shipped traces in traces/CATALOG.md are those of the files.  TAP.

    catalog.py HEAPYARD             compares them; every trace is read whole for it
    catalog.py HEAPYARD --refresh   writes them, from `heapyard info --format csv`
"""
import csv
import pathlib
import re
import subprocess
import sys

TRACES = pathlib.Path(__file__).resolve().parents[2] / "traces"
CATALOG = TRACES / "CATALOG.md"
TABLE = re.compile(r"(?<=<!-- by tests/trace/catalog.py -->\n).*?(?=\n\n)", re.DOTALL)
COLUMNS = ("trace", "events", "objects", "threads", "handed over", "asked for", "live peak", "objects at once, at most", "largest",
           "duration", "file, bytes", "an event", "hash")


def grouped(number):
    return f"{int(number):,}".replace(",", "\N{NO-BREAK SPACE}")


def mebibytes(number):
    return f"{int(number) / 2**20:.1f} MiB"


def row_of(trace):
    """What is handed over: frees and reallocs of an object that another thread had before, of all frees and reallocs."""
    events, later = int(trace["events"]), int(trace["free"]) + int(trace["realloc"])
    return (f"`{pathlib.Path(trace['trace']).relative_to(TRACES)}`", grouped(events), grouped(trace["objects"]), trace["threads"],
            f"{int(trace['handovers']) / later:.1%}" if int(trace["threads"]) > 1 else "", mebibytes(trace["total_bytes"]),
            mebibytes(trace["peak_bytes"]), grouped(trace["peak_objects"]), f"{int(trace['max_size']) / 2**10:.0f} KiB",
            f"{int(trace['duration_ns']) / 1e9:.1f} s", grouped(trace["file_bytes"]), f"{int(trace['file_bytes']) / events:.2f}",
            f"`{trace['hash']}`")


def table_of(heapyard):
    paths = sorted(TRACES.glob("*.hyt")) + sorted(TRACES.glob("more/*.hyt"))
    said = subprocess.run([heapyard, "info", "--format", "csv", *paths], check=True, capture_output=True, text=True).stdout
    rows = [COLUMNS, ("---",) + ("---:",) * (len(COLUMNS) - 2) + ("---",)] + [row_of(trace) for trace in csv.DictReader(said.splitlines())]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def main(heapyard, refresh=None):
    catalog = CATALOG.read_text(encoding="utf-8")
    table = table_of(heapyard)
    if refresh:
        CATALOG.write_text(TABLE.sub(lambda _: table, catalog), encoding="utf-8")
        return 0
    there = TABLE.search(catalog)
    good = bool(there) and there[0] == table
    named = set(re.findall(r"\(recipes/(\w+)\.sh\)", catalog))
    shipped = {path.stem for path in TRACES.glob("**/*.hyt")}
    alone = named ^ shipped | {name for name in shipped if not (TRACES / "recipes" / f"{name}.sh").exists()}
    print(f"1..2\n{'ok' if good else 'not ok'} 1 - the statistics are those of the files")
    print(f"{'not ok' if alone else 'ok'} 2 - every trace has a recipe and a line that says what it is")
    for line in [] if good else table.splitlines():
        print("# " + line)
    for name in sorted(alone):
        print("# " + name)
    return 0 if good and not alone else 1


sys.exit(main(*sys.argv[1:]))
