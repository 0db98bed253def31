# SPDX-License-Identifier: MIT
#
# throughput.gp - time of an operation, one bar an allocator, between the two limits.
#
# Columns: style row allocator ns_per_op low high label_at label
#   11 0 "null" 2.31 2.28 2.35 2.35 "2.3 ns"
#   1 2 "mimalloc" 11.2 10.9 11.4 11.4 "11.2 ns"
#   3 4 "stack" nan nan nan 2.31 "refused"            an allocator without a time stays visible
# Command (left, end: of the axis; begin: where bars begin, the least time; null, bump: their times, where known; wrap: bump is
# bump-wrap):
#   GNUPLOT_LIB=plots gnuplot -e 'left=2.1;begin=2.31;null=2.31;bump=3.9;wrap=1;end=40;rows=5;height=250' -c plots/throughput.gp x.dat x.svg

data = ARG1; output = ARG2
load 'style.gp'
set logscale x
set xrange [left : end]
set yrange [rows - 0.4 : -0.6]
set xlabel "nanoseconds an operation (median), logarithmic"
eval("set xtics " . round_numbers)
unset ytics
set ytics scale 0 textcolor rgb ink
set grid noytics xtics
set border 1
set style fill solid 0.35 border
if (exists("null")) {
    side = exists("bump") && bump < null ? "left offset 0.3, 0.6" : "right offset -0.3, 0.6"
    eval("set label 'null' at null, graph 1 " . side . " textcolor rgb muted")
}
if (exists("bump")) {
    set arrow from bump, graph 0 to bump, graph 1 nohead lc rgb muted dt (7,4) lw 1 front
    side = exists("null") && bump < null ? "right offset -0.3, 0.6" : "left offset 0.3, 0.6"
    eval("set label (wrap ? 'bump-wrap' : 'bump') at bump, graph 1 " . side . " textcolor rgb muted")
}
plot data using ($4 > 0 ? begin : NaN):2:(begin):4:($2 - 0.3):($2 + 0.3):1:ytic(3) with boxxyerror lc variable, \
     data using 4:2:5:6 with xerrorbars lc rgb ink dt 1 pt -1 lw 1.2, \
     data using 7:2:8 with labels left offset 0.8, 0 textcolor rgb ink
