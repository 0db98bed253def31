# SPDX-License-Identifier: MIT
#
# partition_age.gp - what becomes of a memory in which programs come and go: four panels over the programs that arrived.
#
# A block for each, headed by its name: arrived scanned slivers refused_% external_%
#   "first" scanned slivers refused external
#   1000 728 40 0.1 60.2
# Command:
#   GNUPLOT_LIB=plots gnuplot -e 'fits=4' -c plots/partition_age.gp x.dat x.svg

data = ARG1; output = ARG2
height = 640
load 'style.gp'
set multiplot layout 2, 2
set xtics format "%g"
set key outside top center horizontal samplen 2 textcolor rgb muted
set rmargin 2
set tmargin 3.4
set xlabel "thousand programs that came"
set ylabel "looked at, a request"
set yrange [0 : *]
plot for [i = 1:fits] data index (i - 1) using ($1 / 1000):2 with lines lt i title columnheader(1)
unset key
set ylabel "slivers"
plot for [i = 1:fits] data index (i - 1) using ($1 / 1000):3 with lines lt i title columnheader(1)
set ylabel "refused, %"
plot for [i = 1:fits] data index (i - 1) using ($1 / 1000):4 with lines lt i title columnheader(1)
set ylabel "external fragmentation, %"
set yrange [0 : 100]
plot for [i = 1:fits] data index (i - 1) using ($1 / 1000):5 with lines lt i title columnheader(1)
unset multiplot
