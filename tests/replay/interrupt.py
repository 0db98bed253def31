#!/usr/bin/env python3
"""Campaigns that are interrupted, in every way there is, and resumed, as TAP: interrupt.py HEAPYARD.

Each is compared with one of the same seed that nobody interrupted: the same cells in the same places, and whatever does
not depend on a clock.  Nothing here looks at a time.
"""
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

HEAPYARD = os.path.abspath(sys.argv[1])
count = 0

# What an allocator did, and what it committed: the same in each run.
CERTAIN = ("ops", "peak_live", "peak_committed", "searches", "failed_searches", "splits", "merges", "grows", "placement3",
           "internal", "external", "metadata")
CELLS = """SELECT t.hash, c.spec, c.pass, c.repetition, c.position, c.outcome FROM cell c JOIN trace t ON t.id = c.trace
           ORDER BY c.position"""
FIGURES = f"""SELECT c.position, m.name, m.value FROM cell c JOIN metric m ON m.cell = c.id
              WHERE m.name IN {CERTAIN} AND c.spec <> 'null' ORDER BY 1, 2"""


def case(name, passed, why=""):
    global count
    count += 1
    print(f"{'ok' if passed else 'not ok'} {count} - {name}", flush=True)
    if not passed:
        print(f"# {why}", flush=True)


def skip(name, why):
    global count
    count += 1
    print(f"ok {count} - {name} # SKIP {why}", flush=True)


def ask(path, sql):
    with sqlite3.connect(path, timeout=30) as db:
        return db.execute(sql).fetchall()


def stored(path, table="cell"):
    """Rows, while somebody else writes them."""
    try:
        return ask(path, f"SELECT count(*) FROM {table}")[0][0]
    except sqlite3.OperationalError:  # no such file or table yet
        return 0


def make_trace(path, objects):
    """Of 50 living objects a young or an old one dies."""
    lines, alive = [], []
    for i in range(objects):
        lines.append(f"{2 * i} 0 malloc {i} {i * 37 % 5000 + 1}")
        alive.append(i)
        if len(alive) > 50:
            lines.append(f"{2 * i + 1} 0 free {alive.pop(i * 7919 % 50)}")
    made = subprocess.run([HEAPYARD, "import", "-", "-o", path], input="\n".join(lines) + "\n", text=True)
    assert made.returncode == 0


def command(database, *more, trace="t.hyt"):
    return [HEAPYARD, "replay", trace, "-a", "first-fit,best-fit", "--pass", "throughput,footprint", "--seed", "5",
            "-o", database, *(more or ("-r", "5"))]


def run(words, **options):
    return subprocess.run(words, capture_output=True, text=True, timeout=200, **options)


def children(process):
    try:
        with open(f"/proc/{process.pid}/task/{process.pid}/children") as file:
            return [int(word) for word in file.read().split()]
    except FileNotFoundError:
        return []


def is_cell(pid):
    try:
        with open(f"/proc/{pid}/comm") as file:
            return file.read().startswith("heapyard-cell")
    except OSError:
        return False


def start(words):
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)


def interrupt_after(words, database, table, rows, act):
    """Starts it, waits for so many rows, and has it interrupted.  Exit code, standard error, cells then."""
    process = start(words)
    while process.poll() is None and stored(database, table) < rows:
        time.sleep(0.002)
    act(process)
    err = process.communicate(timeout=100)[1]
    return process.returncode, err.strip(), stored(database)


def compare(name, database, whole):
    """After --resume."""
    cells, expected = ask(database, CELLS), ask(whole, CELLS)
    case(f"{name}: --resume ends with the same cells in the same order", cells == expected,
         f"{len(cells)} cells, expected {len(expected)}; first difference: "
         f"{next((pair for pair in zip(cells, expected) if pair[0] != pair[1]), None)}")
    figures, expected = ask(database, FIGURES), ask(whole, FIGURES)
    case(f"{name}: and with the same certain figures", figures == expected and len(expected) > 20,
         f"{len(figures)}, expected {len(expected)}; {next((p for p in zip(figures, expected) if p[0] != p[1]), None)}")
    case(f"{name}: in one campaign with its seed", ask(database, "SELECT id, seed FROM campaign") == [(1, 5)])


def resume(name, database, whole, trace="t.hyt"):
    ran = run(command(database, trace=trace) + ["--resume"])
    case(f"{name}: --resume succeeds", ran.returncode == 0, ran.stderr)
    compare(name, database, whole)


def interrupt(kind, total, act):
    """After four cells; again, if the machine let us wait until all were measured.  Database, exit code, sentence, cells."""
    for attempt in range(20):
        database = f"{kind}{attempt}.db"
        code, err, cells = interrupt_after(command(database), database, "cell", 4, act)
        if cells < total:
            break
    return database, code, err, cells


def test_stop(whole, total):
    for name, number in ("Ctrl-C", signal.SIGINT), ("SIGTERM", signal.SIGTERM):
        def act(process, number=number):  # a terminal sends it to the measured child as well
            if process.poll() is None:
                os.killpg(process.pid, number)
        database, code, err, cells = interrupt(name, total, act)
        case(f"{name}: exit code and one sentence", code == 128 + number and "\n" not in err
             and f"stopped with {cells} of {total} cells" in err and "--resume goes on" in err, f"{code}: {err}")
        case(f"{name}: what was measured is stored", 4 <= cells < total, f"{cells} cells")
        resume(name, database, whole)


