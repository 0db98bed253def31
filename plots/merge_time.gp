# SPDX-License-Identifier: MIT
#
# merge_time.gp - memory (left) and external fragmentation (right) over the allocation clock, a row an allocator: merging
# never, at once, and by the best rule.  The grey ground is what the program has live.
#
# Blocks "title", "legend", "panels": see panels.gp
# Block "line": panel style MiB_allocated MiB_or_percent; style 0: live bytes, 1: immediate, 2: never, 3: the best rule
#   1 1 12.5 3.1
# Command (panels: how many, two a row):
#   GNUPLOT_LIB=plots gnuplot -e 'panels=8' -c plots/merge_time.gp x.dat x.svg

data = ARG1; output = ARG2
row = 235; columns = 2
load 'panels.gp'
set multiplot
do for [p = 1 : panels] {
    eval(place(p))
    set xrange [left[p] : right[p]]
    set yrange [low[p] : high[p]]
    set format y (col_of(p) == 0 ? "%g" : "%g %%")
    if (col_of(p) == 0) { set ytics autofreq } else { set ytics 0, 25, 100 }
    set xlabel (lowest(p) ? "MiB allocated so far" : "") offset 0, 0.3
    set ylabel (col_of(p) == 0 ? "MiB" : "") offset 0.8, 0
    plot data index "line" using ($1 == p && $2 == 0 ? $3 : NaN):4 with filledcurves x1 lc rgb shade fillstyle solid 1, \
         for [s in "2 3 1"] data index "line" using ($1 == p && $2 == int(s) ? $3 : NaN):4 with linespoints lt int(s) pointnumber 5, \
         data index "panels" using ($1 == p ? left[p] : NaN):(high[p]):(col_of(p) == 0 ? stringcolumn(8) : "") with labels left offset 0, 1.5 font ",13" textcolor rgb ink, \
         data index "panels" using ($1 == p ? left[p] : NaN):(high[p]):9 with labels left offset 0, 0.5 font ",11" textcolor rgb muted
}
load 'heading.gp'
