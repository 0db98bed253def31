# SPDX-License-Identifier: MIT
#
# fragmentation.gp - two panels over the allocation clock: free memory that no large block fits into (external: 1 -
# largest hole / free bytes), and bytes handed out beyond what was asked for (internal).
#
# Blocks, one an allocator, first all of the upper panel, then all of the lower: style, MiB allocated so far, per cent
#   3 12.5 41.2
# Blocks "external labels", "internal labels": style, y, name
#   3 40.1 "▲ first-fit"
# Block "phases": MiB where a phase begins, where it ends, its middle, name
#   2.5 80 41.2 "load"
# Command (phases: 1 if there are any; last: end of the axis; external, internal: how many blocks; …_styles: their styles):
#   GNUPLOT_LIB=plots gnuplot -e "phases=1;last=120;external=1;internal=1;external_styles='3';internal_styles='3';external_top=100;\
#     internal_top=20;room=12" -c plots/fragmentation.gp x.dat x.svg

data = ARG1; output = ARG2
height = 560
load 'style.gp'
set xrange [0 : last]
set rmargin room
set lmargin 9
set format y "%g %%"
set multiplot layout 2, 1
set label 1 "external: free, but not in one piece" at graph 0, 1 offset 0.5, 0.6 left textcolor rgb muted
set yrange [0 : external_top]
if (external > 0) {
    plot for [i = 0 : external - 1] data index i using 2:3 with linespoints lt number(external_styles, i) pointnumber 6, \
         for [i = 1 : phases] data index "phases" using 1:(0):(0):(external_top) with vectors nohead lc rgb muted dt (2,3) \
             lw 0.8, \
         for [i = 1 : phases] data index "phases" using 2:(0):(0):(external_top) with vectors nohead lc rgb muted dt (2,3) \
             lw 0.8, \
         data index "external labels" using (last):2:3:1 with labels left offset 1, 0 textcolor variable
} else {
    set label 2 "n/a" at graph 0.5, 0.5 center textcolor rgb muted
    plot NaN notitle
    unset label 2
}
set label 1 "internal: handed out beyond what was asked for" at graph 0, 1 offset 0.5, 0.6 left textcolor rgb muted
set yrange [0 : internal_top]
set xlabel "MiB allocated so far"
if (internal > 0) {
    plot for [i = 0 : internal - 1] data index external + i using 2:3 with linespoints lt number(internal_styles, i) \
             pointnumber 6, \
         for [i = 1 : phases] data index "phases" using 1:(0):(0):(internal_top) with vectors nohead lc rgb muted dt (2,3) \
             lw 0.8, \
         for [i = 1 : phases] data index "phases" using 2:(0):(0):(internal_top) with vectors nohead lc rgb muted dt (2,3) \
             lw 0.8, \
         data index "internal labels" using (last):2:3:1 with labels left offset 1, 0 textcolor variable
} else {
    set label 2 "n/a" at graph 0.5, 0.5 center textcolor rgb muted
    plot NaN notitle
}
unset multiplot
