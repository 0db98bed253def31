#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures what recorders of malloc cost the program that they record.  Called by run.sh.

usage: recorders.py BUILD ROOT FOLDER --rounds N [--programs "A B"] [--recorders "A B"]

All recorders run right after each other, in random order, round by round.  The program's own CPU time (user + system, by
wait4) is what counts; heapyard's collecting process is counted apart.  Writes runs.csv and summary.csv beside itself.
"""
import argparse
import contextlib
import csv
import os
import random
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
LIBRARIES = '/usr/lib/x86_64-linux-gnu/'
STRESS = 5000000
RECORDERS = ['none', 'none-again', 'heapyard', 'heaptrack', 'lttng', 'memusage']


def programs(build):
    """name: (recipe of its input, variables, command)"""
    stress = build + '/tests/record/malloc_only'
    cc1 = subprocess.run(['gcc', '-print-prog-name=cc1'], capture_output=True, text=True, check=True).stdout.strip()
    query = ('group_by(.tags[0]) | map({tag: .[0].tags[0], count: length, names: (map(.name | ascii_upcase) | sort), '
             'far: (map(select(.at.x > 250) | {id, where: "\\(.at.x),\\(.at.y)"}))})')
    return {
        'jq': ('jq', [], ['jq', query, 'in.json']),
        'sqlite': ('sqlite', [], ['sqlite3', ':memory:', '.read work.sql']),
        'cc1': ('cc1', [], [cc1, '-quiet', '-imultiarch', 'x86_64-linux-gnu', 'work.c', '-quiet', '-dumpbase', 'work.c',
                            '-dumpbase-ext', '.c', '-mtune=generic', '-march=x86-64', '-O2', '-o', '-']),
        'python': ('python', ['PYTHONMALLOC=malloc', 'PYTHONHASHSEED=0'], ['python3', '-S', '-B', 'work.py']),
        'malloc-only, 1 thread': (None, [], [stress, '1', str(STRESS)]),
        'malloc-only, 2 threads': (None, [], [stress, '2', str(STRESS)]),
    }


def prepare(root, recipe, folder):
    os.makedirs(folder)
    if recipe:
        subprocess.run(['sh', f'{root}/traces/recipes/{recipe}.sh'], cwd=folder, check=True,
                       env={**os.environ, 'HEAPYARD_INPUT': '1'})


class Campaign:
    def __init__(self, options):
        self.build, self.folder = options.build, options.folder
        self.timer = self.build + '/tests/record/cpu_time'
        self.heapyard = self.build + '/harness/cmd/heapyard'
        self.said = ''  # by heapyard, at its end

    def variables(self, recorder):
        """What the recorder's own script sets."""
        output = f'{self.folder}/recorded'
        return {'heaptrack': ['LD_PRELOAD=/usr/lib/heaptrack/libheaptrack_preload.so', f'DUMP_HEAPTRACK_OUTPUT={output}'],
                'lttng': [f'LD_PRELOAD={LIBRARIES}liblttng-ust-libc-wrapper.so.1'],
                'memusage': [f'LD_PRELOAD={LIBRARIES}libmemusage.so', f'MEMUSAGE_OUTPUT={output}']}.get(recorder, [])

    def compress(self):
        """As `heaptrack --raw` does: what the program writes goes through a pipe to another process."""
        os.mkfifo(f'{self.folder}/recorded')
        return subprocess.Popen(['sh', '-c', f'exec zstd -qc <{self.folder}/recorded >{self.folder}/recorded.zst'])

    def run(self, recorder, folder, variables, command):
        """Seconds of the program: user, system; of the collecting process; context switches."""
        result = f'{self.folder}/time'
        words = [self.timer, result, *variables, *self.variables(recorder), *command]
        if recorder == 'heapyard':
            words = [self.heapyard, 'record', '-f', '-o', f'{self.folder}/recorded', '--', *words]
        compressor = self.compress() if recorder == 'heaptrack' else None
        pid = os.posix_spawn(words[0], words, {'PATH': '/usr/bin:/bin', 'LC_ALL': 'C', 'TZ': 'UTC', 'HOME': folder},
                             file_actions=[(os.POSIX_SPAWN_OPEN, 1, '/dev/null', os.O_WRONLY, 0),
                                           (os.POSIX_SPAWN_OPEN, 2, f'{self.folder}/said',
                                            os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)])
        _, status, used = os.wait4(pid, 0)
        if compressor:
            compressor.wait()
        with open(f'{self.folder}/said', errors='replace') as said:
            self.said = said.read()
        if status != 0:
            sys.exit(f'recorders.py: {" ".join(words)}: status {status}\n{self.said}')
        with open(result) as file:
            user, system, wanted, unwanted = map(float, file.read().split())
        for name in os.listdir(self.folder):
            if name.startswith('recorded'):
                os.unlink(f'{self.folder}/{name}')
        return user, system, used.ru_utime + used.ru_stime - user - system, int(wanted), int(unwanted)

    def count_events(self, folder, variables, command):
        self.run('heapyard', folder, variables, command)
        # "recorded 1 234 events": thousands are set apart by thin spaces
        return int(re.sub(r'\D', '', re.search(r'recorded (.*?) events', self.said)[1]))


