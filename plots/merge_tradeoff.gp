# SPDX-License-Identifier: MIT
#
# merge_tradeoff.gp - time against memory of allocators that merge holes more or less often: along a line the merge rules
# from immediate over every N-th free to never.  Left is faster, lower is leaner.  Of one trace (detail=1) a panel an
# allocator; of all traces a panel a trace, with the limits: grey where nobody can be, dashed bump-wrap.
#
# Blocks "title", "legend", "panels": see panels.gp
# Block "band": panel style ns_per_op times_live, four corners of the 95 % interval between two rules
# Block "line": panel style ns_per_op times_live
#   1 1 40.2 1.31
# Block "points": panel style ns_per_op times_live low high other knee best beyond label_x label_y leader label
#   1 1 40.2 1.31 39.9 40.6 0 1 0 0 41 1.35 nan "64"
# Command (panels: how many; styles: the highest):
#   GNUPLOT_LIB=plots gnuplot -e 'panels=4;styles=4;detail=1' -c plots/merge_tradeoff.gp x.dat x.svg

data = ARG1; output = ARG2
row = detail ? 330 : 310; columns = 2
load 'panels.gp'
set logscale xy
set format y "%g×"
set multiplot
set clip two
times = '(1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 18, 20, 25, 30, 35, 40, 45, 50, 60, 70, 80, 100, 120, 150, 200, 250, 300, 400, 500, 600, 800, 1000, 2000, 5000, 1e4, 1e5)'
few_times = '(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 1e4, 1e5)'
sizes(span) = span < 1.12 ? '(1, 1.01, 1.02, 1.03, 1.04, 1.05, 1.06, 1.07, 1.08, 1.09, 1.1, 1.12, 1.14, 1.16, 1.18, 1.2, 1.22, 1.24, 1.26, 1.28, 1.3, 1.35, 1.4, 1.45, 1.5, 1.6, 1.7, 1.8, 1.9, 2)' : \
    span < 1.6 ? '(1, 1.05, 1.1, 1.15, 1.2, 1.25, 1.3, 1.35, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 2, 2.2, 2.4, 2.6, 2.8, 3)' : \
    '(0.5, 1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50, 100)'
do for [p = 1 : panels] {
    eval(place(p))
    unset object; unset arrow; unset label
    set xrange [left[p] : right[p]]
    set yrange [low[p] : high[p]]
    eval("set xtics " . (right[p] / left[p] < 3 ? times : few_times))
    eval("set ytics " . sizes(high[p] / low[p]))
    set xlabel (lowest(p) ? "← faster     nanoseconds an operation" : "") offset 0, 0.3
    set ylabel (col_of(p) == 0 ? "← leaner     peak memory / live" : "") offset 0.8, 0
    if (low[p] < 1) { set object rectangle from left[p], low[p] to right[p], (high[p] < 1 ? high[p] : 1) fillcolor rgb shade fillstyle solid 0.7 noborder behind }
    if (null[p] > left[p]) {
        set object rectangle from left[p], low[p] to null[p], high[p] fillcolor rgb shade fillstyle solid 0.7 noborder behind
        set label "null" at null[p], low[p] right rotate by 90 offset -0.7, 1.9 textcolor rgb muted font ",10"
    }
    if (bump[p] > left[p] && bump[p] < right[p]) {
        set arrow from bump[p], low[p] to bump[p], high[p] nohead lc rgb muted dt (7,4) lw 1
        set label "bump-wrap" at bump[p], high[p] right rotate by 90 offset 0.8, -0.3 textcolor rgb muted font ",10"
    }
    plot for [s = 1 : styles] data index "band" using ($1 == p && $2 == s ? $3 : NaN):4 with filledcurves closed lt s fillstyle transparent solid 0.16 noborder, \
         for [s = 1 : styles] data index "line" using ($1 == p && $2 == s ? $3 : NaN):4 with lines lt s lw 1.4, \
         data index "points" using ($1 == p && $7 == 0 && $10 == 0 ? $3 : NaN):4:5:6:2 with xerrorbars pt -1 lw 0.7 dt 1 lc variable, \
         data index "points" using ($1 == p ? $3 : NaN):4:($13 - $3):($12 - $4) with vectors nohead lc rgb muted lw 0.5, \
         data index "points" using ($1 == p && $7 == 1 ? $3 : NaN):4 with points pt 12 ps 0.5 lw 0.8 lc rgb muted, \
         data index "points" using ($1 == p && $7 == 0 ? $3 : NaN):4:($10 == 1 ? 8 : 7):2 with points pt variable ps (detail ? 0.6 : 0.4) lc variable, \
         data index "points" using ($1 == p && $8 == 1 ? $3 : NaN):4 with points pt 6 ps 1.6 lw 1.4 lc rgb ink, \
         data index "points" using ($1 == p && $9 == 1 ? $3 : NaN):4 with points pt 4 ps 1.9 lw 1.2 lc rgb ink, \
         data index "points" using ($1 == p ? $11 : NaN):12:($11 > $3 ? strcol(14) : ""):($7 == 1 ? 10 : $2) with labels left font ",11" textcolor variable, \
         data index "points" using ($1 == p ? $11 : NaN):12:($11 < $3 ? strcol(14) : ""):($7 == 1 ? 10 : $2) with labels right font ",11" textcolor variable, \
         data index "panels" using ($1 == p ? left[p] : NaN):(high[p]):8 with labels left offset 0, 1.5 font ",13" textcolor rgb ink, \
         data index "panels" using ($1 == p ? left[p] : NaN):(high[p]):9 with labels left offset 0, 0.5 font ",11" textcolor rgb muted
}
load 'heading.gp'
