#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""heapyard reproduce: what is deterministic comes out the same again.  test_reproduce.py path/to/heapyard.  Prints TAP."""
import pathlib
import shlex
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import checks  # noqa: E402

HEAPYARD = str(pathlib.Path(sys.argv[1]).resolve())
SPECS = "fit:policy=best,segregated"


def heapyard(folder, *words):
    return subprocess.run([HEAPYARD, *map(str, words)], cwd=folder, capture_output=True, text=True, timeout=200)


class Fixture:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.do("generate", "sawtooth:live=512K,teeth=3,keep=0,order=lifo,seed=3", "-o", "a trace.hyt")
        self.do("replay", "a trace.hyt", "-a", SPECS, "--pass", "throughput,footprint", "-r", "2", "--timeout", "30s",
                "--touch", "page", "-o", "first.db")
        self.do("report", "first.db", "-o", "page")

    def do(self, *words):
        run = heapyard(self.folder, *words)
        assert run.returncode == 0, run
        return run.stdout

    def commands(self, *words):
        lines = self.do("reproduce", *words).splitlines()
        return [shlex.split(line) for line in lines if not line.startswith("#")], [l for l in lines if l.startswith("#")]


def check_all_names_are_known(f):
    names = f.do("reproduce", "--report", "page").split()
    html = (f.folder / "page" / "index.html").read_text()
    shown = [part.split("<")[0] for part in html.split("heapyard reproduce ")[1:]]
    assert len(shown) >= 6 and set(shown) <= set(names), (shown, names)


def check_commands_say_what_was_done(f):
    commands, origin = f.commands("a-trace-memory", "--report", "page")
    assert [words[:2] for words in commands] == [["heapyard", w] for w in ("replay", "bound", "report")], commands
    replay = commands[0]
    assert replay[2] == str((f.folder / "a trace.hyt").resolve()), replay
    value = lambda option: replay[replay.index(option) + 1]
    assert (value("-a"), value("--pass"), value("-r"), value("--timeout"), value("--touch")) == (
        SPECS, "footprint", "1", "30s", "page"), replay
    assert int(value("--seed")) > 0
    assert any("'a trace.hyt'" in line and "first.db" in line for line in origin), origin


def check_both_sources_agree(f):
    assert f.commands("a-trace-tradeoff", "--report", "page")[0] == f.commands("a-trace-tradeoff", "--report",
                                                                               str(f.folder / "first.db"))[0]


def check_run_draws_the_same_again(f):
    out = f.do("reproduce", "a-trace-memory", "--report", "page", "--run", "-o", "again")
    picture = f.folder / out.splitlines()[-1]
    assert picture.name == "1-a-trace-memory.svg" and "<svg" in picture.read_text()
    live = lambda path: path.read_text().split("\n\n\n")[0]
    first, second = live(f.folder / "page" / "1-a-trace-memory.dat"), live(picture.with_suffix(".dat"))
    assert first == second and first.count("\n") > 100
    assert "no packing is smaller" in picture.read_text(), "the limits are not drawn"


def check_what_was_not_measured_is_said(f):
    run = heapyard(f.folder, "reproduce", "a-trace-latency", "--report", "page")
    assert run.returncode == 2 and "did not measure latency" in run.stderr, run


def check_another_trace_is_refused(f):
    f.do("generate", "sawtooth:live=512K,teeth=3,order=lifo,seed=4", "-o", "a trace.hyt")
    told = f.do("reproduce", "a-trace-memory", "--report", "page")
    assert "is another trace by now" in told
    run = heapyard(f.folder, "reproduce", "a-trace-memory", "--report", "page", "--run")
    assert run.returncode == 2 and "is another trace by now" in run.stderr, run
    (f.folder / "a trace.hyt").unlink()
    run = heapyard(f.folder, "reproduce", "a-trace-memory", "--report", "page", "--run")
    assert run.returncode == 2 and "is not there" in run.stderr, run


if __name__ == "__main__":
    sys.exit(checks.run(globals(), Fixture))
