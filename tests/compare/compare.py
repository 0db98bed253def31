#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests of `heapyard compare`, as TAP: compare.py HEAPYARD.  Verdicts are tested on invented figures only: what a real
campaign says depends on what else the machine does."""
import csv
import io
import json
import os
import subprocess
import sys
import tempfile

import stored

HEAPYARD = os.path.abspath(sys.argv[1])
DELAY = os.environ["HEAPYARD_TEST_DELAY"]
count = 0


def case(name, passed):
    global count
    count += 1
    print(f"{'ok' if passed else 'not ok'} {count} - {name}", flush=True)


def heapyard(*arguments, text=None):
    return subprocess.run([HEAPYARD, *arguments], input=text, capture_output=True, text=True, timeout=200)


def rows(ran):
    return {(r["trace"], r["spec"]): r for r in csv.DictReader(io.StringIO(ran.stdout))}


def compared(*arguments):
    ran = heapyard("compare", *arguments, "--format", "csv")
    return ran, rows(ran)


def refusal(name, expected, *arguments):
    ran = heapyard("compare", *arguments)
    sentence = ran.stderr.strip()
    good = ran.returncode == 2 and expected in sentence and "\n" not in sentence and ran.stdout == ""
    case(name, good)
    if not good:
        print(f"# exit code {ran.returncode}: {sentence}")


def make_trace(path, objects):
    lines = []
    for i in range(objects):
        lines.append(f"{2 * i} 0 malloc {i} {i % 500 + 1}")
        if i >= 20:
            lines.append(f"{2 * i + 1} 0 free {i - 20}")
    assert heapyard("import", "-", "-o", path, text="\n".join(lines) + "\n").returncode == 0


def test_databases():
    stored.usual("old.db").close()
    stored.usual("same.db", seed=2, drift=1.3).close()
    ran, found = compared("old.db", "same.db")
    mine = found["app", "mine"]
    case("a machine that became slower is no regression", ran.returncode == 0 and
         mine["time_verdict"] == mine["memory_verdict"] == "equivalent" and float(mine["memory"]) == 1)
    with_threads = stored.Database("threads.db", 2, 1.3)
    with_threads.trace("app")
    for spec, bytes_ in (("system", 1 << 20), ("mine", 8 << 20)):
        with_threads.allocator("app", spec, 20.0, 2 << 20)
        for i in range(6):
            with_threads.cell("app", spec, "threads", i, {"threads_resident": bytes_ + 4096 * i})
    with_threads.close()
    case("memory of threads side by side is not compared with that of a serial replay",
         compared("old.db", "threads.db")[1]["app", "mine"]["memory_verdict"] == "")
    case("but with its own kind", compared("threads.db", "threads.db")[1]["app", "mine"]["memory_of"] == "threads")
    case("the reference comes first and gets no verdict",
         next(iter(found)) == ("app", "system") and found["app", "system"]["side"] == "baseline"
         and found["app", "system"]["time_verdict"] == "" and ("app", "null") not in found)

    stored.usual("worse.db", seed=3, drift=0.7, ns=31.5, bytes_=3 << 20).close()
    ran, found = compared("old.db", "worse.db")
    mine = found["app", "mine"]
    case("5 % are found on a machine that became faster", ran.returncode == 1 and mine["time_verdict"] == "slower"
         and 1.04 < float(mine["time_low"]) < float(mine["time"]) < float(mine["time_high"]) < 1.06
         and float(mine["time_p_adjusted"]) >= float(mine["time_p"]) and float(mine["time_delta"]) == 1)
    case("so is memory", mine["memory_verdict"] == "larger" and float(mine["memory"]) == 1.5)
    case("what did not change is not blamed", found["app", "tlsf"]["time_verdict"] == "equivalent")
    ran, found = compared("worse.db", "old.db")
    case("the other way round nothing is worse", ran.returncode == 0 and
         found["app", "mine"]["time_verdict"] == "faster" and found["app", "mine"]["memory_verdict"] == "smaller")
    ran, found = compared("old.db", "worse.db", "--margin", "60%")
    case("what nobody cares about is no regression", ran.returncode == 0
         and found["app", "mine"]["time_verdict"] == found["app", "mine"]["memory_verdict"] == "equivalent")
    ran, found = compared("old.db", "worse.db", "-a", "tlsf")
    case("-a chooses", ran.returncode == 0 and list(found) == [("app", "system"), ("app", "tlsf")])

    ran = heapyard("compare", "old.db", "worse.db")
    case("a sentence to quote, and what is worse in the last line",
         "On app, mine took 1.05" in ran.stdout and ran.stdout.endswith("Worse: mine on app (slower and larger).\n"))
    ran = heapyard("compare", "old.db", "worse.db", "--format", "markdown")
    case("markdown has a table", "| mine " in ran.stdout and "\n|:" in ran.stdout)
    answer = json.loads(heapyard("compare", "old.db", "worse.db", "--format", "json").stdout)
    case("json says the same", answer["worse"] == 1 and answer["margin"] == 0.02
         and [c["database"] for c in answer["controls"]] == ["old.db", "worse.db"]
         and answer["comparisons"][1]["time_verdict"] == "slower" and "time" not in answer["comparisons"][0])

    stored.usual("small.db", seed=4, ns=30.15).close()
    ran, found = compared("old.db", "small.db")
    case("half a percent is not slower", ran.returncode == 0 and found["app", "mine"]["time_verdict"] == "equivalent")


def test_gone():
    d = stored.usual("gone.db", seed=2)
    d.db.execute("DELETE FROM cell WHERE spec = 'mine'")
    d.close()
    d = stored.usual("more.db", seed=3)
    d.trace("other")
    d.allocator("other", "system", 20, 1 << 20)
    d.close()
    ran = heapyard("compare", "more.db", "gone.db")
    case("what is measured no longer is said", ran.returncode == 0
         and "  only in more.db, so not compared: mine\n" in ran.stdout
         and "\nTraces only in more.db, so not compared: other.\n" in ran.stdout)
    answer = json.loads(heapyard("compare", "more.db", "gone.db", "--format", "json").stdout)
    case("in json, too", answer["not_compared"] == [{"trace": "app", "spec": "mine"}, {"trace": "other"}])
    ran = heapyard("compare", "more.db", "gone.db", "-a", "tlsf")
    case("but not of allocators that nobody asked for", "mine" not in ran.stdout)


def test_withheld():
    stored.usual("unsure.db", seed=5, control=1.05, ns=40, bytes_=4 << 20).close()
    ran, found = compared("old.db", "unsure.db")
    mine = found["app", "mine"]
    case("a control that was told apart withholds the times of its trace", mine["time_verdict"] == "withheld"
         and found["app", "tlsf"]["time_verdict"] == "withheld" and mine["control_verdict"] == "slower")
    case("and no bytes", ran.returncode == 1 and mine["memory_verdict"] == "larger")
    case("and says so", "no verdict about time on this trace" in heapyard("compare", "old.db", "unsure.db").stdout)


def test_references():
    stored.usual("libc.db", seed=6, drift=1.2, system_version="2.37").close()
    answer = heapyard("compare", "old.db", "libc.db")
    case("another libc is no reference, so null is", "that of null in the same round" in answer.stdout)
    d = stored.usual("alone.db", seed=7)
    d.db.execute("DELETE FROM cell WHERE spec IN ('null', 'system')")
    d.close()
    ran, found = compared("old.db", "alone.db")
    case("without a reference, times are not judged, bytes are", ran.returncode == 0 and
         found["app", "mine"]["time_verdict"] == "" and found["app", "mine"]["memory_verdict"] == "equivalent")
    d = stored.usual("few.db", seed=8, ns=60)
    d.db.execute("DELETE FROM cell WHERE repetition > 3")
    d.close()
    ran, found = compared("old.db", "few.db")
    case("too few rounds are no reference", ran.returncode == 0 and found["app", "mine"]["time_verdict"] == "")


def test_failures():
    d = stored.usual("crash.db", seed=9)
    d.db.execute("UPDATE cell SET outcome = 'crash', detail = 'SIGSEGV' WHERE spec = 'mine' AND repetition = 3 "
                 "AND pass = 'throughput'")
    d.close()
    ran, found = compared("old.db", "crash.db")
    case("one that crashes now and did not before is worse", ran.returncode == 1 and
         found["app", "mine"]["problem"] == "crash: SIGSEGV" and found["app", "mine"]["rounds"] == "19")
    ran, found = compared("crash.db", "crash.db")
    case("one that always did is not", ran.returncode == 0)
    d = stored.usual("lost.db", seed=9)
    d.cell("app", "mine", "verify", 0, {}, "failed", "block 7 lost its contents")
    d.cell("app", "mine", "throughput", 4000000000, {"ns_per_op": 1})
    d.close()
    ran, found = compared("old.db", "lost.db")
    case("so is one that loses contents", ran.returncode == 1
         and found["app", "mine"]["problem"] == "failed: block 7 lost its contents")
    d = stored.Database("other.db")
    d.trace("other")
    d.allocator("other", "system", 20, 1 << 20)
    d.close()
    refusal("no trace in common", "no trace with the same allocator", "old.db", "other.db")
    d = stored.Database("empty.db")
    d.close()
    refusal("an empty database", "no trace with the same allocator", "old.db", "empty.db")
    refusal("one database", "expected heapyard compare OLD.db NEW.db", "old.db")
    refusal("three databases", "databases are compared two at a time", "old.db", "old.db", "old.db")
    refusal("an allocator that neither has", "of -a in common", "old.db", "worse.db", "-a", "stack")
    refusal("a format", "gbench is what", "old.db", "worse.db", "--format", "gbench")
    for wrong in "0", "-1%", "x", "", "101%", "nan":
        refusal(f'a margin of "{wrong}"', f'--margin is "{wrong}"', "old.db", "worse.db", f"--margin={wrong}")


def test_campaign():
    make_trace("plain.hyt", 300)
    refusal("nothing to compare with", "nothing to compare", "plain.hyt", "-a", "first-fit")
    refusal("no trace", "no trace to replay", "-a", "first-fit,best-fit")
    ran = heapyard("compare", "plain.hyt", "-a", "first-fit,best-fit", "-o", "r.db", "-r", "6", "--format", "json")
    answer = json.loads(ran.stdout)
    case("a campaign has the baseline first and its control",
         [(r["spec"], r["side"]) for r in answer["comparisons"]] == [("first-fit", "baseline"), ("best-fit", "other")]
         and [c["spec"] for c in answer["controls"]] == ["first-fit"] and answer["comparisons"][1]["rounds"] == 6
         and (ran.returncode == 1) == (answer["worse"] > 0))
    row = answer["comparisons"][1]
    case("and all figures", row["time_low"] <= row["time_high"] and 0 < row["time_p"] <= 1
         and row["null_ns_per_op"] > 0 and row["memory"] > 0 and row["memory_verdict"])
    ran, found = compared("plain.hyt", "-a", "best-fit,best-fit", "-o", "r.db", "-r", "5")
    sides = [r["side"] for r in csv.DictReader(io.StringIO(ran.stdout))]
    case("the same twice is the control as a row", sides == ["baseline", "again"]
         and found["plain", "best-fit"]["time_verdict"] == found["plain", "best-fit"]["control_verdict"])
    ran = heapyard("compare", "plain.hyt", "-a", "best-fit,best-fit", "-o", "r.db", "-r", "2")
    case("too few rounds for a control are no failure", ran.returncode == 0 and "failed" not in ran.stdout)
    ran = heapyard("compare", "plain.hyt", "-a", "first-fit,first-fit", "-o", "r.db", "--pass", "footprint")
    case("nor are no rounds at all, which nobody chooses", ran.returncode == 0 and "failed" not in ran.stdout
         and "chosen" not in ran.stdout)
    refusal("rounds of no pass", "--precision and --budget are about rounds", "plain.hyt", "-a", "first-fit,best-fit",
            "--pass", "footprint", "--budget", "2s")
    refusal("passes without a verdict", "--pass has none of them", "plain.hyt", "-a", "first-fit,best-fit", "--pass",
            "latency")
    many = ["replay", "plain.hyt", "-a", "first-fit,best-fit,segregated,next-fit,worst-fit,system,tlsf,buddy", "-o", "r.db",
            "--pass", "throughput"]
    few = "5 rounds are too few for a verdict of faster or slower among 7 comparisons: it takes 6\n"
    case("rounds that cannot tell anything are said to be too few", few in heapyard(*many, "-r", "5").stdout)
    ran = heapyard(*many)
    case("and there are more of them unless told", "median of 6 repetitions" in ran.stdout and "too few" not in ran.stdout)
    ran = heapyard("compare", "plain.hyt", "-a", "stack,first-fit", "-o", "r.db", "-r", "5")
    case("a baseline that does not get through has no control", ran.returncode == 1
         and "stack against itself: not measured" in ran.stdout and "nan" not in ran.stdout)
    ran, found = compared("plain.hyt", "-a", f"{DELAY}:loops=0,{DELAY}:loops=200000", "-o", "r.db", "-r", "8")
    slow = found["plain", f"{DELAY}:loops=200000"]
    case("an allocator that loses much time is slower, unless the control withholds it", float(slow["time"]) > 2
         and slow["time_verdict"] in ("slower", "withheld")
         and ran.returncode == (1 if "slower" in slow["time_verdict"] or slow["memory_verdict"] == "larger" else 0))
    command = ["compare", "plain.hyt", "-a", "first-fit,first-fit", "-o", "chosen.db", "--precision", "20%", "--budget",
               "2s", "--format", "json", "--seed", "3"]
    first = json.loads(heapyard(*command).stdout)
    again = json.loads(heapyard(*command, "--resume").stdout)
    case("rounds are chosen and told", "chosen after" in first["rounds"])
    case("--resume says the same again", first == again)
    ran = heapyard("compare", "plain.hyt", "-a", f"{DELAY}:loops=0,{DELAY}:loops=200000000", "-o", "late.db", "--budget", "1s")
    case("a budget that will not do is told as soon as it is foreseen",
         "so 5, the fewest there are, will take about" in ran.stderr and "more than the budget of 1.00 s" in ran.stderr
         and "the budget of 1.00 s is too small" in ran.stdout)
    ran = heapyard("compare", "plain.hyt", "-a", "first-fit,stack", "-o", "r.db", "-r", "5")
    case("one that cannot replay it is worse, with the reason", ran.returncode == 1
         and "stack: refused: " in ran.stdout and "Worse: stack on plain (failed)." in ran.stdout)
    os.rename("plain.hyt", b"pl\xff.hyt")
    ran = heapyard("compare", b"pl\xff.hyt", "-a", "first-fit,system", "-o", "name.db", "-r", "1", "--format", "json")
    case("a name that is no text costs no row", [(r["trace"], r["spec"]) for r in json.loads(ran.stdout)["comparisons"]]
         == [("(not UTF-8)", "first-fit"), ("(not UTF-8)", "system")])
    ran = heapyard("compare", "r.db", "r.db")
    case("what a campaign stored can be compared with itself", ran.returncode == 0 and "1.000" in ran.stdout)


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    for test in test_databases, test_gone, test_withheld, test_references, test_failures, test_campaign:
        test()

print(f"1..{count}")
