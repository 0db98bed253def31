#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""live.py HEAPYARD - SIGKILL of the workload or of the pager leaves no process and no file behind; and what is said
where there is no userfaultfd.  Prints TAP."""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HEAPYARD = sys.argv[1]
CANNOT = 77


def start(folder):
    """A storm that would go on for hours, when it is under way; its process and the workload's number."""
    ran = subprocess.Popen(
        [HEAPYARD, "page", "live", "storm", "--pages", "64", "--frames", "8", "-p", "fifo", "--rounds", "4000000000",
         "--no-log", "--swap", folder], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    children = Path(f"/proc/{ran.pid}/task/{ran.pid}/children")
    for _ in range(1000):
        words = children.read_text().split() if children.exists() else []
        if ran.poll() is not None:
            return ran, None
        if words and is_paging(ran.pid):
            return ran, int(words[0])
        time.sleep(0.01)
    ran.kill()
    return ran, None


def is_paging(pager):
    """It has been given the workload's faults."""
    for descriptor in Path(f"/proc/{pager}/fd").iterdir():
        try:
            if "userfaultfd" in os.readlink(descriptor):
                return True
        except OSError:
            pass
    return False


def is_alive(number):
    try:
        return " Z " not in Path(f"/proc/{number}/stat").read_text().rsplit(")", 1)[1][:4]
    except OSError:
        return False


def wait_gone(number):
    for _ in range(1000):
        if not is_alive(number):
            return True
        time.sleep(0.01)
    return False


def case_workload(ran, child, folder):
    os.kill(child, signal.SIGKILL)
    said = ran.communicate(timeout=60)
    if ran.returncode != 1 or "signal 9" not in said[1]:
        return f"exit code {ran.returncode}, it said: {said[1]}"
    return None if wait_gone(child) else "the workload is still there"


def case_pager(ran, child, folder):
    held = os.listdir(folder)
    ran.kill()
    ran.communicate(timeout=60)
    if held:
        return f"the backing file can be seen: {held}"
    return None if wait_gone(child) else "the workload lives on without its pager"


def run_case(number, name, case):
    with tempfile.TemporaryDirectory() as folder:
        ran, child = start(folder)
        if child is None:
            said = ran.communicate()[1]
            print(f"ok {number} - {name} # SKIP {said.strip()}" if ran.returncode == CANNOT
                  else f"not ok {number} - {name}\n# {ran.returncode}: {said}")
            return ran.returncode == CANNOT
        try:
            wrong = case(ran, child, folder) or (f"left behind: {os.listdir(folder)}" if os.listdir(folder) else None)
        finally:
            ran.kill()
    print(f"not ok {number} - {name}\n# {wrong}" if wrong else f"ok {number} - {name}")
    return not wrong


def run_refused(number, name, *options):
    """strace makes the system call fail."""
    strace = shutil.which("strace")
    ran = strace and subprocess.run([strace, "-f", "-qq", "-o", "/dev/null", "-e", "inject=userfaultfd:error=EPERM",
                                     HEAPYARD, "page", "live", *options], capture_output=True, text=True,
                                    timeout=60)
    if not ran or "strace:" in ran.stderr or "LeakSanitizer" in ran.stderr or "cannot find" in ran.stderr:
        print(f"ok {number} - {name} # SKIP strace cannot be used here, or the library is not built")
        return True
    fine = ran.returncode == CANNOT and "this machine cannot run the live pager" in ran.stderr and not ran.stdout
    print(f"ok {number} - {name}" if fine else f"not ok {number} - {name}\n# {ran.returncode}: {ran.stderr}")
    return fine


def judge_program(number, name, options, code, least):
    """The program prints the same as without the pager, and had so many faults at least."""
    plain = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    ran = subprocess.run([HEAPYARD, "page", "live", *options, "-p", "lru", "--format", "csv", "--",
                          os.path.realpath(sys.executable), "-c", code], capture_output=True, text=True, timeout=100)
    if ran.returncode == CANNOT or "cannot find" in ran.stderr:
        print(f"ok {number} - {name} # SKIP {ran.stderr.strip()}")
        return True
    lines = ran.stdout.split("\n")
    faults = int(dict(zip(lines[1].split(","), lines[2].split(",")))["faults"]) if len(lines) > 2 else 0
    fine = ran.returncode == 0 and lines[0] == plain.stdout.strip() and faults > least
    print(f"ok {number} - {name}" if fine else f"not ok {number} - {name}\n# {ran.returncode}: {ran.stderr} {lines}")
    return fine


def run_signals(number, name):
    """Signals break off what waits for the pager: pages thrown away must have gone before they are written to again."""
    code = """
import mmap, signal
signal.signal(signal.SIGALRM, lambda *_: None)
signal.setitimer(signal.ITIMER_REAL, 0.0003, 0.0003)
wrong = 0
for i in range(1500):
    m = mmap.mmap(-1, 16384, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    wrong += any(m[at] for at in range(0, 16384, 4096))
    for at in range(0, 16384, 4096):
        m[at] = 1 + i % 255
    wrong += any(m[at] != 1 + i % 255 for at in range(0, 16384, 4096))
    m.close()
signal.setitimer(signal.ITIMER_REAL, 0)
print(wrong)
"""
    return judge_program(number, name, ["--frames", "8M"], code, 1500)


def run_closed(number, name):
    """A program closes all descriptors that it does not know, as daemons do; one of its own has the number then."""
    code = """
import mmap, os, tempfile
os.closerange(3, 200)
own = [tempfile.TemporaryFile() for _ in range(20)]
wrong = 0
for i in range(600):
    m = mmap.mmap(-1, 16384, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    wrong += any(m[at] for at in range(0, 16384, 4096))
    for at in range(0, 16384, 4096):
        m[at] = 1
    m.close()
print(wrong, sum(os.fstat(file.fileno()).st_size for file in own))
"""
    return judge_program(number, name, ["--frames", "4M"], code, 600)


def run_mapped_over(number, name):
    """A file is mapped in place of memory that was given out; when both are gone the place is not fresh memory."""
    code = """
import ctypes, tempfile
c = ctypes.CDLL(None, use_errno=True); c.mmap.restype = ctypes.c_void_p
c.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
c.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
f = tempfile.TemporaryFile(); f.write(b"x" * 16384); f.flush()
a = c.mmap(None, 16384, 3, 0x22, -1, 0)
assert c.mmap(a, 16384, 3, 0x12, f.fileno(), 0) == a
c.munmap(a, 16384)
b = c.mmap(None, 16384, 3, 0x22, -1, 0)
print(ctypes.string_at(b, 4) == b"\\0\\0\\0\\0")
"""
    return judge_program(number, name, ["--frames", "4M"], code, 0)


def run_program(number, name):
    """A program that knows nothing of it, in 4 MiB; what it prints says whether its memory was kept."""
    code = "x = [str(i * i) for i in range(60000)]; x.sort(); print(len(x), x[0], x[-1], sum(map(len, x)))"
    return judge_program(number, name, ["--frames", "4M"], code, 1024)


def main():
    print("1..8")
    results = [run_case(1, "the workload is killed: exit code 1, and nothing is left", case_workload),
               run_case(2, "the pager is killed: the workload ends, and nothing is left", case_pager),
               run_refused(3, "without userfaultfd: a sentence, and exit code 77", "--pages", "16"),
               run_program(4, "an unmodified program gets its results in 4 MiB"),
               run_signals(5, "an unmodified program whose waits are broken off by signals keeps its memory"),
               run_refused(6, "a program without userfaultfd: a sentence, and exit code 77", "--frames", "1M", "--",
                           os.path.realpath(sys.executable), "-c", "print(sum(range(10)))"),
               run_closed(7, "an unmodified program that closes all descriptors keeps its memory and its files"),
               run_mapped_over(8, "an unmodified program may map a file over its memory")]
    sys.exit(0 if all(results) else 1)


main()
