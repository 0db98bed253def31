#!/usr/bin/env python3
"""Tests of `heapyard bench`, as TAP: bench.py HEAPYARD.  Nothing here looks at a time."""
import json
import os
import re
import subprocess
import sys
import tempfile

HEAPYARD = sys.argv[1]
COMPARE = "/usr/share/benchmark/compare.py"
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
    csv = bench("-a", "null,system", "--benchmark_filter=pair/16", "--benchmark_format=csv", *QUICK).stdout
    case("--benchmark_format=csv has one header", csv.count("name,iterations") == 1 and csv.count("pair/16") == 2)
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

print(f"1..{count}")
