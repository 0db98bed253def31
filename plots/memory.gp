# SPDX-License-Identifier: MIT
#
# memory.gp - memory in use while the program allocates; the grey ground is what the program itself has live.
#
# Block "live", then one block an allocator: style, MiB allocated so far, MiB in use
#   0 12.5 3.1
# Block "labels": style, y, name
#   1 4.2 "● mimalloc"
# Command (high: end of the axis; styles: one number an allocator; room: characters for the names):
#   GNUPLOT_LIB=plots gnuplot -e "styles='1 2';high=8;room=12" -c plots/memory.gp x.dat x.svg

data = ARG1; output = ARG2
load 'style.gp'
stats data using 2 nooutput name "x"
set xrange [0 : x_max > 0 ? x_max : 1]
set yrange [0 : high]
set xlabel "MiB allocated so far"
set ylabel "MiB in use"
set rmargin room
plot data index "live" using 2:3 with filledcurves x1 lc rgb shade, \
     data index "live" using 2:3 with lines lc rgb muted lw 0.8, \
     for [i = 0 : words(styles) - 1] data index i + 1 using 2:3 with linespoints lt number(styles, i) pointnumber 6, \
     data index "labels" using (x_max):2:3:1 with labels left offset 1, 0 textcolor variable
