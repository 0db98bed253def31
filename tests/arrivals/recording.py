#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""recording.py HEAPYARD - `heapyard record --programs` of jobs that fork, exec, thread, crash and linger.  TAP."""
import ctypes
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

count = failures = 0
PYTHON = "/usr/bin/python3"


class Trace:
    def __init__(self, path):
        self.programs = []  # process, kind, file, resident, space, faults, how
        now = {}
        lines = path.read_text().splitlines()
        assert lines[0] == "# heapyard arrivals 1", lines[:1]
        self.times = [int(line.split()[0]) for line in lines if line[0].isdigit()]
        for line in (line for line in lines if line[0].isdigit()):
            words = line.split(" ", 6)
            if words[1] == "end":
                now.pop(words[2]).update(resident=int(words[3]), space=int(words[4]), faults=int(words[5]), how=words[6])
            else:
                assert words[2] not in now, line
                now[words[2]] = dict(kind=words[1], process=words[2], how=None)
                if words[1] == "exec":
                    now[words[2]].update(loadable=int(words[3]), guess=int(words[4]), file=line.split(" ", 5)[5])
                self.programs.append(now[words[2]])
        self.open = len(now)

    def of(self, name):
        return [p for p in self.programs if os.path.basename(p.get("file", "")).startswith(name)]


def check(name, problems):
    global count, failures
    count += 1
    failures += bool(problems)
    print(f"{'not ' if problems else ''}ok {count} - {name}")
    for problem in problems:
        print(f"# {problem}")


def expect(problems, is_so, what):
    if not is_so:
        problems.append(what)


def record(program, folder, *job, **options):
    path = folder / "job.arrivals"
    path.unlink(missing_ok=True)
    answer = subprocess.run([program, "record", "--programs", "-o", str(path), "--", *job], capture_output=True, text=True,
                            timeout=60, **options)
    return answer, Trace(path) if path.exists() else None


def start(program, folder, *job):
    path = folder / "job.arrivals"
    path.unlink(missing_ok=True)
    return path, subprocess.Popen([program, "record", "--programs", "-o", str(path), "--", *job], stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL, text=True)


def kept(program, folder):
    """What was there stays when the job cannot be executed; it goes when the job runs."""
    job, old, new = folder / "nonsense", folder / "old.arrivals", folder / "new.arrivals"
    job.write_bytes(b"\x7fELF nonsense")
    job.chmod(0o755)
    old.write_text("what was here\n")
    problems = []
    for path in old, new:
        answer = subprocess.run([program, "record", "--programs", "-o", str(path), "--", str(job)], capture_output=True,
                                text=True, timeout=60)
        expect(problems, answer.returncode == 2 and "cannot execute" in answer.stderr, f"{answer.returncode}: {answer.stderr}")
    expect(problems, old.read_text() == "what was here\n" and not new.exists(), "the file is another, or there is one")
    subprocess.run([program, "record", "--programs", "-o", str(old), "--", "true"], capture_output=True, timeout=60)
    expect(problems, len(Trace(old).programs) == 1, old.read_text())
    check("an old file is kept if the job cannot be executed, and replaced if it is", problems)


def plain(program, folder):
    answer, trace = record(program, folder, "sh", "-c", "echo said; ls / >/dev/null; sleep 0 & wait; exit 7")
    problems = []
    expect(problems, answer.returncode == 7 and answer.stdout == "said\n", f"exit {answer.returncode}, said {answer.stdout!r}")
    expect(problems, [p["how"] for p in trace.of("dash") + trace.of("ls") + trace.of("sleep")] == ["exit 7", "exit 0", "exit 0"]
           or not trace.of("dash"), f"{trace.programs}")
    expect(problems, trace.times == sorted(trace.times) and trace.open == 0, "times fall, or a program has no end")
    for p in trace.of("ls"):
        expect(problems, p["resident"] > 500_000 and p["space"] > p["resident"] and p["faults"] > 10, f"ls: {p}")
        expect(problems, 0 < p["loadable"] < p["guess"], f"ls: {p}")
    check("programs, their ends and sizes; the job's output and exit code are its own", problems)


