#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The heap maps in a headless Chromium: maps_browser.py path/to/heapyard FOLDER.  Prints TAP.

A trace is replayed on three allocators; the page must show what the database has, and go through time, zoom and point as
it is told by mouse, keys and touch.  FOLDER keeps pictures.
"""
import os
import pathlib
import random
import sqlite3
import subprocess
import sys
import zlib

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import checks  # noqa: E402
import devtools  # noqa: E402

SPECS = ["system", "first-fit", "segregated"]
CANVAS = "document.querySelectorAll('#heapmaps canvas')"
PICTURES = "JSON.stringify([...%s].map(c => c.toDataURL()))" % CANVAS


def make_trace(heapyard, path):
    numbers, living, lines = random.Random(1), [], []
    for name in range(20000):
        lines.append("%d 0 %s %d %d" % (len(lines), numbers.choice(["malloc", "calloc"]), name,
                                        numbers.choice([30, 200, 3000]) + numbers.randrange(99)))
        living.append(name)
        while len(living) > 300 and numbers.random() < 0.9:
            lines.append("%d 0 free %d" % (len(lines), living.pop(-1 - int(numbers.random() ** 3 * (len(living) - 1)))))
    subprocess.run([heapyard, "import", "-", "-o", path], input="\n".join(lines) + "\n", text=True, check=True)


def numbers_of(packed):
    value = shift = 0
    for byte in zlib.decompress(packed):
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            yield value
            value = shift = 0


class Fixture:
    def __init__(self, heapyard, folder, pictures):
        self.heapyard, self.pictures, self.database, out = heapyard, pictures, folder / "r.db", folder / "page"
        make_trace(heapyard, folder / "made.hyt")
        subprocess.run([heapyard, "replay", folder / "made.hyt", "-a", ",".join(SPECS), "-r", "1", "-o", self.database,
                        "--pass", "throughput,footprint,map"], check=True, capture_output=True)
        self.report(out)
        self.page = devtools.Page()
        self.page.size(1280, 1000)
        self.page.scheme("light")
        self.url = (out / "index.html").as_uri()
        self.page.open(self.url)
        self.page.js("heapyardMaps.ready.then(() => document.querySelector('#heapmaps').scrollIntoView())")

    def close(self):
        self.page.close()

    def report(self, out):
        """Without gnuplot, which is found by PATH: the maps do not need it, and it takes its time."""
        subprocess.run([self.heapyard, "report", self.database, "-o", out], check=True, capture_output=True,
                       env=dict(os.environ, PATH="/nowhere"))

    def state(self):
        self.page.js("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        return self.page.js("heapyardMaps.state()")

    def centre(self, panel, across, up):
        left, top, width, height = self.page.js(
            "(b => [b.left, b.top, b.width, b.height])(%s[%d].getBoundingClientRect())" % (CANVAS, panel))
        return left + across * width, top + (1 - up) * height

    def mouse(self, kind, point, **more):
        self.page.call("Input.dispatchMouseEvent", type=kind, x=point[0], y=point[1], **more)


def check_all_allocators_of_the_map_pass_are_there(f):
    state = f.state()
    assert state["allocators"] == ["system", "segregated", "first-fit"], state
    assert state["trace"] == "made" and state["step"] == state["steps"] // 2, state
    f.page.picture(f.pictures / "maps.png")


def check_page_unpacks_what_the_database_has(f):
    with sqlite3.connect(f.database) as db:
        lives = list(numbers_of(db.execute("SELECT lives FROM heapmap").fetchone()[0]))
    _, count, frames, clock, peak = lives[:5]
    columns = [lives[5 + frames + i * count:5 + frames + (i + 1) * count] for i in range(4)]
    found = f.page.js("heapmapData.list()[0].load().then(t => [t.count, t.frames, t.clock, t.peak, t.live.reduce((a, b) => a + b),"
                      "t.born[t.count - 1], t.size.reduce((a, b) => a + b), t.kind.reduce((a, b) => a + b)])")
    assert found == [count, frames, clock, peak, sum(lives[5:5 + frames]), sum(columns[0]), sum(columns[2]),
                     sum(columns[3])], found
    apart = f.page.js("heapmapData.list()[0].maps[0].load().then(m => {const o = [...m.position.keys()].sort((a, b) => "
                      "m.position[a] - m.position[b]), t = (m.trace.clock / 2) | 0; const now = o.filter(i => "
                      "heapmapData.alive(m.trace, i, t)); return [now.length, now.every((life, i) => i === 0 || "
                      "m.position[now[i - 1]] + m.trace.size[now[i - 1]] <= m.position[life]), "
                      "Math.max(...now.map(i => m.position[i])) < m.span]})")
    assert apart[0] > 100 and apart[1:] == [True, True], "blocks overlap, or lie outside: %s" % apart


def check_canvases_draw_something(f):
    for colours in f.page.js("[...%s].map(c => new Set(new Uint32Array(c.getContext('2d').getImageData(0, 0, c.width, c.height)"
                             ".data.buffer)).size)" % CANVAS):
        assert colours > 20, colours


def check_time_moves(f):
    before, at = f.page.js(PICTURES), f.state()["step"]
    f.page.js("heapyardMaps.step(100)")
    assert f.state()["step"] == at + 100 and f.page.js(PICTURES) != before
    f.page.js("heapyardMaps.step(-100)")
    f.state()
    assert f.page.js(PICTURES) == before, "the same moment looks another way"


def check_keys_go_through_time_and_zoom(f):
    f.page.js(CANVAS + "[1].focus()")
    at, whole = f.state()["step"], f.state()["view"]
    f.page.key("ArrowRight")
    assert f.state()["step"] > at
    f.page.key("+", text="+")
    near = f.state()["view"]
    assert near["high"] - near["low"] < whole["high"] - whole["low"], near
    f.page.key("ArrowUp")
    assert f.state()["tip"], "no words for the mark that keys move"
    f.page.key("0", text="0")
    assert f.state()["view"] == whole
    f.page.key("Escape")
    assert not f.state()["tip"]


def check_slider_is_a_slider(f):
    f.page.js("document.querySelector('#heapmaps [name=time]').focus()")
    at = f.state()["step"]
    f.page.key("ArrowLeft")
    assert f.state()["step"] == at - 1
    assert "allocated" in f.page.js("document.activeElement.getAttribute('aria-valuetext')")


def check_pointing_tells_the_block_and_what_is_summed_up(f):
    said = []
    for across in (0.6, 0.7, 0.8, 0.9):
        for up in (0.15, 0.3):
            f.mouse("mouseMoved", f.centre(0, across, up))
            said.append(f.state()["tip"])
    assert any("One block of" in tip and "Age:" in tip and "alloc" in tip for tip in said), said
    assert all("One block of" in tip or "Summed up over" in tip or "Above the last" in tip or not tip for tip in said), said


def check_dragging_through_the_history(f):
    f.mouse("mousePressed", f.centre(0, 0.2, 0.5), button="left", clickCount=1)
    early = f.state()["step"]
    f.mouse("mouseMoved", f.centre(0, 0.4, 0.5), button="left")
    late = f.state()["step"]
    f.mouse("mouseReleased", f.centre(0, 0.4, 0.5), button="left")
    assert late > early + 100, (early, late)
    f.mouse("mouseMoved", f.centre(0, 0.3, 0.5))
    assert f.state()["step"] == late, "goes on without a button"


def check_wheel_zooms_with_ctrl_only(f):
    whole = f.state()["view"]
    f.mouse("mouseWheel", f.centre(0, 0.3, 0.5), deltaX=0, deltaY=-200, modifiers=2)
    near = f.state()["view"]
    assert near["end"] - near["start"] < whole["end"] - whole["start"], near
    f.page.js("document.querySelector('#heapmaps [name=all]').click()")
    assert f.state()["view"] == whole


def check_allocators_are_chosen(f):
    press = "[...document.querySelectorAll('.heapmap-specs button')].find(b => b.textContent === '%s').click()"
    f.page.js(press % "first-fit")
    f.page.js("new Promise(done => setTimeout(done, 300))")
    assert f.state()["allocators"] == ["system", "segregated"]
    f.page.js(press % "first-fit")
    f.page.js("new Promise(done => setTimeout(done, 300))")
    assert f.state()["allocators"] == ["system", "segregated", "first-fit"]


def check_colours_and_theme_repaint(f):
    pictures = []
    for by in ("size", "call", "age"):
        f.page.js("{const s = document.querySelector('#heapmaps [name=by]'); s.value = '%s'; s.dispatchEvent(new Event('change'))}" % by)
        f.state()
        pictures.append(f.page.js(PICTURES))
    f.page.scheme("dark")
    f.state()
    pictures.append(f.page.js(PICTURES))
    f.page.picture(f.pictures / "maps-dark.png")
    f.page.scheme("light")
    assert len(set(pictures)) == 4


def check_play_plays(f):
    button = "document.querySelector('#heapmaps [name=play]')"
    at = f.state()["step"]
    f.page.js(button + ".click()")
    f.page.js("new Promise(done => setTimeout(done, 400))")
    playing = f.state()
    f.page.js(button + ".click()")
    assert playing["playing"] and playing["step"] > at and not f.state()["playing"], playing


def check_phone_has_room(f):
    f.page.size(390, 844, mobile=True)
    f.page.open(f.url)
    f.page.js("heapyardMaps.ready.then(() => document.querySelector('#heapmaps').scrollIntoView())")
    assert len(f.state()["allocators"]) == 2
    assert f.page.js("document.documentElement.scrollWidth") <= 390
    f.page.picture(f.pictures / "maps-phone.png")


def check_what_is_cut_off_is_said(f):
    with sqlite3.connect(f.database) as db:
        for cell, places in db.execute("SELECT cell, places FROM heapmap").fetchall():
            cut = zlib.compress(zlib.decompress(places)[:3000])
            db.execute("UPDATE heapmap SET places = ? WHERE cell = ?", [cut, cell])
    f.report(f.database.parent / "cut")
    f.page.open((f.database.parent / "cut" / "index.html").as_uri())
    f.page.js("heapyardMaps.ready")
    assert "cannot be shown" in f.page.js("document.querySelector('.heapmap-now').textContent")
    f.page.js("for (const name of ['in', 'all']) document.querySelector(`#heapmaps [name=${name}]`).click()")


def check_nothing_complained(f):
    thrown = f.page.of("Runtime.exceptionThrown")
    logged = [e for e in f.page.of("Log.entryAdded") if e["entry"]["level"] in ("error", "warning")]
    assert not (thrown or logged), (thrown, logged)


def main():
    if not devtools.find():
        print("1..0 # SKIP chromium is not installed (./bootstrap test installs it)")
        return 0
    heapyard, pictures = (pathlib.Path(a).resolve() for a in sys.argv[1:])
    pictures.mkdir(parents=True, exist_ok=True)
    return checks.run(globals(), lambda folder: Fixture(heapyard, pathlib.Path(folder), pictures))


if __name__ == "__main__":
    sys.exit(main())
