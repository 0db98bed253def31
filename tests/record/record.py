#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Records small programs that say what they did, and compares the trace with it.  TAP.

usage: record.py HEAPYARD TRACE_DUMP RECORDED PLUGIN STATIC OWN_MALLOC SITES OTHER_MALLOC
"""
import collections
import glob
import json
import os
import random
import resource
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time

HEAPYARD, DUMP, RECORDED, PLUGIN, STATIC, OWN_MALLOC, SITES, OTHER_MALLOC = map(os.path.abspath, sys.argv[1:9])
READER = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../trace/read_trace.py')
count = failed = 0


def case(name):
    """Runs the decorated test in a folder of its own and prints a TAP line."""
    def run(test):
        global count, failed
        count += 1
        try:
            with tempfile.TemporaryDirectory(prefix='heapyard-record-') as folder:
                os.chdir(folder)
                test()
                os.chdir('/')
            print(f'ok {count} - {name}', flush=True)
        except AssertionError as error:
            failed += 1
            os.chdir('/')
            print(f'not ok {count} - {name}\n# ' + str(error).replace('\n', '\n# '), flush=True)
    return run


def record(*program, options=(), **how):
    """Returns the finished `heapyard record -o t.hyt OPTIONS -- PROGRAM`."""
    return subprocess.run([HEAPYARD, 'record', '-o', 't.hyt', *options, '--', *program],
                          capture_output=True, timeout=120, **how)


class Trace:
    """Events of a trace as counters: (kind, size) -> how many; frees by the last size of their object."""

    def __init__(self, path='t.hyt'):
        done = subprocess.run([DUMP, path], capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, f'{path}: {done.stderr or "cut off"}'
        self.counts = collections.Counter()
        self.threads = set()
        self.most_threads = 0  # alive at once
        alive, sizes = set(), {}
        for line in done.stdout.splitlines():
            if line.startswith('#'):
                self.head = line
                continue
            thread, kind, number, size, _ = line.split()
            self.threads.add(thread)
            (alive.discard if kind == 'thread-end' else alive.add)(thread)
            self.most_threads = max(self.most_threads, len(alive))
            if kind == 'free':
                size = sizes.pop(number)
            elif not kind.startswith('thread'):
                sizes[number] = size
            self.counts[kind, int(size)] += 1
        self.dropped = int(self.head.split()[1].partition('=')[2])

    def __getitem__(self, key):
        return self.counts[key]


def check(trace, said):
    """Compares a trace with the lines "KIND SIZE COUNT" that a program printed."""
    lines = said.decode().splitlines()
    assert lines, 'the program said nothing'
    for line in lines:
        kind, size, wanted = line.split()
        found = trace[kind, int(size)]
        assert found == int(wanted), f'{kind} of {size}: {found} in the trace; expected {wanted}'


def check_mode(mode, *arguments, options=(), dropped=0):
    done = record(RECORDED, mode, *arguments, options=options)
    assert done.returncode == 0, done.stderr.decode()
    trace = Trace()
    check(trace, done.stdout)
    if dropped is not None:
        assert trace.dropped == dropped, f'{trace.dropped} calls dropped; expected {dropped}'
    return trace


for mode, dropped in [('family', 0), ('realloc', 0), ('failures', 3), ('many', 0), ('signals', 0), ('handover', 0),
                      ('storm', 0), ('wide', 0), ('late', 0), ('fork', 0), ('forks', 0), ('raw-fork', 0),
                      ('spawn', 0), ('stopped', 0)]:
    case(mode)(lambda: check_mode(mode, dropped=dropped))


@case('the family, over a malloc that has free_sized')
def _():
    done = record(RECORDED, 'family', env=dict(os.environ, LD_PRELOAD=OTHER_MALLOC))
    assert done.returncode == 0, done.stderr.decode()
    check(Trace(), done.stdout)


@case('dlopen')
def _():
    check_mode('dlopen', PLUGIN)


@case('threads have numbers')
def _():
    assert len(check_mode('wide').threads) == 201


@case('thousands of short threads, eight at a time, are not thousands at a time')
def _():
    assert check_mode('storm').most_threads <= 256


@case('closes all descriptors, then exec')
def _():
    check_mode('close-exec', RECORDED)


@case('closes all descriptors, then exec, with children followed')
def _():
    check_mode('close-exec', RECORDED, options=['-f'])
    first = [Trace(path) for path in glob.glob('t.hyt.*')]
    assert len(first) == 1 and first[0]['malloc', 36007] == 1, 'the first image has no trace of its own'


@case('fork, children followed: the child starts with what it inherited')
def _():
    check_mode('fork', options=['--follow-children'])
    children = [Trace(path) for path in glob.glob('t.hyt.*')]
    assert len(children) == 1
    child = children[0]
    found = [child['malloc', 31013], child['free', 31013], child['malloc', 31019], child.dropped]
    assert found == [30, 10, 5, 0], found


@case('forks beside a busy thread, children and grandchildren followed')
def _():
    check_mode('forks', options=['-f'])
    children = [Trace(path) for path in glob.glob('t.hyt.*')]
    assert len(children) == 40, len(children)
    assert sum(child['malloc', 32029] for child in children) == 20
    assert sum(child['malloc', 32027] for child in children) == 20


@case('a fork behind the C library\'s back, followed')
def _():
    check_mode('raw-fork', options=['-f'])
    children = [Trace(path) for path in glob.glob('t.hyt.*')]
    assert len(children) == 1 and children[0]['malloc', 34031] == 1000
    assert children[0].dropped == 1, 'the free of a block from before the fork is not an event'


@case('a daemon that outlives its parent is followed to its end')
def _():
    check_mode('daemon', options=['-f'])
    children = [Trace(path) for path in glob.glob('t.hyt.*')]
    assert len(children) == 1 and children[0]['malloc', 37013] == 100


@case('without --follow-children there is one trace')
def _():
    check_mode('daemon')
    assert os.listdir() == ['t.hyt'], os.listdir()


@case('wrappers in the same process')
def _():
    done = record('env', 'A=b', 'nice', RECORDED, 'family')
    assert done.returncode == 0, done.stderr
    check(Trace(), done.stdout)
    assert 'family' in Trace().head, Trace().head


@case('a small address space')
def _():
    done = record('sh', '-c', f'ulimit -v 300000; exec {RECORDED} limited')
    check(Trace(), done.stdout)


@case('descriptors 0 to 2 closed')
def _():
    done = record('sh', '-c', f'{RECORDED} family > out; exec {RECORDED} many >out <&- 2>&-')
    assert done.returncode == 0, done.stderr
    with open('out', 'rb') as out:
        check(Trace(), out.read())


@case('descriptors 0 to 2 of the recorder itself closed')
def _():
    subprocess.run(['sh', '-c', f'exec {HEAPYARD} record -o t.hyt -- {RECORDED} many <&- >&- 2>&-'], timeout=60)
    assert Trace()['free', 9001] == 100000


@case('a crash: the trace is whole, the signal is passed on')
def _():
    done = record(RECORDED, 'crash')
    assert done.returncode == 128 + signal.SIGSEGV, done.returncode
    assert b'ended by a signal (Segmentation fault)' in done.stderr, done.stderr
    check(Trace(), done.stdout)


@case('the exit status is passed on')
def _():
    assert record('sh', '-c', 'exit 37').returncode == 37


def memory(threads):
    done = record(RECORDED, 'memory', str(threads))
    assert done.returncode == 0, done.stderr.decode()
    kib = int(done.stdout)
    assert 100 * threads < kib <= 1024 + 128 * threads, f'{kib} KiB of the recorder in the program'


for number in [1, 8]:
    case(f'memory in a program of {number} threads')(lambda: memory(number))


@case('Ctrl-C sent to the recorder ends the program, and the trace is whole')
def _():
    with open('count', 'w+b') as counter:
        counter.truncate(4096)
        command = [HEAPYARD, 'record', '-o', 't.hyt', '--', RECORDED, 'endless']
        with subprocess.Popen(command, stdin=counter, stderr=subprocess.PIPE) as recorder:
            deadline = time.monotonic() + 60
            while struct.unpack('Q', os.pread(counter.fileno(), 8, 0))[0] == 0 and time.monotonic() < deadline:
                time.sleep(0.01)
            recorder.send_signal(signal.SIGINT)
            recorder.communicate(timeout=60)
            assert recorder.returncode == 128 + signal.SIGINT, recorder.returncode
    assert Trace()['malloc', 16001] > 0


@case('the program goes on when the recorder is killed')
def _():
    with open('out', 'wb') as out:
        script = f'touch started; sleep 0.5; exec {RECORDED} many'
        command = [HEAPYARD, 'record', '-o', 't.hyt', '--', 'sh', '-c', script]
        with subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL) as recorder:
            deadline = time.monotonic() + 60
            while not os.path.exists('started') and time.monotonic() < deadline:
                time.sleep(0.01)
            recorder.kill()
    while os.path.getsize('out') < 80 and time.monotonic() < deadline:
        time.sleep(0.05)
    with open('out', 'rb') as out:
        assert len(out.read().splitlines()) == 6


@case('--limit ends the trace, not the program')
def _():
    done = record(RECORDED, 'many', options=['--limit', '1000'])
    assert done.returncode == 0 and len(done.stdout.splitlines()) == 6
    assert b'limit' in done.stderr, done.stderr
    assert sum(Trace().counts.values()) == 1000


@case('the last sentence tells what was recorded')
def _():
    done = record(RECORDED, 'family')
    assert b'heapyard: recorded ' in done.stderr and b'bytes an event' in done.stderr, done.stderr


def refuse(words, *arguments):
    done = subprocess.run([HEAPYARD, 'record', *arguments], capture_output=True, timeout=60)
    text = done.stderr.decode()
    assert done.returncode == 2, done.returncode
    assert words in text and text.count('\n') == 1 and text.startswith('heapyard: '), text
    assert not os.path.exists('t.hyt'), 'a trace was left behind'


for words, arguments in [
        ('the -- before the program is missing', ['-o', 't.hyt']),
        ('no program after --', ['-o', 't.hyt', '--']),
        ('there is no program "no-such-program"', ['-o', 't.hyt', '--', 'no-such-program']),
        ('is a directory', ['-o', 't.hyt', '--', '/usr']),
        ('statically linked', ['-o', 't.hyt', '--', STATIC]),
        ('defines malloc in the executable itself', ['-o', 't.hyt', '--', OWN_MALLOC]),
        ('defines malloc in the executable itself', ['-o', 't.hyt', '--', 'sh', '-c', f'exec {OWN_MALLOC}']),
        ('standard output', ['-o', '-', '--', 'true']),
        ('/no/such/folder/t.hyt: cannot create it', ['-o', '/no/such/folder/t.hyt', '--', 'true'])]:
    case(f'refused: {words} ({" ".join(arguments[2:])[-30:]})')(lambda: refuse(words, *arguments))


@case('refused behind a wrapper, with children followed: no trace of it, but of the wrapper')
def _():
    done = record('bash', '-c', f'true; exec {OWN_MALLOC}', options=['-f'])
    assert done.returncode == 2 and b'defines malloc in the executable itself' in done.stderr, done.stderr
    assert not os.path.exists('t.hyt') and len(glob.glob('t.hyt.*')) == 1, os.listdir()


@case('a full disk is said, and the program runs to its end')
def _():
    done = subprocess.run([HEAPYARD, 'record', '-o', '/dev/full', '--', RECORDED, 'many'], capture_output=True,
                          timeout=60)
    assert done.returncode == 2 and b'No space left' in done.stderr, done.stderr


def info(table, *options):
    done = subprocess.run([HEAPYARD, 'info', '--table', table, '--format', 'json', *options, 't.hyt'],
                          capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)[0][table]


def stacks(options, *program):
    """(function, file, whether there is a line) of each frame, innermost first -> calls, bytes, peak."""
    done = record(SITES, *program, options=options)
    assert done.returncode == 0, done.stderr
    found = {}
    for site in info('sites'):
        stack = tuple((f.get('function', '?'), os.path.basename(f.get('file', '')), f.get('line', 0) > 0)
                      for f in site['stack'])
        found.setdefault(stack, []).append((site['calls'], site['bytes'], site['peak_bytes']))
    return found


def at(function):
    return function, 'recorded_sites.c', True


@case('--sites names the functions that ask for memory, each call with its line')
def _():
    found = stacks(['--sites'])
    assert found[at('make_row'),] == [(300, 30000, 30000)], found
    # serve's calloc and realloc are two places; the second thread comes from the same
    assert sorted(found[at('serve'),]) == [(100, 200000, 0), (100, 300000, 5000)], found
    left = subprocess.run([HEAPYARD, 'info', '--table', 'sites', '--by', 'end', 't.hyt'], capture_output=True, text=True,
                          timeout=60).stdout.splitlines()
    ends = [s['end_bytes'] for s in info('sites', '--by', 'end')]
    assert ends == sorted(ends, reverse=True), ends
    assert len(left[4:]) == len([e for e in ends if e]) > 0, left  # below path, empty line, title and headings
    lines = {f['line'] for s in info('sites') for f in s['stack'] if f.get('function') == 'serve'}
    assert len(lines) == 2, lines


@case('--sites=3 tells who called, on the first thread and on another')
def _():
    found = stacks(['--sites=3'])
    assert found[at('make_row'), at('load_table'), at('be_a_program')] == [(300, 30000, 30000)], found
    for caller in 'be_a_program', 'serve_once':
        some = [calls for stack, calls in found.items() if stack[:2] == (at('serve'), at(caller))]
        assert sorted(sum(some, [])) == [(50, 100000, 0), (50, 150000, 5000 * (caller == 'be_a_program'))], found


@case('phases: what was asked for in each, by thread, and no sites where none are wanted')
def _():
    assert record(SITES).returncode == 0
    rows = {(row['phase'], row['thread']): row for row in info('phases')}
    assert list(rows) == [('load', 0), ('serve', 0), ('answer, "it" ä', 1)], rows
    load, serve, answer = rows.values()
    assert (load['times'], load['events'], load['bytes'], load['peak_bytes']) == (1, 300, 30000, 30000), load
    assert (serve['events'], serve['bytes'], serve['end_bytes'], serve['peak_bytes']) == (150, 250000, 30000, 35000), serve
    assert answer['events'] > 150 and answer['bytes'] == 250000, answer  # the thread's end is in it
    assert info('sites') == []


@case('a module that is closed and loaded again: both of its calls have its name')
def _():
    found = stacks(['--sites'], PLUGIN)
    assert [calls for stack, calls in found.items() if stack[0][0] == 'make'] == [[(2, 24014, 12007)]], found


@case('frame pointers that lead nowhere end the walk, and nothing else')
def _():
    found = stacks(['--sites=32'], '--walk')
    assert sum(calls for stack in found.values() for calls, size, _ in stack if size == 777 * calls) == 12, found


@case('data where a frame was expected ends the walk, and is nobody\'s address')
def _():
    found = stacks(['--sites=8'], '--walk')
    calls = {stack: sum(n for n, size, _ in some if size == 778 * n) for stack, some in found.items()}
    assert [(len(stack), n) for stack, n in calls.items() if n > 0] == [(1, 1000)], calls


@case('--sites=8: a thread that asks for its stack before all else')
def _():
    check_mode('own-stack', options=['--sites=8'], dropped=None)


@case('a limit on the size of files is named, and the program does not start')
def _():
    done = record('/bin/echo', 'started',
                  preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, resource.RLIM_INFINITY)))
    assert done.returncode == 2 and b'ulimit -f' in done.stderr and not done.stdout, done


@case('the recorder is killed, and who started it waits for the program first')
def _():
    command = [HEAPYARD, 'record', '-o', 't.hyt', '--', RECORDED, 'orphan']
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as recorder:
        alarm = threading.Timer(30, os.killpg, [recorder.pid, signal.SIGKILL])
        alarm.start()
        said = recorder.stdout.read()
        alarm.cancel()
    assert said == b'malloc 34019 100000\n', said


@case('neither sites nor phases: a trace of version 2, and one with them by the other reader is the same')
def _():
    assert record(RECORDED, 'many').returncode == 0
    assert open('t.hyt', 'rb').read(16)[12] == 2
    assert record(SITES, options=['-s8']).returncode == 0
    assert open('t.hyt', 'rb').read(16)[12] == 3
    words = [[HEAPYARD, 'info', '--events', 't.hyt'], [sys.executable, READER, 't.hyt']]
    a, b = (subprocess.run(w, capture_output=True, check=True, timeout=60).stdout for w in words)
    assert a == b and b' @' in a and b'phase serve' in a and b'@name\t' in a


print(f'1..{count}')
sys.exit(failed > 0)
