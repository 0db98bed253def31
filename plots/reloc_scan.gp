# SPDX-License-Identifier: MIT
#
# reloc_scan.gp - how many dynamic relocations programs and libraries have: the share of files with so many or fewer.
#
# Blocks, parted by two blank lines, each headed by its name: relocations+1 share
#   "library"
#   1 0.12
#   17 0.13
# Command (blocks: how many):
#   GNUPLOT_LIB=plots gnuplot -e 'blocks=3' -c plots/reloc_scan.gp x.dat x.svg

data = ARG1; output = ARG2
height = 460
load 'style.gp'
set logscale x 10
set xrange [0.9 : *]
set yrange [0 : 102]
set xlabel "dynamic relocations of a file, and one" offset 0, 0.4
set ylabel "files with so many or fewer, %"
set key outside bottom center horizontal Left reverse samplen 2 height 1 textcolor rgb ink
plot for [b = 0 : blocks - 1] data index b using 1:(100 * $2) with steps lt (b + 1) lw 1.8 title columnheader(1)
