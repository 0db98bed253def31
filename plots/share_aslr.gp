# SPDX-License-Identifier: MIT
#
# share_aslr.gp - bits of an address that cannot be foretold, a bar for each region.
#
# Lines: style bits region
#   1 28.00 "text"
# Command (rows: lines; setting: of the kernel, in bits):
#   GNUPLOT_LIB=plots gnuplot -e 'rows=13;setting=28' -c plots/share_aslr.gp x.dat x.svg

data = ARG1; output = ARG2
height = 120 + 26 * rows
load 'style.gp'
set xrange [0 : 34]
set yrange [rows : -0.5]
set xlabel "bits"
set lmargin 34
unset ytics
set grid noytics
set arrow from setting, graph 0 to setting, graph 1 nohead dt 2 lc rgb muted front
plot data using (0.5 * $2):($0 + 0.2):(0.5 * $2):(0.34):1 with boxxyerror fillstyle solid 0.85 noborder lc variable, \
     data using (0):($0 + 0.2):3 with labels right offset -1, 0, \
     data using 2:($0 + 0.2):(sprintf("%.1f", $2)) with labels left offset 0.6, 0 textcolor rgb muted
