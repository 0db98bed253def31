# SPDX-License-Identifier: MIT
#
# style.gp - what all figures share.  Each figure's script loads it first:
#     data = ARG1; output = ARG2; load 'style.gp'
#
# The ending of `output` chooses the terminal.  A line has a colour, a dash type and a point type of its own, so that
# the figures survive colour blindness and black-and-white printing (hues after Okabe and Ito, "Color Universal
# Design", 2002, darkened until thin lines stand out on white).  heapyard report turns the colours of an .svg into CSS
# variables when it puts it into the page, and dark.css has the variants for dark pages: change both together.

set encoding utf8
if (!exists("height")) height = 460
png = strlen(output) > 4 && output[strlen(output) - 3:] eq ".png"
if (png) { set terminal pngcairo noenhanced size 1720, 2 * height fontscale 2 linewidth 2 pointscale 2 background "#ffffff" font "sans,11" } \
else { set terminal svg noenhanced size 860, height dynamic background "#ffffff" font "sans-serif,14" }
set output output

ink = "#222222"; muted = "#6b6b6b"; faint = "#dcdcdc"; shade = "#e4e4e4"

set linetype 1  lc rgb "#0066a8" dt 1         pt 7  ps 0.7 lw 2
set linetype 2  lc rgb "#c44e00" dt (12,4)    pt 5  ps 0.7 lw 2
set linetype 3  lc rgb "#00805e" dt (4,3)     pt 9  ps 0.8 lw 2
set linetype 4  lc rgb "#a1438a" dt (12,3,2,3) pt 11 ps 0.8 lw 2
set linetype 5  lc rgb "#8a6500" dt 1         pt 13 ps 0.8 lw 2
set linetype 6  lc rgb "#2b2f77" dt (8,3)     pt 6  ps 0.8 lw 2
set linetype 7  lc rgb "#a3263f" dt (3,2)     pt 4  ps 0.8 lw 2
set linetype 8  lc rgb "#3d7a1f" dt (10,2,2,2,2,2) pt 8 ps 0.9 lw 2
set linetype 9  lc rgb "#1a7f8c" dt (6,2)     pt 10 ps 0.9 lw 2
set linetype 10 lc rgb "#5a5a5a" dt 1         pt 12 ps 0.9 lw 2
# a second round: the same colours, other points; who has the same point is dashed here and not there
set linetype 13 lc rgb "#0066a8" dt 1         pt 4  ps 0.8 lw 2
set linetype 14 lc rgb "#c44e00" dt 1         pt 6  ps 0.8 lw 2
set linetype 15 lc rgb "#00805e" dt (12,4)    pt 12 ps 0.9 lw 2
set linetype 16 lc rgb "#a1438a" dt 1         pt 8  ps 0.9 lw 2
set linetype 17 lc rgb "#8a6500" dt 1         pt 10 ps 0.9 lw 2
set linetype 18 lc rgb "#2b2f77" dt 1         pt 5  ps 0.7 lw 2
set linetype 19 lc rgb "#a3263f" dt (12,3,2,3) pt 7 ps 0.7 lw 2
set linetype 20 lc rgb "#3d7a1f" dt 1         pt 11 ps 0.8 lw 2
set linetype 21 lc rgb "#1a7f8c" dt 1         pt 9  ps 0.8 lw 2
# the limits: null and bump-wrap (bump has style 10)
set linetype 11 lc rgb "#8c8c8c" dt (2,3)     pt 1  ps 0.7 lw 1.5
set linetype 12 lc rgb "#8c8c8c" dt (7,4)     pt 2  ps 0.7 lw 1.5

set border 3 lc rgb muted lw 0.8
set tics nomirror out scale 0.5 textcolor rgb ink
set grid lt 1 lc rgb faint lw 0.6
set rmargin 4
set xlabel textcolor rgb muted
set ylabel textcolor rgb muted
unset key
set tmargin 1.4

# The point type of a style, and the i-th number (from 0) of a list in a string.
mark(style) = int(word("7 5 9 11 13 6 4 8 10 12 1 2 4 6 12 8 10 5 7 11 9", int(style)))
number(list, i) = int(word(list, i + 1))
# Round numbers for a logarithmic axis that spans little.
round_numbers = '(0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 1e4, 2e4, 5e4, 1e5)'
# Powers of sixteen of bytes, and some between, in words.
byte_sizes = '("1" 1, "4" 4, "16" 16, "64" 64, "256" 256, "1 Ki" 1024, "4 Ki" 4096, "16 Ki" 16384, "64 Ki" 65536, "256 Ki" 262144, "1 Mi" 1048576, "4 Mi" 4194304, "16 Mi" 16777216, "64 Mi" 67108864, "256 Mi" 268435456, "1 Gi" 1073741824, "4 Gi" 4294967296.)'
# Powers of ten of nanoseconds, in words.
nanoseconds = '("1 ns" 1, "10 ns" 10, "100 ns" 100, "1 µs" 1e3, "10 µs" 1e4, "100 µs" 1e5, "1 ms" 1e6, "10 ms" 1e7, "100 ms" 1e8, "1 s" 1e9, "10 s" 1e10)'
