#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""compare.py HEAPYARD - `heapyard run --compare` as a user types it, as TAP.  Nothing here looks at a time.

What an allocator does to a program is played by scripts that look at LD_PRELOAD.
"""
import csv
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

HEAPYARD = os.path.abspath(sys.argv[1])
count = failures = 0


def case(name, passed, *shown):
    global count, failures
    count += 1
    failures += not passed
    print(f"{'ok' if passed else 'not ok'} {count} - {name}", flush=True)
    for text in shown if not passed else ():
        for line in str(text).splitlines():
            print(f"# {line}")


def command(*arguments, rounds="2", allocators="system,jemalloc", database="r.db"):
    return [HEAPYARD, "run", "--compare", "-a", allocators, "-r", rounds, "-o", database, *arguments]


def compare(*arguments, **options):
    return subprocess.run(command(*arguments, **options), capture_output=True, text=True, timeout=120)


def under_jemalloc(action, always=":"):
    return ["--", "sh", "-c", f'case $LD_PRELOAD in *jemalloc*) {action};; esac; {always}']


def ask(sql, database="r.db"):
    with sqlite3.connect(database) as db:
        return db.execute(sql).fetchall()


def refusal(name, expected, *arguments, **options):
    ran = compare(*arguments, **options)
    good = ran.returncode == 2 and expected in ran.stderr and ran.stderr.count("\n") == 1 and not ran.stdout
    case(name, good, ran.returncode, ran.stdout, ran.stderr)


def judged():
    with open("in", "w") as out:
        out.write("b\na\n")
    ran = compare("--input", "in", "--seed", "7", "--name", "sorting", "--", "sort", rounds="5")
    case("a program that is the same everywhere succeeds", ran.returncode == 0, ran.stdout, ran.stderr)
    lines = ran.stdout.splitlines()
    case("the command with its input stands above", lines[0] == f"sorting: sort < {os.getcwd()}/in", lines[0])
    case("baseline, control and allocator have their rows",
         [line.split("  ")[0] for line in lines[2:5]] == ["system", "system (control)", "jemalloc"], ran.stdout)
    case("who serves malloc is said of each", "\njemalloc: malloc from " in ran.stdout and "libjemalloc" in ran.stdout
         and "\nsystem: malloc from " in ran.stdout, ran.stdout)
    case("the output's hash is told", "system's output is the same in every run, XXH3 " in ran.stdout, ran.stdout)
    case("what an allocator took is a sentence", "\nsorting: jemalloc took " in ran.stdout, ran.stdout)
    rows = ask("SELECT spec, pass, repetition, outcome, status, output FROM program_run")
    case("every run is stored: allocators and control, each round",
         sorted(row[:3] for row in rows) == sorted((spec, kind, i) for i in range(5) for spec, kind in
                                                   (("system", "program"), ("system", "control"),
                                                    ("jemalloc", "program"))), rows)
    case("each ended well with one output", {row[3:5] for row in rows} == {("ok", 0)} and len({row[5] for row in rows}) == 1)
    case("figures are there", ask("SELECT count(*) FROM program_run WHERE wall <= 0 OR peak <= 0 OR minor <= 0") == [(0,)])
    order = ask("SELECT position, spec, pass, repetition FROM program_run ORDER BY position")
    compare("--input", "in", "--seed", "7", "--name", "sorting", "--", "sort", rounds="5", database="again.db")
    case("the same seed gives the same order",
         order == ask("SELECT position, spec, pass, repetition FROM program_run ORDER BY position", "again.db"), order)
    case("rounds stay together", [row[3] for row in order] == sorted(row[3] for row in order), order)


def formats():
    ran = compare("--format", "csv", "--", "true")
    table = list(csv.DictReader(io.StringIO(ran.stdout)))
    case("CSV has a row for each", [(row["spec"], row["pass"]) for row in table] ==
         [("system", "program"), ("system", "control"), ("jemalloc", "program")], ran.stdout)
    case("with figures and words", all(float(row["peak"]) > 0 for row in table)
         and table[2]["cpu_verdict"] == "inconclusive", ran.stdout)
    ran = compare("--format", "json", "--", "true")
    program = json.loads(ran.stdout)["programs"][0]
    case("JSON has every run", [len(entry["runs"]) for entry in program["allocators"]] == [2, 2, 2], ran.stdout)
    case("and the environment", "kernel" in program["environment"], program["environment"])
    ran = compare("--format", "markdown", "--", "true")
    case("Markdown is a table", "\n| system " in ran.stdout and "\n|:" in ran.stdout, ran.stdout)


def wrong_runs():
    ran = compare(*under_jemalloc("echo no luck >&2; exit 3"))
    case("a failure under one allocator is exit code 1", ran.returncode == 1, ran.stdout, ran.stderr)
    case("it is told with the program's last words", "2 of 2 failed: exit code 3: no luck" in ran.stdout, ran.stdout)
    case("and not judged", "jemalloc is not judged" in ran.stdout, ran.stdout)
    ran = compare(*under_jemalloc("kill -SEGV $$"))
    case("a crash is told by its signal", ran.returncode == 1 and "failed: SIGSEGV" in ran.stdout, ran.stdout)
    ran = compare("--timeout", "300ms", *under_jemalloc("sleep 30"), rounds="1")
    case("so is a run that takes too long", ran.returncode == 1 and "failed: not ready after 300" in ran.stdout, ran.stdout)
    ran = compare(*under_jemalloc("echo a", "echo b"))
    case("another output is exit code 1", ran.returncode == 1 and "2 of 2 with other output" in ran.stdout, ran.stdout)
    ran = compare("--ignore-output", *under_jemalloc("echo a", "echo b"))
    case("unless it is ignored", ran.returncode == 0 and "outputs were not compared" in ran.stdout, ran.stdout)
    ran = compare("--", "sh", "-c", "echo $$")
    case("a baseline that varies by itself is told", ran.returncode == 0
         and "does not say the same in every run" in ran.stdout, ran.stdout)
    ran = compare("--", "sh", "-c", "exit 4")
    case("what fails under the baseline too is no failure", ran.returncode == 0 and "exit code 4" in ran.stdout, ran.stdout)
    os.environ["MALLOC_CONF"] = "no_such_setting:1"
    ran = compare("--name", "forgotten", "--", "sh", "-c", 'test -z "$MALLOC_CONF"')
    case("settings of mallocs in the environment are forgotten", ask(
        "SELECT max(status) FROM program_run r JOIN program p ON p.id = r.program WHERE p.name = 'forgotten'") == [(0,)],
         ran.stdout)
    del os.environ["MALLOC_CONF"]


def refusals():
    refusal("an input that is not there", "nothing.txt: cannot be read", "--input", "nothing.txt", "--", "true")
    refusal("a trace that is none", "in: ", "--trace", "in", "--", "true")
    refusal("a program that is not there", "No such file", "--", "./nothing")
    refusal("what cannot be a malloc", "cannot be a program's malloc", "--", "true", allocators="system,null")
    refusal("nothing to resume", "nothing to resume", "--resume", "--", "true", database="fresh.db")
    refusal("a format of another command", "gbench is what", "--format", "gbench", "--", "true")
    refusal("a database that is none", "not a results database", "--", "true", database="in")


def killed():
    open("flag", "w").close()
    program = under_jemalloc("if [ -e flag ]; then rm flag; kill -9 $$; fi")
    ran = compare(*program, database="killed.db")
    case("a run that is killed from outside is a crash", ran.returncode == 1 and "1 of 2 failed: SIGKILL" in ran.stdout,
         ran.stdout)
    ran = compare("--resume", *program, database="killed.db")
    case("that --resume tries again", ran.returncode == 0 and ask("SELECT outcome, count(*) FROM program_run",
                                                                  "killed.db") == [("ok", 6)], ran.stdout)
    with sqlite3.connect("killed.db") as db:
        db.execute("DELETE FROM program_run")
    ran = compare("--resume", *program, database="killed.db")
    case("a campaign that was stopped before its first run ended goes on", ran.returncode == 0 and
         ask("SELECT count(*), count(DISTINCT campaign), (SELECT count(*) FROM campaign) FROM program_run",
             "killed.db") == [(6, 1, 1)], ran.stderr)


def endless():
    ran = compare("--timeout", "60s", *under_jemalloc("exec yes"), rounds="1", database="endless.db")
    case("a program that never stops to speak is ended before memory is", ran.returncode == 1 and
         "1 of 1 failed: killed: said more than 256.0 MiB" in ran.stdout, ran.stdout, ran.stderr)


def found_out():
    def enough():
        return subprocess.run([HEAPYARD, "run", "--compare", "-a", "system,jemalloc", "--precision", "50%", "--budget",
                               "1s", "-o", "enough.db", *again, "--", "true"], capture_output=True, text=True, timeout=60)
    again = []
    ran = enough()
    pilot, chosen, reason = ask("SELECT pilot, chosen, reason FROM rounds", "enough.db")[0]
    case("a pilot decides how many rounds there are", pilot == 7 and chosen >= 7 and
         f"{chosen} rounds, 7 of them to find out how many: {reason}." in ran.stdout, ran.stdout, ran.stderr)
    stored = ask("SELECT count(*), max(repetition) FROM program_run", "enough.db")
    case("and they are run", stored == [(3 * chosen, chosen - 1)], stored)
    again = ["--resume"]
    case("once and for all", enough().returncode == 0 and stored ==
         ask("SELECT count(*), max(repetition) FROM program_run", "enough.db"))


def interrupt(number):
    """Stops a campaign in its middle, and returns how it ended."""
    ran = subprocess.Popen(command("--seed", "9", "--", "sleep", "0.1", rounds="5", database="cut.db"),
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            if ask("SELECT count(*) FROM program_run", "cut.db")[0][0] >= 3:
                break
        except sqlite3.OperationalError:
            pass
        time.sleep(0.02)
    ran.send_signal(number)
    out, err = ran.communicate(timeout=60)
    return ran.returncode, out, err


def interrupted(number, name, code):
    if os.path.exists("cut.db"):
        os.unlink("cut.db")
    ended, out, err = interrupt(number)
    case(f"{name} ends it", ended == code, ended, out, err)
    stored = ask("SELECT id, spec, pass, repetition, wall FROM program_run ORDER BY id", "cut.db")
    case(f"{name} keeps what is stored", 3 <= len(stored) < 15, stored)
    ran = compare("--seed", "9", "--resume", "--", "sleep", "0.1", rounds="5", database="cut.db")
    case(f"after {name} --resume goes on", ran.returncode == 0, ran.stderr)
    case("with the same runs", ask("SELECT id, spec, pass, repetition, wall FROM program_run ORDER BY id LIMIT "
                                   f"{len(stored)}", "cut.db") == stored)
    positions = ask("SELECT position FROM program_run ORDER BY id", "cut.db")
    case("and the others, in the order that they would have had", positions == [(i,) for i in range(15)], positions)
    case("in one campaign", ask("SELECT count(*) FROM campaign", "cut.db") == [(1,)])


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    if not any(os.path.exists(f"/usr/lib/{place}/libjemalloc.so.2") for place in os.listdir("/usr/lib")):
        print("1..0 # SKIP libjemalloc2 is not installed")
        sys.exit(0)
    judged()
    formats()
    wrong_runs()
    refusals()
    killed()
    endless()
    found_out()
    interrupted(signal.SIGINT, "an interrupt", 130)
    interrupted(signal.SIGKILL, "kill -9", -9)
print(f"1..{count}")
sys.exit(failures > 0)
