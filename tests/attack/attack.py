#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""attack.py HEAPYARD TELLTALE VICTIM HARDENED - the laboratory on faults and allocators whose outcome is known beforehand."""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HEAPYARD, TELLTALE, VICTIM, HARDENED = (str(Path(word).resolve()) for word in sys.argv[1:5])
FOUR = ["use-after-free", "double-free", "double-free-merged", "overflow-by-one"]
done, failed = 0, 0


def check(name, good, shown=""):
    global done, failed
    done += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {done} - {name}")
    if not good:
        print("\n".join(f"# {line}" for line in str(shown).splitlines()[:20]))


def run(*words, **env):
    return subprocess.run([HEAPYARD, "attack", *words], capture_output=True, text=True, timeout=100,
                          env=dict(os.environ, NO_COLOR="1", **env))


def cells(*words, **env):
    """(outcome, moment, words) by fault and allocator, and the run."""
    r = run(*words, "--format", "json", **env)
    answer = json.loads(r.stdout) if r.stdout else {"cells": []}
    return {(c["fault"], c["allocator"]): (c["outcome"], c["moment"], c["ends"][0]["words"], c)
            for c in answer["cells"]}, r


def document():
    """The user's three faults on the classic heap, and what merging has to do with the third double free."""
    merges, never = "fit:structure=implicit", "fit:structure=implicit,merge=never"
    found, r = cells(*FOUR, "-a", f"simple,{merges},{never}", "-r", "2")
    check("the run is fine", r.returncode == 0, r.stderr)
    wanted = {("use-after-free", "simple"): ("silent", "*ptr2 is 345"),
              ("double-free", "simple"): ("silent", "ptr3 is ptr2: *ptr2 is 123"),
              ("overflow-by-one", "simple"): ("silent", "the next block lies 1 bytes into ptr2"),
              ("double-free-merged", "simple"): ("prevented", "the larger block lies elsewhere: nothing was merged"),
              ("double-free-merged", never): ("prevented", "the larger block lies elsewhere: nothing was merged"),
              ("double-free-merged", merges): ("silent", "1 bytes of the larger block have changed")}
    for key, (outcome, words) in wanted.items():
        cell = found.get(key, ("missing", "", "", None))
        check(f"{key[0]} on {key[1]}: {outcome}", (cell[0], cell[2]) == (outcome, words), cell)
    cell = found["use-after-free", "simple"][3]
    check("both runs are counted, with an interval", cell["runs"] == 2 and cell["ends"][0]["count"] == 2
          and cell["silent"][0] == 1 and 0.2 < cell["silent"][1] < 0.5 and cell["silent"][2] == 1, cell)
    found, r = cells("use-after-free", "-a", "fit", "--heap")
    check("a heap inside the victim", found["use-after-free", "fit"][0] == "silent", r.stderr)


def outcomes():
    """A malloc that does as it is told when a block is freed twice."""
    for told, outcome, moment, words in (
            ("speak", "detected", "at the operation", "telltale: double free"),
            ("abort", "trapped", "at the operation", "SIGABRT"), ("trap", "trapped", "at the operation", "SIGILL"),
            ("exit", "trapped", "at the operation", "exit code 3"),
            ("crash", "crashed", "at the operation", "SIGSEGV"),
            ("warn", "detected", "at the operation", "telltale: double free"),
            ("hang", "timed_out", "at the operation", "went on for too long"),
            ("eat", "too_large", "at the operation", "took too much memory"),
            ("nothing", "prevented", "never", "ptr3 is not ptr2")):
        limits = ["--timeout", "300ms" if told == "hang" else "60s", "--memory", "32M"]
        found, r = cells("double-free", "-a", TELLTALE, "-r", "1", *limits, TELLTALE=told)
        cell = found.get(("double-free", TELLTALE), ("missing",))
        check(f"a malloc that does this: {told}", r.returncode == 0 and cell[:3] == (outcome, moment, words),
              f"{cell}\n{r.stderr}")
    found, r = cells("double-free", "-a", TELLTALE, "-r", "3", TELLTALE="odd")
    cell = found["double-free", TELLTALE]
    check("a control that fails makes the cell invalid, and the exit code 1",
          r.returncode == 1 and cell[0] == "invalid" and cell[2] == "without the fault: SIGABRT", f"{cell}\n{r.stderr}")


def answers():
    r = run("double-free", "-a", f"glibc,{TELLTALE}", "-r", "1", TELLTALE="warn")
    check("a fault in words", r.returncode == 0 and "CWE-415" in r.stdout and "detected with a message" in r.stdout,
          r.stdout + r.stderr)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "all.csv"
        r = run("-c", "temporal", "-a", TELLTALE, "-r", "1", "--starts", "2", "--price", "1", "-o", out)
        rows = out.read_text().splitlines()
        check("the matrix", r.returncode == 0 and "Silent, of" in r.stdout and "reuse" in r.stdout, r.stdout + r.stderr)
        check("all counts as CSV", rows[0].startswith("fault,class,cwe,allocator,runs,outcome,moment,count,share")
              and len(rows) > len(FOUR) and all(",temporal," in row for row in rows[1:]), rows[:3])
        page = Path(folder) / "page"
        r = run("double-free", "use-after-free", "-a", f"simple,{TELLTALE}", "-r", "1", "--page", page)
        text = (page / "index.html").read_text()
        check("the page has faults, cells and drawings", r.returncode == 0 and 'id="double-free"' in text
              and 'class="silent"' in text and "before the step" in text, r.stderr)
        rows = (page / "allocators.csv").read_text().splitlines()
        check("and its data", len(rows) == 3 and rows[1].startswith("simple,") and (page / "cells.csv").exists(), rows)
    r = run("overflow-by-one", "-a", "simple", "-r", "1")
    check("the heap is drawn as the header changes", "[used 12] [used 1] broken: " in r.stdout, r.stdout)
    r = run("--list")
    check("the list", r.returncode == 0 and all(name in r.stdout for name in FOUR), r.stdout)
    r = run("double-fre", "-a", "simple")
    check("a fault that is not there", r.returncode == 2 and 'did you mean "double-free"?' in r.stderr, r.stderr)
    r = run("double-free", "-a", "/lib/x86_64-linux-gnu/libm.so.6")
    check("a library without a malloc", r.returncode == 2 and "malloc" in r.stderr, r.stderr)


