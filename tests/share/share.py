#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""share.py HEAPYARD - what `heapyard share` says of this machine, where it must be so on every one.

Prints TAP.  What a machine refuses (personality, static programs, huge pages) is skipped with the reason.
"""
import json
import math
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HEAPYARD = sys.argv[1]
count = failed = 0


def check(what, wrong, skip=None):
    """wrong: a list of what is not as it must be."""
    global count, failed
    count += 1
    if skip:
        print(f"ok {count} - {what} # SKIP {skip}")
        return
    failed += bool(wrong)
    print(f"{'not ' if wrong else ''}ok {count} - {what}")
    for line in list(wrong)[:10]:
        print(f"# {line}")


def run(*words, env=None):
    return subprocess.run([HEAPYARD, "share", *words], capture_output=True, text=True, timeout=100, env=env)


def ask(*words):
    done = run(*words, "--format", "json")
    if done.returncode == 77:
        check(f"share {' '.join(words)}", [], done.stderr.strip() or "this machine cannot")
        return None, ""
    if done.returncode != 0:
        check(f"share {' '.join(words)} ends well", [f"exit code {done.returncode}", done.stderr.strip()])
        return None, ""
    return json.loads(done.stdout), done.stderr


def memory():
    answer, _ = ask("memory", "--nodes", "500")
    if not answer:
        return
    rows = answer["memory"]
    here = [r for r in rows if r["at_first_base"] == "the list itself"]
    moved = [r for r in rows if r["link"] == "address" and r not in here]
    others = [r for r in rows if r["link"] != "address"]
    check("every kind of link is right at the first base", [r for r in here if r["outcome"] != "right"])
    check("no address leads into the memory at a second base", [r for r in moved if r["links_inside"] != 0])
    check("addresses crash where nothing is", [r for r in moved if r["at_first_base"] == "nothing"
                                               and not (r["outcome"].startswith("crashed") and r["reached"] == 1)])
    check("addresses are silently wrong where an old copy is", [
        r for r in moved if r["at_first_base"] == "an old copy"
        and not (r["reached"] == 500 and r["sum"] == r["right_sum"] + 499)])
    check("offsets and distances are right at both", [r for r in others if r["outcome"] != "right"
                                                      or r["links_inside"] != 499])


def libraries():
    answer, said = ask("libraries", "--processes", "3")
    if not answer:
        return
    rows = answer["tenants"]
    check("PSS is not above RSS", [r for r in rows + answer["survey"] if r["pss"] > r["rss"]])
    check("no process's memory is counted twice", [r for r in rows if r["memory"] > r["rss"]])
    of = {(r["build"], r["processes"]): r for r in rows}
    missing = None if ("static, copies", 3) in of else "no static program was built here: " + said.strip()
    check("three static copies are in memory three times, one file once", [] if missing else [
        f"{n}" for n in (1,) if of["static, copies", 3]["files"] < 2.9 * of["static, copies", 1]["files"]
        or of["static, one file", 3]["files"] > 1.1 * of["static, one file", 1]["files"]], missing)
    check("copies that share libraries take less than three times one", [
        of["shared, copies", 3]] if of["shared, copies", 3]["files"] > 2 * of["shared, copies", 1]["files"] else [])
    names = [r["library"] for r in answer["survey"]]
    check("the survey finds this program's libc", [] if any("libc.so" in n or "libc-" in n for n in names) else names)


def dll():
    answer, said = ask("dll", "--trials", "400")
    if not answer:
        return
    rows = answer["builds"]
    pic = [r for r in rows if r["build"] == "position-independent"]
    absolute = [r for r in rows if r["build"] == "absolute"]
    check("no page of position-independent code is private", [r for r in pic if r["in_code"] or r["code_private"]]
          or (["4 processes expected"] if len(pic) != 4 else []))
    check("of absolute code exactly the pages with a relocation are private", [
        r for r in absolute if r["code_private"] != r["expected"] or r["code_private"] == 0],
        None if absolute else "no absolute code was built here: " + said.strip())
    check("each process has a base of its own", [rows] if len({r["base"] for r in pic}) < 2 else [],
          None if randomised() else "addresses are not randomised here")
    wrong = []
    for r in answer.get("bases", []):
        if r["bases"] == "random, all of the mean size":
            p = r["formula"]
            if abs(r["refused"] - p) > 4 * math.sqrt(max(p * (1 - p), 1 / 400) / 400) + 0.02:
                wrong.append(r)
    check("libraries of one size collide as often as birthdays do", wrong,
          None if "bases" in answer else "no libraries to simulate with")
    check("libraries with bases of their own never collide", [
        r for r in answer.get("bases", []) if r["bases"] == "one after the other" and r["refused"] > 0 and r["loaded"] < 9])


def randomised():
    try:
        return int(Path("/proc/sys/kernel/randomize_va_space").read_text()) == 2
    except OSError:
        return False


def aslr():
    setarch = shutil.which("setarch")
    words = [setarch, "-R", HEAPYARD, "share", "aslr", "--starts", "64"]
    done = setarch and subprocess.run(words, capture_output=True, text=True, timeout=100)
    refused = not done or "setarch:" in done.stderr
    check("started without randomised addresses, it measures them all the same", [] if refused or done.returncode == 0
          else [done.returncode, done.stderr], "setarch cannot be used here" if refused else None)
    answer, said = ask("aslr", "--starts", "256")
    if not answer:
        return
    rows = answer["aslr"]
    off = [r for r in rows if r["randomised"] != "yes"]
    check("nothing moves when it is switched off", [r for r in off if r["range_bits"] or r["single_bits"]
                                                    or r["distinct"] != 1], None if off else said.strip())
    on = [r for r in rows if r["randomised"] == "yes" and r["setting_bits"] and r["region"] != "large mapping"]
    check("text, libraries and mappings have the bits that the kernel is set to", [
        r for r in on if r["range_bits"] < r["setting_bits"] - 0.1 - 10 / r["starts"]],
        None if on else "addresses are not randomised here")
    fixed = [r for r in rows if r["program"] == "fixed base" and r["region"] == "text"]
    check("a fixed base has no bits", [r for r in fixed if r["range_bits"]] or ([] if fixed else ["no such row"]))


def demand():
    answer, _ = ask("demand", "--offer", "64M", "--pages", "100", "--processes", "2")
    if not answer:
        return
    rows = {(r["process"], r["step"]): r for r in answer["demand_processes"]}
    small = [r for (_, step), r in rows.items() if step != "huge pages"]
    check("resident is what was written, to the page", [r for r in small if r["resident"] != r["touched"]])
    check("nothing is there of what is only offered", [r for r in small if r["step"] == "offered"
                                                       and (r["resident"] or r["faults"])])
    check("one fault a page", [r for r in small if r["step"] != "offered" and r["faults"] != 100])
    huge = [r for (_, step), r in rows.items() if step == "huge pages"]
    mode = Path("/sys/kernel/mm/transparent_hugepage/enabled")
    allowed = mode.exists() and "[never]" not in mode.read_text()
    got = any(r["huge"] for r in huge)  # the kernel may have none to give
    check("a touched page costs a huge page where there are such", [
        r for r in huge if r["resident"] != r["huge"] + r["touched"] - r["huge"] // 512],
        None if allowed and got else "no huge pages here")


def kill(process):
    try:
        os.kill(process, signal.SIGKILL)
        return True
    except ProcessLookupError:
        return False


def demand_killed():
    """One of the processes is ended by force: the others are not waited for, and nothing goes on."""
    ran = subprocess.Popen([HEAPYARD, "share", "demand", "--offer", "2G", "--pages", "20000", "--processes", "3"],
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    children = Path(f"/proc/{ran.pid}/task/{ran.pid}/children")
    killed = False
    while not killed and ran.poll() is None and children.exists():
        words = children.read_text().split()
        if words:
            killed = kill(int(words[0]))
        time.sleep(0.001)
    try:
        said = ran.communicate(timeout=30)
        check("a process that is killed is told, not waited for", [said] if killed and ran.returncode == 0 else [],
              None if killed else "it was over too soon")
    except subprocess.TimeoutExpired:
        ran.kill()
        check("a process that is killed is told, not waited for", ["it waits for ever"])


def page():
    with tempfile.TemporaryDirectory() as folder:
        bare = dict(os.environ, PATH=folder)
        done = run("demand", "memory", "--offer", "64M", "--pages", "10", "--nodes", "20", "--page", folder, env=bare)
        text = Path(folder, "share.html").read_text()
        check("without gnuplot the page has its tables", [
            w for w, there in [("exit code", done.returncode == 0), ("sentence", "gnuplot is not installed" in done.stderr),
                               ("table", "<table>" in text), ("data", Path(folder, "share-demand.dat").exists()),
                               ("no picture", "<svg" not in text), ("end", text.endswith("</html>\n")),
                               ("links inside", text.count("<a href=\"#") == 2)] if not there])
        done = run("demand", "--offer", "64M", "--pages", "10", "--page", folder)
        text = Path(folder, "share.html").read_text()
        skip = "gnuplot is not installed" if "gnuplot is not installed" in done.stderr else None
        check("with gnuplot it has its picture", [] if skip or "<svg" in text else [done.stderr.strip()], skip)


for part in (memory, libraries, dll, aslr, demand, demand_killed, page):
    part()
print(f"1..{count}")
sys.exit(failed > 0)
