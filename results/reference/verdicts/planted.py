#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A slowdown that was put there on purpose: is 5 % found, and 0.5 % never called slower?

    results/reference/verdicts/planted.py                 10 campaigns of each, two at a time
    results/reference/verdicts/planted.py --campaigns 2   a part; the next call goes on

The allocator is tests/plugins/delay.so: the C library's malloc, and a loop of so many turns in every 64th call; for the
tenth of the slowdown the same turns in every 640th.  The baseline is the same plug-in with loops=0, so nothing else
differs.

  1. Calibrated: how many turns are 5 % of an operation, by comparing 1000 turns with none.
  2. Verified: how much the turns chosen really are, measured to 0.5 %.
  3. Campaigns of 5 % and 0.5 % take turns; each has a budget of 5 minutes and ends when a precision of 1 % is reached.

Writes planted.csv and planted.txt; exit 1 if fewer than 9 of 10 (in proportion) of 5 % are slower, or one of 0.5 % is.
"""
import argparse
import collections
import statistics
import sys

import campaigns

TRIED, EVERY = 1000, {5: 64, 0.5: 640}


def pair(options, turns, every):
    plugin = options.build / "tests/plugins/delay.so"
    return [f"{plugin}:loops={loops},every={every}" for loops in (0, turns)]


def ratio(found):
    row = found["comparisons"][-1]
    return row["time"], row["time_low"], row["time_high"]


def calibrate(options):
    """Turns that are 5 %."""
    found, = campaigns.compare_all(options, [("calibration", pair(options, TRIED, EVERY[5]), 1)])
    slower = ratio(found)[0] - 1
    if slower <= 0.05:
        sys.exit(f"{TRIED} turns in every {EVERY[5]}th call made {slower:.1%}: this machine is too busy to calibrate")
    return round(0.05 / slower * TRIED)


def verify(options, turns):
    """What was planted, as measured: share: ratio, low, high."""
    jobs = [(f"verified-{share}", pair(options, turns, every), 2) for share, every in EVERY.items()]
    return dict(zip(EVERY, map(ratio, campaigns.compare_all(options, jobs))))


def describe(rows, turns, verified, options):
    place = campaigns.machine(options, "calibration")
    lines = [f"A planted slowdown, on {options.trace.stem}, on {place.get('cpu', 'an unknown machine')}, margin 2 %:"]
    bad = False
    for share, every in EVERY.items():
        mine = [row for row in rows if row["planted"] == share]
        if not mine:
            continue
        words = collections.Counter(row["verdict"] for row in mine)
        middle = statistics.median(float(row["time"]) for row in mine)
        lines.append(f"{share} % ({turns} turns in every {every}th call; by itself measured as "
                     f"{verified[share][0]:.4f}, {verified[share][1]:.4f} to {verified[share][2]:.4f}): "
                     f"{len(mine)} campaigns, {', '.join(f'{n} {word}' for word, n in sorted(words.items()))}; "
                     f"ratio {middle:.4f} in the middle, from {min(row['time'] for row in mine)} to "
                     f"{max(row['time'] for row in mine)}.")
        bad |= words["slower"] < 9 * len(mine) // 10 if share == 5 else words["slower"] > 0
    lines.append(f"{min(r['rounds'] for r in rows)} to {max(r['rounds'] for r in rows)} rounds a campaign, "
                 f"{min(r['seconds'] for r in rows):.0f} to {max(r['seconds'] for r in rows):.0f} s.")
    return bad, lines


def main():
    parser = campaigns.arguments(__doc__, 10)
    parser.add_argument("--long", default="60s", metavar="TIME",
                        help="of the calibration, and of each verification (60s)")
    options = parser.parse_args()
    long = argparse.Namespace(**dict(vars(options), budget=options.long, precision="0.5%", minutes=0))
    turns = calibrate(long)
    print(f"5 % are {turns} turns in every {EVERY[5]}th call", file=sys.stderr)
    verified = verify(long, turns)
    for share, (middle, low, high) in verified.items():
        print(f"{share} % planted is {middle:.4f} ({low:.4f} to {high:.4f})", file=sys.stderr)
    jobs = [(f"planted-{share}-{i + 1:02}", pair(options, turns, every), 2000 + 10 * i + int(share))
            for i in range(options.campaigns) for share, every in EVERY.items()]
    planted = {name: 5 if "-5-" in name else 0.5 for name, _, _ in jobs}
    rows = [dict(planted=planted[found["name"]], **campaigns.short(campaigns.verdict(found), options))
            for found in campaigns.compare_all(options, jobs)]
    campaigns.write_csv(options.output / "planted.csv", rows)
    bad, lines = describe(rows, turns, verified, options)
    campaigns.write_text(options.output / "planted.txt", lines)
    sys.exit(bad)


main()