def measured(program, folder):
    """The kernel's own maximum, as the program itself sees it just before it ends."""
    text = "import resource; a = bytearray(48 << 20); del a; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    answer, trace = record(program, folder, PYTHON, "-c", text)
    problems, said = [], int(answer.stdout) * 1024
    found = trace.of("python")[0]["resident"]
    expect(problems, found >= 48 << 20 and abs(found - said) < 1 << 20, f"resident {found}, the program says {said}")
    check("the peak is the kernel's", problems)


def forked(program, folder):
    text = ("import os\nif os.fork() == 0:\n    a = bytearray(24 << 20)\n    os._exit(3)\nos.wait()\n"
            "if os.fork() == 0:\n    a = bytearray(40 << 20)\n    os.execv('/bin/true', ['true'])\nos.wait()\n")
    _, trace = record(program, folder, PYTHON, "-c", text)
    forks, problems = [p for p in trace.programs if p["kind"] == "fork"], []
    expect(problems, [p["how"] for p in forks] == ["exit 3", "exec"], f"{forks}")
    expect(problems, len(forks) == 2 and forks[0]["resident"] > 24 << 20 and forks[1]["resident"] > 40 << 20, f"{forks}")
    check("copies have sizes of their own, also those that end by an exec", problems)


def threads(program, folder):
    text = ("import os, threading, time, subprocess\nfor i in range(8):\n    threading.Thread(target=time.sleep, args=(0.05,)).start()\n"
            "threading.Thread(target=lambda: subprocess.run(['true'])).start()\ntime.sleep(0.1)\n"
            "threading.Thread(target=lambda: os.execv('/bin/echo', ['echo', 'from a thread'])).start()\ntime.sleep(60)\n")
    answer, trace = record(program, folder, PYTHON, "-c", text)
    problems, ends = [], [p["how"] for p in trace.of("python") + trace.of("true") + trace.of("echo")]
    expect(problems, answer.stdout == "from a thread\n" and answer.returncode == 0, f"{answer}")
    expect(problems, ends == ["exec", "exit 0", "exit 0"], f"{trace.programs}")
    expect(problems, len({p["process"] for p in trace.programs}) == 2, "threads are counted as processes")
    check("threads are no programs; one of them may fork, or execute another program", problems)


def killed(program, folder):
    answer, trace = record(program, folder, "sh", "-c", "sleep 60 & kill -9 $!; wait; kill -SEGV $$")
    problems = []
    expect(problems, answer.returncode == 128 + signal.SIGSEGV, f"exit {answer.returncode}")
    expect(problems, trace.open == 0, "a program has no end")
    expect(problems, any(p["how"] == "signal 9" for p in trace.programs), f"{trace.programs}")
    expect(problems, trace.programs[0]["how"] == f"signal {int(signal.SIGSEGV)}", f"{trace.programs[0]}")
    check("who is killed ends by that signal", problems)


def failing(program, folder):
    answer, trace = record(program, folder, "sh", "-c", "./no-such-program; exec ./neither")
    problems = []
    expect(problems, answer.returncode == 127 and len([p for p in trace.programs if p["kind"] == "exec"]) == 1, f"{trace.programs}")
    answer, trace = record(program, folder, "no-such-program")
    expect(problems, answer.returncode == 2 and not trace and "no program" in answer.stderr, f"{answer}")
    (folder / "text").write_text("no program\n")
    os.chmod(folder / "text", 0o755)
    answer, trace = record(program, folder, str(folder / "text"))
    expect(problems, answer.returncode == 2 and not trace and "cannot execute" in answer.stderr, f"{answer}")
    check("an exec that fails is no program; what cannot be started leaves no file", problems)


