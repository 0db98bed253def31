#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""mitigations.py BUILD [-r N] [--no-instructions] [--no-price] - what each mitigation of hardened does alone, and its price.

Lets every fault of the catalogue happen under `hardened:level=none`, under that with one mitigation, and under both
levels; counts the instructions of two programs that do little but allocate (valgrind, so they repeat), and measures
pairs of malloc and free (a quiet machine).  Writes mitigations.csv and mitigations.md beside itself.  What was asked of
`heapyard attack` is in the head of mitigations.md.
"""
import argparse
import collections
import csv
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
NONE = "hardened:level=none"
ALONE = ["canary=yes", "canary=yes,sweep=yes", "zero=yes", "zero=yes,check=bytes:128K", "quarantine=count:4800",
         "random=yes", "placement=yes", "areas=yes", "guards=yes", "delay=count:64", "sample=every:100"]
SPECS = [NONE] + [f"{NONE},{switch}" for switch in ALONE] + ["hardened", "hardened:level=max"]
CLASSES = ["temporal", "spatial", "invalid free", "metadata", "disclosure", "limit"]
PERL = 'my %h; srand(1); for my $i (1..60000) { push @{$h{int(rand(20000))}}, "x" x int(rand(50)); ' \
       'delete $h{int(rand(20000))} if $i % 8 == 0 } print scalar(keys %h), "\\n"'
JQ = '[range(4000) | {key: (. % 97 | tostring), value: ., name: ("n" * (. % 31))}] | group_by(.key) | map({(.[0].key): ' \
     'map(.value) | add}) | add | length'
PROGRAMS = {"perl": ["perl", "-e", PERL], "jq": ["jq", "-n", JQ]}


def attack(build, repetitions, prices):
    """The answer of `heapyard attack` on all specs, and the command."""
    command = ["attack", "-a", ",".join(SPECS), "-r", str(repetitions), "--starts", "0", "--price", str(prices),
               "--format", "json"]
    out = subprocess.run([build / "harness/cmd/heapyard", *command], stdout=subprocess.PIPE, check=True).stdout
    return json.loads(out), "heapyard " + " ".join(command)


def instructions(build, spec, program):
    """In user space, of a whole run; spec None: the C library's malloc."""
    env = dict(os.environ, LC_ALL="C", PERL_HASH_SEED="0", MALLOC_PERTURB_="0")
    under = [] if spec is None else ["env", f"LD_PRELOAD={build}/harness/preload/libheapyard-hardened.so",
                                     f"HEAPYARD_SPEC={spec}"]
    with tempfile.TemporaryDirectory() as folder:
        r = subprocess.run(["valgrind", "--tool=cachegrind", "--cache-sim=no", "--trace-children=yes",
                            f"--cachegrind-out-file={folder}/%p", *under, *PROGRAMS[program]], env=env,
                           capture_output=True, text=True, timeout=600)
    found = re.findall(r"I\s+refs:\s+([\d,]+)", r.stderr)
    if r.returncode != 0 or not found:
        sys.exit(f"{program} on {spec}: {r.stderr[-500:]}")
    return int(found[-1].replace(",", ""))


def outcomes(answer):
    """{allocator: {fault: outcome}}: the most frequent one."""
    found = collections.defaultdict(dict)
    for cell in answer["cells"]:
        found[cell["allocator"]][cell["fault"]] = cell["outcome"]
    return found


def rows(answer, counted):
    found, classes = outcomes(answer), {fault["fault"]: fault["class"] for fault in answer["faults"]}
    known = {target["allocator"]: target for target in answer["allocators"]}
    base = found[NONE]
    for spec in SPECS:
        ends, price = collections.Counter(found[spec].values()), known[spec].get("ns_per_pair", {})
        silent = collections.Counter(classes[f] for f, outcome in found[spec].items() if outcome == "silent")
        turned = sorted(f for f, outcome in found[spec].items() if base[f] == "silent" != outcome)
        yield {"spec": spec, "silent": ends["silent"], "detected": ends["detected"], "prevented": ends["prevented"],
               "crashed": ends["crashed"], **{f"silent {name}": silent[name] for name in CLASSES},
               **{name: f"{counted[spec][name] / counted[None][name]:.3f}" for name in counted.get(spec, {})},
               **({"ns hot": f"{price['hot']:.1f}", "ns 10k live": f"{price['working_set']:.1f}"} if price else {}),
               **({"resident/live": f"{known[spec]['resident_per_live']:.2f}"} if "resident_per_live" in known[spec]
                  else {}),
               "turned": " ".join(turned)}


def shown(spec):
    return "level=" + ("default" if spec == "hardened" else "max") if "none" not in spec else \
        spec.removeprefix(NONE + ",").removeprefix("hardened:")


def markdown(table, heads):
    columns = [name for name in table[0] if name not in ("spec", "turned")]
    yield from heads
    yield "| | " + " | ".join(columns) + " |"
    yield "|---" * (len(columns) + 1) + "|"
    for row in table:
        yield f"| `{shown(row['spec'])}` | " + " | ".join(str(row[name]) for name in columns) + " |"
    yield "\nWhat is silent with `level=none` and no longer is:\n"
    for row in table[1:]:
        yield f"- `{shown(row['spec'])}`: {row['turned'].replace(' ', ', ') or 'nothing'}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=Path)
    parser.add_argument("-r", "--repetitions", type=int, default=5)
    parser.add_argument("--no-instructions", action="store_true")
    parser.add_argument("--no-price", action="store_true")
    args = parser.parse_args()
    build = args.build.resolve()
    answer, command = attack(build, args.repetitions, 0 if args.no_price else 5)
    counted = {} if args.no_instructions else {
        spec: {name: instructions(build, spec, name) for name in PROGRAMS} for spec in [None, *SPECS]}
    table = list(rows(answer, counted))
    with open(HERE / "mitigations.csv", "w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, fieldnames=list(table[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)
    commit = subprocess.run(["git", "-C", HERE, "describe", "--always", "--dirty"], capture_output=True, text=True,
                            check=False).stdout.strip()
    heads = ["# Each mitigation of hardened alone", "",
             f"Of {len(answer['faults'])} faults, by their most frequent outcome; at commit {commit}. perl, jq: instructions, as "
             "multiples of those with the C library's malloc.", "", f"    {command}", ""]
    (HERE / "mitigations.md").write_text("\n".join(markdown(table, heads)) + "\n", encoding="utf-8")


main()
