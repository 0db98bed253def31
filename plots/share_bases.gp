# SPDX-License-Identifier: MIT
#
# share_bases.gp - programs that could not start if every library must have its own address.
#
# Blocks, parted by two blank lines, each headed by its name: libraries share formula (-1: none)
#   "random, 2 GiB (32 bits)"
#   2 0.002 0.001
#   4 0.004 0.007
# Command (blocks: how many):
#   GNUPLOT_LIB=plots gnuplot -e 'blocks=5' -c plots/share_bases.gp x.dat x.svg

data = ARG1; output = ARG2
height = 520
load 'style.gp'
set logscale x 2
set xrange [1.8 : 290]
set yrange [-3 : 103]
set xlabel "libraries that a program loads" offset 0, 0.4
set ylabel "programs refused by the strict rule, %"
set key outside bottom center horizontal maxcols 1 Left reverse samplen 2 height 1 textcolor rgb ink
plot for [b = 0 : blocks - 1] data index b using 1:($3 < 0 ? NaN : 100 * $3) with lines lt (b + 1) lw 1.5 notitle, \
     for [b = 0 : blocks - 1] data index b using 1:(100 * $2) with points lt (b + 1) ps 1.1 title columnheader(1)
