#!/bin/sh
# SPDX-License-Identifier: CC0-1.0
# libreoffice.hyt: LibreOffice without a window reads a page of headings, tables and lists, and writes it as PDF, from
# start to exit.
. "$(dirname "$0")/common.sh"
need soffice libreoffice-writer-nogui fonts-dejavu-core

awk 'BEGIN {
    print "<html><head><title>A page</title></head><body><h1>A page</h1>"
    for (i = 0; i < 12; i++) {
        printf "<h2>Part %d</h2><p>Some <b>bold</b> and <i>slanted</i> text, number %d, and", i, i
        for (k = 1; k <= i % 30 + 5; k++) printf " %d,", k * i
        printf " no more.</p>\n<table border=1><tr><td>%d</td><td>%d</td><td>left</td></tr><tr><td colspan=3>all of it</td></tr></table>\n", i, i * i
        printf "<ul><li>one<li>two <a href=\"#x%d\">to x%d</a><li>three</ul>\n", i, i
    }
    print "</body></html>" }' >page.html
made
# A first start makes the folder of settings; the second is recorded.
office() { "$@" -env:UserInstallation="file://$PWD/profile" --headless --convert-to pdf --infilter='HTML (StarWriter)' page.html; }
office soffice >/dev/null 2>&1
office "$HEAPYARD" record -o "$OUT/libreoffice.hyt" -- /usr/lib/libreoffice/program/soffice.bin
[ -s page.pdf ]
