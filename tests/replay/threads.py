#!/usr/bin/env python3
"""Tests of the pass threads, as TAP: threads.py HEAPYARD.  Four threads in turns: each fills 5 MB with small blocks, frees all
but the last, and the next begins.  In one arena the memory of one turn serves the next; four arenas keep it four times."""
import csv
import io
import os
import subprocess
import sys
import tempfile

HEAPYARD = os.path.abspath(sys.argv[1])
THREADS, BLOCKS, SIZE = 4, 20000, 256  # a turn is longer than threads may be apart, two epochs of 4096 events
count = 0


def case(name, passed, why=""):
    global count
    count += 1
    print(f"{'ok' if passed else 'not ok'} {count} - {name}", flush=True)
    if not passed and why:
        print("# " + str(why).replace("\n", "\n# "), flush=True)


def heapyard(*arguments, text=None):
    return subprocess.run([HEAPYARD, *arguments], input=text, capture_output=True, text=True, timeout=250)


def make_trace(path, threads):
    lines, births = [], 0
    for thread in range(threads):  # all are there from the start, with an arena each
        lines.append(f"{len(lines)} {thread} malloc {births} 64")
        births += 1
    for thread in range(threads):
        for i in range(BLOCKS):
            lines.append(f"{len(lines)} {thread} malloc {births + i} {SIZE}")
        for i in range(BLOCKS - 1):
            lines.append(f"{len(lines)} {thread} free {births + i}")
        births += BLOCKS
    ran = heapyard("import", "-", "-o", path, text="\n".join(lines) + "\n")
    assert ran.returncode == 0, ran.stderr


def rows(command, *arguments):
    ran = heapyard(command, *arguments, "--format", "csv")
    return ran, {row["spec"]: row for row in csv.DictReader(io.StringIO(ran.stdout))}


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    make_trace("turns.hyt", THREADS)
    make_trace("one.hyt", 1)
    specs = ("-a", "system:arena_max=1,system")

    ran, found = rows("replay", "turns.hyt", *specs, "--pass", "footprint,threads", "-r", "2", "-o", "a.db")
    serial = {spec: float(row["peak_resident"]) for spec, row in found.items() if row["peak_resident"]}
    side = {spec: float(row["threads_resident"]) for spec, row in found.items() if row["threads_resident"]}
    live = BLOCKS * SIZE
    case("a serial replay does not tell one arena from many",
         live < serial["system"] < 1.5 * live and abs(serial["system"] / serial["system:arena_max=1"] - 1) < 0.05, serial)
    case("threads side by side take an arena each", side["system"] > (THREADS - 1) * live, side)
    case("and in one arena hardly more than one turn", live < side["system:arena_max=1"] < 2 * live, side)

    ran, found = rows("compare", "turns.hyt", *specs, "--pass", "footprint,threads", "-r", "6", "-o", "b.db")
    case("compare judges by the threads, and says so",
         found["system"]["memory_verdict"] == "larger" and found["system"]["memory_of"] == "threads"
         and float(found["system"]["memory_low"]) > 1.5 and ran.returncode == 1, ran.stdout)
    ran, found = rows("compare", "turns.hyt", *specs, "--pass", "footprint", "-r", "6", "-o", "c.db")
    case("without the pass it judges by the serial replay, and says so",
         found["system"]["memory_verdict"] != "larger" and found["system"]["memory_of"] == "serial", ran.stdout)

    ran, found = rows("replay", "one.hyt", *specs, "--pass", "footprint,threads", "-r", "2", "-o", "d.db")
    case("a trace of one thread has no such figure",
         found["system"]["threads_resident"] == "" and found["system"]["peak_resident"] != "", ran.stdout)
    ran, found = rows("replay", "turns.hyt", *specs, "--pass", "footprint,threads", "--threads", "serial", "-o", "e.db")
    case("nor has one whose threads become one", found["system"]["threads_resident"] == "", ran.stdout)
    ran = heapyard("replay", "one.hyt", *specs, "--pass", "threads", "-o", "f.db")
    case("the pass alone on such a trace is refused with a sentence",
         ran.returncode == 2 and "several threads" in ran.stderr, ran.stderr)
print(f"1..{count}")
