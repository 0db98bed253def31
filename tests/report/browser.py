#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Opens the report in a headless Chromium: browser.py path/to/heapyard FOLDER.  Prints TAP.

It has every section: invented results, invented runs of programs, and the heap maps of one trace that is replayed.
FOLDER keeps pictures of it (first screen, a card, dark, phone, print), for people to look at.  Nothing is gated on time:
how long the page took to open is told only.
"""
import pathlib
import re
import sqlite3
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import checks  # noqa: E402
import devtools  # noqa: E402
import make_db  # noqa: E402
import test_programs  # noqa: E402

MAPPED = ["segregated", "system"]
ROWS = 2 * len(make_db.ALLOCATORS) + 1 + len(MAPPED)  # every replay has null
VISIBLE = "[...document.querySelectorAll('%s')].filter(e => e.offsetParent !== null)"
SHOWN_ROWS = VISIBLE % "#verdict-table tbody tr"


class Fixture:
    def __init__(self, heapyard, temporary, pictures):
        self.pictures = pictures
        database, out = temporary / "plain.db", temporary / "page"
        subprocess.run([sys.executable, HERE / "make_db.py", database], check=True)
        with sqlite3.connect(database) as db:
            test_programs.add_program(db, "sorting", "%016x" % 1)
        subprocess.run([heapyard, "replay", HERE.parents[1] / "traces" / "jq.hyt", "-a", ",".join(MAPPED), "--pass",
                        "throughput,footprint,map", "-r", "1", "-o", database], check=True, capture_output=True)
        subprocess.run([heapyard, "report", database, "-o", out], check=True, capture_output=True)
        self.url = (out / "index.html").as_uri()
        self.page = devtools.Page()
        self.page.size(1280, 1000)
        self.page.scheme("light")

    def close(self):
        self.page.close()

    def column(self, number):
        return self.page.js("%s.map(row => row.cells[%d]?.dataset.v ?? '').slice(0)" % (SHOWN_ROWS, number))


def check_opens(f):
    start = time.monotonic()
    f.page.open(f.url)
    print("# opened in %.2f s (this machine, now; not gated)" % (time.monotonic() - start))
    f.page.picture(f.pictures / "first.png")
    assert "Which allocator" in f.page.js("document.querySelector('h1').textContent")


def check_choosing_a_trace_shows_its_answer(f):
    page = f.page
    assert page.js((VISIBLE % ".card") + ".length") == 0 and page.js("document.querySelector('#glance').offsetParent !== null")
    page.js("document.querySelector('.chooser a[href=\"#answer-3\"]').click()")
    page.js("new Promise(done => setTimeout(done, 50))")
    assert page.js((VISIBLE % ".card") + ".map(card => card.id)") == ["answer-3"]
    assert "Take mimalloc." in page.js("document.querySelector('#answer-3').innerText")
    assert page.js("document.querySelector('.chooser [aria-current]').textContent") == "sqlite"
    assert page.js(SHOWN_ROWS + ".every(row => row.dataset.trace === '3')"), "the table does not follow"
    top = page.js("document.querySelector('.chooser').getBoundingClientRect().top")
    assert 0 <= top < 900, "the choice went out of sight: %s" % top
    page.picture(f.pictures / "card.png")
    page.js("document.querySelector('.chooser a').click()")
    page.js("new Promise(done => setTimeout(done, 50))")
    assert page.js((VISIBLE % ".card") + ".length") == 0 and page.js(SHOWN_ROWS + ".length") == ROWS


def check_table_sorts(f):
    page = f.page
    page.js("document.querySelector('#verdict-table th:nth-child(3) button').focus()")
    page.key("Enter", text="\r")
    up = f.column(2)
    assert page.js("document.querySelector('#verdict-table th:nth-child(3)').ariaSort") == "ascending"
    page.key("Enter", text="\r")
    down = f.column(2)
    figures = [float(v) for v in up if v]
    assert len(figures) >= 20 and figures == sorted(figures) and figures != [float(v) for v in down if v]
    assert [float(v) for v in down if v] == sorted(figures, reverse=True)
    for column in (up, down):
        assert all(column[:len(figures)]) and not any(column[len(figures):]), "what has no figure is not last"
    page.js("document.querySelector('#verdict-table th:nth-child(2) button').click()")
    names = page.js(SHOWN_ROWS + ".map(row => row.cells[1].textContent)")
    assert len(names) == ROWS and names[0].startswith("./broken.so") and names[-1].startswith("tcmalloc"), names
    assert page.js("document.querySelectorAll('#verdict-table [aria-sort]').length") == 1


def check_table_filters(f):
    page = f.page
    page.js("document.querySelector('#filter-spec').focus()")
    page.call("Input.insertText", text="mimalloc SYSTEM")
    names = page.js(SHOWN_ROWS + ".map(row => row.cells[1].firstChild.textContent)")
    assert sorted(names) == ["mimalloc"] * 2 + ["system"] * 3, names
    page.js("{const s = document.querySelector('#filter-trace'); s.value = '2'; s.dispatchEvent(new Event('change'))}")
    assert page.js(SHOWN_ROWS + ".length") == 2
    assert page.js("document.querySelector('#filter-count').textContent") == "2 of %d rows" % ROWS
    page.picture(f.pictures / "filtered.png")
    page.js("{const s = document.querySelector('#filter-spec'); s.value = ''; s.dispatchEvent(new Event('input'))}")
    page.js("{const s = document.querySelector('#filter-trace'); s.value = ''; s.dispatchEvent(new Event('change'))}")
    assert page.js(SHOWN_ROWS + ".length") == ROWS


def check_keyboard_reaches_everything(f):
    page = f.page
    page.open(f.url)
    seen = []
    for _ in range(40):
        page.key("Tab")
        seen.append(page.js("(e => e.id || e.className || e.textContent + e.hash)(document.activeElement)"))
    assert seen[0] == "skip", seen[:3]
    for wanted in ("sqlite#answer-3", "filter-trace", "filter-spec", "Verdicts#verdicts"):
        assert wanted in seen, (wanted, seen)
    lost = page.js("[...document.querySelectorAll('a, button, select, input, summary, [role=slider]')]"
                   ".filter(e => e.tabIndex < 0 && !e.hidden).map(e => e.outerHTML)")
    assert not lost, lost


def check_every_figure_has_data(f):
    figures = f.page.js(
        "[...document.querySelectorAll('figure svg')].map(svg => [svg.closest('figure').id, "
        "svg.querySelectorAll('path, circle, use, polygon').length, svg.getBBox().width, svg.getBBox().height])")
    assert len(figures) >= 10, figures
    for name, marks, width, height in figures:
        assert marks > 10 and width > 100 and height > 50, (name, marks, width, height)
    strips = f.page.js("[...document.querySelectorAll('#verdict-table tbody .strip')].map(s => s.querySelectorAll('.dot').length)")
    assert len(strips) > 30 and set(strips) == {1}, strips


CANVAS = "[...document.querySelectorAll('#heapmaps canvas')].map(canvas => canvas.toDataURL())"


def check_time_lapse_moves(f):
    page = f.page
    page.js("document.querySelector('#heapmaps').scrollIntoView()")
    page.js("heapyardMaps.ready.then(() => heapyardMaps.step(0))")
    state, before = page.js("heapyardMaps.state()"), page.js(CANVAS)
    assert state["trace"] == "jq" and sorted(state["allocators"]) == MAPPED, state
    assert len(before) == 2 and all(len(picture) > 5000 for picture in before), "maps without blocks"
    page.js("document.querySelector('#heapmaps [name=time]').focus()")
    for _ in range(3):
        page.key("ArrowRight")
    page.js("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    moved = page.js("heapyardMaps.state()")
    assert moved["step"] == state["step"] + 3 and moved["t"] > state["t"], (state, moved)
    page.js("heapyardMaps.step(200)")
    page.picture(f.pictures / "time-lapse.png")
    after = page.js(CANVAS)
    assert all(a != b for a, b in zip(before, after)), "the maps stand still"


CONTRAST = """(() => {
  const light = c => { const v = c.match(/[\\d.]+/g).slice(0, 3).map(x => (x /= 255) <= .03928 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4);
    return .2126 * v[0] + .7152 * v[1] + .0722 * v[2]; };
  const paper = light(getComputedStyle(document.body).backgroundColor);
  return ['body', '.lede', 'a[href="#verdicts"]', '.failed', '.ci', '.missing'].map(s => {
    const ink = light(getComputedStyle(document.querySelector(s)).color);
    return [s, (Math.max(ink, paper) + .05) / (Math.min(ink, paper) + .05), paper]; });
})()"""


def check_heap_maps_keep_their_budget(f):
    """Of the 8 MiB of a page, 4 MiB are for the maps of 7 traces on 8 allocators; jq is a trace of middling length."""
    size = lambda name: f.page.js("[...document.querySelectorAll('.heapmap-%s')].map(e => e.textContent.length)" % name)
    lives, places = size("lives"), size("places")
    assert len(lives) == 1 and len(places) == len(MAPPED), (lives, places)
    assert 7 * (lives[0] + 8 * max(places)) < 4 << 20, (lives, places)


def check_both_themes_are_readable(f):
    page, papers = f.page, []
    for theme in ("light", "dark"):
        page.js("{const s = document.querySelector('.theme select'); s.value = '%s'; s.dispatchEvent(new Event('change'))}"
                % theme)
        for what, contrast, paper in page.js(CONTRAST):
            assert contrast >= 4.5, "%s, %s: contrast %.2f, WCAG asks for 4.5" % (theme, what, contrast)
        papers.append(paper)
    assert papers[0] > 0.9 and papers[1] < 0.1, papers
    page.js("scrollTo(0, 0)")
    page.picture(f.pictures / "dark.png")
    page.js("{const s = document.querySelector('.theme select'); s.value = 'system'; s.dispatchEvent(new Event('change'))}")
    page.scheme("dark")
    assert page.js(CONTRAST)[0][2] < 0.1, "does not follow the system"
    page.scheme("light")


def check_phone_has_no_sideways_scroll(f):
    f.page.size(390, 844, mobile=True)
    f.page.open(f.url)
    f.page.picture(f.pictures / "phone.png")
    wide = f.page.js("[document.documentElement.scrollWidth, innerWidth, ...[...document.querySelectorAll('body *')]"
                     ".filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.wide, svg, pre'))"
                     ".slice(0, 5).map(e => e.outerHTML.slice(0, 120))]")
    assert wide[0] <= 390 and wide[1] == 390, wide
    f.page.js("document.querySelector('#verdicts').scrollIntoView()")
    f.page.picture(f.pictures / "phone-table.png")
    f.page.open(f.url + "#answer-1")
    f.page.picture(f.pictures / "phone-card.png")
    f.page.size(1280, 1000)


def check_readable_without_script(f):
    page = f.page
    page.call("Emulation.setScriptExecutionDisabled", value=True)
    page.load(f.url)
    page.picture(f.pictures / "no-script.png")
    page.call("Emulation.setScriptExecutionDisabled", value=False)
    assert page.js((VISIBLE % ".card") + ".length") == 3 and page.js("document.querySelector('#glance').offsetParent !== null")
    assert page.js(SHOWN_ROWS + ".length") == ROWS
    assert page.js((VISIBLE % "button, select, input") + ".length") == 0, "a control that does nothing"


def check_prints(f):
    f.page.open(f.url)
    f.page.scheme("dark")
    f.page.pdf(f.pictures / "print.pdf")
    f.page.size(794, 1123)
    f.page.scheme("dark", media="print")
    f.page.picture(f.pictures / "print.png")
    f.page.size(1280, 1000)
    f.page.scheme("light")
    pdf = (f.pictures / "print.pdf").read_bytes()
    pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
    print("# %d printed pages" % pages)
    assert pdf.startswith(b"%PDF") and 4 <= pages <= 40, pages


def check_nothing_complained_nor_called_out(f):
    """Last: over all that was done before."""
    said = [m for m in f.page.of("Runtime.consoleAPICalled") if m["type"] in ("error", "warning", "assert")]
    thrown = f.page.of("Runtime.exceptionThrown")
    logged = [e for e in f.page.of("Log.entryAdded") if e["entry"]["level"] in ("error", "warning")]
    assert not (said or thrown or logged), (said, thrown, logged)
    asked = {r["request"]["url"].split("#")[0] for r in f.page.of("Network.requestWillBeSent")}
    assert asked <= {f.url, "about:blank"} and f.url in asked, asked


def main():
    if not devtools.find():
        print("1..0 # SKIP chromium is not installed (./bootstrap test installs it)")
        return 0
    heapyard, pictures = (pathlib.Path(a).resolve() for a in sys.argv[1:])
    pictures.mkdir(parents=True, exist_ok=True)
    print("# pictures: %s" % pictures)
    return checks.run(globals(), lambda folder: Fixture(heapyard, pathlib.Path(folder), pictures))


if __name__ == "__main__":
    sys.exit(main())