def test_dead_parent(whole, total):
    database, code, _, cells = interrupt("dead", total, lambda process: process.kill())
    case("kill -9 of heapyard: whole cells are stored", code == -signal.SIGKILL and 4 <= cells < total, f"{cells} cells")
    resume("kill -9 of heapyard", database, whole)


def kill_a_cell(database):
    """Kills one child; how many crashed of it."""
    process = start(command(database))
    done = False
    while process.poll() is None:
        for pid in [] if done else children(process):
            if is_cell(pid):
                os.kill(pid, signal.SIGKILL)
                done = True
    process.communicate(timeout=100)
    return process.returncode, ask(database, "SELECT count(*) FROM cell WHERE detail LIKE 'SIGKILL%'")[0][0]


def test_dead_child(whole, total):
    for attempt in range(20):  # it may have said all before it died: then nothing was lost
        database = f"child{attempt}.db"
        code, killed = kill_a_cell(database)
        if killed == 1:
            break
    case("kill -9 of a cell: a crash is stored, the others are measured",
         code in (0, 1) and killed == 1 and stored(database) == total, f"{code}: {killed} of {stored(database)}")
    resume("kill -9 of a cell", database, whole)


def full(name, words, database, expected, total, **options):
    """No more room in the middle of the campaign."""
    ran = run(words, **options)
    err = ran.stderr.strip()
    cells = stored(database)
    case(f"{name}: exit code 2 and one sentence", ran.returncode == 2 and "\n" not in err and "cannot store" in err
         and expected in err and "the same command with --resume goes on" in err, f"{ran.returncode}: {err}")
    case(f"{name}: whole cells are stored", 0 < cells < total and ask(database, "PRAGMA integrity_check") == [("ok",)],
         f"{cells} of {total}")


def test_full_disk(total):
    """With a short trace: what the children replay is a file in memory, and the limit is on all files."""
    make_trace("short.hyt", 2000)
    run(command("short.db", trace="short.hyt"))
    room = os.path.getsize("short.db") * 85 // 100 // 4096 * 4096
    full("a limit on files", command("limit.db", trace="short.hyt"), "limit.db", "disk I/O error", total,
         preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY)))
    resume("a limit on files", "limit.db", "short.db", "short.hyt")
    # A disk that is really full, where the system lets us have one: the results are copied out before it is gone.
    os.mkdir("small")
    if shutil.which("unshare") is None or run(["unshare", "-Urm", "mount", "-t", "tmpfs", "none", "small"]).returncode:
        skip("a full disk", "no file system can be mounted here")
        return
    words = " ".join(f"'{word}'" for word in command("small/full.db", trace="short.hyt"))
    script = f"mount -t tmpfs -o size={room} none small && {words}; code=$?; cp small/full.db full.db; exit $code"
    full("a full disk", ["unshare", "-Urm", "sh", "-c", script], "full.db", "disk is full", total)
    with sqlite3.connect("full.db") as db:  # it has moved
        db.execute("UPDATE campaign SET command = replace(command, 'small/full.db', 'full.db')")
    resume("a full disk", "full.db", "short.db", "short.hyt")


def test_budget():
    """The number of rounds is chosen once."""
    words = command("budget.db", "--budget", "2s")
    for _ in range(20):  # until we are quicker than the pilot
        if os.path.exists("budget.db"):
            os.remove("budget.db")
        code, err, _ = interrupt_after(words, "budget.db", "cell", 4, lambda process: process.send_signal(signal.SIGINT))
        if stored("budget.db", "rounds") == 0:
            break
    case("stopped in the pilot: nobody knows how many cells there will be",
         code == 130 and "cells in budget.db" in err and "or more" in err and stored("budget.db", "rounds") == 0, err)
    code, err, cells = interrupt_after(words + ["--resume"], "budget.db", "rounds", 1,
                                       lambda process: process.send_signal(signal.SIGINT))
    before = ask("budget.db", "SELECT pilot, chosen FROM rounds")
    ran = run(words + ["--resume"])
    after = ask("budget.db", "SELECT pilot, chosen FROM rounds")
    case("--resume keeps the pilot and the number of rounds", ran.returncode == 0 and len(before) == len(after) == 1
         and before[0][0] == after[0][0] and 5 <= after[0][1] <= before[0][1] and "chosen after" in ran.stdout,
         f"{before} {after} {ran.stderr}")
    rounds = after[0][1]
    case("every round is whole", ask("budget.db", "SELECT pass, spec, count(*) FROM cell GROUP BY 1, 2") == [
        ("control", "first-fit", rounds), ("footprint", "best-fit", 1), ("footprint", "first-fit", 1),
        ("footprint", "null", 1), ("throughput", "best-fit", rounds), ("throughput", "first-fit", rounds),
        ("throughput", "null", rounds)], f"{rounds}: {ask('budget.db', CELLS)}")


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    make_trace("t.hyt", 40000)
    ran = run(command("whole.db"))
    total = stored("whole.db")
    case("a campaign that nobody interrupts", ran.returncode == 0 and total == 3 * 5 + 5 + 3, ran.stderr)
    again = run(command("again.db"))
    compare("the same seed once more", "again.db", "whole.db")
    test_stop("whole.db", total)
    test_dead_parent("whole.db", total)
    test_dead_child("whole.db", total)
    test_full_disk(total)
    test_budget()

print(f"1..{count}")
