# SPDX-License-Identifier: MIT
#
# adversary.gp - footprint / live under the adversaries, as the largest block grows to n times the smallest.
#
# For each of the three adversaries (robson, first-fit-worst, best-fit-worst) a block with the bound, then one block an
# allocator; the first line is the name:
#   "any at least"
#   2 1.5
#   1024 5.94
# Command (allocators: how many):
#   GNUPLOT_LIB=plots gnuplot -e 'allocators=5' -c plots/adversary.gp growth.dat growth.svg

data = ARG1; output = ARG2
height = 400 + 17 * allocators
load 'style.gp'
first(p) = p * (allocators + 1)
bounds = '"any at least" "first fit at most" "best fit at least"'
# Curves lie on each other: points of different sizes show them all.
size(a) = 1.7 - 0.25 * (a < 5 ? a : 5)

set multiplot layout 1, 3
set logscale x 2
set xrange [1.6 : 1300]
set xtics (2, 8, 32, 128, 512)
set xlabel "largest / smallest block"
set rmargin 1.5
set lmargin 6
set tmargin 4
set bmargin 4.5 + 1.2 * allocators
set ylabel "footprint / live" offset 1.5
set key at screen 0.03, 0.01 left bottom Left reverse vertical samplen 3 textcolor rgb ink
do for [p = 0 : 2] {
    set title word("robson first-fit-worst best-fit-worst", p + 1) . "\ngrey: " . word(bounds, p + 1) textcolor rgb ink
    if (p < 2) { set yrange [0 : 12] } else { set logscale y 2; set yrange [1 : 512]; set lmargin 7 }
    if (p > 0) { unset ylabel }
    plot data index first(p) using 1:2 with lines lw 3.5 dt 1 lc rgb "#9a9a9a" notitle, \
         for [a = 1 : allocators] data index first(p) + a using 1:2 with linespoints lt a ps size(a) \
             title (p == 0 ? columnheader(1) : "")
}
unset multiplot
