#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests of how real programs are judged and shown, on invented runs: test_programs.py path/to/heapyard.  Prints TAP."""
import csv
import io
import json
import math
import pathlib
import shutil
import sqlite3
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import checks  # noqa: E402

HEAPYARD = str(pathlib.Path(sys.argv[1]).resolve())
ROUNDS = 10
HOSTILE = "<script>alert(1)</script>\"'`\\"
# CPU time and peak memory as ratios to the baseline's, and a run that goes wrong: its round, outcome, status, output.
ALLOCATORS = {"system": (1, 1, None), "segregated": (0.9, 0.95, None), "mimalloc": (1.001, 1.001, None),
              "jemalloc": (1.12, 1.2, None), "tcmalloc": (0.5, 1, (3, "crash", 139, "")),
              "first-fit": (0.8, 1, (4, "ok", 0, "other"))}
CPU = 2e8  # ns, of the baseline: invented replays are of 10^6 operations of some 20 ns


def heapyard(*arguments):
    return subprocess.run([HEAPYARD, "report", *map(str, arguments)], capture_output=True, text=True, timeout=300)


def add_run(db, program, campaign, spec, kind, number, ratio, peak, wrong, noise):
    seconds = CPU * ratio / 1e9 * noise
    end = wrong[1:] if wrong and wrong[0] == number else ("ok", 0, "same")
    db.execute("INSERT INTO program_run (campaign, program, spec, pass, repetition, position, library, outcome, status, "
               "output, detail, wall, user, sys, peak, minor, major) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
               "?, ?)", (campaign, program, spec, kind, number, 0, f"/lib/lib{spec}.so", *end[:2], end[2],
                         "SIGSEGV, Segmentation fault" if end[0] == "crash" else "", seconds * 1.1, seconds * 0.75,
                         seconds * 0.25, int((10 << 20) * peak), 1000, 0))


def add_program(db, name, trace, control=1.0, started="2026-01-02T03:04:05Z"):
    campaign = db.execute("INSERT INTO campaign (started, command, seed, environment) VALUES (?, 'heapyard run', 7, '{}')",
                          (started,)).lastrowid
    program = db.execute("INSERT INTO program (name, command, input, trace, hash) VALUES (?, ?, '', ?, ?)",
                         (name, json.dumps(["sort", "-k", "two words"]), trace, name + str(campaign))).lastrowid
    for place, (spec, (ratio, peak, wrong)) in enumerate(ALLOCATORS.items()):
        for number in range(ROUNDS):
            noise = 1 + 0.0004 * ((number * 7 + place * 3) % 11 - 5)
            add_run(db, program, campaign, spec, "program", number, ratio, peak, wrong, noise)
    for number in range(ROUNDS):
        add_run(db, program, campaign, "system", "control", number, control, 1, None, 1 + 0.0004 * (number * 5 % 11 - 5))


class Fixture:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.db = self.folder / "all.db"
        subprocess.run([sys.executable, HERE / "make_db.py", self.db], check=True)
        with sqlite3.connect(self.db) as db:
            add_program(db, "sorting", "%016x" % 9, control=1.3)  # an older campaign, which is not shown
            add_program(db, "sorting", "%016x" % 1)
            add_program(db, HOSTILE, "%016x" % 2)
            add_program(db, "noisy", "", control=1.1)
        self.csv = heapyard("--programs", self.db, "--format", "csv").stdout
        self.table = self.read("sorting")

    def read(self, program):
        rows = [row for row in csv.DictReader(io.StringIO(self.csv)) if row["program"] == program]
        return {row["spec"] if row["pass"] == "program" else "control": row for row in rows}


def check_the_newest_campaign_is_shown(f):
    assert len(f.table) == 7 and f.table["control"]["cpu_verdict"] == "equivalent", f.table["control"]


def check_words_follow_the_figures(f):
    words = {spec: (row["cpu_verdict"], row["wall_verdict"], row["peak_verdict"]) for spec, row in f.table.items()}
    assert words["segregated"] == ("faster", "faster", "smaller"), words
    assert words["mimalloc"] == ("equivalent", "equivalent", "equivalent"), words
    assert words["jemalloc"] == ("slower", "slower", "larger"), words


def check_ratios_are_medians_of_the_rounds_ratios(f):
    row = f.table["jemalloc"]
    with sqlite3.connect(f.db) as db:
        rounds = [(ours, theirs) for ours, theirs in db.execute(
            "SELECT o.user + o.sys, t.user + t.sys FROM program_run o JOIN program_run t USING (campaign, repetition) "
            "WHERE o.campaign = ? AND o.spec = 'jemalloc' AND t.spec = 'system' AND t.pass = 'program'",
            (row["campaign"],))]
    assert math.isclose(float(row["cpu_ratio"]), statistics.median(o / t for o, t in rounds), rel_tol=1e-6), row
    assert float(row["cpu_low"]) <= float(row["cpu_ratio"]) <= float(row["cpu_high"]), row
    assert 0 < float(row["cpu_p"]) < 0.05 and float(row["cpu_delta"]) == 1, row


