#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""import.py HEAPYARD [--refresh] - `heapyard import` and `heapyard export` from outside.  TAP on standard output.

Each seed of the fuzz target (tests/fuzz/corpus/import/) is imported; golden/NAME says the exit code, standard error and
the events that were made.  --refresh writes these anew: read the difference before you commit it.  Then: packed files,
files cut at every byte of their beginning, strange files, bounded memory, and export and import again, against what the format can hold.
"""
import bz2
import gzip
import io
import json
import lzma
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import zipfile
import zlib
from pathlib import Path

HERE = Path(__file__).resolve().parent
SEEDS = HERE.parent / "fuzz/corpus/import"
HEAPYARD = str(Path(sys.argv[1]).resolve())
REFRESH = "--refresh" in sys.argv
MOST = 64 << 20  # bytes of memory that any of these files may take
results = []

MIXED = """0 0 malloc 0 24
10 0 thread-start
20 0 calloc 1 30
30 1 aligned 2 100 64
40 1 realloc 0 5000
50 0 free 1
60 1 malloc 3 0
70 1 realloc 2 7
80 1 free 3
90 1 thread-end
100 0 free 0
"""


def check(name, good, why=""):
    results.append(bool(good))
    print(f"{'ok' if good else 'not ok'} {len(results)} - {name}", flush=True)
    for line in [] if good else str(why)[:3000].splitlines():
        print(f"# {line}")


class Run:
    """A call of heapyard, in little memory: code, out, err."""

    def __init__(self, *words, stdin=b"", env=None, pieces=None):
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            process = subprocess.Popen([HEAPYARD, *map(str, words)], stdin=subprocess.PIPE, stdout=out, stderr=err, env=env,
                                       preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (MOST, MOST)))
            try:
                for piece in pieces or [stdin]:
                    process.stdin.write(piece)
                process.stdin.close()
            except BrokenPipeError:
                pass
            self.code = process.wait()
            out.seek(0), err.seek(0)
            self.out, self.err = out.read().decode(), err.read().decode()

    def __str__(self):
        return f"exit {self.code}\n{self.out}{self.err}"

    def refuses(self, part):
        return self.code == 2 and part in self.err and self.err.count("\n") == 1


def events(trace):
    """The lines of events, without descriptions."""
    return [line for line in Run("info", "--events", trace).out.splitlines() if not line.startswith("@")]


def goldens(trace):
    for seed in sorted(SEEDS.iterdir()):
        shutil.copy(seed, seed.name)
        trace.unlink(missing_ok=True)
        run = Run("import", seed.name, "-o", trace.name)
        made = [line for line in Run("info", "--events", trace).out.splitlines() if line[:5] not in ("@mach", "@star", "@pid=")]
        text = f"exit {run.code}\n{run.err}" + "".join(line + "\n" for line in (made if trace.exists() else ["no trace"]))
        golden = HERE / "golden" / seed.name
        if REFRESH:
            golden.write_text(text)
        refused = run.code == 2 and run.err.count("\n") == 1
        bad = "-bad" in seed.name or seed.name.startswith("none")
        good = (refused if bad else run.code == 0) and golden.exists() and golden.read_text() == text
        check(seed.name, good, f"{run}\n{text}")


def packed(trace):
    text = (SEEDS / "android-new").read_bytes()
    Run("import", SEEDS / "android-new", "-o", trace)
    want = events(trace)

    def zipped(*names):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in names:
                archive.writestr(name, text)
        return file.getvalue()

    ways = {"gzip": gzip.compress(text), "bzip2": bz2.compress(text), "xz": lzma.compress(text), "zip": zipped("d/", "d/t.txt")}
    if shutil.which("zstd"):
        ways["zstd"] = subprocess.run(["zstd", "-c"], input=text, capture_output=True).stdout
    for name, data in ways.items():
        trace.unlink(missing_ok=True)
        Path("packed").write_bytes(data)
        run, piped = Run("import", "packed", "-o", trace), Run("import", "-", "-o", "/dev/null", stdin=data)
        check(f"packed by {name}", run.code == piped.code == 0 and events(trace) == want, f"{run}{piped}")

    def refuse(name, data, part):
        Path("packed").write_bytes(data)
        run = Run("import", "packed", "-o", trace)
        check(name, run.refuses(part), run)

    refuse("two files in a zip", zipped("a", "b"), "more than one file")
    refuse("an empty zip", zipped(), "an empty file")
    refuse("gzip, cut", gzip.compress(os.urandom(2000).hex().encode())[:-900], "truncated gzip")
    long = b"".join(b"a %d %d\n" % (n, n % 977 + 1) for n in range(16000))
    half = gzip.compress(long)[:-2000]
    refuse("a long gzip, cut", half, "truncated gzip")
    there = zlib.decompressobj(31).decompress(half)[:-(64 << 10)].count(b"\n")
    check("a cut gzip gives all lines but those of its last 64 KiB", there > 1000 and len(events(trace)) >= there,
          f"{len(events(trace))} of {there}")
    refuse("xz, broken", lzma.compress(text)[:40] + b"x" * 40, "cannot unpack")
    pack = zlib.compressobj(9, wbits=31)
    bomb = b"".join(pack.compress(b"1: free 0x0\n" * 100000) for _ in range(80)) + pack.flush()
    refuse("a bomb", bomb, "unpacks to more than")


def cut(trace):
    """Whatever a file stops at: a trace and code 0, or a sentence and code 2."""
    for name, most in (("android-new", 70), ("csv", 70), ("heaptrack-time", 70), ("minimalloc", 70), ("rep-new", 70),
                       ("lab", 30), ("lttng", 160), ("mtrace", 70), ("text", 50), ("valgrind-odd", 140), ("wee", 30)):
        step = 1 + (most > 70)
        data = (SEEDS / name).read_bytes()[:most]
        wrong = []
        for size in range(0, len(data), step):
            run = Run("import", "-", "-o", "/dev/null", stdin=data[:size])
            if run.code not in (0, 2) or (run.code == 2 and run.err.count("\n") != 1):
                wrong.append(f"{size} bytes: {run}")
        check(f"{name}, cut at every byte", not wrong, "\n".join(wrong))


def strange(trace):
    def refuse(name, part, *words, **more):
        run = Run("import", *words, **more)
        check(name, run.refuses(part), run)

    refuse("a file of zeros", "a byte of value 0", "/dev/zero", "-o", trace, "--from", "lab")
    refuse("a file of zeros, recognised", "a byte of value 0", "/dev/zero", "-o", trace)
    with open("sparse", "wb") as file:
        file.truncate(1 << 40)
    refuse("a sparse file of 1 TiB", "a byte of value 0", "sparse", "-o", trace, "--from", "csv")
    refuse("a line of 100 MiB", "line 2: longer than 65535 bytes", "-", "-o", trace,
           pieces=[b"a 0 24\n"] + [b"a" * (1 << 20)] * 100)
    refuse("a full disk", "No space left", SEEDS / "lab", "-o", "/dev/full")
    refuse("a path with a new line", "no?such: No such file", "no\nsuch", "-o", trace)
    refuse("a wrong format", "line 1: the head is", SEEDS / "lab", "-o", trace, "--from", "rep")
    refuse("a bad process", "--pid is \"x\"", SEEDS / "lab", "-o", trace, "--pid", "x")
    lines = [b"kind,object,size,thread\n"] + [b"".join(b"malloc,%d,8,%d\n" % (n, n) for n in range(at, at + 10000))
                                             for at in range(0, 530000, 10000)]
    refuse("very many threads", " thread", "-", "-o", trace, pieces=lines)
    run = Run("info", "no\nsuch")
    check("a path with a new line, for info", run.refuses("no?such: No such file"), run)
    run = Run("import", SEEDS / "valgrind-odd", "-o", trace, "--pid", "8")
    check("another process", run.code == 0 and events(trace) == ["0 0 malloc 0 24"] and "of process 8" in run.err, run)
    os.mkfifo("fifo")
    refuse("a FIFO that nobody writes to", "an empty file", "fifo", "-o", trace)


def folders(trace):
    """A folder is given to babeltrace2; here, to one that only prints."""
    os.mkdir("bin"), os.mkdir("ctf")
    here = dict(os.environ, PATH="bin")
    run = Run("import", "ctf", "-o", trace, env=here)
    check("no babeltrace2", run.refuses("babeltrace2, which reads it, is not here"), run)
    script = Path("bin/babeltrace2")
    script.write_text(f"#!/bin/sh\n[ \"$*\" = '--clock-seconds ./ctf' ] && exec /bin/cat '{SEEDS / 'lttng-seconds'}'\n")
    script.chmod(0o755)
    run = Run("import", "ctf", "-o", trace, env=here)
    want = ["0 0 malloc 0 5", "1 0 free 0"]
    check("a folder through babeltrace2", run.code == 0 and [line.split(" ", 1)[1] for line in events(trace)] ==
          [line.split(" ", 1)[1] for line in want], run)
    script.write_text("#!/bin/sh\nexit 3\n")
    run = Run("import", "ctf", "-o", trace, env=here)
    check("babeltrace2 fails", run.refuses("babeltrace2 could not read the folder"), run)


def bounded(trace):
    """Two million lines with a hundred living blocks."""
    piece = [b"".join(b"a %d 16\nf %d\n" % (n + 100, n) for n in range(at, at + 10000)) for at in range(0, 1000000, 10000)]
    run = Run("import", "-", "-o", "/dev/null", pieces=piece)
    check("memory is bounded", run.code == 0 and "1999900 events" in run.err, run)


def expected(to):
    """What is left of MIXED after a format has held it, by the rules in the exporter's `lost`."""
    lines = [line.split() for line in MIXED.splitlines()]
    if to == "csv":
        return [" ".join(line) for line in lines]
    if to == "android":
        return [" ".join(line) for line in lines if line[2] != "thread-start"]
    calls = [line[2:] for line in lines if not line[2].startswith("thread")]
    calls = [["malloc", *call[1:3]] if call[0] in ("calloc", "aligned") else call for call in calls]
    return [f"{i} 0 {' '.join(call)}" for i, call in enumerate(calls)]


