# SPDX-License-Identifier: MIT
#
# latency.gp - how long operations take, by percentile, with room for the rare slow ones (Gil Tene's HdrHistogram).
#
# Blocks, one an allocator: style, 1/(1-fraction), ns at or below which that fraction of operations lie
#   1 1 18
#   1 10 25
#   1 100 61          99 % of the operations took 61 ns or less
# Block "labels": style, y, name
#   1 4100 "● mimalloc"
# Command (styles: one number a block, in order; room: characters for the names; step: of the clock, ns):
#   GNUPLOT_LIB=plots gnuplot -e "styles='1 2';low=10;high=1e5;last=1e6;room=12" -c plots/latency.gp x.dat x.svg

data = ARG1; output = ARG2
load 'style.gp'
set logscale xy
set xrange [1 : last]
set yrange [low : high]
set xtics ("0 %%" 1, "90 %%" 10, "99 %%" 100, "99.9 %%" 1e3, "99.99 %%" 1e4, "99.999 %%" 1e5, "99.9999 %%" 1e6, "99.99999 %%" 1e7)
eval("set ytics " . nanoseconds)
set xlabel "share of operations that are at least as fast"
set rmargin room
if (exists("step") && step > low) {
    set object rectangle from 1, low to last, step fillcolor rgb shade fillstyle solid 0.7 noborder behind
    set label "less than a step of the clock" at last, sqrt(low * step) offset -0.8, 0 right textcolor rgb muted
}
plot for [i = 0 : words(styles) - 1] data index i using 2:3 with linespoints lt number(styles, i) pointnumber 6, \
     data index "labels" using (last):2:3:1 with labels left offset 1, 0 textcolor variable
