#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes a results database of an invented campaign over merge rules, for trying out its answer without measuring.

    tests/report/make_merge_db.py /tmp/merge.db                  three traces, four fits, eighteen rules
    tests/report/make_merge_db.py --repetitions 3 /tmp/few.db    too few for intervals
    tests/report/make_merge_db.py --flat /tmp/flat.db            merging costs nothing, and saves nothing

Time and memory follow formulas whose best N is known: with time 1 + cost / N and memory 1 + waste × N / 1024 it lies
where both slopes are equal, at N = sqrt(1024 × cost / waste).
"""
import argparse
import json
import math
import pathlib
import random
import sqlite3

import make_db

FITS = {"first-fit:order=address": (40, 1.2), "best-fit": (30, 1.05), "fit:policy=good": (25, 1.15), "next-fit": (38, 1.4)}
AXIS = ["immediate"] + ["every:%d" % 4 ** i for i in range(9)] + ["onfail", "never"]
OTHERS = ["bytes:64K", "count:256", "large:64K", "quick:16", "slice:16", "ratio:0.5"]
TRACES = {"jq": (0.75, 0.006), "python": (0.5, 0.5), "sqlite": (0.2, 0.003)}  # cost, waste: best N 358, 32, 261


def model(rule, cost, waste, flat):
    """Time and memory against no merging cost and no waste; merges and wasted ones per free; longest pass in ns."""
    word, _, number = rule.partition(":")
    n = {"immediate": 1, "onfail": 2.0 ** 18, "never": 2.0 ** 20}.get(word) or (float(number) if word == "every" else 100)
    if flat:
        return 1, 1, 0.8, 0.3, 900
    memory = 1 + waste * min(n, 2 ** 20) / 1024
    merges = 0 if word == "never" else 0.9 / n ** 0.25
    return 1 + cost / n, memory ** 0.5 if memory > 30 else memory, merges, 0.7 * merges / n ** 0.12, 300 + 6 * n ** 0.9


def add_cells(db, campaign, trace, spec, which, metrics_of, outcomes, points):
    for repetition, (outcome, detail) in enumerate(outcomes):
        cell = db.execute("INSERT INTO cell (campaign, trace, spec, pass, repetition, position, version, outcome, detail) "
                          "VALUES (?, ?, ?, ?, ?, 0, '0.1', ?, ?)",
                          (campaign, trace, spec, which, repetition, outcome, detail)).lastrowid
        if outcome == "ok":
            make_db.add_metrics(db, cell, metrics_of())
            db.executemany("INSERT INTO point VALUES (?, ?, ?, ?)", [(cell, *p) for p in points])


def add_limits(db, rng, campaign, trace, repetitions):
    for spec, ns in (("null", 2.3), ("bump-wrap", 3.4)):
        add_cells(db, campaign, trace, spec, "throughput", lambda: [("ns_per_op", ns * rng.gauss(1, 0.01), "ns")],
                  [("ok", "")] * repetitions, [])


def add_point(db, rng, campaign, trace, fit, rule, live, peak, options):
    cost, waste = TRACES[trace[1]]
    ns, blowup = FITS[fit]
    time, memory, merges, wasted, spike = model(rule, cost, waste, options.flat)
    spec = "%s%smerge=%s" % (fit, "," if ":" in fit else ":", rule)
    spec = fit if rule == "immediate" and fit == "best-fit" else spec
    died = rule == "never" and fit == "next-fit" and trace[1] == "python"
    end = ("timeout", "not ready within 5 s") if died else ("ok", "")
    add_cells(db, campaign, trace[0], spec, "throughput",
              lambda: [("ns_per_op", ns * time * rng.gauss(1, 0.01), "ns")], [end] * options.repetitions, [])
    slow = lambda: 2500 + spike * rng.uniform(0.9, 1.1) * (rule not in ("immediate", "never"))
    add_cells(db, campaign, trace[0], spec, "latency",
              lambda: [("all_p50", ns, "ns"), ("all_p99", ns * 4, "ns"), ("all_p999", ns * 9 + spike / 9, "ns"),
                       ("all_max", slow(), "ns")] + ([("merge_max", slow() * 0.97, "ns")] if rule != "never" else []),
              [end] * min(2, options.repetitions), [])
    curve = [(x, y * blowup * (1 + (memory - 1) * (i + 1) / len(live))) for i, (x, y) in enumerate(live)]
    points = [("live", x, y) for x, y in live] + [("resident", x, y) for x, y in curve]
    points += [("external", x, min(0.98, 0.2 + 0.1 * memory + 0.1 * math.sin(i / 20))) for i, (x, _) in enumerate(live)]
    frees = 5e5
    metrics = [("peak_live", peak, "B"), ("peak_resident", peak * blowup * memory, "B"),
               ("peak_committed", 65536 * math.ceil(peak * blowup * memory / 65536), "B"), ("jw1", 1.3, "ratio"),
               ("merges", merges * frees, "count"), ("merges_wasted", wasted * frees, "count"),
               ("merge_passes", 100, "count"), ("searches", frees, "count"), ("search_length", 3, "ratio"),
               ("splits", 0.9 * frees, "count")]
    metrics += [("regret", wasted / merges, "ratio")] if merges else []
    add_cells(db, campaign, trace[0], spec, "footprint", lambda: metrics, [end], points)
    failures = 5 if rule == "never" else int(fit == "next-fit" and rule == "onfail")
    add_cells(db, campaign, trace[0], spec, "yard",
              lambda: [("yard", 1.25 * peak, "B"), ("failures", failures, "count")], [end], [])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("database")
    parser.add_argument("--repetitions", type=int, default=6)
    parser.add_argument("--flat", action="store_true", help="merging costs nothing and saves nothing")
    options = parser.parse_args()
    rng = random.Random(1)
    path = pathlib.Path(options.database)
    path.unlink(missing_ok=True)
    db = sqlite3.connect(path)
    db.executescript(make_db.SCHEMA.read_text())
    db.execute("PRAGMA user_version = %d" % make_db.VERSION)
    campaign = db.execute("INSERT INTO campaign (started, command, seed, environment) VALUES "
                          "('2026-01-02T03:04:05Z', 'heapyard sweep merge', 42, ?)",
                          (json.dumps({"cpu": "Invented CPU", "kernel": "6.1"}),)).lastrowid
    for number, name in enumerate(TRACES):
        peak = (number + 2) * make_db.MIB
        summary = {"events": 1000000, "objects": 480000, "threads": 1, "peak_bytes": peak, "total_bytes": 24 * peak}
        trace = db.execute("INSERT INTO trace (name, path, hash, summary) VALUES (?, ?, ?, ?)",
                           (name, "traces/%s.hyt" % name, "%016x" % number, json.dumps(summary))).lastrowid
        live = make_db.live_curve(rng, peak, 24 * peak)
        add_limits(db, rng, campaign, trace, options.repetitions)
        for fit in FITS:
            for rule in AXIS + OTHERS:
                add_point(db, rng, campaign, (trace, name), fit, rule, live, peak, options)
    db.commit()


if __name__ == "__main__":
    main()
