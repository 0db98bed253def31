#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests of what `heapyard report --format` prints, on invented results: test_formats.py path/to/heapyard.  Prints TAP."""
import csv
import io
import json
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import invented  # noqa: E402
import make_db  # noqa: E402
from invented import heapyard  # noqa: E402


def check_csv(f):
    rows = list(csv.DictReader(io.StringIO(heapyard(f.hostile_db, "--format", "csv").stdout)))
    assert len(rows) == 2 * len(make_db.ALLOCATORS), len(rows)
    assert all(None not in row and None not in row.values() for row in rows)
    by_name = {row["spec"]: row for row in rows if row["trace"] == "python"}
    assert by_name["stack"]["ns_per_op"] == "refused" and by_name["null"]["footprint"] == "n/a"
    assert 10 < float(by_name["mimalloc"]["ns_per_op"]) < 13 and by_name["mimalloc"]["verdict"] == "faster"
    assert {row["spec"] for row in rows} >= set(make_db.HOSTILE.values())


def check_json(f):
    studies = json.loads(heapyard(f.hostile_db, "--format", "json").stdout)["studies"]
    assert {s["trace"] for s in studies} == {"python", make_db.HOSTILE_TRACE}
    study = [s for s in studies if s["trace"] == "python"][0]
    by_name = {a["spec"]: a for a in study["allocators"]}
    assert by_name["null"]["footprint"] is None and by_name["stack"]["ns_per_op"] is None
    assert by_name["stack"]["passes"]["throughput"]["outcome"] == "refused"
    assert by_name["tcmalloc"]["passes"]["latency"] == {"cells": 2, "good": 1, "outcome": "timeout",
                                                        "detail": "killed after 60 s"}
    low, high = by_name["mimalloc"]["ns_per_op_low"], by_name["mimalloc"]["ns_per_op_high"]
    assert low <= by_name["mimalloc"]["ns_per_op"] <= high
    assert study["environment"]["packages"]["jemalloc"] == "5.3.0-1"


def check_text_and_markdown(f):
    text = heapyard(f.db, "--format", "text").stdout
    assert re.search(r"^stack +refused", text, re.M) and re.search(r"^null +2\.\d", text, re.M), text
    markdown = heapyard(f.hostile_db, "--format", "markdown").stdout
    rows = [line for line in markdown.splitlines() if line.startswith("|")]
    columns = [len(re.sub(r"\\.", "", row).split("|")) for row in rows]
    assert len(rows) == 2 + 2 + 2 * (2 + len(make_db.ALLOCATORS)), len(rows)
    assert len(set(columns[:4])) == 1 and len(set(columns[4:])) == 1, columns
    assert re.match(r"\| python \| \*\*mimalloc\*\* \| 0\.5\d \(0\.\d\d–0\.\d\d\) faster \| 1\.\d\d \(1\.\d\d–1\.\d\d\) larger \| .*memory", rows[3])
    assert not re.search(r"(?<!\\)<(?!/?(details|summary)>)", markdown), "a name became a tag"


def check_gbench(f):
    out = f.folder / "gbench.json"
    out.write_text(heapyard(f.hostile_db, "--format", "gbench").stdout)
    runs = json.loads(out.read_text())["benchmarks"]
    assert len(runs) == 7 * 2 * 12 and {r["run_type"] for r in runs} == {"iteration"}, len(runs)
    assert {r["name"] for r in runs} >= {"python/mimalloc", "python/system"}
    tool = pathlib.Path("/usr/share/benchmark/compare.py")
    if tool.exists():  # Google's own reader
        run = subprocess.run(["/usr/bin/python3", tool, "filters", out, "python/system", "python/mimalloc"],
                             capture_output=True, text=True, timeout=120)
        assert run.returncode == 0 and "python/system vs. python/mimalloc" in run.stdout, run
        assert re.search(r"pvalue.*7 vs 7", run.stdout), run.stdout


def check_hgrm(f):
    folder = f.folder / "hgrm"
    assert "24 histograms" in heapyard(f.hostile_db, "--format", "hgrm", "-o", folder).stdout
    files = sorted(folder.glob("*.hgrm"))
    assert len(files) == 24, files
    together = heapyard(f.hostile_db, "--format", "hgrm").stdout
    for path in files:
        text = path.read_text()
        assert text in together and text.count("\n#[") == 3, path
        lines = [list(map(float, line.split())) for line in text.splitlines()[3:] if not line.startswith("#")]
        assert lines == sorted(lines) and all(len(line) == 4 for line in lines[:-1]), path
        value, share, total = lines[-1]
        assert share == 1 and total in (20000, 40000) and "Total count    = %12d" % total in text, (path, total)
        assert all(count >= share * total and abs(1 / (1 - share) - turned) < 0.01 * turned
                   for _, share, count, turned in lines[:-1]), path
    json_rows = json.loads(heapyard(f.db, "--format", "json").stdout)["studies"][0]["allocators"]
    p99 = [r for r in json_rows if r["spec"] == "system"][0]["all_p99"]
    text = [p for p in files if "python" in p.name and "-system-" in p.name][0].read_text()
    rows = [line.split() for line in text.splitlines() if not line.startswith("#")][2:-1]
    assert any(abs(float(v) / p99 - 1) < 0.03 for v, share, *_ in rows if 0.985 < float(share) < 0.993), p99


def check_baseline(f):
    text = heapyard(f.db, "--baseline", "jemalloc", "--format", "csv").stdout
    row = [r for r in csv.DictReader(io.StringIO(text)) if r["spec"] == "jemalloc"][0]
    assert float(row["relative"]) == 1
    run = heapyard(f.db, "--baseline", "jemaloc", "--format", "csv")
    assert run.returncode == 2 and 'did you mean "jemalloc"?' in run.stderr, run.stderr


if __name__ == "__main__":
    sys.exit(invented.main(globals(), invented.Databases))
