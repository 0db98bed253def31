#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Kills a recorded program at random moments: the trace must hold all that was done until then.  TAP.

usage: kills.py HEAPYARD TRACE_DUMP RECORDED TIMES

Two threads number their blocks by their sizes, and count in a file that they share with us how many calls have returned.
Of each thread the trace must hold the first of its events, none missing in between, and not one of those counted may be
missing; at most one more, that had not returned yet, may be there.
"""
import os
import random
import signal
import struct
import subprocess
import sys
import tempfile
import time

HEAPYARD, DUMP, RECORDED = map(os.path.abspath, sys.argv[1:4])
NUMBERS = 60000  # as in recorded_threads.c


def read_counters(file):
    """The process, and (births, deaths) of its two threads."""
    values = struct.unpack('5Q', os.pread(file.fileno(), 40, 0))
    return values[0], [values[1:3], values[3:5]]


def record_and_kill(pause):
    """Returns the counters of the threads when it was over."""
    with open('count', 'w+b') as counters:
        counters.truncate(4096)
        command = [HEAPYARD, 'record', '-o', 't.hyt', '--', RECORDED, 'numbered']
        with subprocess.Popen(command, stdin=counters, stderr=subprocess.PIPE) as recorder:
            deadline = time.monotonic() + 60
            while not read_counters(counters)[0] and time.monotonic() < deadline:
                time.sleep(0.001)
            time.sleep(pause)
            os.kill(read_counters(counters)[0], signal.SIGKILL)
            recorder.communicate(timeout=60)
            assert recorder.returncode == 128 + signal.SIGKILL, recorder.returncode
        return read_counters(counters)[1]


def check_thread(events, births, deaths):
    """events: (kind, size), in turn a birth and its death."""
    for i, (kind, size) in enumerate(events):
        wanted = ('free' if i % 2 else 'malloc', 1 + i // 2 % NUMBERS)
        assert (kind, size) == wanted, f'event {i} is {kind} of {size}; expected {wanted[0]} of {wanted[1]}'
    missing = births + deaths - len(events)
    assert -1 <= missing <= 0, f'{births} births and {deaths} deaths had returned; {len(events)} events in the trace'


def kill_at_random(seed):
    counters = record_and_kill(random.Random(seed).uniform(0, 0.05))
    done = subprocess.run([DUMP, 't.hyt'], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr or 'cut off'
    threads, sizes = {}, {}
    for line in done.stdout.splitlines():
        if line.startswith('#'):
            continue
        thread, kind, number, size, _ = line.split()
        if kind in ('malloc', 'free'):
            sizes.setdefault(number, int(size))
            threads.setdefault(thread, []).append((kind, sizes[number]))
    # The first thread started the others, and what it allocated for that stays.
    numbered = [events for events in threads.values() if ('free', 1) in events[:2] or events == [('malloc', 1)]]
    # Whoever has done most first: a thread that had not begun must not be taken for the other.
    for births, deaths in sorted(counters, key=sum, reverse=True):
        if births == 0 and len(numbered) == 0:
            continue
        assert numbered, 'a thread is not in the trace'
        mine = min(numbered, key=lambda events: abs(len(events) - births - deaths))
        numbered.remove(mine)
        check_thread(mine, births, deaths)


def main():
    times, failed = int(sys.argv[4]), 0
    for seed in range(times):
        with tempfile.TemporaryDirectory(prefix='heapyard-kills-') as folder:
            os.chdir(folder)
            try:
                kill_at_random(seed)
                print(f'ok {seed + 1} - killed at a random moment ({seed})', flush=True)
            except AssertionError as error:
                failed += 1
                print(f'not ok {seed + 1} - killed at a random moment ({seed})\n# {error}', flush=True)
            os.chdir('/')
    print(f'1..{times}')
    return failed > 0


sys.exit(main())
