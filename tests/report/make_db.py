#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes a small results database with invented figures, for trying out the report without measuring anything.

    tests/report/make_db.py /tmp/invented.db            two traces, twelve allocators, every kind of failure
    tests/report/make_db.py --hostile /tmp/hostile.db   the same with names that try to break out of the page
    tests/report/make_db.py --noisy /tmp/noisy.db       the same, but on the second trace the control was told apart

The figures come from a fixed seed and mean nothing.
"""
import argparse
import json
import math
import pathlib
import random
import sqlite3

SCHEMA = pathlib.Path(__file__).resolve().parents[2] / "results" / "schema.sql"
VERSION = 1
MIB = 1 << 20

# name: ns an operation, most memory over most live bytes (None: foreign, so no insides), outcome of each pass
ALLOCATORS = {
    "null": (2.3, None, {}),
    "bump-wrap": (3.1, None, {}),
    "bump": (3.9, 60.0, {}),
    "region": (5.2, 12.0, {}),
    "segregated": (14.1, 1.22, {}),
    "first-fit": (410.0, 1.14, {}),
    "best-fit": (520.0, 1.06, {}),
    "fit:policy=next,merge=every:64": (33.0, 1.55, {}),
    "system": (21.0, 1.31, {}),
    "jemalloc": (15.5, 1.48, {}),
    "mimalloc": (11.2, 1.62, {}),
    "tcmalloc": (11.3, 1.85, {"latency": ("timeout", "killed after 60 s")}),
    "stack": (0, 1, {"*": ("refused", "the trace is not LIFO: object 17 is freed below object 18")}),
    "pool:size=64": (0, 1, {"*": ("no-room", "event 4711: 80 bytes do not fit into blocks of 64")}),
    "./broken.so": (30.0, 1.4, {"*": ("crash", "SIGSEGV in free at event 12345")}),
}
FOREIGN = {"system", "jemalloc", "mimalloc", "tcmalloc", "./broken.so"}
HOSTILE = {
    "segregated": '<script>alert(1)</script>"\'`&\\',
    "jemalloc": './x"y\'; system "touch pwned"; #<b>',
}
HOSTILE_TRACE = '</title><img src=x onerror=alert(1)>"; system \'touch pwned\' `touch pwned`'


def outcome_of(failures, which, repetition):
    if "*" in failures:
        return failures["*"]
    if which == "latency" and which in failures and repetition > 0:
        return failures[which]
    return ("ok", "")


def live_curve(rng, peak, total):
    return [(total * i / 255, peak * (0.15 + 0.85 * math.sin(math.pi * (i / 255) ** 0.8) * rng.uniform(0.9, 1)))
            for i in range(256)]


def add_metrics(db, cell, metrics):
    db.executemany("INSERT INTO metric VALUES (?, ?, ?, ?)", [(cell, n, v, u) for n, v, u in metrics])


def add_latency(db, cell, rng, ns):
    counts = {}
    for _ in range(20000):
        value = int(ns * rng.lognormvariate(0, 0.35) + 15)
        if rng.random() < 0.002:
            value += int(rng.paretovariate(1.1) * 600)
        counts[value] = counts.get(value, 0) + 1
    values = sorted(counts)
    db.executemany("INSERT INTO bucket VALUES (?, 'all', ?, ?, ?)", [(cell, v, v, counts[v]) for v in values])
    flat = sorted(v for v in values for _ in range(counts[v]))
    figure = lambda share: flat[min(len(flat) - 1, int(share * len(flat)))]
    mean = sum(flat) / len(flat)
    deviation = math.sqrt(sum((v - mean) ** 2 for v in flat) / (len(flat) - 1))
    add_metrics(db, cell, [("all_p50", figure(.5), "ns"), ("all_p90", figure(.9), "ns"), ("all_p99", figure(.99), "ns"),
                           ("all_p999", figure(.999), "ns"), ("all_p9999", figure(.9999), "ns"),
                           ("all_max", flat[-1], "ns"), ("all_mean", mean, "ns"), ("all_deviation", deviation, "ns"),
                           ("stamp_overhead", 14, "ns"), ("clock_step", 10, "ns"),
                           ("malloc_max", flat[-1], "ns"), ("page_faults", 1200, "count"), ("preemptions", 3, "count"),
                           ("grow_ops", 40, "count"), ("grow_p999", 4 * ns, "ns"), ("grow_max", flat[-1], "ns"),
                           ("plain_p999", 3 * ns, "ns"), ("plain_max", 5 * ns, "ns"),
                           ("malloc_mean", mean, "ns"), ("malloc_p99", figure(.99), "ns")])


def add_footprint(db, cell, rng, name, blowup, live):
    peak = max(y for _, y in live)
    metrics = [("peak_live", peak, "B"), ("baseline_resident", 2 * MIB, "B")]
    series = [("live", x, y) for x, y in live]
    if blowup is not None:
        highest, curve = 0, []
        for x, y in live:
            highest = max(highest * 0.995, y * blowup * rng.uniform(0.97, 1))
            curve.append((x, highest if blowup < 50 else x))
        metrics += [("peak_resident", max(y for _, y in curve), "B"), ("jw1", blowup * 1.1, "ratio"),
                    ("jw2", blowup, "ratio"), ("jw3", blowup * 1.3, "ratio"), ("jw4", blowup * 1.02, "ratio")]
        series += [("resident", x, y) for x, y in curve]
        if name not in FOREIGN:
            metrics += [("peak_committed", max(y for _, y in curve), "B"), ("external", 0.4, "ratio"),
                        ("external_mean", 0.3, "ratio"), ("internal", 0.11, "ratio"), ("metadata", 0.03, "ratio")]
            series += [("holes", 16 * 2 ** (k / 4), min(1, (k / 40) ** blowup)) for k in range(41)]
            for i, (x, _) in enumerate(live):
                series.append(("external", x, min(0.95, 0.1 + blowup / 6 + 0.1 * math.sin(i / 20))))
                series.append(("internal", x, 0.05 * blowup + 0.02 * math.cos(i / 30)))
    add_metrics(db, cell, metrics)
    db.executemany("INSERT INTO point VALUES (?, ?, ?, ?)", [(cell, s, x, y) for s, x, y in series])


def add_throughput(db, cell, value):
    add_metrics(db, cell, [("ns_per_op", value, "ns"), ("ops", 1e6, "count"), ("seconds", value * 1e-3, "s")])


def add_control(db, rng, campaign, trace, number, noisy):
    ns = ALLOCATORS["system"][0] * number ** 0.3 * (1.2 if noisy else 1)
    for repetition in range(7):
        cell = db.execute("INSERT INTO cell (campaign, trace, spec, pass, repetition, position, version, outcome, detail) "
                          "VALUES (?, ?, 'system', 'control', ?, 0, '0.1', 'ok', '')",
                          (campaign, trace, repetition)).lastrowid
        add_throughput(db, cell, ns * rng.gauss(1, 0.015))


def add_trace(db, rng, campaign, number, name, hostile, peak, noisy=False):
    total = 24 * peak
    summary = {"events": 1000000, "objects": 480000, "threads": 1, "peak_bytes": peak, "total_bytes": total,
               "sizes": [{"from": 1 << k, "count": 60000 >> abs(k - 5)} for k in range(14)],
               "lifetimes": [{"from": k and 1 << k, "count": 9000 + 900 * k} for k in range(24)],
               "command": "python3 -c 'print(1 < 2)'"}
    trace = db.execute("INSERT INTO trace (name, path, hash, summary) VALUES (?, ?, ?, ?)",
                       (name, "traces/%s.hyt" % name, "%016x" % number, json.dumps(summary))).lastrowid
    live = live_curve(rng, peak, total)
    for position, (plain, (ns, blowup, failures)) in enumerate(ALLOCATORS.items()):
        spec = HOSTILE.get(plain, plain) if hostile else plain
        for which in ("throughput", "latency", "footprint"):
            for repetition in range({"throughput": 7, "latency": 2, "footprint": 1}[which]):
                outcome, detail = outcome_of(failures, which, repetition)
                cell = db.execute("INSERT INTO cell (campaign, trace, spec, pass, repetition, position, version, "
                                  "outcome, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                                  (campaign, trace, spec, which, repetition, position, "0.1", outcome, detail)).lastrowid
                if outcome != "ok":
                    continue
                if which == "throughput":
                    add_throughput(db, cell, ns * number ** 0.3 * rng.gauss(1, 0.015))
                elif which == "latency":
                    add_latency(db, cell, rng, ns)
                else:
                    add_footprint(db, cell, rng, plain, blowup, live)
    add_control(db, rng, campaign, trace, number, noisy)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("database")
    parser.add_argument("--hostile", action="store_true", help="names that try to break out of the page")
    parser.add_argument("--noisy", action="store_true", help="on the second trace the control was told apart")
    options = parser.parse_args()
    rng = random.Random(1)
    path = pathlib.Path(options.database)
    path.unlink(missing_ok=True)
    db = sqlite3.connect(path)
    db.executescript(SCHEMA.read_text())
    db.execute("PRAGMA user_version = %d" % VERSION)
    environment = {"cpu": "Invented <CPU>", "kernel": "6.1", "thp": "madvise", "packages": {"jemalloc": "5.3.0-1"}}
    campaign = db.execute("INSERT INTO campaign (started, command, seed, environment) VALUES (?, ?, ?, ?)",
                          ("2026-01-02T03:04:05Z", "heapyard replay a.hyt -a 'x,y' && echo \"<i>\"", 42,
                           json.dumps(environment))).lastrowid
    add_trace(db, rng, campaign, 1, "python", False, 6 * MIB)
    add_trace(db, rng, campaign, 2, HOSTILE_TRACE if options.hostile else "sqlite", options.hostile, 2 * MIB,
              options.noisy)
    db.commit()


if __name__ == "__main__":
    main()
