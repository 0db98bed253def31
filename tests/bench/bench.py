#!/usr/bin/env python3
"""Tests of `heapyard bench`, as TAP: bench.py HEAPYARD [BROKEN-MALLOC].  Nothing here looks at a time."""
import csv
import io
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile

HEAPYARD = sys.argv[1]
COMPARE = "/usr/share/benchmark/compare.py"
BROKEN = sys.argv[2] if len(sys.argv) > 2 else ""  # without it this build has no preload libraries
QUICK = ["--benchmark_min_time=0.001"]
count = 0


def case(name, passed, skip=""):
    global count
    count += 1
    print(f"{'ok' if passed else 'not ok'} {count} - {name}{' # SKIP ' + skip if skip else ''}")


def bench(*arguments):
    return subprocess.run([HEAPYARD, "bench", *arguments], capture_output=True, text=True, timeout=120)


def names(path):
    with open(path) as file:
        return [b["name"] for b in json.load(file)["benchmarks"]]


with tempfile.TemporaryDirectory() as folder:
    first, second = os.path.join(folder, "x.json"), os.path.join(folder, "y.json")
    for path in first, second:
        ran = bench("-a", "null,system", "--benchmark_filter=pair", f"--benchmark_out={path}", *QUICK)
        case("a filtered run succeeds", ran.returncode == 0)
    expected = [f"{a}/pair/{n}" for a in ("null", "system") for n in (16, 64, 1024)]
    case("results of all allocators are joined in one file", names(first) == expected)
    with open(first) as file:
        context = json.load(file)["context"]
    case("the context names each allocator", sorted(context["allocators"]) == ["null", "system"])
    case("a foreign allocator has its version there", re.match(r"\d", context["allocators"]["system"]["version"] or ""))

    python = "/usr/bin/python3"
    can = os.path.exists(COMPARE) and subprocess.run([python, "-c", "import scipy"], capture_output=True).returncode == 0
    if can:
        judged = subprocess.run([python, COMPARE, "--no-color", "benchmarks", first, second], capture_output=True,
                                text=True, timeout=120)
        case("compare.py accepts two such files", judged.returncode == 0 and "system/pair/1024" in judged.stdout)
    else:
        case("compare.py accepts two such files", True, "libbenchmark-tools or python3-scipy is not installed")

    out = json.loads(bench("-a", "null", "--benchmark_filter=pair/16", "--benchmark_format=json", *QUICK).stdout)
    case("--benchmark_format=json prints the joined file", [b["name"] for b in out["benchmarks"]] == ["null/pair/16"])
    table = bench("-a", "null,system", "--benchmark_filter=pair/16", "--benchmark_format=csv", *QUICK).stdout
    case("--benchmark_format=csv has one header", table.count("name,iterations") == 1 and table.count("pair/16") == 2)
    listed = bench("-a", "null", "--benchmark_list_tests").stdout.split()
    case("every benchmark of the suite is there", {n.split("/")[1] for n in listed} == {
        "pair", "batch_lifo", "batch_fifo", "batch_random", "working_set", "holes", "realloc_grow",
        "handover"})
    refused = bench("-a", "stack", "--benchmark_filter=batch_fifo", "--benchmark_format=json", *QUICK)
    shown = json.loads(refused.stdout)["benchmarks"][0]
    case("what an allocator cannot do is refused with the reason", "refused" in shown.get("error_message", ""))
    ran = bench("-a", "first-fit", "--benchmark_filter=handover", "--benchmark_format=json", *QUICK)
    case("an allocator that is not thread-safe gets the lock layer",
         "lock layer" in json.loads(ran.stdout)["context"]["allocators"]["first-fit"]["threads"])
    case("an unknown flag is bad input", bench("-a", "null", "--benchmark_nonsense").returncode == 2)
    case("an unknown allocator is bad input", bench("-a", "nul").returncode == 2)
    case("an unwritable output is bad input", bench("-a", "null", f"--benchmark_out={folder}/no/x").returncode == 2)

    compared = ["--compare", "-r", "2", "--time", "1ms"]
    if not BROKEN:
        case("compared in rounds", True, "this build has no preload libraries")
    else:
        cells = os.path.join(folder, "cells.csv")
        ran = bench(*compared, "-a", "system,best-fit,jemalloc", "--filter", "^(pair/16|resident/10000$|ring|latency)",
                    "--against", "jemalloc", "-o", cells, "--format", "json")
        case("compared in rounds", ran.returncode == 0)
        answer = json.loads(ran.stdout)
        figures = {f["benchmark"]: f["allocators"] for f in answer["figures"]}
        case("every figure is there, and the scaling made of two", list(figures) == [
            "pair/16", "pair/16/threads:2", "ring/threads:2", "latency/1000000/malloc_p99.9",
            "latency/1000000/written_p99.9", "latency/1000000/free_p99.9", "resident/10000/filled", "resident/10000/churned", "pair/16/scaling"])
        rows = figures["pair/16"]
        case("null comes first, the control last", [(r["allocator"], r["role"]) for r in rows] == [
            ("null", "null"), ("system", "rival"), ("best-fit", "rival"), ("jemalloc", "rival"), ("system", "control")])
        case("each is compared with the one asked for, the control with its own",
             [r["against"] is not None for r in rows] == [False, True, True, False, True])
        rivals = [r for r in rows if r["role"] == "rival"]
        expected = {r["allocator"]: r["values"] for r in rivals}
        best = min(rivals, key=lambda r: r["median"])["allocator"]
        second = sorted(rivals, key=lambda r: r["median"])[1]["allocator"]
        case("to the best other: the median of the rounds' ratios", all(
            abs(r["best_other"]["ratio"] - statistics.median(
                a / b for a, b in zip(r["values"], expected[second if r["allocator"] == best else best]))) < 1e-9
            for r in rivals))
        one, two, scaling = (next(r["values"] for r in figures[f] if r["allocator"] == "jemalloc")
                             for f in ("pair/16", "pair/16/threads:2", "pair/16/scaling"))
        case("scaling is two threads' time / one's, round by round",
             all(abs(t / o - s) < 1e-9 for o, t, s in zip(one, two, scaling)) and len(one) == 2)
        case("null takes no memory, and is not asked",
             [r["allocator"] for r in figures["resident/10000/filled"]] == ["system", "best-fit", "jemalloc", "system"])
        case("resident is over live, and neither less nor a hundred times as much",
             all(1 <= v < 100 for r in figures["resident/10000/filled"] for v in r["values"]))
        with open(cells) as file:
            written = list(csv.DictReader(file))
        case("every value is in the file of cells", len(written) == sum(
            v is not None for f, rows in figures.items() if "scaling" not in f for r in rows for v in r["values"]))
        again = bench("--compare", "-a", "system,best-fit,jemalloc", "--from", cells, "--against", "jemalloc",
                      "--format", "json")
        case("answered from that file, it is the same", again.returncode == 0 and {
            f["benchmark"]: f["allocators"] for f in json.loads(again.stdout)["figures"]} == figures)
        one_of = bench("--compare", "-a", "jemalloc", "--from", cells, "--format", "json").stdout
        case("... or of some of the allocators",
             [r["allocator"] for r in json.loads(one_of)["figures"][0]["allocators"]] == ["null", "jemalloc"])
        case("nothing is measured then", bench("--compare", "--from", cells, "-r", "3").returncode == 2)
        case("a file of something else is bad input", bench("--compare", "--from", first).returncode == 2)
        orders = [[c["allocator"] + c["role"] for c in written if c["figure"] == "pair/16" and c["round"] == str(n)]
                  for n in (0, 1)]
        case("each round has all of them", sorted(orders[0]) == sorted(orders[1]) and len(orders[0]) == 5)
        text = bench(*compared, "-a", "system", "--filter", "pair/64$").stdout
        case("as text: a row each, and whether the control is told apart",
             text.count("pair/64 ") == 3 and re.search(r"system against itself was told apart in \d of 1 figures", text))
        lines = list(csv.DictReader(io.StringIO(
            bench(*compared, "-a", "system,bump", "--filter", "^pair/64$", "--format", "csv").stdout)))
        case("as CSV", [line["allocator"] for line in lines] == ["null", "system", "bump", "system"] and all(
            float(line["median"]) > 0 for line in lines))
        os.environ["BROKEN"] = "refuse"
        died = bench(*compared, "-a", f"system,{BROKEN}", "--filter", "^batch_lifo/1024$", "--format", "csv")
        row = next(r for r in csv.DictReader(io.StringIO(died.stdout)) if r["allocator"] == BROKEN)
        case("an allocator that dies has its row, exit code 1 and a sentence",
             died.returncode == 1 and row["median"] == "" and "killed by signal 6" in died.stderr)
        case("an allocator that cannot be malloc is refused", bench(*compared, "-a", "stack").returncode == 2)
        case("nothing matches: bad input", bench(*compared, "--filter", "nosuch").returncode == 2)
        case("a bad expression is bad input", bench(*compared, "--filter", "(").returncode == 2)
        case("--against must be there", bench(*compared, "-a", "system", "--against", "tlsf").returncode == 2)
    case("rounds are of --compare only", bench("-r", "3").returncode == 2)
    case("Google Benchmark is not used there", bench("--compare", "--benchmark_filter=pair").returncode == 2)

print(f"1..{count}")
