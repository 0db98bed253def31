#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests of `heapyard sweep` as a user types it, as TAP: sweep.py HEAPYARD.  Nothing here looks at a time."""
import csv
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

HEAPYARD = os.path.abspath(sys.argv[1])
PLUGIN = os.environ["HEAPYARD_TEST_PLUGIN"]
SANITIZED = os.environ.get("HEAPYARD_TEST_SANITIZER", "none") != "none"
count = 0


def case(name, passed, skip=None):
    global count
    count += 1
    print(f"{'ok' if passed or skip else 'not ok'} {count} - {name}{f' # SKIP {skip}' if skip else ''}", flush=True)


def sweep(*arguments):
    return subprocess.run([HEAPYARD, "sweep", *arguments], capture_output=True, text=True, timeout=200)


def make_trace(path, events):
    text = "".join(f"{number} 0 {event}\n" for number, event in enumerate(events))
    subprocess.run([HEAPYARD, "import", "-", "-o", path], input=text, text=True, check=True, timeout=100)


def mixed(objects):
    for i in range(objects):
        yield f"malloc {i} {i % 500 + 1}"
        if i >= 20:
            yield f"free {i - 20}"


def up_and_down(objects):
    """Everything is freed from the top down, and then a little is done: what is kept of it is up to the settings."""
    yield from (f"malloc {i} 100" for i in range(objects))
    yield from (f"free {i}" for i in reversed(range(objects)))
    for i in range(objects, objects + objects // 5):
        yield f"malloc {i} 40"
        yield f"free {i}"


def ask(database, sql):
    with sqlite3.connect(database, timeout=30) as db:
        return db.execute(sql).fetchall()


def refusal(name, expected, *arguments):
    ran = sweep(*arguments)
    sentence = ran.stderr.strip()
    good = ran.returncode == 2 and expected in sentence and "\n" not in sentence and ran.stdout == ""
    case(name, good)
    if not good:
        print(f"# exit code {ran.returncode}: {sentence}")


def settings(text, heading="settings:"):
    """The indented lines under a heading of the plan."""
    lines = text.splitlines()
    start = next((i for i, line in enumerate(lines) if line.startswith(heading)), len(lines)) + 1
    end = next((i for i in range(start, len(lines)) if not lines[i].startswith("  ")), len(lines))
    return [line.strip() for line in lines[start:end]]


def plans():
    ran = sweep("-a", "fit:grain=1,first-fit", "--vary", "chunk=4K..16K", "--dry-run", "plain.hyt", "-o", "none.db")
    case("a plan is printed, and nothing is stored", ran.returncode == 0 and not os.path.exists("none.db"))
    case("a list of allocators multiplies", settings(ran.stdout) == [
        f"{name}chunk={size}" for name in ("fit:grain=1,", "first-fit:") for size in ("4K", "8K", "16K")])
    case("the plan counts its cells: null, times repetitions and passes", "cells: 77\n" in ran.stdout)
    case("it says what its time is reckoned from",
         "expected time: about " in ran.stdout and "77: by settings tried now" in ran.stdout)
    ran = sweep("-a", "fit", "--vary", "grain=1,7,16", "--vary", "policy=first,best", "-t", "plain.hyt", "small.hyt",
                "--dry-run", "-r", "3", "--pass", "throughput,footprint", "-o", "none.db")
    case("two variations are every combination", settings(ran.stdout) == [
        f"fit:grain={grain},policy={policy}" for grain in (1, 16) for policy in ("first", "best")])
    case("what the allocator refuses stands there with its reason", settings(ran.stdout, "not measured: 2") == [
        "refused: fit: grain is 1 or 16", "fit:grain=7,policy=first", "fit:grain=7,policy=best"])
    case("refused cells are one for each pass and trace", f"cells: {2 * (5 * (3 + 1) + 2 * 2)}\n" in ran.stdout)
    ran = sweep("-a", "fit", "--vary", "chunk=4K,4096,8K", "plain.hyt", "--dry-run", "--format", "json", "-o",
                "none.db")
    case("each setting once, whatever its spelling",
         json.loads(ran.stdout)["settings"] == ["fit:chunk=4K", "fit:chunk=8K"])
    ran = sweep("-a", PLUGIN, "--vary", "how=nothing,create", "plain.hyt", "--dry-run", "--format", "json", "-o",
                "none.db")
    plan = json.loads(ran.stdout)
    case("the plan as JSON", plan["settings"] == [f"{PLUGIN}:how=nothing"] and plan["unknown"] == 0
         and [(r["spec"], r["outcome"]) for r in plan["refused"]] == [(f"{PLUGIN}:how=create", "failed")]
         and plan["traces"] == [{"trace": "plain.hyt", "events": 5980}] and plan["cells"] == 2 * 11 + 3)


def refusals():
    vary = ["--vary", "chunk=4K..16K"]
    refusal("no trace", "no trace to replay; expected heapyard sweep", "-a", "fit", *vary)
    refusal("no allocator", "no allocator to vary", "plain.hyt", *vary)
    refusal("no variation", "nothing to vary; expected --vary", "plain.hyt", "-a", "fit")
    refusal("no values", "--vary: \"chunk\" varies nothing", "plain.hyt", "-a", "fit", "--vary", "chunk")
    refusal("a range that goes down", "--vary: chunk=1M..4K: a range goes upwards; expected 4K..1M", "plain.hyt", "-a",
            "fit", "--vary", "chunk=1M..4K")
    refusal("a parameter that one of the specs does not have", "system has no parameter \"chunk\" to vary", "plain.hyt",
            "-a", "fit,system", *vary)
    refusal("a value that the table refuses", "did you mean \"first\"", "plain.hyt", "-a", "fit", "--vary",
            "policy=best,frist")
    refusal("an unknown allocator", 'did you mean "first-fit"', "plain.hyt", "-a", "frist-fit", *vary)
    refusal("a parameter twice", "chunk is varied twice", "plain.hyt", "-a", "fit", *vary, *vary)
    refusal("--quick without a ready-made sweep", "--quick is for ready-made sweeps", "plain.hyt", "-a", "fit", *vary,
            "--quick")
    refusal("a missing trace", "No such file", "missing.hyt", "-a", "fit", *vary, "-o", "r.db")
    refusal("a missing trace in a plan", "No such file", "missing.hyt", "-a", "fit", *vary, "--dry-run")
    refusal("Google Benchmark's format", "sweep answers as text", "plain.hyt", "-a", "fit", *vary, "--format", "gbench")
    refusal("a trace as database of a plan", "not a results database", "plain.hyt", "-a", "fit", *vary, "--dry-run",
            "-o", "plain.hyt")
    refusal("nothing to resume", "nothing to resume", "plain.hyt", "-a", "fit", *vary, "--resume", "-o", "r.db")
    refusal("ready-made, but no traces here", "the shipped traces are not in ./traces", "merge")


def runs():
    arguments = ["plain.hyt", "small.hyt", "-a", "fit", "--vary", "grain=7,16", "--vary", "policy=first,worst", "-o",
                 "r.db"]
    ran = sweep(*arguments, "-r", "2", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(ran.stdout)))
    case("a sweep succeeds, also if some settings are refused", ran.returncode == 0)
    expected = [("null", "ok"), ("fit:grain=7,policy=first", "refused"), ("fit:grain=7,policy=worst", "refused"),
                ("fit:grain=16,policy=first", "ok"), ("fit:grain=16,policy=worst", "ok")]
    case("csv has a row for each trace and setting, null first", [(r["trace"], r["spec"], r["outcome"]) for r in rows]
         == [(trace, spec, outcome) for trace in ("plain", "small") for spec, outcome in expected])
    case("a refusal is stored with its reason, once a pass",
         ask("r.db", "SELECT count(*), count(DISTINCT pass), max(repetition), min(detail) FROM cell "
             "WHERE outcome = 'refused' AND spec <> 'null'") == [(12, 3, 0, "fit: grain is 1 or 16")])
    case("figures are there, and what the allocator counted",
         all(float(r[name]) > 0 for r in rows[3:5] for name in (
             "ns_per_op", "all_p999", "all_max", "splits", "merges", "search_length", "peak_resident", "placement3")))
    plan = sweep(*arguments, "-r", "2", "--dry-run")
    case("the next plan reckons with them",
         "28: measured before; 2: by other settings on the same trace; 12: none, because it is refused" in plan.stdout)
    plan = sweep("other.hyt", *arguments[2:], "--dry-run")
    case("where a trace is new, others tell", "33: by other traces, for each event; 6: none" in plan.stdout)
    plan = sweep("other.hyt", "-a", PLUGIN, "--vary", "how=hang", "--pass", "throughput", "--timeout", "1s", "--dry-run",
                 "-o", "none.db")
    case("what cannot be known is not guessed", "expected time: unknown" in plan.stdout and "10: not known" in plan.stdout)
    ran = sweep(*arguments, "-r", "5", "--pass", "throughput")
    case("before it starts, it says how much there is to do", "2 settings, 2 traces: 34 cells, about " in ran.stderr)
    lines = ran.stdout.splitlines()
    case("a table names its columns", lines[1].split()[:2] == ["setting", "ns/op"])
    case("what was not measured is n/a, and refused settings are counted", "n/a" in lines[2]
         and "2 more settings cannot be opened" in ran.stdout)
    case("the last line can be quoted", lines[-1].startswith("On small, fit:grain=16,policy=")
         and "fastest of 2 settings" in lines[-1] and "95 % CI" in lines[-1])
    open("empty.db", "w").close()
    ran = sweep("plain.hyt", "-a", "fit", "--vary", "policy=first,best", "-r", "1", "--format", "markdown", "-o",
                "empty.db")
    case("markdown has a table", "| fit:policy=best " in ran.stdout)
    ran = sweep("plain.hyt", "-a", "fit", "--vary", "policy=first,best", "--pass", "footprint", "--yard", "1.01x", "-o",
                "r.db")
    case("failures in a yard have a column", ran.stdout.splitlines()[1].endswith("fails")
         and "fails: requests without room where the whole heap lies in" in ran.stdout)
    ran = sweep("plain.hyt", "-a", PLUGIN, "--vary", "how=nothing,crash", "-r", "1", "--pass", "throughput", "-o",
                "r.db")
    case("a crash is a row and exit code 1", ran.returncode == 1 and "crash" in ran.stdout and "SIGSEGV" in ran.stdout)
    ran = sweep("plain.hyt", "-a", PLUGIN, "--vary", "how=nothing,hang", "-r", "3", "--pass", "throughput", "-o",
                "slow.db", "--timeout", "1s")
    case("a setting that is too slow is an answer, and waited for once", ran.returncode == 0 and "timeout" in ran.stdout
         and ask("slow.db", "SELECT count(*), sum(detail LIKE 'not run:%') FROM cell WHERE outcome = 'timeout'")
         == [(3, 2)])


