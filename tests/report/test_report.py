#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests of `heapyard report` on invented results: test_report.py path/to/heapyard.  Prints TAP."""
import contextlib
import csv
import html
import io
import json
import pathlib
import re
import shutil
import sqlite3
import sys
import xml.etree.ElementTree

HERE = pathlib.Path(__file__).resolve().parent
PLOTS = HERE.parents[1] / "plots"
FAILED = {"stack": "refused", "pool:size=64": "no-room", "./broken.so": "crash"}
FIGURES = ("throughput", "tradeoff", "latency", "memory", "fragmentation", "holes", "requests")
sys.path.insert(0, str(HERE))
import invented  # noqa: E402
import make_db  # noqa: E402
from invented import Page, heapyard  # noqa: E402


def check_ends_well(f):
    assert (f.run.returncode, f.run.stderr) == (0, ""), f.run
    assert (f.hostile_run.returncode, f.hostile_run.stderr) == (0, ""), f.hostile_run


def check_last_lines_can_be_quoted(f):
    *sentences, path = f.run.stdout.strip().split("\n")
    assert path == str(f.out.resolve() / "index.html"), path
    assert len(sentences) == 8 and all(s.endswith(".") for s in sentences), sentences
    assert "fastest general-purpose allocator is mimalloc" in sentences[0], sentences[0]
    assert re.search(r"× as fast as system \(95 % CI \d\.\d\d–\d\.\d\d: faster\)", sentences[0]), sentences[0]
    assert re.search(r"as tcmalloc \(95 % CI .*: (inconclusive|equivalent|faster)\)", sentences[0]), sentences[0]
    assert "the leanest is best-fit" in sentences[1] and "stack refused" in sentences[3], sentences


def check_page_is_well_formed(f):
    for text in (f.html, f.hostile_html):
        page = Page(text)
        twice = {i for i in page.ids if page.ids.count(i) > 1}
        assert not twice, "ids used twice: %s" % twice
        lost = [link for link in page.links if link.startswith("#") and link[1:] not in page.ids]
        assert not lost, "links to nowhere: %s" % lost


def check_nothing_from_outside(f):
    for out, text in ((f.out, f.html), (f.hostile_out, f.hostile_html)):
        assert not re.findall(r"(?:https?:)?//(?!www\.w3\.org/)[a-z]", re.sub(r"/[*].*?[*]/", "", text, flags=re.S))
        page = Page(text)
        for link in page.links:
            assert link.startswith("#") or (out / link).is_file(), link
        assert not [t for t, a in page.tags if t in ("img", "link", "iframe", "object") or "src" in a]


def check_hostile_names_are_text(f):
    page = Page(f.hostile_html)
    text = "".join(page.text)
    for name in (*make_db.HOSTILE.values(), make_db.HOSTILE_TRACE):
        assert name in text, name
    assert f.hostile_html.count("<script") == f.html.count("<script"), "a name became a script"
    handlers = [a for _, attributes in page.tags for a in attributes if a.startswith("on")]
    assert not handlers, handlers
    for folder in (pathlib.Path.cwd(), f.hostile_out, f.folder):
        assert not (folder / "pwned").exists(), folder


def check_hostile_data_cannot_break_out(f):
    for path in f.hostile_out.glob("*.dat"):
        for line in path.read_text().splitlines():
            assert line.count('"') % 2 == 0 and "\\" not in line and "`" not in line, (path.name, line)


def check_every_figure_has_data(f):
    for out in (f.out, f.hostile_out):
        for figure in FIGURES:
            for data in (found := sorted(out.glob("*-%s.dat" % figure))):
                rows = [line for line in data.read_text().splitlines() if line and not line.startswith("#")]
                assert len(rows) >= 12, (data.name, len(rows))
                svg = xml.etree.ElementTree.parse(data.with_suffix(".svg"))
                drawn = [e for e in svg.iter() if e.tag.endswith(("}path", "}use", "}polygon")) and e.get("stroke")]
                texts = [e.text for e in svg.iter() if e.tag.endswith("}text") and (e.text or "").strip()]
                assert len(drawn) > 10 and len(texts) > 10, (data.name, len(drawn), len(texts))
                png = data.with_suffix(".png").read_bytes()
                assert png.startswith(b"\x89PNG") and len(png) > 10000, data.name
            assert len(found) == 2, figure


def check_figures_name_allocators(f):
    for figure in ("throughput", "latency", "memory"):
        text = " ".join(e.text or "" for e in
                        xml.etree.ElementTree.parse(f.out / ("1-python-%s.svg" % figure)).iter())
        for name in ("mimalloc", "best-fit", "fit:policy=next,merge=every:64"):
            assert name in text, (figure, name)
    bars = (f.out / "1-python-throughput.svg").read_text()
    for name, outcome in FAILED.items():
        assert name in bars and outcome in bars, name


