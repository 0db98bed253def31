# SPDX-License-Identifier: MIT
#
# page_sizes.gp - faults in the same memory by page size (left), and how much of the touched memory is used (right).
#
# Bytes of a page, faults, share of the touched memory that is used:
#   4096 800 1
#   16384 300 0.7
# Command:
#   GNUPLOT_LIB=plots gnuplot -c plots/page_sizes.gp x.dat x.svg

data = ARG1; output = ARG2
height = 380
load 'style.gp'
set logscale xy
set border 11
set rmargin 9
set xlabel "bytes of a page, logarithmic"
eval("set xtics " . byte_sizes)
set ylabel "faults, logarithmic"
set y2label "of the touched memory used" textcolor rgb muted
set y2range [0 : 1]
set y2tics 0.2 textcolor rgb ink format "%g"
set key left bottom Left reverse samplen 3 textcolor rgb ink
plot data using 1:2 with linespoints lt 1 title "faults", \
     data using 1:3 axes x1y2 with linespoints lt 2 title "used (right)"
