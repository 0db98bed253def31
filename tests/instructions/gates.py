#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""gates.py CALLS LIBRARY RECORDED SOURCE - how many instructions segregated's malloc and free may take.

Counted as calls.py does, so nothing depends on the machine's speed:
 1. a hot malloc and a hot free keep to the figures below;
 2. no malloc and no free of any sequence takes more than the head of SOURCE says (`at most N instructions`);
 3. what is recorded (results/reference/instructions) is still what is counted, but for what another version of the
    compiler may change, and for the worst call of those in PLACED, which depends on where pages lie and so on the
    machine (two counted 4445 and 7179 of the same library): rule 2 bounds it.
"""
import csv
import re
import shutil
import sys
from pathlib import Path

import calls as counter

HOT = {"malloc": 16, "free": 14}
HOT_SEQUENCES = "hot/16", "hot/64", "hot/1K"
PLACED = {("orphans", "free")}
SLACK, SLACK_SHARE = 3, 0.10
REFRESH = "results/reference/instructions/refresh.sh BUILD"

results = []


def check(name, good, reason=""):
    results.append(good)
    print(f"{'ok' if good else 'not ok'} {len(results)} - {name}" + (f"\n# {reason}" if reason and not good else ""))


def skip(name, reason):
    results.append(True)
    print(f"ok {len(results)} - {name} # SKIP {reason}")


def bound_of(source):
    """What the comment at the head of the source promises; None: nothing yet."""
    head = Path(source).read_text().split("*/", 1)[0]
    found = re.search(r"at most (\d[\d ]*\d) instructions", head)
    return int(found[1].replace(" ", "")) if found else None


def differences(row, recorded):
    for column in ("mean", "p50") if (row["sequence"], row["call"]) in PLACED else ("mean", "p50", "max"):
        now, before = float(row[column]), float(recorded[column])
        if abs(now - before) > max(SLACK, SLACK_SHARE * before):
            yield f"{row['sequence']} {row['call']}: {column} {now:g} instructions, recorded {before:g}"


def main():
    program, library, recorded, source = sys.argv[1:]
    if not shutil.which("valgrind"):
        print("1..0 # SKIP there is no valgrind")
        return 0
    found = counter.numbers(program, library, counter.sequences(program))
    rows = {(row["sequence"], row["call"]): row for row in counter.rows(library, found)}
    check("the control, an empty function, takes one instruction", rows["nothing", "call"]["max"] == 1)
    for call, most in HOT.items():
        for sequence in HOT_SEQUENCES:
            count = rows[sequence, call]["p50"]
            check(f"{sequence}: a {call} takes at most {most} instructions", count <= most, f"{count} instructions")
    bound = bound_of(source)
    for call in "malloc", "free":
        name = f"no {call} takes more than the stated bound"
        most, sequence = max((row["max"], row["sequence"]) for row in rows.values() if row["call"] == call)
        if bound is None:
            skip(name, f"the source states none yet; {most} instructions in {sequence}")
        else:
            check(name, most <= bound, f"{most} instructions in {sequence}, the bound is {bound}")
    with open(recorded, encoding="utf-8") as file:
        before = {(row["sequence"], row["call"]): row for row in csv.DictReader(file)
                  if row["library"] == counter.name_of(library)}
    changed = [text for key in rows.keys() & before.keys() for text in differences(rows[key], before[key])]
    check("what is recorded is what is counted", not changed, "\n# ".join(sorted(changed) + [f"after a change: {REFRESH}"]))
    check("what is recorded is complete", rows.keys() == before.keys(), str(sorted(rows.keys() ^ before.keys())))
    print(f"1..{len(results)}")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