@contextlib.contextmanager
def lttng(folder, wanted):
    """LTTng's daemon with a session that takes all that its wrapper says."""
    if not wanted:
        yield
        return
    environment = {**os.environ, 'LTTNG_HOME': folder}
    session = f'recorders-{os.getpid()}'

    def say(*words):
        subprocess.run(['lttng', *words], env=environment, check=True, stdout=subprocess.DEVNULL)
    daemon = subprocess.Popen(['lttng-sessiond', '--no-kernel', '--quiet'], env=environment,
                              start_new_session=True)
    try:
        for attempt in range(50):
            time.sleep(0.1)
            if subprocess.run(['lttng', 'list'], env=environment, capture_output=True).returncode == 0:
                break
        say('create', session, f'--output={folder}/lttng')
        say('enable-event', '-u', 'lttng_ust_libc:*')
        say('start')
        yield
        say('destroy', session)
    finally:
        if daemon.poll() is None:  # or there was one already
            daemon.terminate()
            daemon.wait(30)


class Statistics:
    """The project's own intervals."""

    def __init__(self, build):
        self.program = build + '/tests/stats/figures'

    def interval(self, values, others):
        question = f'shared-90 {len(values)} {" ".join(map(repr, values))} {len(others)} {" ".join(map(repr, others))}\n'
        answer = subprocess.run([self.program], input=question, capture_output=True, text=True)
        if answer.returncode != 0:
            return [float('nan')] * 3
        return list(map(float, answer.stdout.split()))

    def shifted(self, values):
        """The median of any numbers, with its interval."""
        shift = 1e6  # only numbers above 0 are taken
        return [x - shift for x in self.interval([value + shift for value in values], [1.0] * len(values))]


def measure(campaign, options):
    rows, events = [], {}
    chosen = {name: what for name, what in programs(options.build).items()
              if not options.programs or name.split(',')[0] in options.programs.split()}
    recorders = options.recorders.split() or RECORDERS
    for name, (recipe, variables, command) in chosen.items():
        folder = f'{options.folder}/{name.replace(" ", "-")}'
        prepare(options.root, recipe, folder)
        os.chdir(folder)
        events[name] = campaign.count_events(folder, variables, command)
    order = random.Random(1)
    with lttng(options.folder, 'lttng' in recorders):
        for number in range(options.rounds):
            for name, (_, variables, command) in order.sample(list(chosen.items()), len(chosen)):
                folder = f'{options.folder}/{name.replace(" ", "-")}'
                os.chdir(folder)
                for recorder in order.sample(recorders, len(recorders)):
                    rows.append([name, recorder, number, events[name],
                                 *campaign.run(recorder, folder, variables, command)])
            print(f'round {number + 1} of {options.rounds}', file=sys.stderr)
    return rows, events, recorders


def summarise(rows, events, recorders, statistics):
    """One line for each program and recorder: the ratio to `none` and what an event costs, with 90 % intervals."""
    for name, count in events.items():
        times = {recorder: [row[4] + row[5] for row in rows if row[:2] == [name, recorder]] for recorder in recorders}
        for recorder in recorders:
            of = [row for row in rows if row[:2] == [name, recorder]]
            line = [name, recorder, count, len(of), f'{sorted(times[recorder])[len(of) // 2]:.4f}']
            if recorder != 'none':
                added = [(a - b) / count * 1e9 for a, b in zip(times[recorder], times['none'])]
                line += [f'{x:.3f}' for x in statistics.interval(times[recorder], times['none'])]
                line += [f'{x:.1f}' for x in statistics.shifted(added)]
                line += [f'{sorted(row[6] for row in of)[len(of) // 2]:.4f}' if recorder == 'heapyard' else '',
                         sorted(row[7] for row in of)[len(of) // 2]]
            yield line


def write(name, head, rows):
    with open(f'{HERE}/{name}', 'w', newline='') as file:
        table = csv.writer(file, lineterminator='\n')
        table.writerow(head)
        table.writerows(rows)


def main():
    parser = argparse.ArgumentParser()
    for word in ['build', 'root', 'folder']:
        parser.add_argument(word)
    parser.add_argument('--rounds', type=int, required=True)
    parser.add_argument('--programs', default='')
    parser.add_argument('--recorders', default='')
    options = parser.parse_args()
    rows, events, recorders = measure(Campaign(options), options)
    write('runs.csv', ['program', 'recorder', 'round', 'events', 'user', 'system', 'collector', 'waits', 'preempted'],
          [[*row[:4], *(f'{x:.6f}' for x in row[4:7]), *row[7:]] for row in rows])
    head = ['program', 'recorder', 'events', 'rounds', 'seconds', 'ratio', 'ratio_low', 'ratio_high', 'ns_per_event',
            'ns_low', 'ns_high', 'collector_seconds', 'waits']
    lines = list(summarise(rows, events, recorders, Statistics(options.build)))
    write('summary.csv', head, lines)
    for line in lines:
        print(f'{line[0]:24}{line[1]:12}', *(f'{x:>9}' for x in line[2:]))


main()
