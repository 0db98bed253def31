# SPDX-License-Identifier: MIT
"""Many campaigns of `heapyard compare`, one after the other on each core, and what became of each.

A campaign has a name, a database FOLDER/NAME.db, and, once it is done, its answer FOLDER/NAME.json.  So a second run
goes on where the first was interrupted: what is done is not measured again, what was begun is resumed.
"""
import argparse
import csv
import json
import pathlib
import queue
import sqlite3
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
HERE = pathlib.Path(__file__).resolve().parent


def arguments(description, campaigns):
    parser = argparse.ArgumentParser(description=description.split("\n")[0])
    parser.add_argument("--build", default=ROOT / "build", type=pathlib.Path, help="build folder (build)")
    parser.add_argument("--trace", default=ROOT / "traces" / "sqlite.hyt", type=pathlib.Path)
    parser.add_argument("--campaigns", default=campaigns, type=int, metavar="N",
                        help=f"how many there shall be, those done before too ({campaigns})")
    parser.add_argument("--budget", default="5m", help="of one campaign at most (5m)")
    parser.add_argument("--precision", default="1%", help="that ends one earlier (1%%)")
    parser.add_argument("--cpus", default="0,1", help="cores, each with a campaign of its own at a time (0,1)")
    parser.add_argument("--minutes", default=0, type=float, metavar="N", help="begin none after so long (no limit)")
    parser.add_argument("--work", default=ROOT / "results" / "local" / "verdicts", type=pathlib.Path, metavar="FOLDER",
                        help="databases and answers (results/local/verdicts)")
    parser.add_argument("--output", default=HERE, type=pathlib.Path, metavar="FOLDER",
                        help="the tables (where this is)")
    return parser


def begun(database):
    """Whether there is a campaign to go on with."""
    if not database.exists():
        return False
    try:
        with sqlite3.connect(database) as db:
            return db.execute("SELECT count(*) FROM campaign").fetchone()[0] > 0
    except sqlite3.Error:
        return False


def compare(options, name, specs, seed, cpu):
    """The answer of one campaign, as stored."""
    answer, database = options.work / f"{name}.json", options.work / f"{name}.db"
    if answer.exists():
        return json.loads(answer.read_text())
    command = ["taskset", "-c", str(cpu), str(options.build / "harness/cmd/heapyard"), "compare", str(options.trace),
               "-a", ",".join(specs), "--budget", options.budget, "--precision", options.precision,
               "--seed", str(seed), "--format", "json",
               "-o", str(database)]
    if begun(database):
        command.append("--resume")
    else:
        database.unlink(missing_ok=True)
    start = time.monotonic()
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if ran.returncode not in (0, 1):
        sys.exit(f"{' '.join(command)}: exit code {ran.returncode}")
    found = json.loads(ran.stdout)
    found.update(name=name, seed=seed, cpu=cpu, exit=ran.returncode, seconds=round(time.monotonic() - start, 1),
                 command=" ".join(command))
    answer.write_text(json.dumps(found, indent=2))
    return found


def compare_all(options, jobs):
    """jobs: name, specs, seed.  The answers in their order, of those for which there was time."""
    late = time.monotonic() + 60 * options.minutes
    options.work.mkdir(parents=True, exist_ok=True)
    waiting, answers, failed = queue.Queue(), {}, []
    for job in jobs:
        waiting.put(job)

    def work(cpu):
        while not failed and (options.minutes == 0 or time.monotonic() < late):
            try:
                name, specs, seed = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                found = answers[name] = compare(options, name, specs, seed, cpu)
                row = verdict(found)
                print(f"{name}: {row['verdict']}, {row['time']} ({row['rounds']} rounds, {row['seconds']} s)",
                      file=sys.stderr)
            except (SystemExit, OSError, ValueError, KeyError) as error:  # ends the others too
                failed.append(error)

    threads = [threading.Thread(target=work, args=(cpu,)) for cpu in options.cpus.split(",")]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    except KeyboardInterrupt:
        failed.append("interrupted; the same command goes on")
        for thread in threads:
            thread.join()
    if failed:
        sys.exit(str(failed[0]))
    if not answers:
        sys.exit("no campaign is done")
    return [answers[name] for name, _, _ in jobs if name in answers]


def verdict(found):
    """What the campaign says of its last allocator, as a row of a table."""
    row, control = found["comparisons"][-1], (found["controls"] or [{}])[0]
    show = lambda value: "" if value is None else f"{value:.4f}"
    return {"campaign": found["name"], "baseline": found["comparisons"][0]["spec"], "spec": row["spec"],
            "rounds": int(row["rounds"]), "ns_per_op": show(row.get("baseline_ns_per_op")),
            **{key: show(row.get(key)) for key in ("time", "time_low", "time_high")},
            "p": show(row.get("time_p_adjusted")), "verdict": row.get("time_verdict", ""),
            "control": show(control.get("time")), "control_verdict": control.get("verdict", ""),
            "seconds": found["seconds"], "cpu": found["cpu"], "seed": found["seed"]}


def short(row, options):
    """Without the folders of this machine."""
    tidy = lambda text: text.replace(str(options.build / "tests/plugins") + "/", "")
    return {key: tidy(value) if isinstance(value, str) else value for key, value in row.items()}


def write_csv(path, rows):
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def machine(options, name):
    """What the first campaign says of the machine."""
    with sqlite3.connect(options.work / f"{name}.db") as db:
        return json.loads(db.execute("SELECT environment FROM campaign ORDER BY id LIMIT 1").fetchone()[0])


def write_text(path, lines):
    path.write_text("\n".join(lines) + "\n")
    print("\n".join(lines))
