# SPDX-License-Identifier: MIT
#
# merge_tail.gp - the tail of the latency over how often holes are merged: a pass that has waited long is a spike.  A
# panel an allocator, all of one trace and with one axis.
#
# Blocks "title", "legend", "panels": see panels.gp
# Block "rules": place, name
#   4 "16"
# Block "line": panel style place ns; styles 1: p99.9, 2: the slowest operation, 7: the slowest that held a merge pass
#   1 7 4 8150
# Command (panels: how many):
#   GNUPLOT_LIB=plots gnuplot -e 'panels=4' -c plots/merge_tail.gp x.dat x.svg

data = ARG1; output = ARG2
row = 270; columns = 2
load 'panels.gp'
set logscale y
eval("set ytics " . nanoseconds)
set multiplot
set xtics font ",9"
do for [p = 1 : panels] {
    eval(place(p))
    set xrange [left[p] : right[p]]
    set yrange [low[p] : high[p]]
    set xlabel (lowest(p) ? "a merge pass every … frees" : "") offset 0, 0.3
    plot data index "rules" using 1:(NaN):xtic(2) with points pt -1, \
         for [s in "2 1 7"] data index "line" using ($1 == p && $2 == int(s) ? $3 : NaN):4 with linespoints lt int(s) lw (s eq "7" ? 3 : 1.6), \
         data index "panels" using ($1 == p ? left[p] : NaN):(high[p]):8 with labels left offset 0, 1.5 font ",13" textcolor rgb ink, \
         data index "panels" using ($1 == p ? left[p] : NaN):(high[p]):9 with labels left offset 0, 0.5 font ",11" textcolor rgb muted
}
load 'heading.gp'
