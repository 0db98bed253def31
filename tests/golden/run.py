#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""run.py HEAPYARD [--refresh] - golden files of the command line.

A file `cases/NAME.golden` says: the command, its exit code, its standard output and standard error.  The first line is
`$ ` and the command's words as a shell would read them; the rest is what the program answers.  --refresh writes the
answers anew: read the difference before you commit it.  Each case runs in an empty folder of its own with these files:
empty.hyt, text.hyt, good.hyt (a trace), more traces that BROKEN lists, sparse.hyt (1 TiB), fifo.hyt, problem.csv (which
lives backwards), arrival traces (three.arrivals and mistakes, see ARRIVALS), folder/, skipped.suite (needs what nobody has), and more suites with a mistake each.  No case pins the list of allocators.
"""
import os
import resource
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

# An arrival trace: three programs of 12, 20 and 16 KiB, of which the third has to wait in 40 KiB.  And mistakes.
HEAD = "# heapyard arrivals 1\n"
THREE = (HEAD + "@command make\n@page 4096\n0 exec 1 8192 16384 /bin/one\n10 vfork 2 1\n10 end 2 0 0 0 exec\n"
         "10 exec 2 8192 16384 /bin/two\n20 vfork 3 1\n20 end 3 0 0 0 exec\n20 exec 3 8192 16384 /bin/three\n"
         "40 end 2 20480 40960 5 exit 0\n70 end 3 16384 40960 4 exit 0\n100 end 1 12288 40960 3 signal 9\n")
ARRIVALS = {
    "three": THREE,
    "empty": "",
    "text": "no head\n",
    "nothing": HEAD,
    "event": HEAD + "0 begin 1 2 3 /x\n",
    "words": HEAD + "0 exec 1 2\n",
    "number": HEAD + "0 exec 1 lots 0 /x\n",
    "falls": HEAD + "7 exec 1 0 0 /x\n6 end 1 0 0 0 exit 0\n",
    "nobody": HEAD + "0 exec 1 0 0 /x\n0 end 2 0 0 0 exit 0\n",
    "twice": HEAD + "0 exec 1 0 0 /x\n0 exec 1 0 0 /y\n",
    "skips": HEAD + "0 exec 1 0 0 /x\n0 fork 3 1\n",
    "gone": HEAD + "0 exec 1 0 0 /x\n1 end 1 0 0 0 exit 0\n2 fork 2 1\n",
    "how": HEAD + "0 exec 1 0 0 /x\n1 end 1 0 0 0 vanished\n",
    "late": HEAD + "0 exec 1 0 0 /x\n@command late\n",
    "control": HEAD + "0 exec 1 0 0 /\x01\n",
}

# Files made of good.hyt by a mistake each.
BROKEN = {
    "cut": lambda good: good[:-90],
    "short": lambda good: good[:7],
    "head": lambda good: good[:16],
    "described": lambda good: good[:100],
    "magic": lambda good: b"\x88" + good[1:],
    "transfer": lambda good: good.replace(b"\r\n", b"\n"),
    "order": lambda good: good[:8] + good[8:12][::-1] + good[12:],
    "mark": lambda good: good[:8] + b"????" + good[12:],
    "future": lambda good: good[:12] + b"\x63\0\0\0" + good[16:],
    "never": lambda good: good[:12] + b"\0\0\0\0" + good[16:],
    "checksum": lambda good: flip(good, block(good, 1) + 64 + 3),
    "headsum": lambda good: flip(good, block(good, 1) + 20),
    "trailing": lambda good: good + b"x",
    "twice": lambda good: good + good,
    "zeros": lambda good: bytes(4096),
}


def flip(good, at):
    return good[:at] + bytes([good[at] ^ 1]) + good[at + 1:]


def block(good, number):
    """Where the head of a block is: each says at its byte 8 how long its payload is."""
    at = 16
    for _ in range(number):
        at += 64 + int.from_bytes(good[at + 8:at + 12], "little")
    return at


def make_good(program):
    with tempfile.TemporaryDirectory() as name:
        subprocess.run([program, "import", "-", "-o", "good.hyt"], cwd=name, input=GOOD, check=True)
        return (Path(name) / "good.hyt").read_bytes()


def prepare(folder, good):
    (folder / "good.hyt").write_bytes(good)
    for name, spoil in BROKEN.items():
        (folder / f"{name}.hyt").write_bytes(spoil(good))
    with open(folder / "sparse.hyt", "wb") as file:
        file.write(good)
        file.truncate(1 << 40)
    os.mkfifo(folder / "fifo.hyt")
    (folder / "empty.hyt").write_bytes(b"")
    (folder / "text.hyt").write_text("this is no trace, and it is long enough to be read as a header of one\n" * 4)
    (folder / "problem.csv").write_text("id,lower,upper,size\nb1,0,3,4\nb2,9,9,4\n")
    for name, text in ARRIVALS.items():
        (folder / f"{name}.arrivals").write_text(text)
    (folder / "folder").mkdir()
    for name, text in SUITES.items():
        (folder / f"{name}.suite").write_text(text)


def limit():
    """Whatever is wrong, it takes little to say so: 64 MiB, and a second of the processor's time."""
    resource.setrlimit(resource.RLIMIT_DATA, (64 << 20, 64 << 20))
    resource.setrlimit(resource.RLIMIT_CPU, (1, 1))


def answer(program, good, command, bad):
    with tempfile.TemporaryDirectory() as name:
        prepare(Path(name), good)
        words = shlex.split(command)
        env = dict(os.environ, LC_ALL="C.UTF-8", NO_COLOR="1", COLUMNS="80")
        run = subprocess.run([program, *words[1:]], cwd=name, env=env, capture_output=True, text=True, timeout=120,
                             stdin=subprocess.DEVNULL, preexec_fn=limit if bad else None)
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
        found, run = answer(program, good, expected.splitlines()[0][2:], path.stem.startswith("bad-"))
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
