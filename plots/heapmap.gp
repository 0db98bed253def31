# SPDX-License-Identifier: MIT
#
# heapmap.gp - a heap over time: addresses upwards, the allocation clock to the right; a pixel is the mixture of what
# lies there at that moment: blocks, holes, metadata, or (white) nothing.
#
# Columns: step of the clock, band of addresses, red, green, blue
#   0 0 0 102 168
# Command (last: MiB allocated at the end; high: MiB of addresses; columns, rows: steps and bands):
#   GNUPLOT_LIB=plots gnuplot -e 'last=120;high=8;columns=256;rows=128' -c plots/heapmap.gp x.dat x.svg

data = ARG1; output = ARG2
load 'style.gp'
unset grid
set tmargin 2.2
set xrange [0 : last]
set yrange [0 : high]
set xlabel "MiB allocated so far"
set ylabel "MiB of addresses, gaps left out"
set label "■ live" at graph 0, 1 offset 0.5, 0.9 left textcolor rgb "#0066a8"
set label "■ free" at graph 0, 1 offset 9, 0.9 left textcolor rgb "#f2b156"
set label "■ metadata" at graph 0, 1 offset 17, 0.9 left textcolor rgb "#5a5a5a"
set label "□ not committed" at graph 0, 1 offset 30, 0.9 left textcolor rgb muted
plot data using (($1 + 0.5) * last / columns):(($2 + 0.5) * high / rows):3:4:5 with rgbimage
