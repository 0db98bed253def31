#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""run.py HEAPYARD - `heapyard scenario` and `heapyard map` as TAP.

Plays each file of traces/scenarios on the allocators that it names, and those about placement and merging on every
structure that serves the policy, with footers and without.  A file in which one expectation is made wrong must fail and
say the line.
"""
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HEAPYARD, SHIPPED = str(Path(sys.argv[1]).resolve()), Path(__file__).resolve().parents[2] / "traces/scenarios"
POLICIES = ("first", "next", "best", "worst")
MERGES = ("never", "immediate", "every:64", "onfail")
# Who can serve whom; only those that meet holes by address need no footers.
STRUCTURES = {"implicit": POLICIES, "list": POLICIES, "bins": ("best", "worst"), "size-tree": ("best", "worst"),
              "address-tree": ("first", "next", "worst")}
BY_ADDRESS = ("implicit", "list", "address-tree")
count = failed = 0


def case(name, problems):
    global count, failed
    count += 1
    failed += bool(problems)
    print(f"{'not ' if problems else ''}ok {count} - {name}")
    for problem in problems:
        print(f"# {problem}", flush=True)


def skip(name, reason):
    global count
    count += 1
    print(f"ok {count} - {name} # SKIP {reason}")


def run(*arguments, text=None):
    return subprocess.run([HEAPYARD, *map(str, arguments)], capture_output=True, text=True, timeout=120, input=text)


def expect(name, ran, code, *patterns):
    said = ran.stdout + ran.stderr
    problems = [f"exit code {ran.returncode}, expected {code}"] if ran.returncode != code else []
    problems += [f"expected /{pattern}/" for pattern in patterns if not re.search(pattern, said, re.M)]
    case(name, problems + said.splitlines() if problems else [])


def shipped():
    for path in sorted(SHIPPED.glob("*.scenario")):
        for spec in re.findall(r"^on (\S+)", path.read_text(), re.M):
            expect(f"{path.name} on {spec}", run("scenario", path, "-a", spec), 0, r"\d+ expectations hold$")
        expect(f"{path.name} on what it names", run("scenario", path), 0)


def everywhere():
    """One placement policy decides alike on every structure."""
    for policy in POLICIES:
        names = ("neighbours", "thresholds", "next-fit" if policy == "next" else "placement")
        for structure in (s for s in STRUCTURES if policy in STRUCTURES[s]):
            for metadata in ("tags", "header") if structure in BY_ADDRESS else ("tags",):
                rest = f"structure={structure},metadata={metadata},order=address,grain=1"
                specs = ",".join(f"fit:policy={policy},{rest},merge={merge}" for merge in MERGES)
                for name in names:
                    expect(f"{name}.scenario, {policy} fit on {structure} with {metadata}, four ways to merge",
                           run("scenario", SHIPPED / f"{name}.scenario", "-a", specs), 0, r"(hold\n.*){4}$")
        expect(f"{names[2]}.scenario, {policy} fit without metadata beside blocks",
               run("scenario", SHIPPED / f"{names[2]}.scenario", "-a",
                   f"fit:policy={policy},metadata=out-of-band,order=address,grain=1"), 0, "hold$")


def wrong():
    """Each expectation of each file, made wrong, is found."""
    for path in sorted(SHIPPED.glob("*.scenario")):
        lines = path.read_text().splitlines()
        spec = next(line.split()[1] for line in lines if line.startswith("on "))
        missed = []
        for i, line in enumerate(lines):
            if not re.match(r"expect .*\d", line):
                continue
            changed = [*lines[:i], re.sub(r"(\d)(?!.*\d)", lambda m: str((int(m[1]) + 1) % 10), line), *lines[i + 1:]]
            ran = run("scenario", "-", "-a", spec, text="\n".join(changed) + "\n")
            if ran.returncode != 1 or f"standard input:{i + 1}:" not in ran.stdout:
                missed.append(f"line {i + 1} changed: exit code {ran.returncode}, {ran.stdout.strip()}")
        case(f"{path.name}: no wrong expectation passes", missed)


def play(name, text, code, *patterns, spec="simple"):
    expect(name, run("scenario", "-", "-a", spec, text=text), code, *patterns)


def language():
    grain = "fit:order=address,grain=1"
    play("a map is printed", "unit 1024\nalloc a 3000\nmap 2\n", 1, "a found no room")
    play("a map shows names, holes and rows", "unit 1000\nheader 8\nstorage 4000\nalloc a 2\nalloc b 1\nmap 3\n", 0,
         r"^aab\n\.\n$")
    play("what fails must be expected", "alloc a 9000\nfree a\n", 1, ":1: a found no room")
    play("a failure may be expected", "alloc a 9000\nexpect a fails\nfree a\n", 0)
    play("so may one for want of one piece", "alloc a 9000\nexpect a fails externally\n", 1, "4096 are free of 9000")
    play("what was served did not fail", "alloc a 9\nexpect a fails\n", 1, "a fails, but it was served")
    play("a freed block is nowhere", "alloc a 9\nfree a\nexpect a at +0\n", 1, "it is not allocated")
    play("a refused one neither", "alloc a 9000\nexpect a at +0\n", 1, "line 1 found no room")
    play("the classic heap gives nothing for nothing", "alloc a 0\nexpect a fails\n", 0)
    play("others give a byte", "alloc a 0\nexpect a at +0\n", 0, spec=grain)
    play("realloc may stay or move", "alloc a 100\nrealloc a 200\nexpect a at +0\nalloc b 100\nrealloc a 400\n"
         "expect a at +0x13c\n", 0, spec=grain)
    play("a realloc that fails leaves the block", "alloc a 100\nrealloc a 9000\nexpect a fails\nexpect largest 3980\n"
         "free a\nexpect holes 0:4088\n", 0, spec=grain)
    play("alignment is asked for", "alloc a 1\nalloc b 100 align 64\nexpect b at +0x78\n", 0, spec=grain)
    play("no holes are none", "alloc a 4088\nexpect holes none\nexpect free 0\n", 0)
    play("a case starts afresh", "alloc a 10\ncase one\nalloc b 10\nexpect b at 18\ncase two\nalloc b 10\nexpect b at 18\n"
         "expect b at 19\n", 1, ":8: case two: expected b at .0x13, found it at .0x12")
    play("else is for the others", "alloc a 1\n[policy=best] expect a at 7\n[else] expect a at 0\n", 0)
    play("alternatives and turned words", "alloc a 1\n[fit|simple !policy=first|best] expect a at 7\n", 1, "found it at")
    play("a condition on a preset", "alloc a 1\n[policy=worst grain=16] expect a at 7\n", 1, "at .0x8", spec="worst-fit")
    play("a row of a map that differs is shown", "unit 1024\nheader 8\nalloc a 1\nexpect map\n| a.\n| .b\n", 1,
         "expected row 2 of the map to be .b, found ..")
    play("a damaged heap is a failure", "alloc a 240\nalloc b 50\nfree a\nalloc a 239\n", 1, "the heap is damaged",
         spec="simple:sliver=split")
    play("a machine is no map", "storage 1T\nmap 10\n", 2, "a map of 1099511627776 units; expected at most 1048576")
    play("nor is it one to expect", "storage 1T\nexpect map\n| aa\n", 1, "a map of more than 1048576 units")
    play("who moves nothing says so", "alloc a 1\ncompact\n", 2, "simple moves no blocks")
    play("what is granted is said", "alloc a 4000\ngrant b 200 300\n", 1, "b found no room")
    play("what was not granted gets nothing", "alloc a 4000\ngrant b 200 300\nexpect b fails\nexpect b gets 96\n", 1,
         "expected that b gets 96, but it found no room")
    play("a layer in front", "alloc a 100\nexpect a at +0\n", 0, spec="lock+simple")


def maps(folder):
    trace, picture = folder / "t.hyt", folder / "t.svg"
    text = "".join(f"{i} 0 malloc {i} 4000\n" for i in range(100)) + "".join(f"{100 + i} 0 free {i}\n" for i in range(0, 100, 2))
    assert run("import", "-", "-o", trace, text=text).returncode == 0
    expect("a map at the peak", run("map", trace, "-a", "fit", "--at", "peak", "--width", 10, "--rows", 4), 0,
           r"^\+0x0 +#{10}$", "391.4 KiB in 100 blocks, free 55.8 KiB in 1 hole,", r"\. free")
    holes = run("map", trace, "-a", "best-fit,worst-fit", "--rows", 1)
    expect("a map at the end, of two allocators", holes, 0, "195.7 KiB in 50 blocks", "^worst-fit after")
    rows = run("map", trace, "-a", "simple:storage=1M", "--at", "50", "--width", "64", "--rows", "4").stdout.splitlines()[1:5]
    drawn = "".join(row.split()[1] for row in rows)
    case("50 ranges of 4008 bytes fill 48 of 256 cells of 4096 and most of one more",
         [] if drawn == "#" * 48 + "#" + "." * 207 else [drawn])
    drawn = run("map", trace, "-a", "fit,simple:storage=1M", "--over-time", picture)
    if "gnuplot is not installed" in drawn.stderr:
        skip("a heap over time", "there is no gnuplot")
        return
    expect("a heap over time", drawn, 0, "t.svg drawn")
    blocks = [[line.split() for line in block.splitlines() if line and line[0] != "#"]
              for block in (folder / "t.dat").read_text().split("\n\n\n")]
    heaps = [[tuple(map(int, line)) for line in block] for block in blocks[:-1]]
    live, nothing = [0, 102, 168], [255, 255, 255]
    for name, pixels in zip(("fit", "simple"), heaps):
        first, last = ([rgb for x, y, *rgb in pixels if x == moment] for moment in (0, 255))
        problems = [] if {x for x, *_ in pixels} == set(range(256)) else ["it has other moments"]
        problems += [] if first.count(live) == 0 and last.count(live) >= 48 else [f"{first[:4]} … {last[:4]}"]
        problems += [] if (nothing in first) == (name == "fit") and nothing not in last else ["what is not the heap's"]
        case(f"{name} has 256 moments, no full band at first and 48 or more at last", problems)
    case("the picture has their names", [] if blocks[-1] == [['"fit"'], ['"simple:storage=1M"']] and
         "simple:storage" in picture.read_text() else [str(blocks[-1])])
    many = run("map", trace, "-a", ",".join(7 * ["fit"]), "--over-time", picture)
    expect("seven do not fit side by side", many, 2, "at most 6 allocators")


def partitions(folder):
    """The same memory with real programs in it, and what else `heapyard partition` says of programs."""
    sizes = [f"{HEAPYARD}:{n}M:{n}M" for n in (12, 10, 7, 4, 5, 3)]
    come = [*sizes[:5], "exit:B", "exit:D", sizes[5]]
    start = ("partition", "start", "-m", "40M")
    fixed = "partitions:block=1M,policy="
    expect("programs start, end and start, first fit", run(*start, "-a", fixed + "first", *come), 0,
           r"^F  heapyard +base .0xc00000, limit 0x300000", r"^AAAAAAAAAA\nAAFFF\.{5}\n\.\.CCCCCCC\.\n\.{3}EEEEE\.\.$")
    expect("best fit, and no room for eleven", run(*start, "-a", fixed + "best", *come, f"{HEAPYARD}:11M:12M"), 0,
           r"refused: 11.0 MiB asked for, 13.0 MiB free in 3 holes, the largest 10.0 MiB: external fragmentation",
           r"^AAAAAAAAAA\nAA\.{8}\n\.\.CCCCCCCF\nFF\.EEEEE\.\.$")
    expect("slid together there is", run(*start, "-a", fixed + "best", *come, "compact", f"{HEAPYARD}:11M:20M"), 0,
           "slid together: 3 programs moved, 15.0 MiB", r"^AAAAAAAAAA\nAACCCCCCCF\nFFEEEEEGGG\nG{10}$",
           "G  heapyard +base .0x1b00000, limit 0xd00000: 13.0 MiB asked for, 0 B lost")
    expect("a block is lost in part, a byte is not", run("partition", "start", "-m", "1M", "-a", "partitions:block=100K",
           f"{HEAPYARD}:110K:110K"), 0, "limit 0x32000: 110.0 KiB asked for, 90.0 KiB lost")
    expect("dynamic partitions lose none", run("partition", "start", "-m", "1M", "-a", "fit:metadata=out-of-band,grain=1",
           f"{HEAPYARD}:110K:110K"), 0, "limit 0x1b800: 110.0 KiB asked for, 0 B lost")
    listed = folder / "list"
    listed.write_text(f"# itself\n{HEAPYARD} --version\n")
    ran = run("partition", "guess", "--run", listed, "--libraries", "--limit", "60s", "--format", "csv")
    if "does not let a process be watched" in ran.stderr:
        skip("a program's peak", "no ptrace here")
    else:
        _, guess, resident, mapped, error = (ran.stdout.splitlines() or ["", ""])[-1].split(",")
        case("a program's peak stands beside its guess",
             [] if int(guess) > 0 and 0 < int(resident) <= int(mapped) and
             abs(int(guess) / int(resident) - 1 - float(error)) < 1e-6 else [ran.stdout + ran.stderr])
    programs = folder / "programs"
    programs.mkdir()
    (programs / "one").write_bytes(Path(HEAPYARD).read_bytes())
    page = run("partition", "--page", folder, "--sizes", programs, "--programs", 200)
    said = (folder / "partition.html").read_text() if page.returncode == 0 else page.stderr
    case("the page has pictures, guesses, ageing and where it is told too simply",
         [w for w in ("AADDD.....\n..BBBBBBB.\n", "1 program, 1 of them", "partitions:block=16384,policy=worst", "C. Bays")
          if w not in re.sub("<[^>]*>", "", said)])


shipped()
everywhere()
wrong()
language()
with tempfile.TemporaryDirectory() as name:
    maps(Path(name))
    partitions(Path(name))
print(f"1..{count}")
sys.exit(1 if failed else 0)
