#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What an event of a trace takes in its file, by column, in bytes.

    density.py traces/*.hyt

prints a table, and the geometric mean over the traces of one thread.  Reads the blocks' heads and the sizes of their
columns only (traces/README.md).
"""
import math
import os
import struct
import sys

COLUMNS = "code word rare name low middle top thread run tick chance time bits".split()
EVENTS = range(9)  # the columns of all but the times


def sizes_of(path):
    """Events, threads, bytes of the file, bytes of each column as stored."""
    data, at, events, threads, sizes = open(path, "rb").read(), 16, 0, 0, [0] * len(COLUMNS)
    while at < len(data):
        kind, _, stored, _, count, threads = struct.unpack_from("<4sIIIII", data, at)
        if kind == b"EVNT":
            pairs = struct.unpack_from("<%dI" % (2 * len(COLUMNS)), data, at + 64)
            sizes = [total + size for total, size in zip(sizes, pairs[1::2])]
            events += count
        at += 64 + stored
    return events, threads, len(data), sizes


def mean(values):
    return math.exp(sum(map(math.log, values)) / len(values)) if values else 0


def main(paths):
    print("| trace | without times | with times | " + " | ".join(COLUMNS) + " |")
    print("|---" * (3 + len(COLUMNS)) + "|")
    single = []
    for path in paths:
        events, threads, size, sizes = sizes_of(path)
        without = (size - sum(sizes[i] for i in range(len(COLUMNS)) if i not in EVENTS)) / events
        if threads == 1:
            single.append((without, size / events))
        row = ["%.3f" % x for x in (without, size / events, *(s / events for s in sizes))]
        print("| %s | %s |" % (os.path.basename(path).removesuffix(".hyt"), " | ".join(row)))
    means = [mean([pair[i] for pair in single]) for i in range(2)]
    print("\nGeometric mean over the %d of one thread: %.3f without times, %.3f with." % (len(single), *means))


main(sys.argv[1:])
