# SPDX-License-Identifier: MIT
#
# block_map.gp - the memory of a machine: a square for each block, with the letter of the program that has it.  Maps lie
# side by side, four a row.
#
# Data: map column row colour "letter"; colour 0 is free
#   1 0 0 2 "A"
# Command (wide, high: squares of a map):
#   GNUPLOT_LIB=plots gnuplot -e 'maps=2;wide=10;high=4' -c plots/block_map.gp x.dat x.svg

data = ARG1; output = ARG2
across = maps < 4 ? maps : 4
down = (maps + 3) / 4
left(map) = ((int(map) - 1) % 4) * (wide + 1)
top(map) = ((int(map) - 1) / 4) * (high + 1)
height = int(860.0 * (down * (high + 1) - 0.6) / (across * (wide + 1) - 0.6))
height = height < 60 ? 60 : height > 2000 ? 2000 : height
load 'style.gp'
unset border
unset tics
unset grid
set margins 0, 0, 0, 0
set xrange [-0.2 : across * (wide + 1) - 0.8]
set yrange [down * (high + 1) - 0.8 : -0.2]
fill(c) = int(word("0xf2f2f2 0x0066a8 0xc44e00 0x00805e 0xa1438a 0x8a6500 0x2b2f77 0x8c8c8c", int(c) + 1))
set style fill solid 1 border lc rgb "#ffffff"
plot data using (left($1) + $2 + 0.5):(top($1) + $3 + 0.5):(0.46):(0.46):(fill($4)) with boxxyerror lc rgb variable, \
     data using (left($1) + $2 + 0.5):(top($1) + $3 + 0.5):5 with labels font "sans:bold,13" textcolor rgb "#ffffff"
