#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`heapyard info` and `heapyard import` from outside: formats, exit codes, sentences, limits of memory.

    info.py HEAPYARD        TAP on standard output
"""
import csv
import io
import json
import os
import resource
import subprocess
import sys
import tempfile

HEAPYARD = sys.argv[1]
EVENTS = """@command=prog <b> | "x", y
@machine=test
0 0 malloc 0 100
10 0 calloc 1 50
20 1 thread-start
30 1 realloc 0 300
40 0 free 1
"""
LIMIT = 64 << 20  # bytes of address space that bad input may take, beside what the program itself maps
results = []


def check(name, good, why=""):
    results.append(good)
    print("%s %d - %s" % ("ok" if good else "not ok", len(results), name), flush=True)
    if not good:
        print("# %s" % why)


def call(*words, stdin=b"", limit=None):
    def set_limit():
        if limit:
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    done = subprocess.run([HEAPYARD, *words], input=stdin, capture_output=True, preexec_fn=set_limit)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def expect(name, got, code, out=None, err=None):
    good = got[0] == code and (out is None or out in got[1]) and (err is None or err in got[2])
    if err == "":
        good = good and got[2] == ""
    one_sentence = code != 2 or got[2].count("\n") == 1 or "--help" in got[2]
    check(name, good and one_sentence, repr(got)[:600])


def formats(trace):
    code, out, err = call("info", "--format", "json", trace)
    one = json.loads(out)[0]
    want = {"events": 5, "peak_bytes": 350, "peak_event": 3, "handovers": 1, "total_bytes": 350, "threads": 2,
            "end_objects": 1, "command": 'prog <b> | "x", y', "warning": None}
    check("json", code == 0 and all(one[k] == v for k, v in want.items()), out)
    check("live bytes in json", one["live_bytes"] == {"step": 1, "bytes": [100, 150, 150, 350, 300]}, out)
    code, out, err = call("info", "--format", "csv", trace, trace)
    rows = list(csv.DictReader(io.StringIO(out)))
    check("csv", code == 0 and len(rows) == 2 and all(rows[1][k] == str(v) for k, v in want.items() if v), out)
    expect("markdown is not injectable", call("info", "--format", "markdown", trace), 0, 'prog &lt;b> \\| "x", y', "")
    expect("text", call("info", trace), 0, "malloc 1, calloc 1, realloc 1, free 1, thread-start 1", "")
    expect("standard input", call("info", "-", stdin=open(trace, "rb").read()), 0, "trace         -", "")
    expect("events", call("info", "--events", trace), 0, "30 1 realloc 0 300\n40 0 free 1\n@dropped=0\n", "")
    expect("gbench is refused", call("info", "--format", "gbench", trace), 2, "", "no times")
    expect("no trace named", call("info"), 2, "", "expected a trace")


def refusals(folder, trace):
    data = open(trace, "rb").read()

    def path_of(name, content):
        path = os.path.join(folder, name)
        with open(path, "wb") as file:
            file.write(content)
        return path

    cut = path_of("cut.hyt", data[:-1])
    expect("cut off: answered, warned", call("info", cut), 1, "events        5", "cut off in block 3")
    expect("a cut and a good one", call("info", "--format", "csv", cut, trace), 1, "\n", "cut off in block 3")
    flipped = bytearray(data)
    flipped[-115] ^= 1
    expect("damaged", call("info", path_of("flip.hyt", flipped)), 2, "", "block 2: checksum mismatch; 1 block (5 events) read")
    expect("a bad and a good one", call("info", "/nonexistent", trace), 2, "events        5", "No such file")
    expect("a newline in the name", call("info", path_of("a\nb", b"x")), 2, "", "a?b: not a trace")
    sparse = path_of("sparse.hyt", data[:16])
    os.truncate(sparse, 1 << 40)
    fifo = os.path.join(folder, "fifo")
    os.mkfifo(fifo)
    own = address_space(trace)
    limit = own + LIMIT if own else None
    for name, path, err in [("empty", "/dev/null", "empty"), ("zeros", "/dev/zero", "not a trace"),
                            ("a directory", folder, "a directory"), ("a FIFO", fifo, "a pipe that nobody writes to"),
                            ("a sparse terabyte", sparse, "block 0: checksum mismatch")]:
        expect("%s within 64 MiB" % name, call("info", path, limit=limit), 2, "", err)
    long_line = b"0 0 malloc 0 1\n#" + b"x" * (16 << 20)
    expect("a long line", call("import", "-", "-o", "/dev/null", stdin=long_line, limit=limit), 2, "", "line 2: longer than 65535 bytes")
    expect("a trace is no text", call("import", trace, "-o", os.path.join(folder, "u.hyt")), 2, "", "a trace of heapyard already")
    expect("a full disk in import", call("import", "-", "-o", "/dev/full", stdin=b"0 0 malloc 0 1\n"), 2, "", "No space left")


def address_space(trace):
    """What the program maps to answer a small trace, rounded up; None under a sanitizer, which maps everything."""
    low, high = 1 << 20, 1 << 34
    if call("info", trace, limit=high)[0] != 0:
        return None
    while high - low > 1 << 20:
        middle = (low + high) // 2
        low, high = (low, middle) if call("info", trace, limit=middle)[0] == 0 else (middle, high)
    return high


def side_by_side(folder):
    """Allocators on two traces: the same amounts in the same order take the same memory, twice as much takes more."""
    one, two, database = (os.path.join(folder, name) for name in ("one.hyt", "two.hyt", "d.db"))
    expect("a trace to compare", call("generate", "steady:blocks=3000,alive=100", "-o", one), 0)
    expect("a longer one", call("generate", "steady:blocks=3000,alive=2900,largest=64K", "-o", two), 0)
    words = ("diff", one, two, "-a", "system,segregated", "-r", "1", "-f", "csv", "-o", database)
    code, out, err = call(*words)
    rows = list(csv.DictReader(io.StringIO(out)))
    check("allocators on two traces", code == 0 and [r["allocator"] for r in rows] == ["system", "segregated"]
          and all(float(r["peak_ratio"]) > 2 and float(r["ns_per_op_b"]) > 0 for r in rows), out + err)
    expect("beyond the margin", call(*words, "--margin", "50%"), 1, "peak_ratio")


with tempfile.TemporaryDirectory() as folder:
    side_by_side(folder)
    trace = os.path.join(folder, "t.hyt")
    expect("import", call("import", "-", "-o", trace, stdin=EVENTS.encode()), 0, "", "")
    formats(trace)
    refusals(folder, trace)
print("1..%d" % len(results))
sys.exit(not all(results))
