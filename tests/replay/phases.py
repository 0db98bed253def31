#!/usr/bin/env python3
"""Tests of what `heapyard replay` says of phases, as TAP: phases.py HEAPYARD.  Times are looked at only for being there."""
import os
import sqlite3
import subprocess
import sys
import tempfile

HEAPYARD = os.path.abspath(sys.argv[1])
count = 0


def case(name, passed):
    global count
    count += 1
    print(f"{'ok' if passed else 'not ok'} {count} - {name}", flush=True)


def heapyard(*arguments, text=None):
    return subprocess.run([HEAPYARD, *arguments], input=text, capture_output=True, text=True, timeout=200)


class Trace:
    """Lines of a trace as text."""

    def __init__(self):
        self.lines, self.time, self.births = [], 0, 0

    def add(self, words):
        self.time += 1
        self.lines.append(f"{self.time} {words}")

    def born(self, size, thread=0):
        self.add(f"{thread} malloc {self.births} {size}")
        self.births += 1
        return self.births - 1

    def phase(self, name, thread=0):
        self.lines.append(f"{self.time} {thread} phase {name}".rstrip())

    def write(self, path):
        ran = heapyard("import", "-", "-o", path, text="\n".join(self.lines) + "\n")
        assert ran.returncode == 0, ran.stderr


def work(objects, threads=1, marks=1):
    """10 blocks in no phase; the phase `build up` with so many of 1000 bytes; `serve "them"`; `build up` again, which
    frees them; nothing."""
    trace = Trace()
    for _ in range(10):
        trace.born(64)
    trace.phase("build up")
    kept = [trace.born(1000) for _ in range(objects)]
    trace.phase('serve "them"')
    for i in range(objects):
        made = trace.born(100, i % threads)
        if i == 1 and marks > 1:
            trace.phase("help", 1)
        trace.add(f"0 free {made}")
    trace.phase("build up")
    for block in kept:
        trace.add(f"0 free {block}")
    trace.phase("")
    trace.born(64)
    return trace


def replay(path, database, *more):
    """What was printed from the table of phases on, and the database's rows: (pass, spec) to rows by name."""
    ran = heapyard("replay", path, "-a", "system,first-fit", "-r", "1", "--seed", "1", "-o", database, *more)
    assert ran.returncode == 0, ran.stderr
    rows = {}
    with sqlite3.connect(database) as db:
        for spec, kind, name, *figures in db.execute(
                "SELECT c.spec, c.pass, p.name, p.times, p.ops, p.seconds, p.peak_live, p.peak_resident, "
                "p.peak_committed FROM phase p JOIN cell c ON c.id = p.cell WHERE c.pass IN ('throughput', 'footprint')"):
            rows.setdefault((kind, spec), {})[name] = figures
    at = ran.stdout.find("phases of ")
    return ran.stdout[at:] if at >= 0 else "", rows


EXPECTED = {"": [2, 11, 640 + 64], "build up": [2, 8000, 640 + 4000 * 1000],
            'serve "them"': [1, 8000, 640 + 4000 * 1000 + 100]}

