#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""adding.py ROOT CC HEAPYARD - adding an allocator is: copy skeleton.c, add one line.

Does so in a copy of the tree, builds what is linked with allocators there (check_one.c), and runs conformance on the new
one.  Then makes a plug-in of the same file, with the contract alone on the include path, and plug-ins that must be
refused, for HEAPYARD.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import tapper

NAME = "newcomer"
TIMEOUT = 900


def run(command, **options):
    return subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=TIMEOUT, **options)


def tail(result):
    return [] if result.returncode == 0 else [f"{' '.join(map(str, result.args))[:160]} gave {result.returncode}",
                                              *(result.stdout + result.stderr).splitlines()[-15:]]


def renamed(root):
    text = (root / "allocators/skeleton.c").read_text()
    return text.replace("skeleton", NAME)


def add_line(root):
    """The one line in the list, a copy of skeleton's."""
    path = root / "allocators/meson.build"
    text = path.read_text()
    line = re.search(r"^  'skeleton': .*\n", text, re.M).group(0)
    path.write_text(text.replace(line, line + line.replace("skeleton", NAME)))


def copy_tree(root, to):
    shutil.copytree(root, to, symlinks=True, ignore=shutil.ignore_patterns("build*", ".git", "local", "__pycache__"))


def add_and_build(root, cc, to):
    tree = to / "tree"
    copy_tree(root, tree)
    (tree / "allocators" / f"{NAME}.c").write_text(renamed(root))
    add_line(tree)
    build = tree / "build"
    env = dict(os.environ, CC=cc)
    setup = run(["meson", "setup", build, tree, "-Db_lto=false", "-Doptimization=0", "-Ddebug=false"], env=env)
    tapper.check("a tree with one more allocator configures", tail(setup))
    target = "tests/structure/check_one"
    made = run(["ninja", "-C", build, "-j2", target], env=env)
    tapper.check("it builds, two files touched", tail(made))
    return build / target


def try_program(program):
    listed = run([program]).stdout.split()
    tapper.check("it is on the list", [] if NAME in listed and "skeleton" in listed else [f"there are {listed}"])
    tapper.check("it passes conformance", tail(run([program, NAME])))


def make_plugin(cc, source, to, includes):
    path = to.with_suffix(".c")
    path.write_text(source)
    made = run([cc, "-std=gnu17", "-O2", "-shared", "-fPIC", *includes, "-o", to, path])
    return made


def minimal(abi="HY_ABI", size="(uint32_t)sizeof(hy_heap_ops)"):
    """A plug-in that needs the contract and nothing else: every block from the page source."""
    return f"""#include "heapyard.h"
typedef struct thin {{ hy_heap heap; hy_pages *data, *meta; }} thin;
typedef struct head {{ size_t bytes, size; }} head;
static int thin_create(const hy_setup *setup, hy_heap **ret) {{
    void *start = setup->meta->ops->reserve(setup->meta, setup->meta->granule, setup->meta->granule);
    if (!start)
        return -12;
    if (setup->meta->ops->commit(setup->meta, start, setup->meta->granule) < 0) {{
        setup->meta->ops->release(setup->meta, start, setup->meta->granule, 0);
        return -12;
    }}
    *(thin *)start = (thin){{.data = setup->data, .meta = setup->meta}};
    *ret = (hy_heap *)start;
    return 0;
}}
static void thin_destroy(hy_heap *heap) {{
    thin *self = (thin *)heap;
    self->meta->ops->release(self->meta, self, self->meta->granule, self->meta->granule);
}}
static void *thin_alloc(hy_heap *heap, size_t size, size_t align) {{
    (void)heap, (void)size, (void)align;
    return 0;
}}
static void thin_free(hy_heap *heap, void *block, size_t size) {{
    (void)heap, (void)block, (void)size;
}}
static const hy_heap_ops thin_ops = {{
    .name = "thin", .summary = "nothing", .source = "none", .max_align = 16, .max_size = HY_ANY,
    .create = thin_create, .destroy = thin_destroy, .alloc = thin_alloc, .free = thin_free}};
__attribute__((visibility("default"))) const hy_plugin heapyard_plugin = {{{abi}, {size}, &thin_ops}};
"""


def expect_refusal(program, what, plugin, words):
    refused = run([program, "check", plugin])
    lines = refused.stderr.strip().splitlines()
    good = refused.returncode == 2 and len(lines) == 1 and words in lines[0]
    tapper.check(what, [] if good else [f"exit code {refused.returncode}, standard error {refused.stderr!r}"])


def try_plugins(root, cc, program, to):
    contract = to / "contract"
    contract.mkdir()
    shutil.copy(root / "allocators/heapyard.h", contract)
    source = renamed(root) + f"\nHY_PLUGIN(hy_{NAME}_ops);\n"
    made = make_plugin(cc, source, to / "newcomer.so", [f"-I{root / 'allocators'}"])
    tapper.check("the same file becomes a plug-in", tail(made))
    tapper.check("the plug-in passes conformance", tail(run([program, "check", to / "newcomer.so"])))
    tapper.check("a plug-in needs heapyard.h only", tail(make_plugin(cc, minimal(), to / "thin.so", [f"-I{contract}"])))
    served = run([program, "check", to / "thin.so"])
    tapper.check("one that never serves fails conformance", [] if served.returncode == 1 else [f"gave {served.returncode}"])
    make_plugin(cc, minimal(abi="HY_ABI + 1"), to / "newer.so", [f"-I{contract}"])
    expect_refusal(program, "a plug-in for a newer contract is refused", to / "newer.so", "contract")
    make_plugin(cc, minimal(size="(uint32_t)sizeof(hy_heap_ops) + 8"), to / "larger.so", [f"-I{contract}"])
    expect_refusal(program, "a plug-in with a larger table is refused", to / "larger.so", "contract")
    make_plugin(cc, "int nothing;\n", to / "empty.so", [])
    expect_refusal(program, "a library without plug-in or malloc is refused", to / "empty.so", "malloc")


def main():
    root, cc, heapyard = Path(sys.argv[1]).resolve(), sys.argv[2], Path(sys.argv[3]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        program = add_and_build(root, cc, Path(folder))
        if program.exists():
            try_program(program)
        try_plugins(root, cc, heapyard, Path(folder))
    tapper.finish()


main()
