#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""suite.py HEAPYARD - `heapyard run --suite` as a user types it, as TAP.  Nothing here looks at a time.

What an allocator does to a program is played by scripts that look at LD_PRELOAD.
"""
import csv
import io
import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

HEAPYARD = os.path.abspath(sys.argv[1])
KEPT = "inputs"  # the folder that --work names
UNDER_JEMALLOC = "case $LD_PRELOAD in *jemalloc*) {};; esac; "
count = failures = 0


def case(name, passed, *shown):
    global count, failures
    count += 1
    failures += not passed
    print(f"{'ok' if passed else 'not ok'} {count} - {name}", flush=True)
    for text in shown if not passed else ():
        for line in str(text).splitlines():
            print(f"# {line}")


def command(*arguments, suite="./mine.suite", rounds="1", allocators="system,jemalloc", database="r.db"):
    return [HEAPYARD, "run", "--suite", suite, "-a", allocators, "-r", rounds, "-o", database, *arguments]


def run(*arguments, environment=None, **options):
    return subprocess.run(command(*arguments, **options), capture_output=True, text=True, timeout=200,
                          env={**os.environ, **(environment or {})})


def one(text, *arguments, **options):
    """A suite of one program, which is measured anew."""
    pathlib.Path("one.suite").write_text(f"program one\n{text}\n")
    pathlib.Path("one.db").unlink(missing_ok=True)
    return run(*arguments, suite="./one.suite", database="one.db", **options)


def ask(sql, database="r.db"):
    with sqlite3.connect(database) as db:
        return db.execute(sql).fetchall()


def script(path, text):
    pathlib.Path(path).write_text("#!/bin/sh\n" + text)
    os.chmod(path, 0o755)


SUITE = """# three that are measured, one that is skipped
program sorting
input parts/make.sh
environment REVERSE=-r WORDS='b c'
command sort $REVERSE words
filter sed /d/d

program absent
packages coreutils no-such-package
command true

program writing
before rm -rf out && mkdir out
command sh -c 'sort words >out/sorted; date +%N'
input parts/make.sh
worker sort
check files out/sorted
threads 2

