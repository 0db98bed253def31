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
    assert data[:12] == b"\x89HYT\r\n\x1a\n\x04\x03\x02\x01" and data[12:16] in (b"\2\0\0\0", b"\3\0\0\0")
    at = number = 0
    at = 16
    while at < len(data):
        head = struct.unpack_from("<4sIIIIIQQQQQ", data, at)
        assert head[1] == number
        yield at, head, data[at + 64 : at + 64 + head[2]]
        at += 64 + head[2]
        number += 1
    assert at == len(data), "cut"


def columns_of(payload, plain, count=13):
    at, sizes, columns = 8 * count, struct.unpack_from("<%dI" % (2 * count), payload), []
    for full, stored in zip(sizes[::2], sizes[1::2]):
        columns.append(expand(payload[at : at + stored], full))
        at += stored
    assert at == len(payload) and 8 * count + sum(sizes[::2]) == plain
    return columns


def word_of(column):
    """The next word of an iterator over bytes: kind, alignment, name, size."""
    kind = next(column)
    assert kind < len(KINDS)
    align = next(column) if kind == ALIGNED else 0
    name = next(column) if kind == FREE else None
    size = next(varints_of(column)) if kind <= REALLOC else None
    return kind, align, name, size


def varints_of(column):
    """Varints from an iterator over bytes, of which no more is taken than they need."""
    while True:
        value = shift = 0
        byte = 0x80
        while byte >= 0x80:
            byte = next(column)
            value |= (byte & 0x7F) << shift
            shift += 7
        assert (byte != 0 or shift == 7) and value < 1 << 64
        yield value


def all_words(column):
    column, words = iter(column), []
    try:
        while True:
            words.append(word_of(column))
    except StopIteration:
        return words


def unzigzag(v):
    return v // 2 if v % 2 == 0 else -((v + 1) // 2)


class Names:
    def __init__(self, first_birth, low, middle, top):
        self.last, self.low, self.middle, self.top = first_birth, iter(low), iter(middle), varints(top)

    def far(self, more):
        v = next(self.low)
        if more > 0:
            v += next(self.middle) << 8
        if more > 1:
            v += next(self.top) << 16
        return v

    def object(self, name, born):
        if name < 100:
            self.last += unzigzag(name)
        elif name < 200:
            self.last = born - 1 - (name - 100)
        elif name < 203:
            self.last += unzigzag(self.far(name - 200))
        else:
            assert name < 206
            self.last = born - 1 - self.far(name - 203)
        self.last %= 1 << 64
        assert self.last < born
        return self.last

    def rest(self):
        return list(self.low) + list(self.middle) + list(self.top)


def tables_of(column):
    """For each context a list of (symbol, chance, what is before), one for each of 1024 numbers."""
    column, tables = iter(column), []
    chances = varints_of(column)
    for _ in range(32):
        table, last = [], -1
        for _ in range(next(column)):
            symbol = next(column)
            chance = next(chances)
            assert last < symbol < 252 and chance > 0
            table += [(symbol, chance, len(table))] * chance
            last = symbol
        assert len(table) in (0, 1024)
        tables.append(table)
    assert not list(column)
    return tables


def context_after(s):
    return 1 + s if s < 23 else 24 + (s - 23) // 2 if s < 31 else 28 + (s - 31) // 4 if s < 43 else 31


