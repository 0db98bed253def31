# SPDX-License-Identifier: MIT
#
# share_demand.gp - memory that is offered, written and resident, after each step.
#
# Lines: step offered written resident, bytes
#   "touched" 34359738368 32768000 32768000
# Command:
#   GNUPLOT_LIB=plots gnuplot -c plots/share_demand.gp x.dat x.svg

data = ARG1; output = ARG2
load 'style.gp'
set logscale y
set yrange [32768 : *]
set xrange [-0.6 : 4.6]
set ylabel "bytes, logarithmic"
eval("set ytics " . byte_sizes)
set xtics scale 0
set key outside bottom center horizontal samplen 2 textcolor rgb ink
least(x) = x > 32768 ? x : 32768
box(at, i) = at + 0.26 * (i - 1)
plot data using (box($0, 0)):(32768):(box($0, 0) - 0.12):(box($0, 0) + 0.12):(32768):(least($2)) with boxxyerror fillstyle solid 0.4 noborder lt 10 title "offered", \
     data using (box($0, 1)):(32768):(box($0, 1) - 0.12):(box($0, 1) + 0.12):(32768):(least($3)):xtic(1) with boxxyerror fillstyle solid 0.85 noborder lt 1 title "written", \
     data using (box($0, 2)):(32768):(box($0, 2) - 0.12):(box($0, 2) + 0.12):(32768):(least($4)) with boxxyerror fillstyle solid 0.85 noborder lt 2 title "resident"
