#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""page.py HEAPYARD TRACES - `heapyard page` on the references of real programs.  TAP.

TRACES is the folder traces/ of the sources.
"""
import csv
import io
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HEAPYARD, TRACES = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
cases = []


def case(function):
    cases.append(function)
    return function


def run(*words, code=0, **options):
    done = subprocess.run([HEAPYARD, "page", *map(str, words)], capture_output=True, text=True, timeout=120, **options)
    assert done.returncode == code, f"{words}: exit code {done.returncode}: {done.stderr}"
    return done


def tables(*words):
    """The tables of an answer in CSV, each a list of rows by key."""
    return [list(csv.DictReader(io.StringIO(part))) for part in run(*words, "--format", "csv").stdout.split("\n\n")]


@case
def walks_of_real_references_are_misses_times_levels(folder):
    for levels in 4, 5:
        for row in tables("sim", TRACES / "pages/matrix-ijk.hyp", "--references", 1000000, "--tlb", "16x4,64x4", "--levels",
                          levels, "--page-size", "4K,2M,1G")[0]:
            steps = levels - {4096: 0, 1 << 21: 1, 1 << 30: 2}[int(row["page_size"])]
            assert int(row["walks"]) > 0 and int(row["steps"]) == steps * int(row["walks"]), row


@case
def a_matrix_by_columns_faults_more_than_by_rows(folder):
    rows = tables("sim", TRACES / "pages/matrix-ijk.hyp", TRACES / "pages/matrix-ikj.hyp", "-p", "lru", "--frames", 16)[0]
    columns, by_rows = (int(row["faults"]) for row in rows)
    assert columns > 10 * by_rows, rows


@case
def curves_fall_and_opt_is_below(folder):
    points, knees = tables("curve", TRACES / "pages/matrix-ikj.hyp", "-p", "lru,opt", "--references", 2000000)
    faults = {p: [int(row["faults"]) for row in points if row["pager"] == p] for p in ("lru", "opt")}
    assert faults["lru"] == sorted(faults["lru"], reverse=True) and faults["opt"] == sorted(faults["opt"], reverse=True)
    assert all(least <= some for least, some in zip(faults["opt"], faults["lru"]))
    for row in knees:
        least = min(int(p["frames"]) * int(p["faults"]) for p in points if p["pager"] == row["pager"])
        assert int(row["knee"]) * int(row["faults"]) == least, row


@case
def an_allocation_trace_is_placed_by_allocators(folder):
    rows = tables("sim", TRACES / "jq.hyt", "-a", "first-fit,bump", "-p", "lru", "--frames", 64, "--references", 300000)[0]
    first_fit, bump = rows
    assert int(bump["pages"]) > 1.2 * int(first_fit["pages"]), rows  # it never uses a place again


@case
def a_page_has_its_pictures(folder):
    run("curve", TRACES / "pages/sort.hyp", "--references", 300000, "-p", "lru,opt", "--page", folder / "out")
    text = (folder / "out/page.html").read_text()
    assert "Virtual memory" in text and "knee" in text
    if shutil.which("gnuplot"):
        for name in "page-curve-1", "page-sizes-1":
            assert (folder / f"out/{name}.svg").stat().st_size > 1000 and (folder / f"out/{name}.dat").exists()
        assert text.count("<svg") == 2


@case
def record_and_the_text_of_lackey_agree(folder):
    if not shutil.which("valgrind"):
        return "no valgrind here"
    log = folder / "log.txt"
    subprocess.run(["valgrind", "--tool=lackey", "--trace-mem=yes", f"--log-file={log}", "true"], check=True, timeout=120)
    run("record", "-o", folder / "text.hyp", log)
    sums = [tables("sim", path, "-p", "lru,clock", "--frames", "8,32", "--tlb", "16x4") for path in (log, folder / "text.hyp")]
    for table in zip(*sums):
        for text, file in zip(*table):
            assert {**text, "trace": ""} == {**file, "trace": ""}, (text, file)
    said = run("record", "-o", folder / "run.hyp", "--", "true").stderr
    assert "references to" in said, said
    row = tables("sim", folder / "run.hyp", "-p", "lru", "--frames", 8)[0][0]
    read = int(sums[0][0][0]["references"])
    assert 0.5 * read < int(row["references"]) < 2 * read, row  # as much as an environment may differ
    assert run("record", "-o", folder / "part.hyp", "--references", 1000, "--", "true").stderr.count("1 000 references") == 1
    said = run("record", "-o", folder / "false.hyp", "--", "false").stderr
    assert "false ended with exit code 1" in said, said
    return None


def main():
    failed = 0
    for number, function in enumerate(cases, 1):
        name, reason = function.__name__.replace("_", " "), None
        with tempfile.TemporaryDirectory() as folder:
            try:
                skipped = function(Path(folder))
            except Exception as problem:  # pylint: disable=broad-except
                skipped, reason = None, problem
        failed += reason is not None
        print(f"{'not ok' if reason else 'ok'} {number} - {name}{' # SKIP ' + skipped if skipped else ''}", flush=True)
        if reason:
            print("\n".join(f"# {line}" for line in f"{type(reason).__name__}: {reason}".splitlines()))
    print(f"1..{len(cases)}")
    sys.exit(failed > 0)


main()
