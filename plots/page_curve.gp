# SPDX-License-Identifier: MIT
#
# page_curve.gp - misses by frames, a line for each replacement policy; the larger mark on a line is its knee.
#
# A block for each pager: its name, then frames, faults, misses / references; the last block: pager, frames and misses
# of each knee:
#   "lru"
#   1 4000 0.4
#   2 1200 0.12
# Command (pagers: how many; cold: first references / references; pages: how many there are):
#   GNUPLOT_LIB=plots gnuplot -e 'pagers=6;cold=0.001;pages=300' -c plots/page_curve.gp x.dat x.svg

data = ARG1; output = ARG2
load 'style.gp'
set logscale xy
set xrange [1 : pages * 1.1]
set xlabel "frames, logarithmic"
set ylabel "misses / references"
set format y "%g"
set key right top Left reverse samplen 3 textcolor rgb ink
set arrow from 1, cold to pages * 1.1, cold nohead lc rgb muted lw 0.8
set label "first references" at 1, cold offset 0.5, 0.6 left textcolor rgb muted
plot for [p = 0 : pagers - 1] data index p using 1:3 with lines lt p + 1 title columnheader(1), \
     data index pagers using 2:3:(mark($1)):1 with points pt variable ps 1.4 lc variable notitle