def interrupt():
    """The plug-in hangs in each of its cells, so the sweep can be stopped in the middle of one."""
    command = [HEAPYARD, "sweep", "plain.hyt", "-a", PLUGIN, "--vary", "how=nothing,hang,create", "--pass",
               "throughput", "-r", "2", "-o", "stopped.db", "--timeout", "3s", "--seed", "5"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for _ in range(600):
        time.sleep(0.05)
        if os.path.exists("stopped.db") and process.poll() is None and \
                ask("stopped.db", "SELECT count(*) FROM sqlite_master WHERE name = 'cell'")[0][0] and \
                ask("stopped.db", "SELECT count(*) FROM cell")[0][0] >= 1:
            break
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=100)
    before = ask("stopped.db", "SELECT count(*) FROM cell")[0][0]
    case("an interrupt says how to go on", process.returncode == 130 and "--resume" in err and 1 <= before < 7)
    resumed = subprocess.run(command + ["--resume"], capture_output=True, text=True, timeout=100)
    cells = ask("stopped.db", "SELECT count(*), count(DISTINCT campaign), sum(outcome = 'ok'), sum(outcome = 'failed') "
                "FROM cell")
    case("--resume runs what was missing, in the same campaign", cells == [(7, 1, 4, 1)] and resumed.returncode == 1)


