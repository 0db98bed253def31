#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""maps.py HEAPYARD - the map pass against a computation of its own, as TAP.

A trace of random numbers is replayed on bump, whose places follow from the sizes; what the pass stored is decoded as
results/README.md says, and compared with lives, places, bands and frames that are worked out here from the events.
"""
import math
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import zlib

HEAPYARD = os.path.abspath(sys.argv[1])
TOLD, FRAMES, BANDS, PAGE = 16000, 192, 512, 4096
KINDS = {"malloc": 0, "calloc": 1, "aligned": 2, "realloc": 3}
count = 0


def case(name, passed, remark=""):
    global count
    count += 1
    print(f"{'ok' if passed else 'not ok'} {count} - {name}" + (f" # {remark}" if remark and not passed else ""), flush=True)


def heapyard(*arguments, text=None):
    return subprocess.run([HEAPYARD, *arguments], input=text, capture_output=True, text=True, timeout=200)


# ------------------------------------------------------------------------------------------------ the computation ----

def make_events(births, seed):
    """(call, object, size): some blocks stay, most die soon, some grow."""
    numbers, living, events, size_of = random.Random(seed), [], [], {}
    for name in range(births):
        call = numbers.choice(["malloc", "malloc", "malloc", "calloc"])
        size_of[name] = numbers.choice([24, 100, 700]) + numbers.randrange(50) + (numbers.random() < 0.01) * 20000
        events.append((call, name, size_of[name]))
        living.append(name)
        if numbers.random() < 0.1:
            grown = numbers.choice(living[:-1] or living)
            if grown != name:
                size_of[grown] += 16 + numbers.randrange(200)
                events.append(("realloc", grown, size_of[grown]))
        while len(living) > 40 and numbers.random() < 0.9:
            place = -1 - min(int(numbers.expovariate(0.1)), len(living) - 1)
            events.append(("free", living.pop(place), 0))
    return events


class Lives:
    """What the events say: [born, died or None, size, kind, offset under bump]."""

    def __init__(self, events):
        self.all, now, clock, top, live, self.peak = [], {}, 0, 0, 0, 0
        for call, name, size in events:
            if call == "free":
                now[name][1] = clock
                live -= now.pop(name)[2]
                continue
            old = now[name][2] if call == "realloc" else 0
            clock += max(0, size - old)
            live += size - old
            self.peak = max(self.peak, live)
            if call == "realloc":
                now[name][1] = clock
            now[name] = [clock, None, size, KINDS[call], top]
            top += (size + 15) // 16 * 16
            self.all.append(now[name])
        self.clock = clock
        areas = sorted((self.area(life) for life in self.all), reverse=True)
        least = areas[TOLD] if len(areas) > TOLD else 0
        self.told = [life for life in self.all if self.area(life) > least]
        self.small = [life for life in self.all if self.area(life) <= least]
        self.moments = [clock * (2 * i + 1) // (2 * FRAMES) for i in range(FRAMES)]

    def area(self, life):
        return ((self.clock if life[1] is None else life[1]) - life[0]) * life[2]

    def there(self, life, frame):
        return life[0] <= self.moments[frame] and (life[1] is None or self.moments[frame] < life[1])

    def live(self):
        return [sum(life[2] for life in self.all if self.there(life, f)) for f in range(FRAMES)]

    def sums(self, band, start):
        """(band, frame) -> [bytes, sizes, births, count] of the lives that are not told."""
        found = {}
        for life in self.small:
            for frame in (f for f in range(FRAMES) if self.there(life, f)):
                at, stop = start + life[4], start + life[4] + life[2]
                while at < stop:
                    end = min(stop, (at // band + 1) * band)
                    sums = found.setdefault((at // band, frame), [0, 0, 0, 0])
                    for i, more in enumerate((end - at, life[2], life[0], 1)):
                        sums[i] += more
                    at = end
        return found


# --------------------------------------------------------------------------------------------------- the decoder ----

class Reader:
    def __init__(self, packed):
        self.bytes, self.at = zlib.decompress(packed), 0

    def number(self):
        value = shift = 0
        while True:
            byte = self.bytes[self.at]
            self.at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def step(self):
        value = self.number()
        return value // 2 if value % 2 == 0 else -(value + 1) // 2

    def plane(self, bands):
        self.at += bands * FRAMES
        return self.bytes[self.at - bands * FRAMES:self.at]


def decode_lives(packed):
    r = Reader(packed)
    head = [r.number() for _ in range(5)]
    live = [r.number() for _ in range(head[2])]
    columns, born = [[r.number() for _ in range(head[1])] for _ in range(4)], 0
    lives = []
    for step, length, size, kind in zip(*columns):
        born += step
        lives.append([born, None if length == 0 else born + length, size, kind])
    assert r.at == len(r.bytes), "bytes are left over"
    return head, live, lives


def decode_places(packed, told):
    r = Reader(packed)
    version, flags, shift = r.number(), r.number(), r.number()
    extents, at = [], 0
    for _ in range(r.number()):
        at += r.step()
        extents.append((at, r.number()))
        at += extents[-1][1]
    zeros, place, places = r.number(), 0, []
    for _ in range(told):
        place += r.step()
        places.append(place << zeros)
    bands = sum(length for _, length in extents)
    planes = [r.plane(bands) for _ in range(3 + (flags & 1) + (flags >> 1 & 1))]
    assert version == 1 and r.at == len(r.bytes), "bytes are left over"
    return flags, shift, extents, places, planes


# --------------------------------------------------------------------------------------------------------- cases ----

def percent(part, whole):
    return 0 if part == 0 else max(1, (part * 100 + whole // 2) // whole)


def stored(spec):
    with sqlite3.connect("r.db") as db:
        return db.execute("SELECT lives, places FROM heapmap JOIN cell ON cell.id = heapmap.cell WHERE spec = ?",
                          [spec]).fetchone()


def check_sums(lives, shift, start, planes, bands):
    wrong, band, sums = [], 1 << shift, lives.sums(1 << shift, start)
    for index in range(bands * FRAMES):
        there = sums.get((index // FRAMES, index % FRAMES), [0, 0, 0, 0])
        small = percent(there[0], band)
        size = round(4 * math.log2(there[1] / there[3])) if there[3] else 0
        born = int(there[2] / there[3] / lives.clock * 255) if there[3] else 0
        if planes[0][index] != small or abs(planes[1][index] - size) > 1 or abs(planes[2][index] - born) > 1:
            wrong.append((divmod(index, FRAMES), [p[index] for p in planes[:3]], (small, size, born)))
    case("what is not told one by one is summed up by band and frame",
         bool(sums) == (len(lives.all) > TOLD) and not wrong, str(wrong[:3]))


def check_pages(lives, shift, start, planes, bands):
    """Under bump a page is there as soon as a block was born in it; the bitmap of the chunk lies in front."""
    wrong, pages = [], 1 << shift - 12
    for frame in range(0, FRAMES, 17):
        touched = set()
        for life in lives.all:
            if life[0] <= lives.moments[frame]:
                touched.update(range((start + life[4]) // PAGE, (start + life[4] + life[2] - 1) // PAGE + 1))
        for band in range(start // (PAGE * pages) + 1, bands):
            here = sum(page // pages == band for page in touched)
            if planes[3][band * FRAMES + frame] != percent(here, pages):
                wrong.append((band, frame, planes[3][band * FRAMES + frame], here))
    thp = open("/sys/kernel/mm/transparent_hugepage/enabled").read() if os.path.exists(
        "/sys/kernel/mm/transparent_hugepage/enabled") else ""
    case("the pages that are there are those that blocks were born in", not wrong or "[always]" in thp, str(wrong[:3]))


def check_bump(lives, births):
    head, live, told = decode_lives(stored("bump:chunk=64M")[0])
    case(f"{births} births: the head says version, lives, frames, clock and most live bytes",
         head == [1, len(lives.told), FRAMES, lives.clock, lives.peak], str(head))
    case("the lives of largest area are told one by one", told == [life[:4] for life in lives.told])
    case("live bytes at each frame", live == lives.live())
    flags, shift, extents, places, planes = decode_places(stored("bump:chunk=64M")[1], head[1])
    start = places[0] - lives.told[0][4]
    case("each lies where bump must have put it", places == [start + life[4] for life in lives.told])
    bands = sum(length for _, length in extents)
    case("as many bands as fit, and all blocks in them", BANDS // 2 < bands <= BANDS or shift == 12, f"{bands} {shift}")
    check_sums(lives, shift, start, planes, bands)
    if flags & 1:
        check_pages(lives, shift, start, planes, bands)


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    for births in 300, 18000:
        events = make_events(births, births)
        text = "".join(f"{i} 0 {call} {name}" + (f" {size}\n" if size else "\n")
                       for i, (call, name, size) in enumerate(events))
        assert heapyard("import", "-", "-o", "t.hyt", text=text).returncode == 0
        if os.path.exists("r.db"):
            os.remove("r.db")
        ran = heapyard("replay", "t.hyt", "--pass", "map", "-a", "bump:chunk=64M,first-fit,system", "-o", "r.db")
        case(f"{births} births: the pass ends well, and null has no map",
             ran.returncode == 0 and stored("null") is None, ran.stderr)
        check_bump(Lives(events), births)
        case("the lives are the trace's: the same for every allocator",
             stored("first-fit")[0] == stored("bump:chunk=64M")[0] == stored("system")[0])
        flags, shift, extents, places, planes = decode_places(stored("first-fit")[1],
                                                              decode_lives(stored("first-fit")[0])[0][1])
        case("who shows his insides has metadata, in the map too", flags & 2 and any(planes[-1]) and max(planes[-1]) <= 100)
        case("who does not has none", decode_places(stored("system")[1], decode_lives(stored("system")[0])[0][1])[0] & 2 == 0)

print(f"1..{count}")