def stopped(program, folder):
    answer, trace = record(program, folder, "sh", "-c",
                           "(while kill -CONT $$ 2>/dev/null; do sleep 0.05; done) & kill -STOP $$; exit 5")
    check("a job that is stopped and goes on", [] if answer.returncode == 5 and trace.open == 0 else [f"{answer}"])


def waits_for(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def interrupted(program, folder):
    problems = []
    path, run = start(program, folder, "sh", "-c", "sleep 60 >/dev/null & echo $!")
    lingering = int(run.stdout.readline())
    expect(problems, waits_for(lambda: " end 1 " in path.read_text()), "the job did not end")
    run.send_signal(signal.SIGINT)
    expect(problems, run.wait(20) == 0, f"exit {run.returncode}")
    trace = Trace(path)
    expect(problems, trace.open == 0 and [p["how"] for p in trace.of("sleep")] == ["cut"], f"{trace.programs}")
    expect(problems, Path(f"/proc/{lingering}").exists(), "what the job left behind has not gone on")
    os.kill(lingering, signal.SIGKILL)
    path, run = start(program, folder, "sh", "-c", "trap 'exit 9' INT; echo ready; while :; do sleep 0.05; done")
    run.stdout.readline()
    run.send_signal(signal.SIGINT)
    expect(problems, run.wait(20) == 9 and Trace(path).programs[0]["how"] == "exit 9", "the signal did not reach the job")
    check("an interrupt is the job's; when that has ended, it ends the recording, and all is kept", problems)


def recorder_killed(program, folder):
    problems = []
    path, run = start(program, folder, "sh", "-c", "echo $$; ls / >/dev/null; until [ -e go ]; do sleep 0.05; done; touch went-on")
    run.stdout.readline()
    expect(problems, waits_for(lambda: "/sleep" in path.read_text()), "sleep was not seen")
    run.kill()
    run.wait()
    Path("go").touch()
    expect(problems, waits_for(lambda: Path("went-on").exists()), "the job did not go on")
    trace = Trace(path)
    expect(problems, [p["how"] for p in trace.of("ls")] == ["exit 0"] and trace.open > 0, f"{trace.programs}")
    answer = subprocess.run([program, "partition", "models", str(path), "-f", "csv"], capture_output=True, text=True)
    expect(problems, answer.returncode == 0, answer.stderr)
    check("a recorder that is killed leaves a trace, and a job that goes on", problems)


def deaf(program, folder):
    """Whoever starts the recorder may have blocked the signals that it waits for."""
    answer, trace = record(program, folder, "sh", "-c", "true & /bin/true; wait; exit 3",
                           preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD, signal.SIGINT]))
    check("signals that were blocked before", [] if answer.returncode == 3 and trace.open == 0 else [f"{answer}"])


def crowded(program, folder):
    """Of many at once some stop before their parents have told of them; a vfork is one even so, where kcmp(2) tells."""
    text = "import subprocess\nfor i in range(20): subprocess.run(['/bin/true'])"
    answer, trace = record(program, folder, "sh", "-c", 'for i in 1 2 3 4 5 6 7 8; do "$0" -c "$1" & done; wait', PYTHON, text)
    least = 160 if ctypes.CDLL(None).syscall(312, os.getpid(), os.getpid(), 1, 0, 0) == 0 else 1
    vforks = sum(p["kind"] == "vfork" for p in trace.programs)
    check("vforks of many programs at once", [] if answer.returncode == 0 and vforks >= least else [f"{vforks} vforks"])


def main(program):
    program = str(Path(program).resolve())
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory() as name:
        os.chdir(name)
        answer, _ = record(program, Path(name), "true")
        if answer.returncode == 77:
            print("1..0 # SKIP " + answer.stderr.strip())
            return 0
        for case in (plain, kept, measured, forked, threads, killed, failing, stopped, interrupted, recorder_killed, deaf, crowded):
            case(program, Path(name))
    print(f"1..{count}")
    return 1 if failures else 0


sys.exit(main(sys.argv[1]))
