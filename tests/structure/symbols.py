#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""symbols.py ROOT CC - what an allocator may call, and what it may keep.

Each allocator is compiled without LTO (nm prints nothing for LTO objects), then:
  1. it calls nothing but the few functions that the compiler itself may put in;
  2. it has no static state that changes: all of it is in the instance;
  3. it exports hy_<name>_ops and nothing else; one that has a folder of its own may share names that start with its
     prefix between its files.
layers/, pages/ and adapters/ are the named exceptions.  Replacement policies (paging/) are no allocators, but a fault
handler drives them: 1 and 2 hold for them as well.
"""
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import tapper

ALLOWED = {"hy_thread_slots", "hy_thread_caller",
           "memcpy", "memmove", "memset", "memcmp", "strlen", "__stack_chk_fail", "_GLOBAL_OFFSET_TABLE_",
           "__memcpy_chk", "__memmove_chk", "__memset_chk"}
APART = {"layers", "pages", "adapters", "paging"}


def symbols(path):
    """(letter, name) of each symbol of an object."""
    text = subprocess.run(["nm", "-P", str(path)], check=True, capture_output=True, text=True).stdout
    return [(line.split()[1], line.split()[0]) for line in text.splitlines()]


def compile_all(root, cc, folder, to):
    """Objects by allocator: its file, and those in the folder of its name."""
    folders = [d for d in folder.iterdir() if d.is_dir() and d.name not in APART]
    includes = [f"-I{d}" for d in [folder, *folders]]
    objects = {}
    for source in [*sorted(folder.glob("*.c")), *(s for d in folders for s in sorted(d.glob("*.c")))]:
        owner = source.stem if source.parent == folder else source.parent.name
        target = to / (source.stem + ".o")
        subprocess.run([cc, "-std=gnu17", "-D_GNU_SOURCE", "-O2", "-fPIC", "-fno-lto", *includes, "-c", str(source), "-o",
                        str(target)], check=True)
        objects.setdefault(owner, []).append(target)
    return objects


def compile_folder(root, cc, folder, includes, to):
    objects = []
    for source in sorted(folder.glob("*.c")):
        objects.append(to / (source.stem + ".o"))
        subprocess.run([cc, "-std=gnu17", "-D_GNU_SOURCE", "-O2", "-fPIC", "-fno-lto", *(f"-I{d}" for d in [*includes, folder]),
                        "-c", str(source), "-o", str(objects[-1])], check=True)
    return objects


def calls(files):
    found = [s for f in files for s in symbols(f)]
    own = {name for letter, name in found if letter not in "Uwv"}
    return [f"calls {name}" for letter, name in found if letter in "Uwv" and name not in ALLOWED | own]


def state(files):
    return [f"{f.stem}: {name} is static and can change" for f in files for letter, name in symbols(f) if letter in "dDbBC"
            and not name.startswith(".") and ".data.rel.ro" not in name and not in_relro(f, name)]


def in_relro(path, name):
    """const tables of pointers lie in .data.rel.ro, which is read-only once loaded; nm calls it data."""
    text = subprocess.run(["objdump", "-t", str(path)], check=True, capture_output=True, text=True).stdout
    return any(re.search(r"\.data\.rel\.ro\S*\s+\S+\s+(\.hidden\s+)?" + re.escape(name) + r"$", line)
               for line in text.splitlines())


def exports(owner, files, prefix_allowed):
    problems = []
    for f in files:
        for letter, name in symbols(f):
            own_ops = re.fullmatch(r"hy_\w+_ops", name)
            own_prefix = prefix_allowed and re.match(rf"(hy_)?({owner}|{owner[:3]})_", name)
            if letter in "TDRBCVWGS" and not own_ops and not own_prefix:
                problems.append(f"{f.stem}: exports {name}")
    ops = "hy_" + owner.replace("-", "_") + "_ops"
    if not any(name == ops for f in files for _, name in symbols(f)):
        problems.append(f"does not export {ops}")
    return problems


def main():
    root, cc = Path(sys.argv[1]), sys.argv[2]
    folder = root / "allocators"
    with tempfile.TemporaryDirectory() as to:
        objects = compile_all(root, cc, folder, Path(to))
        policies = compile_folder(root, cc, folder / "paging", [folder], Path(to))
        tapper.check("policies call nothing that could allocate", calls(policies))
        tapper.check("policies keep no static state", state(policies))
        tapper.check("there are policies", [] if policies else ["none found"])
        for owner, files in objects.items():
            tapper.check(f"{owner} calls nothing that could allocate", calls(files))
            tapper.check(f"{owner} keeps no static state", state(files))
            tapper.check(f"{owner} exports its ops only", exports(owner, files, (folder / owner).is_dir()))
    tapper.check("there are allocators", [] if objects else ["none found"])
    tapper.finish()


main()
