#!/bin/sh
# SPDX-License-Identifier: CC0-1.0
# inkscape.hyt: Inkscape opens a drawing and exports it as a picture.
. "$(dirname "$0")/common.sh"
need inkscape inkscape

awk 'BEGIN {
    print "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"800\" height=\"600\">"
    for (i = 0; i < 300; i++) {
        x = i * 7919 % 800; y = i * 104729 % 600
        if (i % 3 == 0) printf "<circle cx=\"%d\" cy=\"%d\" r=\"%d\" fill=\"#%06x\" opacity=\"0.6\"/>\n", x, y, 5 + i % 40, i * 65537 % 16777216
        if (i % 3 == 1) printf "<path d=\"M%d,%d c40,-30 %d,70 90,10 z\" fill=\"none\" stroke=\"#%06x\" stroke-width=\"3\"/>\n", x, y, i % 60, i * 257 % 16777216
        if (i % 30 == 2) printf "<text x=\"%d\" y=\"%d\" font-size=\"14\">label %d</text>\n", x, y, i
    }
    print "</svg>" }' >drawing.svg
made
"$HEAPYARD" record -o "$OUT/inkscape.hyt" -- inkscape --export-type=png --export-filename=drawing.png drawing.svg
