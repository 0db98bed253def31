# SPDX-License-Identifier: MIT
#
# heapmap.gp - heaps over time: addresses upwards, the allocation clock to the right; a pixel is the mixture of what lies
# there at that moment: blocks, holes, metadata, or (white) nothing.  Several heaps stand side by side on the same axes.
#
# Block N: step of the clock, band of addresses, red, green, blue
#   0 0 0 102 168
# Last block: a name for each heap
#   "first-fit"
# Command (last: MiB allocated at the end; high: MiB of addresses; columns: steps; bandN: MiB of a band of the N-th):
#   GNUPLOT_LIB=plots gnuplot -e 'panels=1;last=120;high=8;columns=256;band1=0.0625' -c plots/heapmap.gp x.dat x.svg

data = ARG1; output = ARG2
across = panels > 1 ? 2 : 1
down = (panels + across - 1) / across
head = 34; row = panels > 2 ? 340 : 450
height = head + down * row
load 'style.gp'
unset grid
set multiplot
set xrange [0 : last]
set yrange [0 : high]
do for [p = 1 : panels] {
    col = (p - 1) % across; line = (p - 1) / across
    set lmargin at screen col / real(across) + 0.085
    set rmargin at screen (col + 1) / real(across) - 0.02
    set tmargin at screen 1 - (head + line * row + 26.0) / height
    set bmargin at screen 1 - (head + (line + 1) * row - 58.0) / height
    if (p > panels - across) { set xlabel "MiB allocated so far" textcolor rgb muted } else { unset xlabel }
    if (col == 0) { set ylabel "MiB of addresses, gaps left out" textcolor rgb muted } else { unset ylabel }
    stats data index panels every ::(p - 1)::(p - 1) using (name = strcol(1), 0) nooutput
    unset label
    set label 100 name at graph 0, 1 offset 0, 0.7 left textcolor rgb ink
    if (p == 1) {
        top = 1 - 18.0 / height
        set label 10 "■" at screen 0.085, top left textcolor rgb "#0066a8"
        set label 20 "live" at screen 0.107, top left textcolor rgb ink
        set label 11 "■" at screen 0.16, top left textcolor rgb "#f2b156"
        set label 21 "free" at screen 0.182, top left textcolor rgb ink
        set label 12 "■" at screen 0.245, top left textcolor rgb "#111111"
        set label 22 "metadata" at screen 0.267, top left textcolor rgb ink
        set label 13 "□" at screen 0.375, top left textcolor rgb muted
        set label 23 "not the heap's" at screen 0.397, top left textcolor rgb ink
        set label 5 "what shares a pixel is mixed" at screen 0.98, top right textcolor rgb muted
    }
    plot data index (p - 1) using (($1 + 0.5) * last / columns):(($2 + 0.5) * value(sprintf("band%d", p))):3:4:5 with rgbimage
}
unset multiplot
