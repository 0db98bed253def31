# SPDX-License-Identifier: MIT
#
# share_libraries.gp - memory of N processes, with shared libraries and without.
#
# Blocks, parted by two blank lines, each headed by its name: processes mebibytes
#   "static, copies"
#   1 1.18
#   16 18.9
# Command (blocks: how many):
#   GNUPLOT_LIB=plots gnuplot -e 'blocks=4' -c plots/share_libraries.gp x.dat x.svg

data = ARG1; output = ARG2
load 'style.gp'
set logscale x 2
set xlabel "processes"
set ylabel "MiB in all"
set yrange [0 : *]
set key top left Left reverse samplen 4 textcolor rgb ink
plot for [b = 0 : blocks - 1] data index b using 1:2 with linespoints lt (b + 1) lw 2 title columnheader(1)
