#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Real programs under the recorder: the same output and status as without, and traces that are whole.  TAP.

usage: programs.py HEAPYARD TRACE_DUMP
"""
import glob
import os
import shutil
import subprocess
import sys
import tempfile

HEAPYARD, DUMP = map(os.path.abspath, sys.argv[1:3])
ENVIRONMENT = {'PATH': '/usr/bin:/bin', 'LC_ALL': 'C', 'HOME': '/nonexistent', 'GIT_CONFIG_NOSYSTEM': '1'}
SOURCE = '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n'

# name, program that must be there, command, least number of events in all traces, options
PROGRAMS = [
    ('bash', 'bash', ['bash', '-c', 'for i in {1..500}; do a[i]="$i $i"; done; echo "${a[@]}" | wc; exit 3'], 2000, []),
    ('python3', 'python3', ['python3', '-c', 'import json; print(len(json.dumps(list(range(20000)))))'], 2000, []),
    ('python3, threads', 'python3', ['python3', '-c', 'import threading as t\n'
     'x = [t.Thread(target=lambda: sum(len(str(i) * 999) for i in range(3000))) for _ in range(8)]\n'
     '[i.start() for i in x]; [i.join() for i in x]; print(len(x))'], 20000, []),
    ('perl', 'perl', ['perl', '-e', 'my %h; $h{$_ * 7 % 1000} .= "x$_" for 1 .. 20000; print scalar(keys %h), "\\n"'],
     3000, []),
    ('git', 'git', ['sh', '-c', 'git init -q r && cd r && echo a >f && git add f && git -c user.name=a '
     '-c user.email=a@b commit -qm m --date=2000-01-01T00:00:00Z && git log --format=%s --stat'], 500, ['-f']),
    ('gcc', 'gcc', ['sh', '-c', 'gcc -O2 -o hello hello.c && ./hello'], 10000, ['--follow-children']),
    ('sort', 'sort', ['sort', '--parallel=2', '-S', '1M', 'words'], 20, []),
    ('xz', 'xz', ['sh', '-c', 'xz -T2 -k --block-size=65536 words && xz -dc words.xz | cksum'], 50, ['-f']),
    ('sqlite3', 'sqlite3', ['sqlite3', ':memory:', 'CREATE TABLE t(a, b); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL '
     'SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO t SELECT i, hex(i) FROM n; SELECT count(*), max(b) FROM t;'],
     1000, []),
    ('jq', 'jq', ['jq', '-n', '[range(3000) | {a: ., b: "\\(.)"}] | group_by(.a % 7) | map(length)'], 10000, []),
    ('a pipeline', 'sh', ['sh', '-c', 'sort words | uniq -c | sort -rn | head -3; cat nothing; exit 5'], 50, ['-f']),
]


def run(command, folder):
    os.mkdir(folder)
    with open(f'{folder}/hello.c', 'w', encoding='ascii') as out:
        out.write(SOURCE)
    with open(f'{folder}/words', 'w', encoding='ascii') as out:
        out.writelines(f'{i * 7919 % 10007}\n' for i in range(60000))
    return subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, timeout=120)


def count_events(path):
    done = subprocess.run([DUMP, path], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, f'{path}: {done.stderr or "cut off"}'
    lines = done.stdout.splitlines()
    assert lines[-1].startswith('# dropped=0 '), f'{path}: {lines[-1]}'
    return len(lines) - 1


def check(command, least, options):
    plain = run(command, 'plain')
    trace = os.path.abspath('t.hyt')
    recorded = run([HEAPYARD, 'record', '-o', trace, *options, '--', *command], 'recorded')
    assert recorded.returncode == plain.returncode, (recorded.returncode, plain.returncode, recorded.stderr)
    assert recorded.stdout == plain.stdout, 'the output is another'
    kept = [line for line in recorded.stderr.splitlines() if not line.startswith(b'heapyard: ')]
    assert kept == plain.stderr.splitlines(), recorded.stderr
    events = sum(count_events(path) for path in glob.glob('t.hyt*'))
    assert events >= least, f'{events} events; expected at least {least}'


failed = 0
for number, (name, program, command, least, options) in enumerate(PROGRAMS, 1):
    if not shutil.which(program, path=ENVIRONMENT['PATH']):
        print(f'ok {number} - {name} # SKIP {program} is not installed', flush=True)
        continue
    with tempfile.TemporaryDirectory(prefix='heapyard-programs-') as scratch:
        os.chdir(scratch)
        try:
            check(command, least, options)
            print(f'ok {number} - {name}', flush=True)
        except AssertionError as error:
            failed += 1
            print(f'not ok {number} - {name}\n# {error}', flush=True)
        os.chdir('/')
print(f'1..{len(PROGRAMS)}')
sys.exit(failed > 0)
