# SPDX-License-Identifier: MIT
#
# moving_stale.gp - addresses that a move makes stale, by where they lie.
#
# A line a strategy: its name, then in data, on the stack, in the heap, in registers:
#   table 128 46 1506 3
#   handles 643 46 0 2
# Command:
#   GNUPLOT_LIB=plots gnuplot -c plots/moving_stale.gp stale.dat stale.svg

data = ARG1; output = ARG2
height = 340
load 'style.gp'
set style data histograms
set style histogram rowstacked
set style fill solid 0.85 border rgb "#ffffff"
set boxwidth 0.7
set ylabel "stale addresses"
set yrange [0 : *]
set xtics rotate by -25
set bmargin 5
set key outside right top vertical Left reverse textcolor rgb ink
plot data using 2:xtic(1) lt 1 dt 1 title "in data", '' using 3 lt 2 dt 1 title "on the stack", \
     '' using 4 lt 3 dt 1 title "in the heap", '' using 5 lt 4 dt 1 title "in registers"