def check_wrong_runs_are_not_judged(f):
    crash, other = f.table["tcmalloc"], f.table["first-fit"]
    assert (crash["failed"], crash["cpu_verdict"]) == ("1", "") and "SIGSEGV" in crash["ended"], crash
    assert (other["differing"], other["cpu_verdict"]) == ("1", "") and "other output" in other["ended"], other


def check_a_control_told_apart_withholds(f):
    table = f.read("noisy")
    assert table["control"]["cpu_verdict"] == "slower" and table["control"]["peak_verdict"] == "equivalent", table
    assert table["segregated"]["cpu_verdict"] == "withheld", table["segregated"]
    assert table["segregated"]["peak_verdict"] == "smaller", table["segregated"]


def check_an_expectation_is_operations_times_the_difference(f):
    with sqlite3.connect(f.db) as db:
        ns = {spec: statistics.median(v for v, in db.execute(
            "SELECT value FROM metric m JOIN cell c ON c.id = m.cell WHERE c.trace = 1 AND c.spec = ? AND "
            "c.pass = 'throughput' AND m.name = 'ns_per_op'", (spec,))) for spec in ("system", "segregated")}
    row, cpu = f.table["segregated"], float(f.table["system"]["cpu"])
    saved = 1e6 * (ns["system"] - ns["segregated"])
    assert math.isclose(float(row["expected_saved"]), saved, rel_tol=1e-6), (row, ns)
    assert math.isclose(float(row["expected_ratio"]), 1 - saved / cpu, rel_tol=1e-6), row
    assert math.isclose(float(row["replay_ratio"]), ns["segregated"] / ns["system"], rel_tol=1e-6), row
    assert math.isclose(float(row["saved"]), cpu - float(row["cpu"]), rel_tol=1e-6), row
    assert f.read("noisy")["segregated"]["expected_ratio"] == "", "a program without a trace"
    assert f.table["tcmalloc"]["expected_ratio"] == "", "a run that went wrong"


def pearson(x, y):
    mx, my = statistics.fmean(x), statistics.fmean(y)
    cross = sum((a - mx) * (b - my) for a, b in zip(x, y))
    return cross / math.sqrt(sum((a - mx) ** 2 for a in x) * sum((b - my) ** 2 for b in y))


def ranks(values):
    return [sum(v < value for v in values) + (values.count(value) + 1) / 2 for value in values]


def check_correlations(f):
    rows = [row for table in (f.table, f.read(HOSTILE)) for row in table.values() if row["expected_ratio"]]
    expected, real = ([math.log(float(row[name])) for row in rows] for name in ("expected_ratio", "cpu_ratio"))
    said = json.loads(heapyard("--programs", f.db, "--format", "json").stdout)["expected_against_real"]
    assert said["pairs"] == len(rows) == 6, said
    assert math.isclose(said["pearson"], pearson(expected, real), rel_tol=1e-5), said
    assert math.isclose(said["spearman"], pearson(ranks(expected), ranks(real)), rel_tol=1e-5), said
    assert said["pearson_low"] < said["pearson"] < said["pearson_high"], said


def geometric_mean(values):
    return math.exp(statistics.fmean(map(math.log, values)))


def check_the_summary(f):
    rows = list(csv.DictReader(io.StringIO(heapyard("--programs", "--summary", f.db, "--format", "csv").stdout)))
    assert [row["spec"] for row in rows] == ["system", "segregated", "mimalloc", "jemalloc", "tcmalloc", "first-fit"], rows
    tables = [f.read(name) for name in ("sorting", HOSTILE, "noisy")]
    for row in rows[1:4]:
        assert (row["against"], row["pass"], row["programs"], row["failed"]) == ("system", "program", "3", "0"), row
        for figure in ("cpu", "wall", "peak"):
            mean = geometric_mean([float(table[row["spec"]][figure + "_ratio"]) for table in tables])
            assert math.isclose(float(row[figure + "_ratio"]), mean, rel_tol=1e-6), (figure, row)
            low, high = float(row[figure + "_low"]), float(row[figure + "_high"])
            assert low <= mean * (1 + 1e-9) and high >= mean * (1 - 1e-9) and high < low * 1.01, (figure, row)
    control = geometric_mean([float(table["control"]["cpu_ratio"]) for table in tables])
    assert rows[0]["pass"] == "control" and math.isclose(float(rows[0]["cpu_ratio"]), control, rel_tol=1e-6), rows[0]
    assert (rows[3]["slower"], rows[3]["larger"], rows[3]["slower_programs"].count(", ")) == ("3", "3", 2), rows[3]
    assert (rows[2]["slower"], rows[2]["larger"]) == ("0", "0"), rows[2]
    assert all(row["programs"] == "0" and row["failed"] == "3" and not row["cpu_ratio"] for row in rows[4:]), rows[4:]


