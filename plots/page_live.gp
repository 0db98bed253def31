# SPDX-License-Identifier: MIT
#
# page_live.gp - page faults and time of a workload as it gets less memory, under the live pager and in the simulator.
#
# A block for each policy; the first line is its name:
#   "lru"
#   # frames / pages, faults, simulated faults (or -1), seconds
#   0.125 4523 4523 0.21
# Command (policies: how many):
#   GNUPLOT_LIB=plots gnuplot -e 'policies=3' -c plots/page_live.gp live-curve.dat live-curve.svg

data = ARG1; output = ARG2
height = 430 + 9 * policies
load 'style.gp'

set multiplot layout 1, 2
set xrange [0 : 1.05]
set xlabel "frames / pages"
set rmargin 2
set lmargin 9
set tmargin 3
set bmargin 5 + 0.6 * policies
set logscale y
set key at screen 0.03, 0.01 left bottom Left reverse vertical maxrows (policies + 1) / 2 samplen 3 textcolor rgb ink
set title "page faults (rings: simulated)" textcolor rgb ink
plot for [p = 0 : policies - 1] data index p using 1:($2 > 0 ? $2 : NaN) with linespoints lt p + 1 title columnheader(1), \
     for [p = 0 : policies - 1] data index p using 1:($3 > 0 ? $3 : NaN) skip 1 with points pt 6 ps 1.3 lc rgb muted notitle
unset key
set title "seconds" textcolor rgb ink
plot for [p = 0 : policies - 1] data index p using 1:4 skip 1 with linespoints lt p + 1 notitle
unset multiplot
