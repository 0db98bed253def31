# SPDX-License-Identifier: MIT
#
# partition_models.gp - one recorded job on models of memory, over the size of the machine: how long programs wait, what
# is lost within them, what is free though somebody waits, and what is moved or fetched again.
#
# Blocks "title", "legend", "panels": see panels.gp
# Block "line": panel style machine (MiB) value; an empty line between models
#   1 5 64.5 0.031
# Command (panels: how many):
#   GNUPLOT_LIB=plots gnuplot -e 'panels=4' -c plots/partition_models.gp x.dat x.svg

data = ARG1; output = ARG2
row = 270; columns = 2
load 'panels.gp'
set multiplot
set logscale x 2
do for [p = 1 : panels] {
    eval(place(p))
    set xrange [left[p] : right[p]]
    set yrange [low[p] : high[p]]
    set xlabel (lowest(p) ? "memory of the machine, MiB" : "") offset 0, 0.3
    plot for [s = 1 : 9] data index "line" using ($1 == p && $2 == s ? $3 : NaN):4 with linespoints lt s, \
         data index "panels" using ($1 == p ? left[p] : NaN):(high[p]):8 with labels left offset 0, 1.5 font ",13" textcolor rgb ink, \
         data index "panels" using ($1 == p ? left[p] : NaN):(high[p]):9 with labels left offset 0, 0.5 font ",11" textcolor rgb muted
}
load 'heading.gp'