# A mitigation of hardened; what it takes beside that; a fault, and what becomes of it without and with the mitigation.
MITIGATIONS = (
    ("canary=yes", "", "underflow-8", "silent", "detected"),
    ("sweep=yes", "canary=yes", "overflow-never-freed", "silent", "detected"),
    ("zero=yes", "", "stale-read-small", "silent", "prevented"),
    ("check=bytes:128K", "zero=yes", "poison-raw", "prevented", "detected"),
    ("quarantine=count:4800", "", "reuse-within-1000", "silent", "prevented"),
    ("random=yes", "", "neighbours-small", "silent", "prevented"),
    ("placement=yes", "", "neighbours-large", "silent", "prevented"),
    ("areas=yes", "", "reuse-other-size", "silent", "prevented"),
    ("guards=yes", "", "overread-large", "silent", "detected"),
    ("delay=count:64", "", "reuse-large", "silent", "prevented"),
    ("sample=every:1", "guards=yes", "overread-64", "silent", "detected"))


def mitigations():
    """Each mitigation of hardened turns a fault, which is back without it."""
    spec = {key: "hardened:" + ",".join(word for word in ("level=none", *key) if word)
            for row in MITIGATIONS for key in ((row[1],), (row[1], row[0]))}
    faults = dict.fromkeys(row[2] for row in MITIGATIONS)
    found, r = cells(*faults, "-a", ",".join(dict.fromkeys(spec.values())), "-r", "1")
    check("hardened is attacked", r.returncode == 0, r.stderr)
    for switch, beside, fault, *wanted in MITIGATIONS:
        seen = [found.get((fault, spec[key]), ("missing",)) for key in ((beside,), (beside, switch))]
        check(f"{switch}: {fault} is {wanted[1]}, without it {wanted[0]}", [cell[0] for cell in seen] == wanted, seen)


def json_line():
    """What hardened says to programs, of a fault at a guard page, too; of a sampled block with the calls before."""
    for fault, word, size, sample in (("double-free", "double free", None, "never"),
                                      ("overflow-large", "overflow", 1 << 20, "never"),
                                      ("double-free-small", "double free", 48, "every:1")):
        with tempfile.TemporaryDirectory() as folder, open(Path(folder) / "page", "w+b") as page:
            page.truncate(4096)
            env = dict(os.environ, LD_PRELOAD=HARDENED, HEAPYARD_SPEC=f"hardened:json=yes,sites=yes,sample={sample}")
            r = subprocess.run([VICTIM, fault, "fault"], env=env, stderr=subprocess.PIPE, text=True, timeout=100,
                               close_fds=False,
                               preexec_fn=lambda: (os.dup2(page.fileno(), 3), os.set_inheritable(3, True)))
        said = [json.loads(line) for line in r.stderr.splitlines() if line.startswith("{")]
        one = said[0] if len(said) == 1 else {}
        places = [one.get(who, {}).get("code") or "" for who in ("allocated", "now")]
        callers = one.get("allocated", {}).get("callers", [])
        check(f"a line of JSON tells of {fault}", one.get("fault") == word and size in (None, one.get("size"))
              and one["allocated"]["thread"] == 1 and all("heapyard-victim+0x" in place for place in places)
              and any("heapyard-victim+0x" in place for place in callers) == (sample != "never"), r.stderr)


def catalogue():
    """Each fault's control ends well under the C library's malloc, and so does the fault, one way or the other."""
    found, r = cells("-a", "glibc", "-r", "1", "--starts", "0")
    ends = ("detected", "trapped", "crashed", "prevented", "silent", "not_applicable")
    check("all faults on glibc", r.returncode == 0 and len(found) >= 80 and all(c[0] in ends for c in found.values()),
          [f"{key}: {cell[:3]}" for key, cell in found.items() if cell[0] not in ends] or r.stderr)


def stopping():
    """Stopped amid its victims, it writes nothing, says so and leaves none of them."""
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "all.csv"
        with subprocess.Popen([HEAPYARD, "attack", "use-after-free", "-a", "simple", "-r", "100000", "-o", str(kept)],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
            latest = time.monotonic() + 60
            while child.poll() is None and not kept.exists() and time.monotonic() < latest:
                time.sleep(0.01)
            child.send_signal(signal.SIGTERM)
            out, said = child.communicate(timeout=60)
        check("stopped, it writes nothing", child.returncode == 128 + signal.SIGTERM and not out and "stopped" in said
              and kept.stat().st_size == 0, f"{child.returncode} {out[:200]} {said}")


document()
outcomes()
stopping()
catalogue()
answers()
mitigations()
json_line()
print(f"1..{done}")
sys.exit(failed > 0)
