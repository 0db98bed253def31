# SPDX-License-Identifier: MIT
"""Results databases with invented figures, so that what must be said of them is known."""
import pathlib
import random
import sqlite3

SCHEMA = pathlib.Path(__file__).resolve().parents[2] / "results" / "schema.sql"


class Database:
    """One campaign: each spec gets a time for each round, and a footprint."""

    def __init__(self, path, seed=1, drift=1.0):
        self.random = random.Random(seed)
        self.drift = drift
        self.path = path
        self.db = sqlite3.connect(path)
        self.db.executescript(SCHEMA.read_text())
        self.db.execute("PRAGMA user_version = 1")
        self.campaign = self.db.execute(
            "INSERT INTO campaign (started, command, seed, environment) "
            "VALUES ('2026-01-02T03:04:05Z', 'invented', 1, '{}')").lastrowid

    def trace(self, name):
        self.db.execute("INSERT INTO trace (name, path, hash, summary) VALUES (?, ?, ?, '{}')",
                        (name, f"{name}.hyt", f"hash of {name}"))

    def cell(self, trace, spec, which, repetition, metrics, outcome="ok", detail="", version="1"):
        cell = self.db.execute(
            "INSERT INTO cell (campaign, trace, spec, pass, repetition, position, version, outcome, detail) "
            "VALUES (?, (SELECT id FROM trace WHERE name = ?), ?, ?, ?, 0, ?, ?, ?)",
            (self.campaign, trace, spec, which, repetition, version, outcome, detail)).lastrowid
        self.db.executemany("INSERT INTO metric VALUES (?, ?, ?, '')", [(cell, n, v) for n, v in metrics.items()])

    def times(self, trace, spec, ns, rounds=20, noise=0.002, which="throughput", shared=0.05, **more):
        """`shared`: what all cells of a round have in common, the same for all specs."""
        for i in range(rounds):
            level = 1 + shared * ((i * 7) % 11 - 5) / 5
            value = ns * self.drift * level * (1 + noise * self.random.gauss(0, 1))
            self.cell(trace, spec, which, i, {"ns_per_op": value}, **more)

    def size(self, trace, spec, bytes_, **more):
        self.cell(trace, spec, "footprint", 0, {"peak_resident": bytes_}, **more)

    def allocator(self, trace, spec, ns, bytes_, **more):
        self.times(trace, spec, ns, **more)
        self.size(trace, spec, bytes_, **{k: v for k, v in more.items() if k == "version"})

    def close(self):
        self.db.commit()
        self.db.close()


def usual(path, seed=1, drift=1.0, ns=30.0, bytes_=2 << 20, control=1.0, system_version="2.36", mine="mine"):
    """null, system with its control, tlsf, and one more whose figures are given."""
    d = Database(path, seed, drift)
    d.trace("app")
    d.times("app", "null", 2.0)
    d.allocator("app", "system", 20.0, 1 << 20, version=system_version)
    d.times("app", "system", 20.0 * control, which="control", version=system_version)
    d.allocator("app", "tlsf", 25.0, 3 << 20)
    d.allocator("app", mine, ns, bytes_)
    return d
