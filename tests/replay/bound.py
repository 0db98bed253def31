#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests of `heapyard bound` as a user types it, as TAP: bound.py HEAPYARD.  Nothing here looks at a time."""
import csv
import io
import json
import os
import sqlite3
import subprocess
import sys
import tempfile

HEAPYARD = os.path.abspath(sys.argv[1])
EXAMPLE = "id,lower,upper,size\nb1,0,3,4\nb2,3,9,4\nb3,0,9,4\nb4,9,21,4\nb5,0,21,4\n"  # in minimalloc's README
count = 0


def case(name, passed):
    global count
    count += 1
    print(f"{'ok' if passed else 'not ok'} {count} - {name}", flush=True)


def bound(*arguments):
    return subprocess.run([HEAPYARD, "bound", *arguments], capture_output=True, text=True, timeout=200)


def make_trace(path, events):
    text = "".join(f"{number} 0 {event}\n" for number, event in enumerate(events))
    subprocess.run([HEAPYARD, "import", "-", "-o", path], input=text, text=True, check=True, timeout=100)


def write(path, text):
    with open(path, "w") as file:
        file.write(text)


def mixed(objects):
    for i in range(objects):
        yield f"malloc {i} {i * 37 % 500 + 1}"
        if i >= 20:
            yield f"free {i - 20}"