def check_colours_follow_the_page(f):
    drawings = re.findall(r"<svg (?!class=.strip).*?</svg>", f.html, re.S)
    assert len(drawings) == 2 * len(FIGURES), len(drawings)
    known = set(re.findall(r"(--c-[0-9a-f]{6}):", f.html.rsplit("</style>", 1)[0]))
    for drawing in drawings:
        assert "rgb(" not in drawing and "font-family" not in drawing
        used = set(re.findall(r"var\((--c-[0-9a-f]{6})", drawing))
        assert used and used <= known, "no dark variant of %s" % (used - known)


def check_lines_differ_without_colour(f):
    style = (PLOTS / "style.gp").read_text()
    lines = re.findall(r"^set linetype (\d+) +lc rgb \"#\w+\" dt (1|\([\d,]+\)) +pt (\d+)", style, re.M)
    assert sorted(int(number) for number, _, _ in lines) == list(range(1, 22)), lines
    looks = [(point, dash == "1") for _, dash, point in lines]
    assert len(set(looks)) == len(looks), sorted(look for look in looks if looks.count(look) > 1)
    marks = re.search(r'^mark\(style\) = int\(word\("([\d ]+)"', style, re.M).group(1).split()
    assert marks == [point for _, _, point in sorted(lines, key=lambda line: int(line[0]))]
    dark = re.findall(r"(--c-\w{6}):", (PLOTS.parent / "harness" / "report" / "dark.css").read_text())
    assert {"--c-" + c for c in re.findall(r'rgb "#(\w{6})"', style)} <= set(dark), "a colour without a dark variant"


def check_failures_stand_in_every_table(f):
    page = Page(f.html)
    for table in range(1, page.tables + 1):
        rows = [row[1:] for row in page.rows if row[0] == table]
        both = page.names[table - 1] == "verdict-table"  # the only one of both traces
        if rows[0][0] == "trace" and not both:
            continue
        for name, outcome in FAILED.items():
            row = [r for r in rows if r[both].startswith(name)]
            assert len(row) == 1 + both and any(outcome in cell for cell in row[0][1:]), (table, name, row)
    captions = [c for c in re.findall(r"<figcaption>(.*?)</figcaption>", f.html, re.S) if "reproduce" in c]
    captions = [c for c in captions if not c.startswith("Requests")]  # of the trace alone
    assert len(captions) == 2 * (len(FIGURES) - 1)
    for caption in captions:
        for name, outcome in FAILED.items():
            assert re.search(r"%s: [^;]*%s" % (outcome, re.escape(name)), caption), (name, caption)


def check_first_words_answer(f):
    page = Page(f.html)
    text = " ".join("".join(page.text).split())
    assert "Over all 2 traces mimalloc takes the least time" in text and "best-fit the least memory" in text
    cards = [html.unescape(re.sub(r"<.*?>", "", card)) for card in re.findall(r"<article.*?</article>", f.html, re.S)]
    assert len(cards) == 2 and f.html.index("<article") < f.html.index("Verdicts</h2>")
    for card in cards:
        assert "Take mimalloc." in card and "× as fast as system (95 % CI" in card, card
        assert "best-fit" in card and "Did not get through" in card, card  # tcmalloc failed, so it is not an option
        assert "control: system against itself" in card, card
    assert {"#trace-1", "#trace-2", "#answer-1", "#answer-2"} <= set(page.links)
    glance = [row for row in page.table("glance-table") if row[0] in ("python", "sqlite")]
    assert [row[1] for row in glance] == ["mimalloc", "mimalloc"], glance


def check_verdict_table(f):
    page = Page(f.html)
    head, *rows = page.table("verdict-table")
    assert head[:3] == ["trace", "allocator", "ns/op"] and len(rows) == 2 * len(make_db.ALLOCATORS), head
    by_name = {row[1]: row for row in rows if row[0] == "python"}
    mimalloc = by_name["mimallocPareto"]
    assert mimalloc[5] == "◀ faster" and 0.5 < float(mimalloc[3][:4]) < 0.57, mimalloc
    assert 4 < float(mimalloc[6]) < 6 and 3 < float(mimalloc[7]) < 4, "distance to null and bump: %s" % mimalloc
    assert mimalloc[11] == "▶ larger" and 1.5 < float(mimalloc[12]) < 1.7, mimalloc
    assert by_name["nulllimit"][5] == "limit" and by_name["systembaseline"][5] == "baseline"
    for row in re.findall(r"<tr data-trace.*?</tr>", f.html):
        assert row.count("data-v=") >= 4 or "class=\"text why\"" in row, row


def check_withheld_is_said(f):
    words = {row["trace"]: row for row in csv.DictReader(io.StringIO(heapyard(f.noisy_db, "--format", "csv").stdout))
             if row["spec"] == "mimalloc"}
    assert words["python"]["verdict"] == "faster" and words["sqlite"]["verdict"] == "withheld", words
    assert words["sqlite"]["memory_verdict"] == "larger"
    why = r"On sqlite: A/A control: system against itself 1\.\d+.* slower: .* verdicts on time are withheld"
    heapyard(f.noisy_db, "-o", f.folder / "noisy", env={"PATH": "/nonexistent"})  # pictures are not needed
    page = Page((f.folder / "noisy" / "index.html").read_text())
    assert re.search(why, " ".join("".join(page.text).split())), "page"
    assert any("– withheld" in row for row in page.table("verdict-table"))
    assert [row[1] for row in page.table("glance-table")][1:] == ["mimalloc", "(no verdict) mimalloc"]
    for form in ("text", "markdown"):
        assert re.search(why, heapyard(f.noisy_db, "--format", form).stdout), form
    studies = {s["trace"]: s for s in json.loads(heapyard(f.noisy_db, "--format", "json").stdout)["studies"]}
    assert studies["sqlite"]["withheld"] is True and studies["python"]["withheld"] is False
    assert studies["sqlite"]["control"]["verdict"] == "slower" and studies["sqlite"]["control"]["ratio"] > 1.1
    for text in (f.html, f.run.stdout):
        assert "verdicts on time are withheld" not in text


