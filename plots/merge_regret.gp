# SPDX-License-Identifier: MIT
#
# merge_regret.gp - share of merges that were for nothing, because the merged hole was split again soon, over how often
# holes are merged; a panel a trace, a line an allocator.
#
# Blocks "title", "legend", "panels": see panels.gp
# Block "rules": place, name
#   4 "16"
# Block "line": panel style place percent
#   1 1 4 38.5
# Command (panels: how many; styles: the highest):
#   GNUPLOT_LIB=plots gnuplot -e 'panels=7;styles=4' -c plots/merge_regret.gp x.dat x.svg

data = ARG1; output = ARG2
row = 250; columns = 2
load 'panels.gp'
set format y "%g %%"
set ytics 0, 25, 100
set multiplot
set xtics font ",9"
do for [p = 1 : panels] {
    eval(place(p))
    set xrange [left[p] : right[p]]
    set yrange [low[p] : high[p]]
    set xlabel (lowest(p) ? "a merge pass every … frees" : "") offset 0, 0.3
    set ylabel (col_of(p) == 0 ? "wasted merges" : "") offset 0.8, 0
    plot data index "rules" using 1:(NaN):xtic(2) with points pt -1, \
         for [s = 1 : styles] data index "line" using ($1 == p && $2 == s ? $3 : NaN):4 with linespoints lt s, \
         data index "panels" using ($1 == p ? left[p] : NaN):(high[p]):8 with labels left offset 0, 0.7 font ",13" textcolor rgb ink
}
load 'heading.gp'
