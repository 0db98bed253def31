# SPDX-License-Identifier: MIT
#
# tradeoff.gp - each allocator's time against its memory.  Left is faster, lower is leaner; nobody gets below the
# dashed lines: null and bump in time, the most live bytes in memory.  The staircase is the Pareto front.
#
# Block "points": style ns_per_op times_live label_x label_y leader allocator
#   1 11.2 1.31 11.6 1.31 nan "mimalloc"               leader: where a line to a label farther away ends, or nan
# Block "front": ns_per_op times_live
#   11.2 2.2
# Command (left, right, low, high: of the axes; null, bump: times, where known; wrap: bump is bump-wrap):
#   GNUPLOT_LIB=plots gnuplot -e 'left=2;right=90;low=0.9;high=2.4;null=2.3;bump=3.9;wrap=1' -c plots/tradeoff.gp x.dat x.svg

data = ARG1; output = ARG2
load 'style.gp'
set logscale xy
set xrange [left : right]
set yrange [low : high]
set xlabel "nanoseconds an operation (median), logarithmic"
set ylabel "peak memory / most live bytes, logarithmic"
eval("set xtics " . round_numbers)
set rmargin 10
set format y "%g×"
set tmargin 2.2
if (high / low < 12) { set ytics (0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) }
set arrow from left, 1 to right, 1 nohead lc rgb muted dt (2,3) lw 1
set label "most live bytes" at right, 1 offset -0.5, -0.7 right textcolor rgb muted
if (exists("null")) {
    set arrow from null, graph 0 to null, graph 1 nohead lc rgb muted dt (2,3) lw 1
    side = exists("bump") && bump < null ? "left offset 0.3, 0.7" : "right offset -0.3, 0.7"
    eval("set label 'null' at null, graph 1 " . side . " textcolor rgb muted")
}
if (exists("bump")) {
    set arrow from bump, graph 0 to bump, graph 1 nohead lc rgb muted dt (7,4) lw 1
    side = exists("null") && bump < null ? "right offset -0.3, 0.7" : "left offset 0.3, 0.7"
    eval("set label (wrap ? 'bump-wrap' : 'bump') at bump, graph 1 " . side . " textcolor rgb muted")
}
plot data index "front" using 1:2 with lines lc rgb muted lw 1.2, \
     data index "points" using 2:3:($6 - $2):($5 - $3) with vectors nohead lc rgb muted lw 0.6, \
     data index "points" using 2:3:(mark($1)):1 with points pt variable ps 1 lc variable, \
     data index "points" using 4:5:7:1 with labels left textcolor variable
