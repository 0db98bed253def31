# SPDX-License-Identifier: MIT
#
# programs.gp - real programs: the ratio of CPU times that follows from the replay of their traces (across) against the
# one that was measured (upwards, with its 95 % interval).  On the diagonal the promise was kept; in the grey the replay
# had the wrong sign.
#
# Block "title": two lines of text, for pictures that stand alone (.png)
#   "Real programs: expected and real"
# Block "points": style expected real low high label_x label_y leader program
#   1 0.98 0.95 0.94 0.96 0.985 0.95 nan "jq"
# label_x is the edge of the text that is nearer to the point; leader: where a line to a label farther away ends, or nan
# Block "names": style place "mark and allocator", for the right edge
#   1 1.3 "● jemalloc"
# Command (low, high: of both axes; room: characters at the right edge):
#   GNUPLOT_LIB=plots gnuplot -e 'low=0.8;high=1.4;room=14' -c plots/programs.gp x.dat x.svg

data = ARG1; output = ARG2
height = 560
load 'style.gp'
set logscale xy
set xrange [low : high]
set yrange [low : high]
set xlabel "expected from replay: CPU time / the baseline's, logarithmic"
set ylabel "measured: CPU time / the baseline's"
ratios = high / low < 1.6 ? '(0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1, 1.05, 1.1, 1.15, 1.2, 1.25, 1.3, 1.35, 1.4, 1.45, 1.5)' : '(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1, 1.2, 1.5, 2, 3, 4, 5, 7, 10)'
eval("set xtics " . ratios)
eval("set ytics " . ratios)
set rmargin room
set tmargin (png ? 6.2 : 1.4)
set object rectangle from low, 1 to 1, high fillcolor rgb shade fillstyle solid 0.7 noborder behind
set object rectangle from 1, low to high, 1 fillcolor rgb shade fillstyle solid 0.7 noborder behind
set arrow from low, low to high, high nohead lc rgb muted dt (7,4) lw 1
set label "as expected" at low * (high / low) ** 0.05, low * (high / low) ** 0.02 left textcolor rgb muted
plot data index "points" using 2:3:4:5:1 with yerrorbars pt -1 lw 1 dt 1 lc variable, \
     data index "points" using 2:3:($8 - $2):($7 - $3) with vectors nohead lc rgb muted lw 0.6, \
     data index "points" using 2:3:(mark($1)):1 with points pt variable ps 1.3 lc variable, \
     data index "points" using ($6 > $2 ? $6 : NaN):7:9 with labels left textcolor rgb muted, \
     data index "points" using ($6 < $2 ? $6 : NaN):7:9 with labels right textcolor rgb muted, \
     data index "names" using (high):2:3:1 with labels left offset 1, 0 textcolor variable, \
     data index "title" every ::0::0 using (low):(png ? high : NaN):1 with labels left offset 0, 4.2 font "sans:bold,15" textcolor rgb ink, \
     data index "title" every ::1::1 using (low):(png ? high : NaN):1 with labels left offset 0, 2.6 textcolor rgb muted
