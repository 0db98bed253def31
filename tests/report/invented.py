# SPDX-License-Identifier: MIT
"""What the tests of `heapyard report` share: invented databases, the pages made from them, a reader of pages.

The program is the first argument of whichever test this is.
"""
import html.parser
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from checks import run  # noqa: E402

HEAPYARD = str(pathlib.Path(sys.argv[1]).resolve())
VOID = {"meta", "br", "hr", "img", "input", "link"}


def heapyard(*arguments, env=None):
    return subprocess.run([HEAPYARD, "report", *map(str, arguments)], capture_output=True, text=True, timeout=300,
                          env=env)


class Page(html.parser.HTMLParser):
    """Checks that tags are balanced; keeps tags, ids, links, and the text of table rows."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.ids, self.links, self.rows, self.text = [], [], [], [], [], []
        self.tables, self.names = 0, []
        self.feed(text)
        self.close()
        assert not self.open, "never closed: %s" % self.open

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.tags.append((tag, attributes))
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if "href" in attributes:
            self.links.append(attributes["href"])
        self.tables += tag == "table"
        if tag == "tr":
            self.rows.append([self.tables])
        if tag == "table":
            self.names.append(attributes.get("id", ""))
        if tag in ("td", "th") and self.rows:
            self.rows[-1].append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, "</%s> closes %s" % (tag, self.open[-1:])
        self.open.pop()

    def handle_data(self, data):
        self.text.append(data)
        if "td" in self.open or "th" in self.open:
            self.rows[-1][-1] += data

    def table(self, name):
        """The rows of the table with this id."""
        return [row[1:] for row in self.rows if row[0] and self.names[row[0] - 1] == name]


class Databases:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.db, self.hostile_db, self.noisy_db = (self.folder / name for name in ("plain.db", "hostile.db", "noisy.db"))
        for path, arguments in ((self.db, []), (self.hostile_db, ["--hostile"]), (self.noisy_db, ["--noisy"])):
            subprocess.run([sys.executable, HERE / "make_db.py", *arguments, path], check=True)


class Pages(Databases):
    def __init__(self, folder):
        super().__init__(folder)
        self.out, self.hostile_out = self.folder / "plain", self.folder / "hostile"
        self.run = heapyard(self.db, "-o", self.out)
        self.hostile_run = heapyard(self.hostile_db, "-o", self.hostile_out)
        self.html = (self.out / "index.html").read_text()
        self.hostile_html = (self.hostile_out / "index.html").read_text()


def main(checks, fixture, needs=None):
    """Runs the functions called check_… of a module, in order, and prints TAP."""
    if needs and not shutil.which(needs):
        print("1..0 # SKIP %s is not installed" % needs)
        return 0
    os.environ.pop("HEAPYARD_PARTS", None)
    return run(checks, fixture)
