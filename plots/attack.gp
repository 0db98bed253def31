# SPDX-License-Identifier: MIT
#
# attack.gp - security against cost: the faults that an allocator lets pass silently, and what a pair of malloc and free
# costs.  Left is faster, lower is safer; the staircase is the Pareto front.
#
# Block "title": two lines of text, for pictures that stand alone (.png)
#   "Security and cost"
# Block "front": ns silent
#   11.2 22
# Block "points": style ns silent label_x label_y leader allocator
#   1 11.2 22 11.6 22 nan "mimalloc"
# label_x is the edge of the text that is nearer to the point; leader: where a line to a label farther away ends, or nan
# Command (left, right, high: of the axes):
#   GNUPLOT_LIB=plots gnuplot -e 'left=8;right=900;high=45' -c plots/attack.gp x.dat x.svg

data = ARG1; output = ARG2
if (strlen(output) > 4 && output[strlen(output) - 3:] eq ".png") { height = 520 }
load 'style.gp'
set logscale x
set xrange [left : right]
set yrange [-high * 0.03 : high]
set xlabel "← faster          nanoseconds of CPU time a pair, among 10 000 live blocks, logarithmic"
set ylabel "← safer     faults that pass silently"
eval("set xtics " . round_numbers)
set rmargin 5
set tmargin (png ? 6.2 : 1.4)
plot data index "front" using 1:2 with lines lc rgb muted lw 1.2, \
     data index "points" using 2:3:($6 - $2):($5 - $3) with vectors nohead lc rgb muted lw 0.6, \
     data index "points" using 2:3:(mark($1)):1 with points pt variable ps 1.3 lc variable, \
     data index "points" using 4:5:($4 > $2 ? strcol(7) : ""):1 with labels left textcolor variable, \
     data index "points" using 4:5:($4 < $2 ? strcol(7) : ""):1 with labels right textcolor variable, \
     data index "title" every ::0::0 using (left):(png ? high : NaN):1 with labels left offset 0, 4.2 font "sans:bold,15" textcolor rgb ink, \
     data index "title" every ::1::1 using (left):(png ? high : NaN):1 with labels left offset 0, 2.6 textcolor rgb muted
