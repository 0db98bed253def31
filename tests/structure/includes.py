#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""includes.py ROOT - who includes whom.

Folders are layered; this is the one place where the layers are written down.  A header belongs to the folder that it
lies in.  Headers in <> that are not ours are the system's.
"""
import re
import sys
from pathlib import Path

import tapper

CONTRACT = {"heapyard.h", "support.h", "pager.h", "fixed_pages.h"}  # open to all: neither is an allocator's inside
# Folder: the folders whose headers it may include, besides its own and the contract.
ALLOWED = {
    "allocators": set(),
    "harness/core": {"allocators/adapters"},
    "harness/trace": {"harness/core"},
    "harness/import": {"harness/core", "harness/trace"},
    "harness/export": {"harness/core", "harness/trace"},
    "harness/workload": {"harness/core", "harness/trace"},
    "harness/bound": {"harness/core", "harness/trace"},
    "harness/verdicts": {"harness/core", "harness/stats", "harness/store"},
    "harness/replay": {"harness/core", "harness/trace", "harness/store",  # a result is stored after each cell
                       "harness/stats", "harness/verdicts"},  # the pilot says how many rounds there are
    "harness/record": {"harness/core", "harness/trace"},
    "harness/conform": {"harness/core"},
    "harness/run": {"harness/core", "harness/stats", "harness/store"},  # a result is stored after each run
    "harness/attack": {"harness/core", "harness/run", "harness/stats"},
    "harness/paging": {"harness/core", "harness/trace", "harness/import"},
    "harness/pager": {"harness/core", "harness/paging"},
    "harness/share": {"harness/core", "harness/stats"},
    "harness/scenario": {"harness/core"},
    "harness/partition": {"harness/core", "harness/replay", "harness/scenario"},
    "harness/arrivals": {"harness/core", "harness/trace", "harness/record",  # what it does with signals
                         "harness/partition"},
    "harness/stats": {"harness/core"},
    "harness/store": {"harness/core"},
    "harness/sweep": {"harness/core"},
    "harness/reloc": {"harness/core"},
    "harness/moving": {"harness/core", "harness/reloc", "harness/replay"},
    "harness/report": {"harness/core", "harness/stats", "harness/store", "harness/verdicts"},
    "harness/compare": {"harness/core", "harness/stats", "harness/store", "harness/verdicts"},
    "harness/merge": {"harness/core", "harness/stats", "harness/store", "harness/report"},
    "harness/preload": {"harness/core", "harness/trace"},  # freestanding headers only: see PRELOAD
    "harness/gbench": {"harness/core", "harness/micro"},  # the same draws
    "harness/micro": {"harness/core", "harness/stats", "harness/run"},
    "harness/cell": {"harness/core", "harness/trace", "harness/replay"},
}
PRELOAD = {"heapyard.h", "support.h", "heap.h", "spec.h", "error.h", "resolve.h", "record_layout.h", "clock.h", "event.h"}
ALLOCATORS = {"heapyard.h", "support.h", "chunk.h", "stdbool.h", "stddef.h", "stdint.h", "stdalign.h", "limits.h", "errno.h",
              "string.h", "sys/tree.h", "sys/queue.h", "bsd/sys/tree.h", "bsd/sys/queue.h"}
LIBRARIES = {"archive.h"}  # in <>, names of headers of others that are also ours
APART = {"layers", "pages", "adapters", "paging"}
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)


def sources(root):
    for top in ("allocators", "harness"):
        for path in sorted((root / top).rglob("*")):
            if path.suffix in {".c", ".h", ".cc"}:
                yield path


def folder_of(root, path):
    """allocators, allocators/adapters, harness/core ..."""
    parts = path.relative_to(root).parts[:-1]
    if parts[0] == "allocators":
        return "allocators/adapters" if parts[1:2] == ("adapters",) else "allocators"
    return "/".join(parts[:2])


def main():
    root = Path(sys.argv[1])
    files = list(sources(root))
    owner = {}
    for path in files:
        if path.suffix == ".h":
            owner.setdefault(path.name, []).append(path)
    found = [(p, quote, name) for p in files for quote, name in INCLUDE.findall(p.read_text())]

    tapper.check('no include climbs with "../"', [f"{p.relative_to(root)}: {n}" for p, _, n in found if ".." in n])
    twice = [f"{name}: " + ", ".join(str(p.relative_to(root)) for p in paths) for name, paths in owner.items()
             if len(paths) > 1]
    tapper.check("names of headers are unique", twice)

    wrong, freestanding, preload = [], [], []
    for path, quote, name in found:
        here = folder_of(root, path)
        where = str(path.relative_to(root))
        ours = name in owner and not (quote == "<" and name in LIBRARIES)
        there = folder_of(root, owner[name][0]) if ours else None
        strategy = here == "allocators" and not APART & set(path.relative_to(root).parts)
        if strategy and name not in ALLOCATORS and there != "allocators":
            freestanding.append(f"{where} includes {name}")
        if here == "harness/preload" and there not in (None, here) and name not in PRELOAD:
            preload.append(f"{where} includes {name}")
        free = there in (None, here) or here in ("harness", "harness/cmd") or \
            (there == "allocators" and (here.startswith("allocators") or name in CONTRACT))
        if not free and there not in ALLOWED.get(here, set()):
            wrong.append(f"{where} includes {name}, which is {there}'s")
    tapper.check("folders include only what lies below them", wrong)
    tapper.check("allocators include the contract and freestanding headers only", freestanding)
    tapper.check("preload libraries include freestanding headers only", preload)
    tapper.finish()


main()
