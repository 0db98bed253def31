#!/usr/bin/env python3
"""Tests of `heapyard replay` as a user types it, as TAP: replay.py HEAPYARD.  Nothing here looks at a time."""
import csv
import io
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

HEAPYARD = os.path.abspath(sys.argv[1])
THIS = os.path.abspath(sys.argv[0])
PLUGIN = os.environ["HEAPYARD_TEST_PLUGIN"]
SANITIZER = os.environ.get("HEAPYARD_TEST_SANITIZER", "none")
count = 0


def case(name, passed):
    global count
    count += 1
    print(f"{'ok' if passed else 'not ok'} {count} - {name}", flush=True)


def heapyard(*arguments, text=None):
    return subprocess.run([HEAPYARD, *arguments], input=text, capture_output=True, text=True, timeout=200)


def make_trace(path, objects, threads=1):
    lines = []
    for i in range(objects):
        lines.append(f"{2 * i} {i % threads} malloc {i} {i % 500 + 1}")
        if i >= 20:
            lines.append(f"{2 * i + 1} {(i + 1) % threads} free {i - 20}")
    assert heapyard("import", "-", "-o", path, text="\n".join(lines) + "\n").returncode == 0


def refusal(name, expected, *arguments):
    ran = heapyard("replay", *arguments)
    sentence = ran.stderr.strip()
    good = ran.returncode == 2 and expected in sentence and "\n" not in sentence and ran.stdout == ""
    case(name, good)
    if not good:
        print(f"# exit code {ran.returncode}: {sentence}")


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    make_trace("plain.hyt", 3000)
    make_trace("threads.hyt", 3000, 3)
    quick = ["-o", "r.db", "-r", "1"]

    ran = heapyard("replay", "plain.hyt", "-a", "first-fit,stack", *quick)
    case("a replay succeeds", ran.returncode == 0)
    lines = ran.stdout.splitlines()
    case("null is the first row", lines[2].startswith("null "))
    case("a refusal stands in the table, with its reason below it",
         any(line.startswith("stack ") and "refused" in line for line in lines)
         and any("not last in, first out" in line for line in lines))
    ran = heapyard("replay", "plain.hyt", "-a", "first-fit,best-fit", "--pass", "throughput", "-o", "r.db", "-r", "5")
    words = ("faster", "slower", "equivalent", "inconclusive", "withheld")
    verdicts = {line.split()[0]: line.split()[-1] for line in ran.stdout.splitlines()[2:5]}
    case("each allocator has a verdict, and the A/A control is told",
         verdicts["null"] == "limit" and verdicts["first-fit"] == "baseline" and verdicts["best-fit"] in words
         and "A/A control: first-fit against itself" in ran.stdout)
    case("where no latency was measured nothing is said of it", "p50 to max" not in ran.stdout)
    few = heapyard("replay", "plain.hyt", "-a", "first-fit,best-fit", *quick)
    case("too few repetitions are inconclusive, in the sentence itself", "p50 to max" in few.stdout and
         few.stdout.splitlines()[-1].endswith("; inconclusive: 5 repetitions or more would give an interval."))
    case("the last line can be quoted", ran.stdout.splitlines()[-1].startswith("On plain, ")
         and "as fast as" in ran.stdout and "95 % CI" in ran.stdout)

    small = "".join(f"{i} 0 aligned {i} 8 8\n" for i in range(50))
    assert heapyard("import", "-", "-o", "small.hyt", text=small).returncode == 0
    others = "" if SANITIZER != "none" else ",mimalloc,tcmalloc"
    ran = heapyard("replay", "small.hyt", "-a", "system" + others, "--pass", "verify", *quick)
    case("8 bytes that ask for an alignment of 8 need not have one of 16", ran.returncode == 0)

    ran = heapyard("replay", "threads.hyt", "plain.hyt", "-a", "first-fit,skeleton", "--verify", "--format", "csv", *quick)
    rows = list(csv.DictReader(io.StringIO(ran.stdout)))
    case("csv has a row for each trace and allocator", [(r["trace"], r["spec"]) for r in rows] == [
        (t, a) for t in ("threads", "plain") for a in ("null", "first-fit", "skeleton")])
    case("one repetition has no control and no verdict",
         all(r["control"] == r["control_ratio"] == "" for r in rows) and rows[1]["ratio"] == ""
         and {r["verdict"] for r in rows} <= {"", "inconclusive"})
    case("figures are there, and what cannot be is empty",
         all(float(r["ns_per_op"]) > 0 and r["repetitions"] == "1" and r["spread"] == "" for r in rows)
         and rows[0]["peak_committed"] == "" and rows[1]["peak_committed"]
         and float(rows[1]["blowup"]) == float(f'{float(rows[1]["peak_resident"]) / float(rows[1]["peak_live"]):.9g}'))
    case("what an allocator counts is there, and no 0 for what it does not",
         float(rows[1]["merges"]) > 0 and float(rows[1]["search_length"]) > 0 and float(rows[1]["placement3"]) >= 1
         and 0 < float(rows[1]["grow_max"]) <= float(rows[1]["all_max"]) and rows[0]["plain_max"] == ""
         and rows[2]["search_length"] == "" and rows[0]["placement3"] == "")
    ran = heapyard("replay", "plain.hyt", "-a", "skeleton", "--format", "json", "--pass", "footprint", *quick)
    case("json can be read", [r["spec"] for r in json.loads(ran.stdout)] == ["null", "skeleton"])
    ran = heapyard("replay", "plain.hyt", "-a", "skeleton", "--format", "markdown", "--pass", "throughput", *quick)
    wide = heapyard("replay", "plain.hyt", "-a", "fit:policy=best,structure=size-tree,metadata=out-of-band", "--pass",
                    "throughput,latency,footprint", *quick)
    table = wide.stdout.split("  ns/op:")[0].splitlines()[1:]
    case("a table is no wider than 120 columns, and goes on below", max(map(len, table)) <= 120
         and sum(line.startswith("allocator") for line in table) == 2 and "p99.9" in wide.stdout)
    case("markdown has a table", "| skeleton " in ran.stdout)

    ran = heapyard("replay", "plain.hyt", "-a", "best-fit,system", "--pass", "yard", "--yard", "32K", *quick)
    case("failures in a yard are told", "In a yard of 32.0 KiB: best-fit no failures" in ran.stdout
         and "system: yard: refused: system gets its memory from the system" in ran.stdout and ran.returncode == 0)
    ran = heapyard("replay", "plain.hyt", "-a", "best-fit,bump:chunk=64K", "--yard", "20x", "--format", "json", *quick)
    null, best, bump = json.loads(ran.stdout)
    case("a yard may be a multiple of the live bytes, beside the usual passes",
         best["ns_per_op"] > 0 and best["yard"] == 20 * best["peak_live"] and "yard" not in null
         and best["failures"] == 0 and "first_failure" not in best and bump["failures"] > bump["first_failure"] > 1)

    # Whole, and streamed in windows of a few operations: what is counted is the same.
    counted = ["ops", "blocks_verified", "peak_live", "peak_committed", "internal", "external", "metadata", "searches",
               "splits", "merges", "grows", "yard", "failures", "failed_bytes", "skipped_ops", "first_failure"]
    def count_all(*more):
        ran = heapyard("replay", "threads.hyt", "-a", "first-fit", "--verify", "--yard", "1.2x", *more, *quick)
        case("all passes end well", ran.returncode == 0)
        with sqlite3.connect("r.db") as db:
            return db.execute("SELECT t.name, c.spec, c.pass, c.outcome, m.name, m.value FROM cell c JOIN trace t ON "
                              "t.id = c.trace LEFT JOIN metric m ON m.cell = c.id AND m.name IN (" +
                              ",".join("?" * len(counted)) + ") WHERE c.campaign = (SELECT max(id) FROM campaign) "
                              "ORDER BY 1, 2, 3, 4, 5", counted).fetchall()
    whole, streamed = count_all(), count_all("--window", "100")
    case("a streamed trace is replayed as a whole one is", whole == streamed)
    case("every operation is counted, and every block", len(whole) > 15 and {name for *_, name, _ in whole} >= set(counted)
         and {value for *_, name, value in whole if name == "ops"} == {5980.0})
    ran = heapyard("replay", "plain.hyt", "-a", "first-fit", "--pass", "map", "--window", "100", *quick)
    case("what needs a whole trace says so", "refused: a map needs the whole trace at once" in ran.stdout)
    ran = heapyard("replay", "plain.hyt", "-a", f"{PLUGIN}:how=refuse", "--pass", "throughput", "--window", "16", *quick)
    case("a streamed replay knows how far it got", "no room for" in ran.stdout and " of 5980" in ran.stdout)

    case("that it was streamed is told", "streamed in 60 windows" in
         heapyard("replay", "plain.hyt", "-a", "first-fit", "--pass", "throughput", "--window", "100", *quick).stdout)
    for trace in "plain.hyt", "threads.hyt":
        ran = heapyard("replay", trace, "-a", "first-fit", "--pass", "latency", "--open-loop=1x", "--window", "1K",
                       "--format", "json", *quick)
        row = json.loads(ran.stdout)[1]
        case(f"an open loop on {trace} counts late starts",
             row["speed"] == 1 and 0 <= row["late_share"] <= 1 and row["all_p50"] <= row["all_max"]
             and row["latest_start"] <= row["all_max"])
    with sqlite3.connect("r.db") as db:
        of_kind = dict(db.execute("SELECT kind, sum(count) FROM bucket WHERE cell = (SELECT max(cell) FROM bucket) GROUP BY kind"))
    case("and each operation twice: from when it was due, and from when it began",
         of_kind["all"] == of_kind["service"] == 5980 == of_kind["malloc"] + of_kind["free"])
    ran = heapyard("replay", "plain.hyt", "-a", "first-fit", "--pass", "latency", "--open-loop", *quick)
    case("an open loop is told in words", "starts that were late: null" in ran.stdout)

    for touch in "page+read", "all+read":
        ran = heapyard("replay", "threads.hyt", "-a", "segregated", "--pass", "throughput", "--touch", touch, *quick)
        case(f"touch {touch}", ran.returncode == 0)

    for mode in "faithful", "free-running", "serial":
        ran = heapyard("replay", "threads.hyt", "-a", "segregated", "--pass", "verify", "--threads", mode, "--window", "999",
                       *quick)
        case(f"threads {mode}", ran.returncode == 0 and "all as written: segregated (3 000 times)" in ran.stdout)

    ran = heapyard("replay", "threads.hyt", "--self-check", "-r", "1", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(ran.stdout)))
    case("a self-check tells what the replayer costs",
         [r["figure"] for r in rows] == ["floor", "stamps", "stamp", "observer", "handover"]
         and float(rows[0]["median"]) > 0 and float(rows[3]["median"]) > 0 and {r["low"] for r in rows} == {""})
    if SANITIZER != "thread":  # the same again, five times
        ran = heapyard("replay", "threads.hyt", "--self-check", "-r", "5")
        floor = next(line for line in ran.stdout.splitlines() if "(null)" in line)
        case("and how sure that is", re.search(r"\([\d.e+]+-[\d.e+]+\)", floor) is not None)

    for how, outcome in ("crash", "SIGSEGV"), ("refuse", "no room for"), ("hang", "not ready after"):
        ran = heapyard("replay", "plain.hyt", "-a", f"{PLUGIN}:how={how}", "--pass", "throughput", "--timeout", "1s", *quick)
        case(f"a heap that ends badly ({how}) is a row and not the end",
             outcome in ran.stdout and ran.returncode == (0 if how == "refuse" else 1))

    refusal("no trace", "no trace to replay")
    refusal("an unknown allocator names the nearest", 'did you mean "first-fit"', "plain.hyt", "-a", "frist-fit")
    refusal("a bad parameter", "no parameter", "plain.hyt", "-a", "first-fit:nonsense=1")
    refusal("a missing trace", "No such file", "missing.hyt", "-a", "null", *quick)
    refusal("the same trace twice", "the same trace as", "plain.hyt", "./plain.hyt", "-a", "null", *quick)
    refusal("a folder as trace", "a directory", ".", "-a", "null", *quick)
    refusal("a file that is no trace", "not a trace", THIS, "-a", "null", *quick)
    refusal("a database in a folder that cannot be made", "cannot make the folder", "plain.hyt", "-o", "/proc/x/r.db")
    refusal("a trace as database", "not a results database", "plain.hyt", "-a", "null", "-o", "plain.hyt")
    refusal("an unknown pass", "expected throughput", "plain.hyt", "--pass", "through")
    refusal("no repetitions", "from 1 to 1000", "plain.hyt", "-r", "0")
    refusal("the pass control is nobody's to ask for", 'unknown pass "control"', "plain.hyt", "--pass", "control")
    refusal("a self-check in json", "answers as text or csv", "plain.hyt", "--self-check", "--format", "json")
    refusal("an open loop without latency", "about the pass latency", "plain.hyt", "--open-loop", "--pass", "throughput")
    refusal("an unknown way to touch", "expected none, first, page, all, none+read", "plain.hyt", "--touch", "read")
    refusal("an unknown way to replay threads", "expected serial, faithful, free-running", "plain.hyt", "--threads", "wild")
    for wrong in "0", "fast", "-1", "2xx":
        refusal(f'a speed of "{wrong}"', f'--open-loop is "{wrong}"', "plain.hyt", f"--open-loop={wrong}")
    for wrong in "0", "15", "many":
        refusal(f'a window of "{wrong}"', f'--window is "{wrong}"', "plain.hyt", "--window", wrong)
    refusal("an unknown layout", "expected random, fixed", "plain.hyt", "--layout", "tidy")
    for wrong in "2", "0%", "51%", "x%", "":
        refusal(f'a precision of "{wrong}"', f'--precision is "{wrong}"', "plain.hyt", "--precision", wrong)
    for wrong in "0.5s", "soon", "":
        refusal(f'a budget of "{wrong}"', f'--budget is "{wrong}"', "plain.hyt", "--budget", wrong)
    refusal("repetitions and a precision", "expected one or the other", "plain.hyt", "-r", "7", "--precision", "2%")
    refusal("a yard without a size", "needs a size", "plain.hyt", "--pass", "yard")
    for wrong in "0x", "x", "-1x", "nanx", "1.1y", "0", "":
        refusal(f'a yard of "{wrong}"', f'--yard is "{wrong}"', "plain.hyt", "--yard", wrong)
    refusal("a time without a unit that exists", "--timeout", "plain.hyt", "--timeout", "3 weeks")
    refusal("nothing to resume", "nothing to resume", "plain.hyt", "-a", "skeleton", "-r", "7", "--resume", "-o", "r.db")

    # The plug-in hangs in each of its cells, so the campaign can be stopped in the middle of one.
    command = [HEAPYARD, "replay", "plain.hyt", "-a", f"{PLUGIN}:how=hang,skeleton", "--pass", "throughput", "-r", "2",
               "-o", "stopped.db", "--timeout", "2s", "--seed", "5"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for _ in range(600):
        time.sleep(0.05)
        if os.path.exists("stopped.db") and process.poll() is None:
            with sqlite3.connect("stopped.db", timeout=30) as db:
                tables = db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'cell'").fetchone()[0]
                if tables and db.execute("SELECT count(*) FROM cell").fetchone()[0] >= 1:
                    break
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=100)
    case("an interrupt says how to go on", process.returncode == 130 and "--resume" in err)
    resumed = subprocess.run(command + ["--resume"], capture_output=True, text=True, timeout=100)
    with sqlite3.connect("stopped.db") as db:
        cells = db.execute("SELECT count(*), count(DISTINCT campaign), sum(outcome = 'ok') FROM cell").fetchone()
    case("--resume runs what was missing, in the same campaign", cells == (6, 1, 4) and resumed.returncode == 1)

print(f"1..{count}")