def check_the_summary_against_another(f):
    rows = {row["spec"]: row for row in csv.DictReader(io.StringIO(heapyard(
        "--programs", "--summary", "--against", "jemalloc", f.db, "--format", "csv").stdout))}
    assert "jemalloc" not in rows and rows["system"]["pass"] == "program", rows
    assert math.isclose(float(rows["segregated"]["cpu_ratio"]), 0.9 / 1.12, rel_tol=0.01), rows["segregated"]
    ran = heapyard("--programs", "--against", "buddy", f.db)
    assert ran.returncode == 2 and 'no program was run on "buddy"' in ran.stderr and not ran.stdout, ran


def check_text_and_markdown(f):
    text = heapyard("--programs", f.db).stdout
    assert "\nsorting: segregated took 0.90" in text and "\nOver 6 pairs of a program and an allocator" in text, text
    assert "sort -k 'two words'" in text and "nothing is said of the others' CPU time" in text, text
    assert "\nOver 3 programs segregated took 0.90" in text and "surely more than 5 % slower: 3 (" in text, text
    assert "Over 3 programs segregated took the least CPU time, 0.90" in text.splitlines()[-1], text
    assert "\n| segregated " in heapyard("--programs", f.db, "--format", "markdown").stdout


def check_the_page_has_the_chapter(f):
    ran = heapyard(f.db, "-o", f.folder / "page")
    assert ran.returncode == 0, ran.stderr
    page = (f.folder / "page" / "index.html").read_text()
    assert page.count('<section id="programs">') == 1 and 'href="#programs"' in page
    chapter = page[page.index('<section id="programs">'):]
    chapter = chapter[:chapter.index("</section>")]
    assert "<h3>sorting</h3>" in chapter and "&lt;script&gt;alert(1)" in chapter and "<script" not in chapter
    assert chapter.count("<table>") == 4 and "<h3>All programs</h3>" in chapter and "withheld" in chapter and "Over 6 pairs" in chapter
    assert not shutil.which("gnuplot") or "<svg" in chapter
    assert (f.folder / "page" / "programs-expected.dat").read_text().count("sorting") == 3


def check_the_commands_that_make_it_again(f):
    suite = f.folder / "suite.db"
    shutil.copy(f.db, suite)
    with sqlite3.connect(suite) as db:
        db.execute("UPDATE campaign SET command = 'heapyard run --suite ./mine.suite -r 10 --timeout=9s' WHERE id = "
                   "(SELECT max(campaign) FROM program_run r JOIN program p ON p.id = r.program WHERE p.name = 'sorting')")
    ran = subprocess.run([HEAPYARD, "reproduce", "programs-expected", "--report", suite], capture_output=True, text=True)
    lines = [line for line in ran.stdout.splitlines() if " run " in line]
    assert ran.returncode == 0 and len(lines) == 3, ran
    assert lines[0].startswith("heapyard run --suite ./mine.suite -a system ") and lines[0].endswith(" sorting"), lines
    assert "--timeout=9s" in lines[0] and "--trace" not in lines[0], lines
    assert lines[2].startswith("heapyard run --compare ") and lines[2].endswith("-- sort -k 'two words'"), lines


def check_what_is_refused(f):
    empty = f.folder / "empty.db"
    shutil.copy(f.db, empty)
    with sqlite3.connect(empty) as db:
        db.execute("DELETE FROM program_run")
    for arguments, expected in (([empty], "no runs of programs"), ([f.db, "-b", "system"], "no --merge, --baseline"),
                                ([f.db, "--format", "gbench"], "gbench"), ([f.folder / "none.db"], "no such results")):
        ran = heapyard("--programs", *arguments)
        assert ran.returncode == 2 and expected in ran.stderr and ran.stderr.count("\n") == 1, (arguments, ran)
    with sqlite3.connect(empty) as db:
        db.execute("DROP TABLE program_run")
    ran = heapyard(empty, "--format", "csv")
    assert ran.returncode == 0 and ran.stdout, "a database from before programs were stored"


if __name__ == "__main__":
    sys.exit(checks.run(globals(), Fixture))