def check_latency_by_kind(f):
    page = Page(f.html)
    heads = [row[1:] for row in page.rows if "malloc p99" in row]
    assert heads == [["allocator", "malloc mean", "malloc p99"]] * 2, heads
    assert f.html.count("steps of 10 ns") == 2


def check_missing_is_not_zero(f):
    page = Page(f.html)
    null = [row[1:] for row in page.rows if len(row) > 5 and row[1].startswith("null")]
    assert any("n/a" in row for row in null)
    for row in page.rows:
        for cell in row[2:]:
            assert not re.fullmatch(r"(0|0\.0+)( B)?|nan|-nan|inf", cell.strip()), row


def check_geometric_mean(f):
    page = Page(f.html)
    row = [r[1:] for r in page.rows if r[0] == 4 and r[1] == "mimalloc"][0]
    first, second, mean, traces = float(row[1]), float(row[2]), float(row[3]), row[4]
    assert abs(mean - (first * second) ** 0.5) < 0.011 and traces == "2 of 2", row
    row = [r[1:] for r in page.rows if r[0] == 4 and r[1] == "stack"][0]
    assert row[3:] == ["n/a", "0 of 2"], row


def check_page_budget(f):
    """A page of 7 traces and its heap maps (4 MiB at most) has 8 MiB."""
    assert len(f.html.encode()) / 2 * 7 + (4 << 20) < 8 << 20, len(f.html)


def check_one_allocator_alone(f):
    """Labels of one side only: gnuplot once crashed on that."""
    alone, out = f.folder / "alone.db", f.folder / "alone"
    shutil.copy(f.db, alone)
    with contextlib.closing(sqlite3.connect(alone)) as db:
        others = "IN (SELECT id FROM cell WHERE spec NOT IN ('null', 'system'))"
        for table in ("metric", "point", "bucket"):
            db.execute("DELETE FROM %s WHERE cell %s" % (table, others))
        db.execute("DELETE FROM cell WHERE spec NOT IN ('null', 'system')")
        db.commit()
    run = heapyard(alone, "-o", out)
    assert (run.returncode, run.stderr) == (0, ""), run
    assert sorted(out.glob("*-tradeoff.svg")) and "system" in sorted(out.glob("*-tradeoff.svg"))[0].read_text()


def check_without_gnuplot(f):
    out = f.folder / "bare"
    out.mkdir()
    (out / "share.html").write_text("")  # a page of the machine's memory, that lies there already
    run = heapyard(f.db, "-o", out, env={"PATH": "/nonexistent"})
    assert run.returncode == 0 and "gnuplot is not installed" in run.stderr, run
    page = Page((out / "index.html").read_text())
    assert page.tables >= 9 and not [t for t, a in page.tags if t == "svg" and "strip" not in a["class"]]
    assert "not drawn, gnuplot is missing" in "".join(page.text)
    assert [link for link in page.links if link.endswith(".html")] == ["share.html"], page.links


def check_bad_input(f):
    (f.folder / "text.db").write_text("no database\n" * 200)
    (f.folder / "empty.db").write_text("")
    (f.folder / "file").write_text("")
    cases = {"/nonexistent/x.db": [], f.folder / "text.db": [], f.folder / "empty.db": [], f.folder: [],
             f.db: ["-o", f.folder / "file"], f.hostile_db: ["--format", "txt"]}
    for database, more in cases.items():
        run = heapyard(database, *more)
        assert run.returncode == 2, (database, run)
        assert run.stderr.startswith("heapyard: ") and run.stderr.count("\n") == 1, (database, run.stderr)
    run = heapyard(f.db, "--campaign", "99")
    assert run.returncode == 2 and "campaign 99" in run.stderr, run


def check_plots_explain_themselves(f):
    for script in sorted(PLOTS.glob("*.gp")):
        head = script.read_text().split("\n\n")[0]
        assert head.startswith("# SPDX-License-Identifier: MIT\n#\n# %s" % script.name), script.name
    for figure in FIGURES:
        text = (PLOTS / (figure + ".gp")).read_text()
        command = re.search(r"GNUPLOT_LIB=plots gnuplot -e .* -c plots/%s\.gp x\.dat x\.svg" % figure,
                            text.replace("\\\n#", ""))
        assert command and "# Command" in text, figure


if __name__ == "__main__":
    sys.exit(invented.main(globals(), invented.Pages, needs="gnuplot"))