program reading
command cat
stdin words
input parts/make.sh
"""


def whole():
    os.mkdir("parts")
    script("parts/make.sh", 'echo "$0 $HEAPYARD_INPUT $PATH" >>"$HOME/../made"; printf "c\\na\\nb\\n" >words; pwd >where\n')
    pathlib.Path("mine.suite").write_text(SUITE)
    ran = run("--work", KEPT, "--seed", "7", rounds="2")
    case("a suite succeeds", ran.returncode == 0, ran.stdout, ran.stderr)
    rows = ask("SELECT p.name, r.spec, r.pass, count(*), min(r.outcome), max(r.outcome) FROM program_run r "
               "JOIN program p ON p.id = r.program GROUP BY 1, 2, 3")
    case("each program ran on each allocator and the control in each round", sorted(rows) == sorted(
        (name, *who, 2, "ok", "ok") for name in ("sorting", "writing", "reading") for who in
        (("system", "program"), ("system", "control"), ("jemalloc", "program"))), rows)
    case("all in one campaign", ask("SELECT count(*), count(DISTINCT command) FROM campaign") == [(1, 1)])
    case("one that lacks a package is skipped and says what to do",
         "absent: skipped: needs no-such-package: apt-get install no-such-package" in ran.stderr, ran.stderr)
    case("which is kept", ask("SELECT name, reason LIKE 'skipped: needs no-such-package%' FROM program_skipped")
         == [("absent", 1)])
    made = pathlib.Path(f"{KEPT}/made").read_text().splitlines()
    case("each recipe ran once, was told that input is wanted, and had the plain environment",
         made == [f"{os.getcwd()}/parts/make.sh 1 /usr/bin:/bin"] * 3, made)
    case("in the program's folder", pathlib.Path(f"{KEPT}/sorting/where").read_text() == f"{os.getcwd()}/{KEPT}/sorting\n")
    case("words are a shell's, with the program's variables", "sorting: sort -r words\n" in ran.stdout, ran.stdout)
    case("input is told", "reading: cat < words\n" in ran.stdout, ran.stdout)
    case("who serves the one that does the work is told", "libjemalloc.so.2, in sort\n" in ran.stdout, ran.stdout)
    case("all are summed up", "\nall programs, ratios to system" in ran.stdout and
         "\nOver 3 programs jemalloc took " in ran.stdout and "\nabsent: skipped" in ran.stdout, ran.stdout)
    case("the threads are told", "writing (2 threads)" in ran.stderr, ran.stderr)
    ran = run("sorting", "--seed", "7", database="alone.db", rounds="2")
    positions = "SELECT spec, pass, repetition, position FROM program_run WHERE program = (SELECT id FROM program " \
                "WHERE name = 'sorting') ORDER BY position"
    case("a program that is named is measured alone, in the same order as among others", ran.returncode == 0
         and ask(positions, "alone.db") == ask(positions) and ask("SELECT count(*) FROM program", "alone.db") == [(1,)],
         ran.stdout, ran.stderr)
    case("nothing is left in the temporary folder", not list(pathlib.Path("tmp").iterdir()), list(pathlib.Path("tmp").iterdir()))


def again():
    ran = run("--work", KEPT)
    made = pathlib.Path(f"{KEPT}/made").read_text().splitlines()
    case("inputs that were kept are used again", ran.returncode == 0 and len(made) == 3, ran.stderr, made)
    script("parts/make.sh", 'printf "c\\na\\n" >words\n')
    ran = run("--work", KEPT, "reading")
    case("not those of a recipe that has changed since", ran.returncode == 1 and "reading: " in ran.stderr
         and "not made by the recipe as it is now" in ran.stderr, ran.returncode, ran.stderr)


def formats():
    ran = run("--format", "csv", "sorting", "absent")
    rows = list(csv.DictReader(io.StringIO(ran.stdout)))
    case("CSV has the rows of programs, and those that were skipped", [(row["program"], row["pass"]) for row in rows] ==
         [("sorting", "program"), ("sorting", "control"), ("sorting", "program"), ("absent", "skipped")]
         and "no-such-package" in rows[3]["ended"], ran.stdout)
    ran = run("--format", "csv", "--summary", "sorting", "reading")
    rows = list(csv.DictReader(io.StringIO(ran.stdout)))
    case("or the summary", [(row["against"], row["spec"], row["pass"], row["programs"], row["failed"]) for row in rows] ==
         [("system", "system", "control", "2", "0"), ("system", "jemalloc", "program", "2", "0")], ran.stdout)
    ran = run("--format", "json", "sorting", "reading", "absent")
    answer = json.loads(ran.stdout)
    case("JSON has all", len(answer["programs"]) == 2 and answer["skipped"][0]["program"] == "absent"
         and [row["spec"] for row in answer["summary"]["allocators"]] == ["system", "jemalloc"], ran.stdout)
    ran = run("--format", "markdown", "--summary", "--against", "jemalloc", "sorting", "reading")
    case("Markdown, against another", "Ratios to jemalloc" in ran.stdout and "\n| system " in ran.stdout
         and "(control)" not in ran.stdout and "### " not in ran.stdout, ran.stdout)
    ran = run("--against", "tlsf", "sorting")
    case("who was not measured is nothing to compare with", ran.returncode == 2 and "no program was run on \"tlsf\""
         in ran.stderr, ran.stderr)


def checks():
    ran = one("command sh -c '" + UNDER_JEMALLOC.format("echo other") + "sort /dev/null'\nworker sort")
    case("other output is told", ran.returncode == 1 and "1 of 1 with other output" in ran.stdout, ran.stdout, ran.stderr)
    ran = one("command sh -c '" + UNDER_JEMALLOC.format("echo Other") + "echo other | sort -u'\nworker sort\n"
              "filter tr A-Z a-z | sort -u")
    case("a filter takes it out", ran.returncode == 0, ran.stdout, ran.stderr)
    ran = one("command sh -c '" + UNDER_JEMALLOC.format("echo x >>a") + "sort /dev/null >>a; date +%N'\nworker sort\n"
              "check files a")
    case("other contents of a file are told", ran.returncode == 1 and "with other output" in ran.stdout, ran.stdout)
    ran = one("command sh -c '" + UNDER_JEMALLOC.format("exit 0") + "sort /dev/null >a'\nworker sh\ncheck files a")
    case("what is not written is a failure, even if it was before", ran.returncode == 1
         and "1 of 1 failed: a was not written" in ran.stdout, ran.stdout)
    ran = one("command sh -c '" + UNDER_JEMALLOC.format("echo x; exit 3") + "sort /dev/null; date +%N'\nworker sort\ncheck none")
    case("nothing is compared where nothing can be, but a failure is one", ran.returncode == 1
         and "outputs were not compared" in ran.stdout and "failed: exit code 3" in ran.stdout, ran.stdout, ran.stderr)
    case("and then nothing is proven", "libjemalloc.so.2 (its workers failed, unproven)" in ran.stdout, ran.stdout)
    ran = one("command true\nfilter cat; exit 4")
    case("a filter that fails is told", ran.returncode == 1 and "exit code 4" in ran.stderr, ran.stderr)


def broken():
    for text, expected in (
            ("command sh -c 'echo no >&2; exit 3'\nworker sh", "one: fails under system: exit code 3: no"),
            ("command true\ncheck files x", "one: fails under system: x was not written"),
            ("command sh -c 'sleep 60 & true'\nworker sh", "one: leaves processes behind"),
            ("command sh -c 'setsid sleep 2 & true'\nworker sh", "one: leaves processes behind"),
            ("command sh -c 'sort /dev/null'\nworker nobody", "one: no nobody was started by it with"),
            ("command sh -c 'env -u LD_PRELOAD -u LD_DEBUG sort /dev/null'\nworker sort", "one: no sort was started"),
            ("command sh -c 'LD_PRELOAD= sort /dev/null'\nworker sort", "one: sort would get its malloc from"),
            ("command true\ninput nowhere.sh", "nowhere.sh: No such file"),
            ("command true\ninput bad.sh", "one: bad.sh: exit code 5: no input today"),
            ("command no-such-command", "one: there is no program \"no-such-command\""),
            ("command $(true)", "one: one: no word is left of its command"),
            ("command true\nbefore exit 6", "one: exit 6: exit code 6")):
        script("bad.sh", "echo no input today >&2; exit 5\n")
        ran = one(text)
        last = ran.stderr.splitlines()[-1:]
        case(f"not measured: {expected}", ran.returncode == 1 and last and expected in last[0]
             and ran.stdout.startswith("one: "), ran.returncode, ran.stdout, ran.stderr)
    case("and the reason is kept", ask("SELECT count(*) FROM program_skipped WHERE reason LIKE '%exit code 6'", "one.db") == [(1,)])
    ran = run("absent")
    case("77 if all are skipped", ran.returncode == 77, ran.returncode, ran.stderr)


def hermetic():
    ran = one("command perl -e 'print join \"\\n\", map \"$_=$ENV{$_}\", sort grep !/^(LD_|GLIBC|HEAPYARD_PAD)/, keys %ENV'"
              "\nenvironment A='x y'\nfilter tee seen", "--work", "kept", allocators="system",
              environment={"LEAK": "1", "PERL5LIB": "/nowhere"})
    seen = pathlib.Path("kept/one/seen").read_text().splitlines()
    expected = ["A=x y", f"HOME={os.getcwd()}/kept/one", "LC_ALL=C", "PATH=/usr/bin:/bin", "TZ=UTC"]
    case("a program has the suite's environment and no other", ran.returncode == 0
         and [line for line in seen if not line.startswith("HEAPYARD_PARTS=")] == expected, seen, ran.stderr)
    pathlib.Path("lib.so").unlink(missing_ok=True)
    library = next(path for path in ("/usr/lib/x86_64-linux-gnu/libjemalloc.so.2",) if os.path.exists(path))
    os.symlink(library, "lib.so")
    ran = one("command sort /dev/null", allocators="system,./lib.so")
    case("an allocator's path is seen from where the command is typed", ran.returncode == 0, ran.stdout, ran.stderr)


def resumed():
    """The sixth run of the second program waits to be stopped: one to begin with, two proofs, and two that are kept."""
    pathlib.Path("long.suite").write_text(
        "program first\ncommand sort /dev/null\n\nprogram second\nworker sort\ncommand sh -c 'sort /dev/null; "
        "echo >>../../count; until [ -e ../../go ] || [ $(wc -l <../../count) -lt 6 ]; do sleep 0.1; done'\n")
    started = subprocess.Popen(command("--work", "held", suite="./long.suite", rounds="3", database="long.db"),
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while started.poll() is None and (not os.path.exists("count") or os.path.getsize("count") < 6):
        time.sleep(0.02)
    started.send_signal(signal.SIGTERM)
    out, err = started.communicate(timeout=60)
    before = ask("SELECT count(*) FROM program_run", "long.db")
    case("one that is stopped says how to go on", started.returncode == 128 + 15 and "--resume" in err
         and before == [(9 + 2,)] and "first: sort" in out, started.returncode, before, out, err)
    pathlib.Path("go").touch()
    ran = run("--work", "held", "--resume", suite="./long.suite", rounds="3", database="long.db")
    case("it goes on in the same campaign", ran.returncode == 0 and ask("SELECT count(*) FROM campaign", "long.db") == [(1,)]
         and ask("SELECT count(*) FROM program_run", "long.db") == [(18,)], ran.stdout, ran.stderr)


def shipped():
    ran = run("--work", "real", "perl", suite="real", allocators="system", database="real.db")
    skipped = ran.returncode == 77 and "skipped: needs " in ran.stderr
    case("the shipped suite is found by its name, with its recipes and traces", skipped or (ran.returncode == 0
         and ask("SELECT length(trace) FROM program", "real.db") == [(16,)]), ran.returncode, ran.stdout, ran.stderr)


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.mkdir("tmp")
        os.environ["TMPDIR"] = f"{folder}/tmp"
        for part in (whole, again, formats, checks, broken, hermetic, resumed, shipped):
            part()
        os.chdir("/")
    print(f"1..{count}")
    sys.exit(failures > 0)


main()