def most_alive(objects, align):
    sizes = [-(-(i * 37 % 500 + 1) // align) * align for i in range(objects)]
    return max(sum(sizes[max(0, i - 20):i + 1]) for i in range(objects))


def is_packing(text):
    """The top of a packing, or None if two of its buffers overlap: all pairs, by nobody's cleverness."""
    rows = [{key: int(value) for key, value in row.items() if key != "id"} for row in csv.DictReader(io.StringIO(text))]
    for i, a in enumerate(rows):
        for b in rows[:i]:
            together = a["lower"] < b["upper"] and b["lower"] < a["upper"]
            if together and a["offset"] < b["offset"] + b["size"] and b["offset"] < a["offset"] + a["size"]:
                return None
    return max(row["offset"] + row["size"] for row in rows)


def problems():
    write("p.csv", EXAMPLE)
    ran = bound("p.csv")
    enough = "12 bytes are enough, and no packing takes fewer." in ran.stdout
    case("the published example needs 12 bytes", ran.returncode == 0 and enough)
    ran = bound("p.csv", "--csv", "-")
    case("--csv - writes the packing alone", ran.returncode == 0 and is_packing(ran.stdout) == 12)
    write("packed.csv", ran.stdout)
    again = json.loads(bound("packed.csv", "--format", "json").stdout)[0]
    case("a packing that is given counts", (again["upper"], again["method"]) == (12, "as given"))
    write("wrong.csv", ran.stdout.replace(",4\n", ",0\n", 1))
    ran = bound("wrong.csv")
    case("a wrong packing is refused", ran.returncode == 2 and "overlap" in ran.stderr and ran.stdout == "")
    case("what fits exits with 0", bound("p.csv", "--capacity", "12").returncode == 0)
    ran = bound("p.csv", "--capacity", "11")
    case("what cannot fit exits with 1", ran.returncode == 1 and "cannot fit in 11 bytes" in ran.stdout)
    ran = bound("p.csv", "-o", "p.db")
    case("a problem is not stored", ran.returncode == 2 and not os.path.exists("p.db"))
    aligned = json.loads(bound("p.csv", "--align", "16", "--format", "json").stdout)[0]
    case("sizes are rounded up on request", (aligned["asked"], aligned["lower"], aligned["align"]) == (12, 48, 16))


def traces():
    make_trace("t.hyt", mixed(300))
    row = json.loads(bound("t.hyt", "--steps", "3000", "--csv", "t.csv", "-o", "t.db", "--format", "json").stdout)[0]
    case("the lower line, as asked", row["asked"] == most_alive(300, 1))
    case("the lower line, aligned", row["lower"] == most_alive(300, 16))
    case("the lower line in pages", row["pages"] == -(-row["lower"] // 4096) * 4096)
    case("the limits are in order", row["lower"] <= row["proven"] <= row["upper"])
    with open("t.csv") as file:
        case("the upper line is a packing", is_packing(file.read()) == row["upper"])
    same = json.loads(bound("t.hyt", "--steps", "3000", "--format", "json").stdout)[0]
    case("steps repeat", all(row[key] == same[key] for key in row if key != "seconds"))
    with sqlite3.connect("t.db") as db:
        stored = db.execute("SELECT align, asked, lower, proven, upper, buffers, name FROM bound"
                            " JOIN trace ON id = trace")
        wanted = [(16, row["asked"], row["lower"], row["proven"], row["upper"], 300, "t")]
        case("the limits are stored", stored.fetchall() == wanted)
        db.execute("UPDATE bound SET upper = upper - 1, method = 'magic', proven = 1")
    bound("t.hyt", "--steps", "3000", "-o", "t.db")
    with sqlite3.connect("t.db") as db:
        kept = db.execute("SELECT upper, method, proven FROM bound").fetchall()
        case("the better of two limits is kept", kept == [(row["upper"] - 1, "magic", row["proven"])])
    table = list(csv.DictReader(io.StringIO(bound("t.hyt", "p.csv", "--steps", "9", "--format", "csv").stdout)))
    case("CSV has a row each", [(r["trace"], r["hash"] == "") for r in table] == [("t", False), ("p", True)])
    case("Markdown is a table", bound("t.hyt", "--steps", "9", "--format", "markdown").stdout.startswith("| trace"))


def yards():
    make_trace("y.hyt", mixed(3000))
    ran = bound("y.hyt", "--steps", "9", "--yard", "-a", "fit,system,null", "-o", "y.db", "--format", "json")
    row = json.loads(ran.stdout)[0]
    fit, system, null = row["yards"]
    sizes = [size for size, _ in fit["tries"]]
    enough = {size for size, failed in fit["tries"] if failed == 0}
    case("the least yard is enough", fit["outcome"] == "ok" and fit["yard"] in enough)
    case("nothing smaller that was tried is", fit["yard"] == min(enough) and sizes == sorted(sizes))
    case("a smaller one was tried, and was too small", fit["too_small"] in sizes and fit["too_small"] not in enough)
    case("no yard is below the live bytes", min(sizes) >= row["asked"])
    with sqlite3.connect("y.db") as db:
        stored = db.execute("SELECT spec, yard, too_small, json_array_length(tries) FROM least_yard"
                            " ORDER BY spec").fetchall()
    case("it is stored", stored[0] == ("fit", fit["yard"], fit["too_small"], len(sizes)) and len(stored) == 3)
    case("a foreign malloc is refused", system["outcome"] == "refused" and "from the system" in system["detail"])
    case("a limit is refused", null["outcome"] == "refused" and null["yard"] == 0)
    failures = []
    for yard in (fit["too_small"], fit["yard"]):
        subprocess.run([HEAPYARD, "replay", "y.hyt", "-a", "fit", "--pass", "yard", "--yard", str(yard), "-o", "r.db"],
                       capture_output=True, check=True, timeout=100)
        with sqlite3.connect("r.db") as db:
            failures += db.execute("SELECT value FROM metric WHERE name = 'failures'"
                                   " ORDER BY cell DESC LIMIT 1").fetchone()
    case("replay in a yard agrees", failures[0] > 0 and failures[1] == 0)
    text = bound("y.hyt", "--steps", "9", "--yard", "-a", "fit").stdout
    case("a sentence says so", "fit gets along with" in text and "none smaller was enough" in text)
    table = bound("y.hyt", "--steps", "9", "--yard", "-a", "fit,system", "--format", "csv").stdout
    specs = [row["spec"] for row in csv.DictReader(io.StringIO(table))]
    case("CSV has a row for each allocator", specs == ["fit", "system"])


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    problems()
    traces()
    yards()
    os.chdir("/")
print(f"1..{count}")
