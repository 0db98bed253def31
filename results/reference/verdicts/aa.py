#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The same allocator twice, 20 times: how many false verdicts does this machine make?

    results/reference/verdicts/aa.py                      20 campaigns, two at a time
    results/reference/verdicts/aa.py --campaigns 2        a part; the next call goes on

Each campaign is `heapyard compare T -a X,X`: the baseline is measured twice in every round, and whatever is found
between the two is false.  So each false verdict is also a campaign whose control was told apart: every verdict about
another allocator would have been withheld.  Allocators take turns.  Writes aa.csv and aa.txt; exit 1 if more than 3 of
20 (in proportion) are false.
"""
import collections
import statistics
import sys

import campaigns


def describe(rows, options, campaign):
    words = collections.Counter(row["verdict"] for row in rows)
    false = words["faster"] + words["slower"]
    width = statistics.median((float(r["time_high"]) - float(r["time_low"])) / 2 for r in rows)
    place = campaigns.machine(options, campaign)
    return false, [
        f"{len(rows)} campaigns of the same allocator twice, on {options.trace.stem}, on "
        f"{place.get('cpu', 'an unknown machine')}:",
        f"{false} false verdict{'' if false == 1 else 's'} ({words['faster']} faster, {words['slower']} slower); "
        f"in {false} of them verdicts about other allocators would have been withheld.",
        f"{words['equivalent']} equivalent, {words['inconclusive']} inconclusive at a margin of 2 %.",
        f"Ratios from {min(float(r['time']) for r in rows):.4f} to {max(float(r['time']) for r in rows):.4f}; "
        f"half the interval's width is {100 * width:.2f} % in the middle; "
        f"{min(r['rounds'] for r in rows)} to {max(r['rounds'] for r in rows)} rounds, "
        f"{sum(r['seconds'] for r in rows) / 60:.0f} minutes in all.",
    ]


def main():
    parser = campaigns.arguments(__doc__, 20)
    parser.add_argument("--allocators", default="system,segregated", metavar="NAME,…",
                        help="take turns (system,segregated)")
    options = parser.parse_args()
    names = options.allocators.split(",")
    jobs = [(f"aa-{i + 1:02}", [names[i % len(names)]] * 2, 1000 + i) for i in range(options.campaigns)]
    rows = [campaigns.verdict(found) for found in campaigns.compare_all(options, jobs)]
    campaigns.write_csv(options.output / "aa.csv", rows)
    false, lines = describe(rows, options, jobs[0][0])
    campaigns.write_text(options.output / "aa.txt", lines)
    sys.exit(false > max(1, 3 * len(rows) // 20))


main()
