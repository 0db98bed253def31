#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""models.py HEAPYARD - `heapyard partition models` against slow models of its own, on random jobs.  TAP.

Here memory is a list of (start, size, program), a search looks at every hole, and time passes event by event.
"""
import csv
import io
import math
import random
import subprocess
import sys

KIB = 1024


class Contiguous:
    """fixed:BLOCK and dynamic:POLICY, but for next fit: where its rover stands after an exit is the allocator's affair."""

    def __init__(self, machine, unit, policy, tidy):
        self.machine, self.unit, self.policy, self.tidies = machine // unit * unit, unit, policy, tidy
        self.most, self.there, self.moved = self.machine, [], 0

    def holes(self):
        at, found = 0, []
        for start, size, _ in self.there:
            found += [(at, start - at)] if start > at else []
            at = start + size
        return found + ([(at, self.machine - at)] if self.machine > at else [])

    def free(self):
        sizes = [size for _, size in self.holes()]
        return sum(sizes), max(sizes, default=0)

    def take(self, program, need, _):
        size = -(-need // self.unit) * self.unit
        fitting = [hole for hole in self.holes() if hole[1] >= size]
        if not fitting:
            return 0
        choose = {"first": lambda: fitting[0], "best": lambda: min(fitting, key=lambda h: h[1]),
                  "worst": lambda: max(fitting, key=lambda h: h[1])}
        start = choose[self.policy]()[0]
        self.there = sorted(self.there + [(start, size, program)])
        return size

    def leave(self, program):
        self.there = [t for t in self.there if t[2] != program]

    def tidy(self):
        at, moved = 0, []
        for start, size, program in self.there:
            self.moved += size if start != at else 0
            moved.append((at, size, program))
            at += size
        self.there = moved

    def touch(self, program):
        pass


class Flat(Contiguous):
    def __init__(self, machine):
        super().__init__(machine, 1, "first", False)

    def take(self, program, need, _):
        return super().take(program, self.machine, 0)


class Paged:
    def __init__(self, machine, page, lru):
        self.page, self.frames, self.lru = page, machine // page, lru
        self.machine, self.most, self.tidies, self.moved = machine, math.inf, False, 0
        self.order, self.pages, self.faults, self.again = [], {}, 0, 0

    def free(self):
        return (self.frames - len(self.order)) * self.page, 0

    def take(self, program, need, _):
        self.pages[program] = (-(-need // self.page), False)
        self.touch(program)
        return self.pages[program][0] * self.page

    def touch(self, program):
        count, came = self.pages[program]
        for page in range(count):
            is_there = (program, page) in self.order
            if is_there and self.lru:
                self.order.remove((program, page))
                self.order.append((program, page))
            if is_there:
                continue
            self.faults += 1
            self.again += came
            if len(self.order) == self.frames:
                self.order.pop(0)
            self.order.append((program, page))
        self.pages[program] = (count, True)

    def leave(self, program):
        self.order = [o for o in self.order if o[0] != program]


def make(name, machine):
    words = name.split(":")
    if words[0] == "flat":
        return Flat(machine)
    if words[0] == "fixed":
        return Contiguous(machine, int(words[1][:-1]) * KIB, "first", False)
    if words[0] == "dynamic":
        return Contiguous(machine, 1, words[1], len(words) == 3)
    return Paged(machine, 4 * KIB, words[1] == "lru")


def play(jobs, name, machine, order, sweeps):
    """jobs: (start, end, need).  What the columns of the answer should say."""
    memory = make(name, machine)
    paged = isinstance(memory, Paged)
    said = dict(admitted=0, refused=0, waited=0, stuck=0)
    waits, internal, external, failures = [], 0, 0, []
    due, queue, inside, stuck, now = [], [], {}, set(), jobs[0][0]

    def advance(time):
        nonlocal internal, external, now
        internal += (time - now) * sum(granted - need for granted, need in inside.values())
        external += (time - now) * (memory.free()[0] if queue else 0)
        now = time

    def enter(i):
        start, end, need = jobs[i]
        granted = memory.take(i, need, 0)
        if not granted:
            free, largest = memory.free()
            enough = free >= need
            stuck.update([i] if enough else [])
            failures.extend([1 - largest / free] if free else [])
            if enough and memory.tidies:
                memory.tidy()
                granted = memory.take(i, need, 0)
        if granted:
            said["admitted"] += 1
            waits.append(now - start)
            inside[i] = (granted, need)
            stay, gaps = end - start, sweeps - 1
            due.append((now + stay // gaps, i, sweeps - 2))
        return granted

    def serve():
        for i in list(queue):
            if enter(i):
                queue.remove(i)
            elif order == "fifo":
                return

    def step():
        due.sort()
        time, i, left = due.pop(0)
        advance(time)
        memory.touch(i)
        if left:
            stay, gaps = jobs[i][1] - jobs[i][0], sweeps - 1
            due.append((time + (stay - stay // gaps * (gaps - 1) if left == 1 else stay // gaps), i, left - 1))
            return
        memory.leave(i)
        del inside[i]
        serve()

    for i, (start, _, need) in enumerate(jobs):
        while due and min(due)[0] <= start:
            step()
        advance(start)
        if need > memory.most:
            said["refused"] += 1
        elif (queue and order == "fifo") or not enter(i):
            if order == "none":
                said["refused"] += 1
            else:
                queue.append(i)
    while due:
        step()
    length = now - jobs[0][0]
    said.update(refused=said["refused"] + len(queue), waited=sum(w > 0 for w in waits), stuck=len(stuck),
                mean_wait=sum(waits) / len(waits) if waits else None, longest_wait=max(waits, default=0),
                internal=internal / length if length else 0, external=external / length if length else 0, end=length,
                index=sum(failures) / len(failures) if failures else None)
    if paged:
        said.update(faults=memory.faults, faults_again=memory.again, stuck=None)
    if memory.tidies:
        said.update(moved=memory.moved)
    return said


def text_of(jobs):
    """A process for each, executed by the first's children; the first is there all the time and takes no memory."""
    events = [(0, 0, 0, "0 exec 1 0 0 /job")]
    for i, (start, end, need) in enumerate(jobs):
        events.append((start, 1, i, f"{start} vfork {i + 2} 1\n{start} end {i + 2} 0 0 0 exec\n"
                                    f"{start} exec {i + 2} 0 0 /program {i}"))
        events.append((end, 2, i, f"{end} end {i + 2} {need} {need} 0 exit 0"))
    return "\n".join(["# heapyard arrivals 1", "@command made up"] + [e[3] for e in sorted(events)]) + "\n"


def random_jobs(rng):
    jobs, now = [], 0
    for _ in range(rng.randint(1, 40)):
        now += rng.choice([0, 1, 5, 20, 100])
        jobs.append((now, now + rng.randint(1, 400), rng.choice([rng.randint(1, 64), rng.randint(1, 16)]) * KIB))
    return jobs


MODELS = ["flat", "fixed:4K", "fixed:16K", "dynamic:first", "dynamic:best", "dynamic:worst",
          "dynamic:first:tidy", "dynamic:best:tidy", "dynamic:worst:tidy", "paged:fifo", "paged:lru"]


def same(found, expected):
    if expected is None:
        return found == ""
    return found != "" and math.isclose(float(found), expected, rel_tol=1e-4, abs_tol=1e-4)


def compare(program, rng, number):
    jobs, order, sweeps = random_jobs(rng), rng.choice(["fifo", "overtake", "none"]), rng.choice([2, 3, 7])
    machine = rng.choice([48, 64, 100, 150]) * KIB
    answer = subprocess.run([program, "partition", "models", "-", "-m", str(machine), "-a", ",".join(MODELS), "-f", "csv",
                             "--queue", order, "--sweeps", str(sweeps)], input=text_of(jobs), capture_output=True,
                            text=True, timeout=60)
    rows = {row["model"]: row for row in csv.DictReader(io.StringIO(answer.stdout))}
    problems = [answer.stderr] if answer.returncode else []
    for name in MODELS if rows else []:
        for key, value in play(jobs, name, machine, order, sweeps).items():
            if not same(rows[name][key], value):
                problems.append(f"job {number} ({order}, {machine}, {sweeps}): {name}: {key}: {rows[name][key]}, expected {value}")
    return problems


def main(program):
    rng = random.Random(8)
    problems = [p for number in range(25) for p in compare(program, rng, number)]
    print(f"1..1\n{'not ok' if problems else 'ok'} 1 - 25 random jobs on {len(MODELS)} models, each as a slow model says")
    for line in problems[:20]:
        print("# " + line)
    return 1 if problems else 0


sys.exit(main(sys.argv[1]))