def lifetimes():
    """The same for minimalloc: times are numbers of events, a realloc is a free and a birth, the end frees all."""
    names, out, born = {}, [], 0
    for i, line in enumerate(MIXED.splitlines()):
        kind, *rest = line.split()[2:]
        if kind in ("free", "realloc") and rest[0] in names:
            out.append(f"{i} 0 free {names[rest[0]]}")
        if kind not in ("free", "thread-start", "thread-end") and rest[1] != "0":
            names[rest[0]], born = born, born + 1
            out.append(f"{i} 0 malloc {names[rest[0]]} {rest[1]}")
        if kind == "free":
            names.pop(rest[0], None)
    return out + [f"{i + 1} 0 free {number}" for number in names.values()]


def round_trips(trace):
    text, source, again = Path("mixed.txt"), Path("mixed.hyt"), Path("again")
    text.write_text(MIXED)
    Run("import", text, "-o", source)
    for to in ("csv", "android", "rep", "minimalloc"):
        trace.unlink(missing_ok=True)
        out, back = Run("export", source, "--to", to, "-o", again), Run("import", again, "-o", trace)
        want, found = lifetimes() if to == "minimalloc" else expected(to), events(trace)
        same = Run("export", source, "--to", to).out == again.read_text()
        check(f"{to} and back", out.code == back.code == 0 and same and found == want, f"{out}{back}{want}\n{found}")
        named = f"lines of {to}\n" in back.err
        check(f"{to} is recognised, and nothing is dropped", named, back)
    real = Path(HERE.parent.parent / "traces/jq.hyt")
    Run("export", real, "--to", "csv", "-o", again), Run("import", again, "-o", trace)
    hashes = [json.loads(Run("info", "--format", "json", t).out)[0]["hash"] for t in (real, trace)]
    check("a real trace through csv is the same", hashes[0] == hashes[1], hashes)
    run = Run("export", source, "--to", "csv", "-o", "/dev/full")
    check("export to a full disk", run.refuses("/dev/full: cannot write"), run)
    Path("short.hyt").write_bytes(source.read_bytes()[:-90])
    want = f"heapyard: warning: short.hyt: cut off in block 3"
    for words in (["export", "short.hyt", "--to", "csv", "-o", again], ["export", "short.hyt", "--to", "rep"],
                  ["cut", "short.hyt", "--events", "0..", "-o", trace]):
        run = Run(*words)
        check(f"{' '.join(map(str, words[:4]))} of a trace that is cut off", run.code == 1 and want in run.err, run)
    check("what was read of it is exported", again.read_text().count("\n") == 12, again.read_text())
    for name in ("missing", "mixed.txt"):
        run = Run("export", name, "--to", "csv", "-o", again)
        check(f"{name} is no trace, and what is there stays", run.code == 2 and again.read_text().count("\n") == 12, run)
    data = source.read_bytes()
    check("export from a pipe", Run("export", "-", "--to", "csv", stdin=data).out.count("\n") == 12)
    run = Run("export", "-", "--to", "rep", stdin=data)
    check("rep needs a file", run.refuses("give a file"), run)
    Run("export", source, "--to", "minimalloc", "-o", again)
    run = Run("bound", again)
    check("bound reads what minimalloc is given", run.code == 0, run)


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for part in (goldens, packed, cut, strange, folders, bounded, round_trips):
            part(Path("t.hyt"))
            Path("t.hyt").unlink(missing_ok=True)
        os.chdir("/")
    print(f"1..{len(results)}")
    sys.exit(0 if all(results) else 1)


main()
