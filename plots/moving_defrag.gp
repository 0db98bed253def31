# SPDX-License-Identifier: MIT
#
# moving_defrag.gp - bytes moved against footprint won, a line a trace.
#
# A block a trace, whose first line is its name; then moved in percent of allocated, and mean footprint / mean live:
#   "sqlite"
#   0 1.78
#   1.06 1.13
# Command (traces: how many):
#   GNUPLOT_LIB=plots gnuplot -e 'traces=2' -c plots/moving_defrag.gp defrag.dat defrag.svg

data = ARG1; output = ARG2
height = 400
load 'style.gp'
set logscale x 10
# What moved nothing stands at the left edge: a logarithm has no zero.
left = 0.01
set xrange [left * 0.8 : *]
set yrange [1 : *]
set format x "%g %%"
set xtics add ("nothing" left)
set xlabel "moved, of what was allocated"
set ylabel "mean footprint / mean live"
set key outside right top vertical Left reverse textcolor rgb ink
plot for [t = 0 : traces - 1] data index t using ($1 > left ? $1 : left):2 with linespoints lt t + 1 \
     title columnheader(1)
