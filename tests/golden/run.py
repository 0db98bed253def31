#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""run.py HEAPYARD [--refresh] - golden files of the command line.

A file `cases/NAME.golden` says: the command, its exit code, its standard output and standard error.  The first line is
`$ ` and the command's words as a shell would read them; the rest is what the program answers.  --refresh writes the
answers anew: read the difference before you commit it.  Each case runs in an empty folder of its own with these files:
empty.hyt, text.hyt, good.hyt (a trace), cut.hyt (the same without its end) and more that BROKEN lists, problem.csv
(which lives backwards), folder/, skipped.suite (needs what nobody has), and more suites with a mistake each.  No case pins the list of allocators.
"""
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

CASES = Path(__file__).resolve().parent / "cases"
SUITES = {
    "skipped": "# needs what nobody has\nprogram one\npackages no-such-package\ncommand true\n",
    "none": "# nothing in it\n",
    "early": "command true\n",
    "key": "program one\ncomand true\n",
    "twice": "program one\ncommand true\n\nprogram one\ncommand true\n",
    "again": "program one\ncommand true\ncommand false\n",
    "bare": "program one\npackages coreutils\n",
    "pipe": "program one\ncommand ls | sort\n",
    "shell": "program one\ncommand sh -c 'ls | sort'\n",
    "check": "program one\ncommand true\ncheck outputs\n",
    "filter": "program one\ncommand true\ncheck none\nfilter sort\n",
    "outside": "program one\ncommand true\ncheck files ../x\n",
    "binary": "program one\ncommand true\0\n",
}


GOOD = b"0 0 malloc 0 24\n10 0 malloc 1 100\n20 0 free 0\n"

# Files made of good.hyt by a mistake each.
BROKEN = {
    "cut": lambda good: good[:-90],
}


def make_good(program):
    with tempfile.TemporaryDirectory() as name:
        subprocess.run([program, "import", "-", "-o", "good.hyt"], cwd=name, input=GOOD, check=True)
        return (Path(name) / "good.hyt").read_bytes()


def prepare(folder, good):
    (folder / "good.hyt").write_bytes(good)
    for name, spoil in BROKEN.items():
        (folder / f"{name}.hyt").write_bytes(spoil(good))
    (folder / "empty.hyt").write_bytes(b"")
    (folder / "text.hyt").write_text("this is no trace, and it is long enough to be read as a header of one\n" * 4)
    (folder / "problem.csv").write_text("id,lower,upper,size\nb1,0,3,4\nb2,9,9,4\n")
    (folder / "folder").mkdir()
    for name, text in SUITES.items():
        (folder / f"{name}.suite").write_text(text)


def answer(program, good, command):
    with tempfile.TemporaryDirectory() as name:
        prepare(Path(name), good)
        words = shlex.split(command)
        env = dict(os.environ, LC_ALL="C.UTF-8", NO_COLOR="1", COLUMNS="80")
        run = subprocess.run([program, *words[1:]], cwd=name, env=env, capture_output=True, text=True, timeout=120,
                             stdin=subprocess.DEVNULL)
        text = f"$ {command}\nexit {run.returncode}\n--- standard output\n{run.stdout}--- standard error\n{run.stderr}"
        return text.replace(name, "FOLDER"), run


def bad_form(name, run):
    """A case called bad-… must say one sentence, on standard error only, and exit with 2."""
    if not name.startswith("bad-"):
        return []
    sentences = [line for line in run.stderr.splitlines() if line]
    problems = [] if run.returncode == 2 else [f"exit code {run.returncode}, expected 2"]
    problems += [] if len(sentences) == 1 else [f"{len(sentences)} lines on standard error, expected one sentence"]
    return problems + (["standard output is not empty"] if run.stdout else [])


def main():
    program, refresh = str(Path(sys.argv[1]).resolve()), "--refresh" in sys.argv
    paths = sorted(CASES.glob("*.golden"))
    good = make_good(program)
    failed = 0
    for i, path in enumerate(paths, 1):
        expected = path.read_text()
        found, run = answer(program, good, expected.splitlines()[0][2:])
        if refresh:
            path.write_text(found)
            expected = found
        problems = bad_form(path.stem, run)
        if found != expected:
            problems += ["expected:", *expected.splitlines(), "found:", *found.splitlines()]
        failed += bool(problems)
        print(f"{'not ' if problems else ''}ok {i} - {path.stem}")
        for line in problems:
            print(f"# {line}")
    print(f"1..{len(paths)}")
    sys.exit(1 if failed or not paths else 0)


main()
