# SPDX-License-Identifier: MIT
#
# adversary.gp - footprint / live under the adversaries, as the largest block grows to n times the smallest.
#
# For each of the three adversaries (robson, first-fit-worst, best-fit-worst) a block with the bound, then one block an
# allocator; the first line is the name:
#   "forced on any"
#   2 1.5
#   1024 5.94
# Command (allocators: how many):
#   GNUPLOT_LIB=plots gnuplot -e 'allocators=4' -c plots/adversary.gp growth.dat growth.svg

data = ARG1; output = ARG2
height = 420
load 'style.gp'
first(p) = p * (allocators + 1)
# Curves lie on each other: points of different sizes show them all.
size(a) = 1.6 - 0.25 * (a < 5 ? a : 5)

set multiplot layout 1, 3
set logscale x 2
set xrange [1.6 : 1300]
set xtics (2, 8, 32, 128, 512)
set xlabel "largest / smallest block"
set key top left Left reverse samplen 2 width -3 textcolor rgb ink
set rmargin 1
set lmargin 6
set tmargin 3
set ylabel "footprint / live" offset 1.5
do for [p = 0 : 2] {
    set title word("robson first-fit-worst best-fit-worst", p + 1) textcolor rgb ink
    if (p < 2) { set yrange [0 : 14] } else { set logscale y 2; set yrange [1 : 512] }
    if (p > 0) { unset ylabel }
    plot data index first(p) using 1:2 with lines lw 3 dt 1 lc rgb muted title columnheader(1), \
         for [a = 1 : allocators] data index first(p) + a using 1:2 with linespoints lt a ps size(a) \
             title (p == 0 ? columnheader(1) : "")
}
unset multiplot
