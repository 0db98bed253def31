# SPDX-License-Identifier: MIT
#
# holes.gp - how large holes are, at the moment of most live bytes: the share of free bytes in holes smaller than k.
# A curve further to the right has larger holes.
#
# Blocks, one an allocator: style, k in bytes, per cent of the free bytes that lie in holes smaller than k
#   3 4096 41.2
# Block "labels": style, y, name
#   3 97.6 "▲ first-fit"
# Command (first, last: ends of the axis; styles: one number a block, in order; room: characters for the names):
#   GNUPLOT_LIB=plots gnuplot -e "first=16;last=1048576;styles='3';room=12" -c plots/holes.gp x.dat x.svg

data = ARG1; output = ARG2
load 'style.gp'
set logscale x 2
set xrange [first : last]
set yrange [0 : 100]
eval("set xtics " . byte_sizes)
set format y "%g %%"
set xlabel "k: size of a hole, logarithmic"
set ylabel "free bytes in holes smaller than k" offset 1
set rmargin room
plot for [i = 0 : words(styles) - 1] data index i using 2:3 with linespoints lt number(styles, i) pointnumber 6, \
     data index "labels" using (last):2:3:1 with labels left offset 1, 0 textcolor variable
