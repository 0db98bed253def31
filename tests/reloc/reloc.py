#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""reloc.py HEAPYARD CC [CC…] [--libc] - `heapyard reloc` on objects of compilers, against readelf and GNU ld.

Prints TAP.  A compiler or tool that is not there is skipped with the reason.  --libc compares every member of libc.a at
three random bases (minutes); without it every 40th.
"""
import collections
import csv
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
WHOLE = "--libc" in sys.argv
HEAPYARD, *COMPILERS = [a for a in sys.argv[1:] if a != "--libc"]
LIBC = "/usr/lib/x86_64-linux-gnu/libc.a"
MODELS = {
    "pic": ["-O2", "-fPIC"],
    "fixed": ["-O2", "-fno-pic"],
    "pie-plain": ["-O0", "-fPIE"],
    "sections": ["-O2", "-fPIC", "-ffunction-sections", "-fdata-sections"],
    "common": ["-O1", "-fPIC", "-fcommon"],
    "large": ["-O2", "-mcmodel=large", "-fno-pic"],
    "large-pic": ["-O2", "-mcmodel=large", "-fPIC"],
    "no-plt": ["-O2", "-fPIC", "-fno-plt"],
    "initial-exec": ["-O2", "-fPIC", "-ftls-model=initial-exec"],
}
count = failed = 0


def check(what, wrong, skip=None):
    """wrong: a list of what is not as it must be."""
    global count, failed
    count += 1
    if skip:
        print(f"ok {count} - {what} # SKIP {skip}", flush=True)
        return
    failed += bool(wrong)
    print(f"{'not ' if wrong else ''}ok {count} - {what}", flush=True)
    for line in list(wrong)[:10]:
        print(f"# {line}")


def reloc(*words, timeout=600):
    return subprocess.run([HEAPYARD, "reloc", *map(str, words)], capture_output=True, text=True, timeout=timeout)


def expect(what, done, code, part="", stream="stdout"):
    wrong = [] if done.returncode == code else [f"exit code {done.returncode}, expected {code}"]
    if part not in getattr(done, stream):
        wrong.append(f"no \"{part}\" in {stream}")
    check(what, wrong and wrong + (done.stdout + done.stderr).splitlines()[:6])


def compile_(cc, source, to, flags):
    done = subprocess.run([cc, *flags, "-c", str(HERE / source), "-o", str(to)], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{cc} {flags} {source}: {done.stderr}")
    return to


def rows_of(done):
    return list(csv.DictReader(io.StringIO(done.stdout)))


def listed(path):
    """The relocations that readelf prints: section, offset, type, symbol, addend."""
    text = subprocess.run(["readelf", "-rW", str(path)], capture_output=True, text=True, check=True).stdout
    section, found = "", []
    for line in text.splitlines():
        if line.startswith("Relocation section"):
            section = re.search(r"'\.rela(.*?)'", line).group(1)
        m = re.match(r"([0-9a-f]{16}) +[0-9a-f]+ (R_X86_64_\w+)\s*(?:([0-9a-f]{16}) +(\S+) ([+-]) )?([0-9a-f]+)?$", line.rstrip())
        if m:
            addend = int(m[6] or "0", 16) * (-1 if m[5] == "-" else 1)
            if not m[4] and addend >= 1 << 63:
                addend -= 1 << 64
            found.append((section, int(m[1], 16), m[2][:22], m[4] or "", int(m[3] or "0", 16), addend))
    return found


def check_list(name, path):
    ours = [(r["section"], int(r["offset"]), r["type"][:22], r["symbol"], int(r["value"]), int(r["addend"]))
            for r in rows_of(reloc("ls", path, "--format", "csv"))]
    theirs = listed(path)
    wrong = [f"only ours: {x}" for x in ours if x not in theirs] + [f"only readelf's: {x}" for x in theirs if x not in ours]
    if len(ours) != len(theirs) or not ours:
        wrong.append(f"{len(ours)} relocations, readelf has {len(theirs)}")
    check(f"{name}: ls says what readelf says", wrong)


def check_compilers(folder):
    for cc in COMPILERS:
        if not shutil.which(cc):
            check(f"objects of {cc}", [], skip=f"{cc} is not installed")
            continue
        wrong, archive = [], folder / f"{cc}.a"
        for model, flags in MODELS.items():
            compile_(cc, "code.c", folder / f"{cc}-{model}.o", flags)
        parts = sorted(folder.glob(f"{cc}-*.o"))
        subprocess.run(["ar", "crs", str(archive), *map(str, parts)], check=True)
        done = reloc("diff", archive, "--bases", 2, "--format", "csv")
        wrong = [f"{r['member']}: {r['difference']}" for r in rows_of(done) if r["verdict"] != "equal"]
        if len(rows_of(done)) != len(MODELS) or done.returncode:
            wrong.append(f"{len(rows_of(done))} members, exit code {done.returncode} {done.stderr}")
        check(f"objects of {cc}, {len(MODELS)} ways to compile: what GNU ld makes of them", wrong)
        check_list(f"{cc}", folder / f"{cc}-fixed.o")
        for model in ("pic", "fixed", "large", "no-plt", "initial-exec", "common"):
            expect(f"{cc} {model}: runs at random bases",
                   reloc("run", folder / f"{cc}-{model}.o", "calculate", 2, 6, 7, "--bases", 5, "--expect", 85), 0)


def check_run(folder):
    code = folder / f"{COMPILERS[0]}-pic.o"
    done = reloc("run", code, "calculate", 1, 50, 8, "--bases", 1000, "--expect", 85)
    expect("a function at 1000 random bases: the right value at each", done, 0, "= 85 at 1 000 bases")
    expect("a table of strings", reloc("run", code, "name_of", 2, "--returns", "string", "--expect", "times"), 0)
    expect("a string for an argument, the C library far away",
           reloc("run", code, "sorted", "bagel", "--bases", 5, "--expect", 2), 0)
    expect("a table of jumps", reloc("run", code, "choose", 4, "--bases", 5, "--expect", 54), 0)
    expect("a crash is an outcome", reloc("run", code, "crash", "--bases", 3), 1, "killed by SIGSEGV at 3 bases")
    expect("so is an exit", reloc("run", code, "leave", 3), 1, "ended the process with exit code 3")
    expect("another value than expected", reloc("run", code, "choose", 4, "--expect", 55), 1, "expected 55", "stderr")


def check_archives(folder):
    cc = COMPILERS[0]
    other, asks = (compile_(cc, f"{n}.c", folder / f"{n}.o", ["-O1", "-fPIC"]) for n in ("other", "asks"))
    archive = folder / "others.a"
    subprocess.run(["ar", "crs", str(archive), str(other), str(folder / f"{cc}-pic.o")], check=True)
    expect("a member is pulled in; its weak symbol gives way; a function chosen at run time",
           reloc("run", asks, "ask", 5, "--with", archive, "--bases", 5, "--expect", 112), 0)
    done = reloc("apply", asks, archive, "--base", "0x10000000")
    expect("only what is wanted is pulled in", done, 0, "others.a(other.o)")
    check("nothing else is", ["code is in it"] if f"{cc}-pic.o" in done.stdout else [])
    expect("without the archive", reloc("run", asks, "ask", 5), 2, "helped is not defined anywhere", "stderr")
    expect("twice the same", reloc("run", asks, "ask", 5, "--with", asks), 2, "is defined here and in", "stderr")


def check_apply(folder):
    """Two bases: what differs are exactly the places that are said to move."""
    code = folder / f"{COMPILERS[0]}-pic.o"
    images, tables = [], []
    for i, base in enumerate((0x10000000, 0x7f1234560000)):
        out = folder / f"image{i}"
        done = reloc("apply", code, "--base", hex(base), "--missing", hex(base + 0x1000000), "-o", out, "--format", "csv",
                     "--define", f"errno={base:#x}")
        tables.append([(int(r["address"], 16) - base, r["applied"], int(r["moves"])) for r in rows_of(done)])
        images.append(out.read_bytes() if out.exists() else b"")
    moving = {place + i for place, applied, moves in tables[0] if moves or applied == "R_X86_64_GLOB_DAT" for i in range(8)}
    differ = {i for i, (a, b) in enumerate(zip(*images)) if a != b}
    wrong = [f"{len(images[0])} and {len(images[1])} bytes"] if len(images[0]) != len(images[1]) or not images[0] else []
    wrong += [f"byte {i:#x} differs" for i in sorted(differ - moving)] + ([] if differ else ["nothing differs"])
    wrong += [] if tables[0] == tables[1] else ["the tables differ"]
    check("an image at two bases differs only where its table says so", wrong)


LYING_LD = """#!/bin/sh
# GNU ld, but for one byte of code.
"%s" "$@" || exit
[ "$1" = --version ] && exit
while [ $# -gt 0 ]; do [ "$1" = -o ] && out=$2; shift; done
offset=$(readelf -SW "$out" | sed -n 's/^ *\\[ *[0-9]*\\] \\.text  *PROGBITS  *[0-9a-f]*  *\\([0-9a-f]*\\).*/\\1/p')
printf '\\314' | dd of="$out" bs=1 seek=$((0x$offset + 3)) conv=notrunc 2>/dev/null
"""


def check_judging(folder):
    """A difference is seen, may be explained, and an explanation without a difference is not accepted."""
    ld = folder / "lying-ld"
    ld.write_text(LYING_LD % shutil.which("ld"))
    ld.chmod(0o755)
    code, listed_file = folder / "types.o", folder / "explained"
    expect("one wrong byte of a linker is found", reloc("diff", code, "--ld", ld), 1, "ld has cc")
    listed_file.write_text(f"# why\n{code}: this linker lies\n")
    expect("a difference that is explained", reloc("diff", code, "--ld", ld, "--explained", listed_file), 0, "1 explained")
    expect("an explanation for nothing", reloc("diff", code, "--explained", listed_file), 1, "vanished")
    expect("no GNU ld", reloc("diff", code, "--ld", "true"), 2, "is not GNU ld", "stderr")


def check_stopping(folder):
    """Stopped amid a member, it leaves nothing behind."""
    scratch = folder / "scratch"
    scratch.mkdir()
    with subprocess.Popen([HEAPYARD, "reloc", "diff", folder / "types.o", "--bases", "1000000"], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, env={**os.environ, "TMPDIR": str(scratch)}) as child:
        latest = time.monotonic() + 60
        while child.poll() is None and not list(scratch.glob("*/linked")) and time.monotonic() < latest:
            time.sleep(0.01)
        child.send_signal(signal.SIGTERM)
        said = child.communicate(timeout=60)[1]
    wrong = [] if child.returncode == 128 + signal.SIGTERM else [f"exit code {child.returncode}"]
    wrong += [] if "stopped" in said else [f"it says {said!r}"]
    check("stopped, it leaves no folder behind", wrong + [f"{path} is left" for path in scratch.iterdir()])


def check_libc():
    if not os.path.exists(LIBC):
        check("members of libc.a", [], skip="no libc.a here")
        return
    done = reloc("diff", LIBC, "--format", "csv", *([] if WHOLE else ["--every", 40, "--bases", 1]), timeout=1800)
    rows = rows_of(done)
    wrong = [f"{r['member']}: {r['verdict']}: {r['difference']}" for r in rows if r["verdict"] != "equal"]
    if done.returncode or len(rows) < (1000 if WHOLE else 20):
        wrong.append(f"{len(rows)} members, exit code {done.returncode} {done.stderr}")
    check(f"{'every member' if WHOLE else 'a sample'} of libc.a: what GNU ld makes of it", wrong)


def check_scan(folder):
    source = folder / "library.c"
    source.write_text("int value = 3;\nint *pointers[600] = {&value};\nint *get(void) { return &value; }\n")
    for name, flags in {"pic": ["-fPIC"], "text": ["-fno-pic", "-mcmodel=large", "-Wl,-z,notext"]}.items():
        subprocess.run([COMPILERS[0], "-O1", "-shared", *flags, str(source), "-o", str(folder / f"{name}.so")],
                       check=True, capture_output=True)
    rows = {Path(r["path"]).name: r for r in rows_of(reloc("scan", folder, "--format", "csv"))}
    wrong = []
    for name, text in {"pic.so": False, "text.so": True}.items():
        if (int(rows[name]["text_relocations"]) > 0, rows[name]["text_flag"] == "1") != (text, text):
            wrong.append(f"{name}: {rows[name]}")
        theirs = subprocess.run(["readelf", "-rW", str(folder / name)], capture_output=True, text=True).stdout
        types = collections.Counter(re.findall(r"R_X86_64_(\w+)", theirs))
        ours = {k: int(rows[name][v]) for k, v in
                {"RELATIVE": "relative", "GLOB_DAT": "symbol", "JUMP_SLOT": "jump_slot"}.items()}
        ours_symbols = types["GLOB_DAT"] + types["64"]
        if ours["RELATIVE"] != types["RELATIVE"] or ours["GLOB_DAT"] != ours_symbols or \
                int(rows[name]["dynamic_relocations"]) != sum(types.values()):
            wrong.append(f"{name}: {ours}, readelf {dict(types)}")
    check("a scan counts as readelf does, and sees relocations in code", wrong)


def check_page(folder):
    done = reloc("scan", folder, "--page", folder / "page")
    page = folder / "page/reloc.html"
    wrong = [f"exit code {done.returncode}"] if done.returncode else []
    text = page.read_text() if page.exists() else ""
    wrong += [f"no \"{part}\" in the page" for part in ("files have text relocations", "static-pie") if part not in text]
    check("the page of a scan", wrong and wrong + done.stderr.splitlines())


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([COMPILERS[0], "-c", str(HERE / "types.s"), "-o", str(folder / "types.o")], check=True)
        expect("every type of relocation: what GNU ld writes", reloc("diff", folder / "types.o", "--bases", 3), 0, "in 3 links")
        check_list("every type", folder / "types.o")
        check_compilers(folder)
        check_run(folder)
        check_archives(folder)
        check_apply(folder)
        check_judging(folder)
        check_stopping(folder)
        check_scan(folder)
        check_page(folder)
        check_libc()
    print(f"1..{count}")
    sys.exit(failed > 0)


main()