def knobs_of_others():
    """A setting acts only in a process that was started with it: what is resident at the end shows that it does."""
    for spec, vary, most in (("system:tcache=0", "mxfast=0..160+80", "160"),
                             ("jemalloc", "dirty_decay_ms=0,1000,10000", "10000"),
                             ("mimalloc", "reset_delay=0..1000", "1000")):
        name = f"{spec.split(':')[0]} starts with its settings: {vary}"
        if SANITIZED:
            case(name, True, "not under a sanitizer")
            continue
        ran = sweep("small.hyt", "-a", spec, "--vary", vary, "--pass", "footprint", "-o", f"{spec[:4]}.db", "--format",
                    "csv")
        outcomes = [row["outcome"] for row in csv.DictReader(io.StringIO(ran.stdout))][1:]
        if "ok" not in outcomes:
            case(name, True, "its library is not here")
            continue
        rows = ask(f"{spec[:4]}.db", "SELECT c.spec, (SELECT y FROM point p WHERE p.cell = c.id AND p.series = "
                   "'resident' ORDER BY x DESC LIMIT 1) FROM cell c WHERE c.outcome = 'ok'")
        left = {setting.split("=")[-1]: int(resident) for setting, resident in rows}
        case(name, ran.returncode == 0 and left["0"] < 2 << 20 < 4 << 20 < left[most])


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    make_trace("plain.hyt", mixed(3000))
    make_trace("other.hyt", mixed(700))
    make_trace("small.hyt", up_and_down(50000))
    plans()
    refusals()
    runs()
    interrupt()
    knobs_of_others()

print(f"1..{count}")