def symbols_of(codes, chance, time):
    tables, slots, history = tables_of(chance), [0] * 16384, 0
    states = list(struct.unpack_from("<4I", time))
    words = iter(struct.unpack_from("<%dH" % ((len(time) - 16) // 2), time, 16))
    for first in range(0, len(codes), 4):
        used, found = [], []
        for code in codes[first : first + 4]:
            history = (history << 8 | code) & 0xFFFFFF
            used.append((history * 2654435761 & 0xFFFFFFFF) >> 18)
        contexts = [slots[slot] for slot in used]
        for k, context in enumerate(contexts):
            x = states[k]
            s, many, before = tables[context][x % 1024]
            x = many * (x // 1024) + x % 1024 - before
            states[k] = x if x >= 1 << 16 else x << 16 | next(words)
            found.append(s)
        for slot, s in zip(used, found):
            slots[slot] = context_after(s)
        yield from found
    assert states == [1 << 16] * 4 and not list(words)


def ticks_of(symbols, bits):
    position = 0
    for s in symbols:
        if s < 16:
            yield s
            continue
        width = 2 + (s - 16) // 4
        window = int.from_bytes(bits[position // 8 : position // 8 + 9], "little") >> position % 8
        yield (4 + (s - 16) % 4 << width) + (window & (1 << width) - 1)
        position += width
    assert (position + 7) // 8 == len(bits)


def times_of(base, ticks, column):
    tick, stretches = struct.unpack_from("<Q", column)[0], varints(column[8:])
    assert 1 << 32 <= tick < 1 << 52
    time, fine, left = base, 0, 0
    for n in ticks:
        if left == 0:
            left, fine = next(stretches), next(stretches)
            assert left > 0 and fine < tick
        left -= 1
        fine = fine + n * tick
        time += fine >> 32
        fine &= 0xFFFFFFFF
        yield time
    assert left == 0 and not list(stretches)


def events(head, payload):
    _, _, _, plain, count, _, _, first_birth, base, _, _ = head
    codes, words, rare, names, low, middle, top, threads, runs, tick, chance, time, bits = columns_of(payload, plain)
    words, rare, names = all_words(words), iter(rare), iter(names)
    objects = Names(first_birth, low, middle, top)
    thread = [t for t, run in zip(varints(threads), varints(runs)) for _ in range(run)]
    assert len(codes) == len(thread) == count
    born = first_birth
    times = times_of(base, ticks_of(symbols_of(codes, chance, time), bits), tick)
    for code, who, when in zip(codes, thread, times):
        kind, align, name, size = word_of(rare) if code == 255 else words[code]
        line = [when, who, KINDS[kind]]
        if kind <= ALIGNED:
            line.append(born)
            born += 1
        elif kind <= FREE:
            line.append(objects.object(next(names) if kind == REALLOC else name, born))
        if kind <= REALLOC:
            line.append(size)
        if kind == ALIGNED:
            line.append(1 << align)
        yield line
    assert not list(rare) and not list(names) and not objects.rest() and not list(times)


class Notes:
    """What stands before a block of events: lines of the table, marks by event, the sites of what asks for memory."""

    def __init__(self):
        self.table, self.marks, self.sites = "", {}, None

    def add(self, payload, plain):
        table, marks, codes, often, rare = columns_of(payload, plain, 5)
        often, rare = list(varints(often)), varints(rare)
        self.table += table.decode()
        for line in marks.decode().splitlines():
            event, when, who, name = line.split("\t")
            self.marks.setdefault(int(event), []).append("%s %s phase %s" % (when, who, name))
        if codes:
            assert self.sites is None
            self.sites = iter([next(rare) if code == 255 else often[code] for code in codes])
        assert not list(rare)

    def print_table(self, out):
        for line in self.table.splitlines():
            out.write("@%s\n" % line)

    def print_marks(self, event, out):
        for line in self.marks.pop(event, []):
            out.write(line.strip() + "\n")

    def site(self, kind):
        return next(self.sites) if self.sites and kind in KINDS[: REALLOC + 1] else 0


def main(path):
    data = open(path, "rb").read()
    out, read, index, notes, noted = sys.stdout, 0, [], Notes(), False
    for at, head, payload in blocks(data):
        kind, _, _, plain, count = head[:5]
        if kind == b"META":
            for line in expand(payload, plain).decode().splitlines():
                out.write("@%s\n" % line)
        elif kind == b"EVNT":
            index.append((at, count))
            notes.print_table(out)
            for number, event in enumerate(events(head, payload), read):
                notes.print_marks(number, out)
                site = notes.site(event[2])
                out.write(" ".join(map(str, event)) + (" @%d" % site if site else "") + "\n")
            assert not notes.marks and not list(notes.sites or [])
            read, notes = read + count, Notes()
        elif kind == b"NOTE":
            notes.add(payload, plain)
            noted = True
        elif kind == b"INDX":
            entries = expand(payload, plain)
            for offset, size in struct.iter_unpack("<QI", entries):
                assert (offset, size) == index.pop(0)
        elif kind == b"END ":
            total, births, dropped, _, _, _ = struct.unpack("<6Q", payload)
            notes.print_table(out)
            notes.print_marks(total, out)
            assert not notes.marks and notes.sites is None and noted == (data[12] == 3)
            assert total == read and not index and at + 112 == len(data)
            out.write("@dropped=%d\n" % dropped)


main(sys.argv[1])