with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    work(4000).write("t.hyt")
    told, rows = replay("t.hyt", "t.db")
    time, space = rows["throughput", "first-fit"], rows["footprint", "first-fit"]
    facts = {name: [row[0], row[1], row[3]] for name, row in time.items()}
    case("operations, beginnings and most live bytes are those of the trace",
         facts == EXPECTED and set(facts) == set(space))
    with sqlite3.connect("t.db") as db:
        seconds, = db.execute("SELECT m.value FROM metric m JOIN cell c ON c.id = m.cell WHERE m.name = 'seconds' AND "
                              "c.spec = 'first-fit' AND c.pass = 'throughput'").fetchone()
        clock = db.execute("SELECT x, y FROM point p JOIN cell c ON c.id = p.cell WHERE series = 'phase' AND "
                           "c.spec = 'first-fit' ORDER BY p.rowid").fetchall()
        most, = db.execute("SELECT m.value FROM metric m JOIN cell c ON c.id = m.cell WHERE m.name = 'peak_committed' "
                           "AND c.spec = 'first-fit'").fetchone()
    parts = [row[2] for row in time.values()]
    case("times are all there, and together no more than the whole", all(p > 0 for p in parts) and sum(parts) <= seconds)
    case("and nearly the whole", sum(parts) > 0.5 * seconds)
    case("a footprint pass has no times, and a throughput pass no memory",
         all(row[2] is None for row in space.values()) and all(row[4] is None for row in time.values()))
    case("who begins where, by the allocation clock",
         clock == [(640, 1), (4000640, 2), (4400640, 1), (4400640, 0)])
    case("the most committed bytes of all phases are those of the whole",
         max(row[5] for row in space.values()) == most and space["build up"][5] >= 4000640)
    case("a phase's memory is at least what lives in it",
         all(row[4] >= row[3] for name, row in space.items() if name)
         and all(row[4] >= row[3] for name, row in rows["footprint", "system"].items() if name))
    case("foreign heaps commit what nobody knows",
         all(row[5] is None for row in rows["footprint", "system"].values()))
    lines = told.splitlines()
    case("the table has a row for each phase and allocator, in their order",
         [line.split("  ")[0] for line in lines[2:11]] == ["(none)"] * 3 + ["build up"] * 3 + ['serve "them"'] * 3
         and ["null", "system", "first-fit"] == [line[14:].split()[0] for line in lines[2:5]])
    case("and says what its figures are", "the median of the repetitions" in told and "n/a," not in told)

    ran = heapyard("report", "t.db", "-o", "page")
    with open("page/index.html") as page:
        section = page.read().partition("<h3>Phases</h3>")[2].partition("</table>")[0]
    case("the page has the table, and names are text there",
         ran.returncode == 0 and section.count("<tr>") == 9 + 1 and "serve &quot;them&quot;</th>" in section)
    for figure in ("memory", "fragmentation"):
        with open(f"page/1-t-{figure}.dat") as data:
            block = data.read().partition("# phases\n")[2].split("\n\n")[0].splitlines()[1:]
        named = [line.split(None, 3)[3] for line in block]
        case(f"the figure {figure} has their bounds, and names where there is room",
             len(block) == 2 and named[0] == '"build up"' and named[1].startswith('"ser')
             and abs(float(block[0].split()[1]) - 4000640 / 2**20) < 1e-3
             and block[0].split()[1] == block[1].split()[0])

    ran = heapyard("replay", "t.hyt", "-a", "first-fit", "-r", "1", "--pass", "footprint,map", "-o", "map.db")
    ran = heapyard("report", "map.db", "-o", "maps") if ran.returncode == 0 else ran
    with open("maps/index.html") as page:
        case("the map of a heap has them, too", 'data-phases="[[640.0,4000640.0,&quot;build up&quot;],[4000640.0,4400640.0,'
             '&quot;serve \\&quot;them\\&quot;&quot;]]"' in page.read())

    streamed, windows = replay("t.hyt", "w.db", "--window", "1000")
    counted = [{key: {name: [row[k] for k in (0, 1, 3, 5)] for name, row in of.items()} for key, of in r.items()}
               for r in (rows, windows)]
    case("in windows everything that is counted is the same", counted[0] == counted[1] and "phases of t" in streamed)
    case("and times are there", all(row[2] > 0 for row in windows["throughput", "first-fit"].values()))

    work(100).write("short.hyt")
    told, rows = replay("short.hyt", "short.db")
    case("phases too short for the clock have no time, and say why",
         all(row[2] is None for row in rows["throughput", "system"].values())
         and "time: n/a, a phase has fewer than 1000 operations" in told and "MiB" not in told)

    work(4000, 2).write("two.hyt")
    told, rows = replay("two.hyt", "two.db")
    case("of several threads, one of which says phases, memory is told and time is not",
         all(row[2] is None for row in rows["throughput", "system"].values())
         and rows["footprint", "first-fit"]["build up"][5] >= 4000640 and "time: n/a where several threads" in told)
    told, rows = replay("two.hyt", "serial.db", "--threads", "serial")
    case("in the serial form it is", all(row[2] > 0 for row in rows["throughput", "system"].values()))

    work(4000, 2, 2).write("both.hyt")
    told, rows = replay("both.hyt", "both.db")
    case("phases of several threads overlap: all is n/a, and the reason is said",
         all(figure is None for of in rows.values() for row in of.values() for figure in row)
         and "phases: n/a, several threads say theirs" in told)

    many = Trace()
    for i in range(1025):
        many.phase("odd" if i % 2 else "even")
        many.add(f"0 free {many.born(8)}")
    many.write("many.hyt")
    told, rows = replay("many.hyt", "many.db")
    case("more than 1024 changes are not told apart",
         "phases: n/a, they change 1 025 times" in told
         and all(row[2] is None and row[4] is None for of in rows.values() for row in of.values()))

    plain = Trace()
    for i in range(3000):
        plain.add(f"0 free {plain.born(8)}")
    plain.write("plain.hyt")
    told, rows = replay("plain.hyt", "plain.db")
    ran = heapyard("report", "plain.db", "-o", "plain")
    with open("plain/index.html") as page:
        case("nor has the page", ran.returncode == 0 and "<h3>Phases</h3>" not in page.read())
    case("a trace without phases has no table of them", told == "" and not rows)
print(f"1..{count}")
