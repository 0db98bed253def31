#!/bin/sh
# SPDX-License-Identifier: CC0-1.0
# ghostscript.hyt: Ghostscript makes small bitmaps of a document of many pages: text and curves, and on each tenth page
# shadings.
. "$(dirname "$0")/common.sh"
need gs ghostscript

cat >work.ps <<'EOF'
%!PS
/state 12345 def
/draw { state 75 mul 74 add 65537 mod /state exch def state exch mod } bind def
/word { 3 5 draw add string dup length 1 sub 0 1 3 -1 roll { 1 index exch 97 26 draw add put } for } bind def
/fonts [ /Times-Roman /Helvetica /Courier /Times-Italic /Helvetica-Bold ] def
/text {
    fonts 5 draw get findfont 7 6 draw add scalefont setfont
    60 10 780 { 40 exch moveto 9 { word show ( ) show } repeat } for
} bind def
/curves {
    40 {
        6 draw 6 div 5 draw 5 div 4 draw 4 div setrgbcolor
        newpath 600 draw 800 draw moveto
        4 { 6 { 60 draw 30 sub } repeat rcurveto } repeat closepath
        gsave 3 draw 0 eq { eofill } { fill } ifelse grestore 0 setgray 5 draw 4 div setlinewidth [ 3 2 draw 1 add ] 0 setdash stroke
    } repeat
} bind def
/shades {
    4 {
        gsave 600 draw 800 draw 200 200 rectclip
        << /ShadingType 3 /ColorSpace /DeviceRGB /Coords [ 300 draw 400 draw 0 300 400 500 ] /Extend [ true true ]
           /Function << /FunctionType 2 /Domain [ 0 1 ] /C0 [ 1 0.5 0 ] /C1 [ 0 5 draw 5 div 1 ] /N 1 >> >> shfill
        grestore
    } repeat
} bind def
1 1 150 {
    10 mod 0 eq { shades } if
    curves text showpage
} for
EOF
gs -q -sPAPERSIZE=a4 -dOmitInfoDate -dOmitID -dOmitXMP -dBATCH -dNOPAUSE -sDEVICE=pdfwrite -sOutputFile=work.pdf work.ps
made
"$HEAPYARD" record -o "$OUT/ghostscript.hyt" -- gs -q -dSAFER -dBATCH -dNOPAUSE -r24 -sDEVICE=bmpgray -sOutputFile=- work.pdf >pages.bmp
