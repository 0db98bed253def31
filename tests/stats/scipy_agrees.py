#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares harness/stats with scipy on random values, as TAP: scipy_agrees.py FIGURES.

p and quantiles agree to the last digits.  Bootstraps draw other numbers, so their ends agree within what resampling
itself varies by: scipy is asked with five seeds, and ours may lie outside of its five answers by a
sixteenth of the interval.  Skipped where scipy is missing."""
import os
import random
import subprocess
import sys

try:
    import numpy
    from scipy import stats
except ImportError:
    DEBIAN = "/usr/bin/python3"  # where python3-scipy is, whichever python3 comes first
    if os.path.exists(DEBIAN) and os.path.realpath(sys.executable) != os.path.realpath(DEBIAN):
        os.execv(DEBIAN, [DEBIAN, *sys.argv])
    print("1..0 # SKIP python3-scipy is not installed")
    sys.exit(0)

FIGURES = sys.argv[1]
random.seed(6)
questions = []  # (word, a, b, expected: a list of (least, most))


def line(values):
    return f"{len(values)} " + " ".join(repr(float(v)) for v in values)


def ask(word, a, b, *expected):
    questions.append((word, a, b, expected))


def near(value, share=1e-9):
    return value - abs(value) * share - 1e-15, value + abs(value) * share + 1e-15


def noise(count, level=1.0, tied=False):
    values = [level * random.lognormvariate(0, 0.2) for _ in range(count)]
    return [max(1, round(v * 8)) for v in values] if tied else values


for _ in range(60):  # exact where no two are equal and at most 20 are on a side
    na, nb, tied = random.randint(2, 30), random.randint(2, 30), random.random() < 0.4
    a, b = noise(na, tied=tied), noise(nb, random.choice((1, 1.2, 1.5)), tied)
    exact = na <= 20 and nb <= 20 and len(set(a + b)) == na + nb
    p = stats.mannwhitneyu(a, b, alternative="two-sided", method="exact" if exact else "asymptotic").pvalue
    ask("rank-sum", a, b, near(1.0 if numpy.isnan(p) else p))

for _ in range(60):
    n = random.choice((3, 5, 8, 12, 20, 35, 50, 51, 80))
    a, b = noise(n), noise(n, random.choice((1, 1.1, 1.3)))
    logs = numpy.log(numpy.array(a) / numpy.array(b))
    p = stats.wilcoxon(logs, correction=True, mode="exact" if n <= 50 else "approx").pvalue
    ask("signed", a, b, near(p))

for freedom in (1, 2, 3, 4, 5, 6, 7, 12, 29, 100):
    for share in (0.001, 0.025, 0.2, 0.9, 0.975):
        ask("student", [share, freedom], [], near(stats.t.ppf(share, freedom), 1e-7))


def ratio(x, y, axis=-1):
    return numpy.median(x, axis=axis) / numpy.median(y, axis=axis)


def interval(samples, statistic, steps=None):
    """Where the ends may lie: scipy's of five seeds, and some more; the ends for a median of few values move in steps,
    from one of them to the next, so there it is one step more."""
    ends = []
    for seed in range(5):
        found = stats.bootstrap(samples, statistic, vectorized=True, n_resamples=9999, method="BCa",
                                random_state=seed).confidence_interval
        ends.append((found.low, found.high))
    slack = (ends[0][1] - ends[0][0]) / 16
    if steps is None:
        return [(min(e) - slack, max(e) + slack) for e in zip(*ends)]
    return [(max(v for v in steps if v < min(e)), min(v for v in steps if v > max(e))) for e in zip(*ends)]


for i in range(12):
    shared = i % 2 == 1
    n = random.choice((9, 15, 24, 41))
    a, b = noise(n, 1.1), noise(n if shared else n + 3)
    if shared:
        b = [v * w for v, w in zip(b, a)]
        quotients = numpy.array(a) / numpy.array(b)
        ask("shared", a, b, near(numpy.median(quotients)), *interval((quotients,), numpy.median, quotients))
    else:
        ask("apart", a, b, near(ratio(a, b)), *interval((a, b), ratio))

told = subprocess.run([FIGURES], input="".join(f"{w} {line(a)} {line(b)}\n" for w, a, b, _ in questions),
                      capture_output=True, text=True, timeout=120)
answers = [[float(v) for v in answer.split()] for answer in told.stdout.splitlines()]
names = {"rank-sum": "Mann-Whitney", "signed": "the signed-rank test", "student": "Student's quantiles",
         "apart": "BCa intervals of independent sides", "shared": "BCa intervals of shared rounds"}
print(f"1..{len(names)}")
for number, (word, name) in enumerate(names.items(), 1):
    asked = [(q, a) for q, a in zip(questions, answers) if q[0] == word]
    wrong = [(q, a) for q, a in asked if len(a) != len(q[3]) or not all(e[0] <= v <= e[1] for v, e in zip(a, q[3]))]
    complete = len(answers) == len(questions) and told.returncode == 0
    for q, a in wrong:
        print(f"# {word} {line(q[1])} {line(q[2])}: {a}, expected {q[3]}")
    print(f"{'ok' if complete and asked and not wrong else 'not ok'} {number} - {name} are scipy's, {len(asked)} times")
