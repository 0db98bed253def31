#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""imports.py HEAPYARD FILE_OR_FOLDER... - imports every file, replays what it became, and writes imports.csv beside this.

Columns: file; format; bytes and lines of text, unpacked; events; dropped and mended; seconds of CPU that the import took (the
least of three) and MiB of memory at most; bytes of the trace; verified: blocks whose contents were checked in a replay on the
system's malloc, all as written; again: formats through which the trace, exported and imported, is the same event for
event; refused: the sentence, if it was no trace.
"""
import csv
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

COLUMNS = ["file", "format", "bytes", "lines", "events", "dropped", "mended", "seconds", "mib", "trace_bytes", "verified",
           "again", "refused"]


def files(places):
    for place in map(Path, places):
        inside = sorted(p for p in place.rglob("*") if p.is_file()) if place.is_dir() else [place]
        yield from ((str(p.relative_to(place.parent)), p) for p in inside)


def timed(words):
    """Exit code, standard error, seconds of CPU, MiB.  GNU time, small, starts it: what a big parent has would count, too."""
    with tempfile.NamedTemporaryFile() as usage:
        run = subprocess.run(["/usr/bin/time", "-f", "%U %S %M", "-o", usage.name, *map(str, words)], capture_output=True, text=True)
        user, system, kib = usage.read().split()[-3:]
        return run.returncode, run.stderr, float(user) + float(system), int(kib) / 1024


def bytes_of(path):
    """Of the text in it."""
    if path.suffix == ".zip":
        return len(subprocess.run(["python3", "-c", "import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); "
                                   "sys.stdout.buffer.write(z.read(z.namelist()[0]))", path], capture_output=True).stdout)
    return path.stat().st_size


def number(pattern, text):
    found = re.search(pattern, text)
    return int(found.group(1).replace("\u202f", "").replace(" ", "")) if found else 0


def hash_of(heapyard, trace):
    run = subprocess.run([heapyard, "info", "--format", "json", trace], capture_output=True, text=True)
    return json.loads(run.stdout)[0]["hash"]


def formats_that_hold(heapyard, trace, folder):
    """Those out of which the same trace comes again."""
    good = []
    for name in ("csv", "android", "rep"):
        subprocess.run([heapyard, "export", trace, "--to", name, "-o", folder / "t.out"], check=True)
        subprocess.run([heapyard, "import", folder / "t.out", "-o", folder / "u.hyt"], check=True, capture_output=True)
        good += [name] if hash_of(heapyard, trace) == hash_of(heapyard, folder / "u.hyt") else []
    return " ".join(good)


def row_of(heapyard, name, path, folder):
    trace = folder / "t.hyt"
    runs = [timed([heapyard, "import", path, "-o", trace]) for _ in range(3)]
    code, said, _, _ = runs[0]
    if code != 0:
        return {"file": name, "bytes": bytes_of(path), "refused": said.strip().replace(f"heapyard: {path}: ", "")}
    replay = subprocess.run([heapyard, "replay", trace, "-a", "system", "--pass", "verify", "-o", folder / "r.db"],
                            capture_output=True, text=True)
    checked = number(r"contents checked, all as written: system \(([0-9 \u202f]+) times\)", replay.stdout + replay.stderr)
    return {"file": name, "format": re.search(r"lines of (\w+)", said).group(1), "bytes": bytes_of(path),
            "lines": number(r"from (\d+) lines", said), "events": number(r": (\d+) events", said),
            "dropped": number(r"; dropped (\d+):", said), "mended": number(r"; mended (\d+):", said),
            "seconds": f"{min(r[2] for r in runs):.2f}", "mib": f"{max(r[3] for r in runs):.0f}",
            "trace_bytes": trace.stat().st_size, "verified": checked if replay.returncode == 0 else "no",
            "again": formats_that_hold(heapyard, trace, folder)}


def main():
    with tempfile.TemporaryDirectory() as folder, \
            open(Path(__file__).resolve().parent / "imports.csv", "w", newline="") as out:
        rows = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        rows.writeheader()
        for name, path in files(sys.argv[2:]):
            rows.writerow(row_of(sys.argv[1], name, path, Path(folder)))
            out.flush()


main()
