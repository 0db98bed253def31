# SPDX-License-Identifier: MIT
#
# tradeoff.gp - each allocator's time against its memory.  Left is faster, lower is leaner; the grey ground is where
# nobody can be: less time than null, less memory than the most live bytes rounded up.  The dashed lines are bump-wrap,
# which searches for nothing, and the best packing found.  The staircase is the Pareto front; bars are 95 % intervals of the time.
#
# Block "title": two lines of text, for pictures that stand alone (.png)
#   "sqlite"
# Block "front": ns_per_op times_live
#   11.2 2.2
# Block "points": style ns_per_op times_live low high label_x label_y leader allocator
#   1 11.2 1.31 10.9 11.4 11.6 1.31 nan "mimalloc"
# label_x is the edge of the text that is nearer to the point; leader: where a line to a label farther away ends, or nan
# Command (left, right, low, high: of the axes; null, bump: times, where known; edge:
# null, or whatever a busy machine let come out below it; wrap: bump is bump-wrap; floor, packed: least possible memory and
# that of the best packing found, as multiples; gap: between them, per cent):
#   GNUPLOT_LIB=plots gnuplot -e 'left=2;right=90;low=0.9;high=2.4;null=2.3;edge=2.3;bump=3.9;wrap=1;floor=1.02' \
#     -c plots/tradeoff.gp x.dat x.svg

data = ARG1; output = ARG2
if (strlen(output) > 4 && output[strlen(output) - 3:] eq ".png") { height = 520 }
load 'style.gp'
set logscale xy
set xrange [left : right]
set yrange [low : high]
set xlabel "← faster          nanoseconds an operation, logarithmic"
set ylabel "← leaner     peak memory / live bytes"
eval("set xtics " . round_numbers)
set rmargin 5
set format y "%g×"
set tmargin (png ? 6.2 : 2.2)
if (high / low < 1.7) { set ytics (0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6) } else { set ytics (0.5, 1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50, 100) }
set object rectangle from left, low to right, floor fillcolor rgb shade fillstyle solid 0.7 noborder behind
if (exists("packed")) {
    set arrow from left, packed to right, packed nohead lc rgb muted dt (7,4) lw 1
    words = gap < 0.0005 ? "no packing is smaller; one as small was found (dashed)" : sprintf("no packing is smaller; dashed: the best one found, %.2g %% above", gap)
} else { words = "less than what is live: impossible" }
set label words at right, sqrt(low * floor) offset -0.8, 0 right textcolor rgb muted
if (exists("null")) {
    set object rectangle from left, low to edge, high fillcolor rgb shade fillstyle solid 0.7 noborder behind
    side = exists("bump") && bump < null ? "left offset 0.3, 0.7" : "right offset 0.3, 0.7"
    eval("set label 'null' at null, graph 1 " . side . " textcolor rgb muted")
}
if (exists("bump")) {
    room = exists("null") ? bump / null : 2 # for words
    set arrow from bump, graph 0 to bump, graph 1 nohead lc rgb muted dt (7,4) lw 1
    side = exists("null") && bump < null ? "right offset -0.3, 0.7" : "left offset 0.3, 0.7"
    eval("set label (wrap ? (room < 1 ? 'bump-wrap' : 'bump-wrap, the speed limit') : 'bump') at bump, graph 1 " . side . " textcolor rgb muted")
}
# (empty texts and no NaN for the labels of the other side: where nothing is left gnuplot 5.4.4 crashes)
plot data index "front" using 1:2 with lines lc rgb muted lw 1.2, \
     data index "points" using 2:3:4:5:1 with xerrorbars pt -1 lw 1 dt 1 lc variable, \
     data index "points" using 2:3:($8 - $2):($7 - $3) with vectors nohead lc rgb muted lw 0.6, \
     data index "points" using 2:3:(mark($1)):1 with points pt variable ps 1.3 lc variable, \
     data index "points" using 6:7:($6 > $2 ? strcol(9) : ""):1 with labels left textcolor variable, \
     data index "points" using 6:7:($6 < $2 ? strcol(9) : ""):1 with labels right textcolor variable, \
     data index "title" every ::0::0 using (left):(png ? high : NaN):1 with labels left offset 0, 4.2 font "sans:bold,15" textcolor rgb ink, \
     data index "title" every ::1::1 using (left):(png ? high : NaN):1 with labels left offset 0, 2.6 textcolor rgb muted
