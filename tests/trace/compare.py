#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Text to trace to text: what `heapyard import` writes is read back by heapyard and by read_trace.py alike.

    compare.py HEAPYARD        TAP on standard output
"""
import os
import random
import subprocess
import sys
import tempfile

HEAPYARD = sys.argv[1]
READER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "read_trace.py")


def random_text(seed, count, threads, tick, sites=0):
    """Legal events; times lie on the ticks of a clock that makes one each `tick` ns, if it is not 0.  With `sites`, so
    many call sites, and now and then a phase."""
    r, alive, born, time, known = random.Random(seed), [], 0, 0, 0
    lines = ["@command=test %d" % seed, "@origin=compare.py", "@machine=", "@started=0", "@pid=%d" % seed]
    if sites:
        lines += ["@module\t%s\t/usr/lib/m%d ä" % ("0123456789abcdef" * (n % 3), n) for n in range(3)]
        lines += ["@frame\t%d\t%x" % (n % 3, r.randrange(1 << 40)) for n in range(10)]
        lines += ["@site\t%d\t%d" % (r.randrange(n), r.randrange(10)) for n in range(1, sites + 1)]
    for _ in range(count):
        wide = r.randrange(1 << r.randrange(1, 45))
        time += r.choice([0, 1, 2, 3, r.randrange(1000), wide]) if not tick else r.choice([1, 2, 3, wide % 300])
        who = r.randrange(min(known, threads - 1) + 1)
        known = max(known, who + 1)
        kind = r.choice(["malloc", "calloc", "aligned", "realloc", "free", "free", "thread-start", "thread-end"])
        if kind in ("realloc", "free") and not alive:
            kind = "malloc"
        size = r.choice([r.randrange(1, 64), 8 * r.randrange(1, 300), 1 << r.randrange(36)])
        words = [int(time * tick) if tick else time, who, kind]
        if kind in ("malloc", "calloc", "aligned"):
            words += [born, size]
            alive.append(born)
            born += 1
        elif kind in ("realloc", "free"):
            which = r.choice([-1, r.randrange(len(alive))])
            words.append(alive[which])
            if kind == "realloc":
                words.append(size)
            else:
                alive.pop(which)
        if kind == "aligned":
            words.append(1 << r.randrange(22))
        if sites and size and kind in ("malloc", "calloc", "aligned", "realloc"):
            words.append("@%d" % min(sites, int(r.expovariate(3 / sites)) + 1))
        if sites and r.randrange(20) == 0:
            lines.append(("%d %d phase %s" % (words[0], who, r.choice(["load", "", "serve ü all", "x" * 120]))).strip())
        lines.append(" ".join(map(str, words)))
    if sites:
        lines.append("%d 0 phase last" % words[0])
    return "\n".join(lines + ["@dropped=%d" % (seed % 5), ""])


def output(*words):
    return subprocess.run(words, stdout=subprocess.PIPE, check=True, text=True).stdout


def first_difference(a, b):
    for number, (x, y) in enumerate(zip(a.splitlines(), b.splitlines()), 1):
        if x != y:
            return "line %d: expected %r, got %r" % (number, x, y)
    return "lengths %d and %d" % (len(a), len(b))


CASES = [(1, 0, 1, 0), (2, 1, 1, 0), (3, 50, 1, 0), (4, 1000, 3, 0), (5, 20000, 40, 0), (6, 262145, 2, 0),
         (7, 5000, 1, 10.0149), (8, 5000, 2, 25), (9, 50, 1, 0, 4), (10, 20000, 3, 0, 900)]
failed = 0
print("1..%d" % (2 * len(CASES)))
with tempfile.TemporaryDirectory() as folder:
    text_file, trace = os.path.join(folder, "t.txt"), os.path.join(folder, "t.hyt")
    for number, case in enumerate(CASES):
        (seed, count, threads), sites = case[:3], case[4:]
        text = random_text(*case)
        with open(text_file, "w") as file:
            file.write(text)
        output(HEAPYARD, "import", text_file, "-o", trace)
        readers = [(HEAPYARD, "info", "--events", trace), (sys.executable, READER, trace)]
        for i, words in enumerate(readers):
            got = output(*words)
            name = "%d events of %d threads%s by %s" % (count, threads, " with notes" * len(sites), os.path.basename(words[i]))
            print("%s %d - %s" % ("ok" if got == text else "not ok", 2 * number + i + 1, name), flush=True)
            if got != text:
                print("#", first_difference(text, got))
                failed += 1
sys.exit(failed > 0)
