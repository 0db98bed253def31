#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints a trace as text, like `heapyard info --events`.

A second reader, written from traces/README.md alone, so that the page is proven to say enough.  Standard library and
the `zstd` program; checksums are left out.

    read_trace.py t.hyt
"""
import struct
import subprocess
import sys

KINDS = ["malloc", "calloc", "aligned", "realloc", "free", "thread-start", "thread-end"]
MALLOC, CALLOC, ALIGNED, REALLOC, FREE = range(5)


def expand(data, plain):
    if len(data) == plain:
        return data
    done = subprocess.run(["zstd", "-dcq"], input=data, stdout=subprocess.PIPE, check=True).stdout
    assert len(done) == plain, "a frame of another size than said"
    return done


def varints(data):
    value = shift = 0
    for byte in data:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            assert byte != 0 or shift == 7, "not the shortest form"
            assert value < 1 << 64
            yield value
            value = shift = 0
    assert shift == 0, "cut varint"


def blocks(data):
    assert data[:16] == b"\x89HYT\r\n\x1a\n\x04\x03\x02\x01\x01\0\0\0"
    at = number = 0
    at = 16
    while at < len(data):
        head = struct.unpack_from("<4sIIIIIQQQQQ", data, at)
        assert head[1] == number
        yield at, head, data[at + 64 : at + 64 + head[2]]
        at += 64 + head[2]
        number += 1
    assert at == len(data), "cut"


def columns_of(payload, plain):
    at, sizes, columns = 80, struct.unpack_from("<20I", payload), []
    for full, stored in zip(sizes[::2], sizes[1::2]):
        columns.append(expand(payload[at : at + stored], full))
        at += stored
    assert at == len(payload) and 80 + sum(sizes[::2]) == plain
    return columns


def object_names(column):
    mode, values = column[0], varints(column[1:])
    last = None

    def name(born, first_birth):
        nonlocal last
        last = first_birth if last is None else last
        v = next(values)
        if mode == 0:
            last = born - 1 - v
        else:
            last = last + v // 2 if v % 2 == 0 else last - (v + 1) // 2
        assert 0 <= last < born
        return last

    return name


def times_of(widths, bits):
    packed, position = int.from_bytes(bits, "little"), 0
    for width in widths:
        if width < 2:
            yield width
        else:
            yield (1 << (width - 1)) | (packed >> position) & ((1 << (width - 1)) - 1)
            position += width - 1
    assert (position + 7) // 8 == len(bits) and packed >> position == 0


def times_in_parts(widths, bits):
    """The same, 512 events at a time, because Python shifts long numbers slowly."""
    position = 0
    for start in range(0, len(widths), 512):
        part = widths[start : start + 512]
        size = sum(width - 1 for width in part if width > 1)
        window = int.from_bytes(bits[position // 8 : (position + size + 7) // 8], "little") >> position % 8
        window &= (1 << size) - 1
        yield from times_of(part, window.to_bytes((size + 7) // 8, "little"))
        position += size
    assert (position + 7) // 8 == len(bits)


def events(head, payload):
    _, _, _, plain, count, _, _, first_birth, time, _, _ = head
    kinds, threads, runs, words, sizes, rare, objects, aligns, widths, bits = columns_of(payload, plain)
    words, rare = list(varints(words)), varints(rare)
    sizes, aligns, name = iter(sizes), iter(aligns), object_names(objects)
    thread = [t for t, run in zip(varints(threads), varints(runs)) for _ in range(run)]
    assert len(kinds) == len(thread) == len(widths) == count
    born = first_birth
    for kind, who, passed in zip(kinds, thread, times_in_parts(widths, bits)):
        time += passed
        line = [time, who, KINDS[kind]]
        if kind <= ALIGNED:
            line.append(born)
            born += 1
        elif kind <= FREE:
            line.append(name(born, first_birth))
        if kind <= REALLOC:
            code = next(sizes)
            line.append(next(rare) if code == 255 else words[code])
        if kind == ALIGNED:
            line.append(1 << next(aligns))
        yield line


def main(path):
    data = open(path, "rb").read()
    out, read, index = sys.stdout, 0, []
    for at, head, payload in blocks(data):
        kind, _, _, plain, count = head[:5]
        if kind == b"META":
            for line in expand(payload, plain).decode().splitlines():
                out.write("@%s\n" % line)
        elif kind == b"EVNT":
            index.append((at, count))
            for event in events(head, payload):
                out.write(" ".join(map(str, event)) + "\n")
            read += count
        elif kind == b"INDX":
            entries = expand(payload, plain)
            for offset, size in struct.iter_unpack("<QI", entries):
                assert (offset, size) == index.pop(0)
        elif kind == b"END ":
            total, births, dropped, _, _, _ = struct.unpack("<6Q", payload)
            assert total == read and not index and at + 112 == len(data)
            out.write("@dropped=%d\n" % dropped)


main(sys.argv[1])
