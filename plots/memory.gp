# SPDX-License-Identifier: MIT
#
# memory.gp - memory in use while the program allocates; the grey ground is what the program itself has live.
#
# Block "live", then one block an allocator: style, MiB allocated so far, MiB in use
#   0 12.5 3.1
# Block "labels": style, y, name
#   1 4.2 "● mimalloc"
# Block "phases": MiB where a phase begins, where it ends, its middle, name
#   2.5 80 41.2 "load"
# Command (phases: 1 if there are any; floor, packed: MiB, the least possible and the best packing found, where known; gap: between them, per cent;
# last, high: ends of the axes; styles: one number an allocator; room: characters for the names):
#   GNUPLOT_LIB=plots gnuplot -e "styles='1 2';phases=1;last=120;high=8;room=12" -c plots/memory.gp x.dat x.svg

data = ARG1; output = ARG2
load 'style.gp'
set xrange [0 : last]
set yrange [0 : high]
set xlabel "MiB allocated so far"
set ylabel "MiB in use"
set rmargin room
set label "live bytes of the program" at graph 0.5, 0.04 center textcolor rgb muted front
if (exists("floor")) {
    set arrow from 0, floor to last, floor nohead lc rgb ink dt 1 lw 0.8 front
    words = "no packing can be smaller"
    if (exists("packed")) {
        set arrow from 0, packed to last, packed nohead lc rgb ink dt (7,4) lw 1.4 front
        words = gap < 0.0005 ? "no packing is smaller, and one is as small" : sprintf("no packing is smaller; dashed: the best one found, %.2g %% above", gap)
    }
    set label words at 0, floor offset 0.8, (floor > 0.9 * high ? -0.8 : 0.7) left textcolor rgb muted front
}
plot data index "live" using 2:3 with filledcurves x1 lc rgb shade fillstyle solid 1, \
     data index "live" using 2:3 with lines lc rgb muted dt 1 lw 0.8, \
     for [i = 0 : words(styles) - 1] data index i + 1 using 2:3 with linespoints lt number(styles, i) pointnumber 6, \
     for [i = 1 : phases] data index "phases" using 1:(0):(0):(high) with vectors nohead lc rgb muted dt (2,3) lw 0.8, \
     for [i = 1 : phases] data index "phases" using 2:(0):(0):(high) with vectors nohead lc rgb muted dt (2,3) lw 0.8, \
     for [i = 1 : phases] data index "phases" using 3:(high):4 with labels center offset 0, 0.6 textcolor rgb muted, \
     data index "labels" using (last):2:3:1 with labels left offset 1, 0 textcolor variable
