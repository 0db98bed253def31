#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whether a new campaign over merge rules repeats the one kept here.

    results/reference/repeats.py NEW/points.csv [REFERENCE.csv]        results/reference/merge/points.csv by default

Compares the points (trace, allocator, rule) that are in both; a quick campaign has a part of them.  Prints TAP:
  committed   peak_committed is the same to the byte
  counted     splits, merges and merge passes are the same
  resident    peak_resident differs by 2 % at most
  faster      nothing is faster than immediate merging here and slower there, or smaller here and larger there
  outcomes    what got through here gets through there; a timeout is the machine's, and only noted
"""
import csv
import pathlib
import sys

REFERENCE = pathlib.Path(__file__).resolve().parent / "merge" / "points.csv"
COUNTED = ("splits", "merges", "merge_passes")
OPPOSITE = {("faster", "slower"), ("slower", "faster"), ("smaller", "larger"), ("larger", "smaller")}
SHOWN = 10  # of what differs


def read(path):
    with open(path, newline="") as file:
        return {(row["trace"], row["fit"], row["merge"]): row for row in csv.DictReader(file)}


def number(text):
    return None if text in ("n/a", "", None) else float(text)


def pairs(both, column):
    """The points that have a figure in both, with both figures."""
    for key, old, new in both:
        a, b = number(old.get(column)), number(new.get(column))
        if a is not None and b is not None:
            yield key, a, b


def exactly(both, columns):
    found = [(key, column, a, b) for column in columns for key, a, b in pairs(both, column)]
    return len(found), ["%s %s %s: %s was %.0f, is %.0f" % (*key, column, a, b) for key, column, a, b in found if a != b]


def within(both, column, share):
    found = list(pairs(both, column))
    return len(found), ["%s %s %s: %s was %.0f, is %.0f" % (*key, column, a, b) for key, a, b in found
                        if abs(b - a) > share * a]


def same_direction(both, columns):
    found = [(key, old[c], new[c]) for c in columns for key, old, new in both if old[c] != "n/a" and new[c] != "n/a"]
    return len(found), ["%s %s %s: was %s, is %s" % (*key, a, b) for key, a, b in found if (a, b) in OPPOSITE]


def outcomes(both):
    wrong = ["%s %s %s: %s" % (*key, new["outcome"]) for key, old, new in both
             if old["outcome"] == "ok" and new["outcome"] != "ok" and not new["outcome"].startswith("timeout")]
    return len(both), wrong


def tell(place, name, count, wrong):
    good = count > 0 and not wrong
    print("%s %d - %s: %d figures, %d differ" % ("ok" if good else "not ok", place, name, count, len(wrong)))
    for line in wrong[:SHOWN]:
        print("# " + line)
    if len(wrong) > SHOWN:
        print("# … and %d more" % (len(wrong) - SHOWN))
    return good


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    new, old = read(sys.argv[1]), read(sys.argv[2] if len(sys.argv) == 3 else REFERENCE)
    both = [(key, old[key], new[key]) for key in sorted(old.keys() & new.keys())]
    results = [("committed", exactly(both, ("peak_committed",))), ("counted", exactly(both, COUNTED)),
               ("resident", within(both, "peak_resident", 0.02)),
               ("faster", same_direction(both, ("time_verdict", "size_verdict"))), ("outcomes", outcomes(both))]
    print("1..%d" % len(results))
    print("# %d points in both, %d only in the reference, %d only new"
          % (len(both), len(old.keys() - new.keys()), len(new.keys() - old.keys())))
    for key, _, row in both:
        if row["outcome"].startswith("timeout"):
            print("# %s %s %s: %s" % (*key, row["outcome"]))
    good = [tell(i, name, *found) for i, (name, found) in enumerate(results, 1)]
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
