# SPDX-License-Identifier: MIT
#
# foretell.gp - what can be foretold of an allocator's addresses: bits of entropy of the first block's address, and after
# how many pairs of malloc and free a freed block is given out again.  Farther right is harder to foretell.
#
# Block "title": two lines of text, for pictures that stand alone (.png)
#   "What can be foretold"
# Block "bits", then block "reuse": row small large allocator; nan: not known
#   1 40.6 32.9 "hardened"
# Command (rows: how many):
#   GNUPLOT_LIB=plots gnuplot -e 'rows=19' -c plots/foretell.gp foretell.dat foretell.svg

data = ARG1; output = ARG2
height = 120 + 20 * rows
load 'style.gp'
set multiplot layout 1, 2
set yrange [rows + 0.6 : 0.4]
set tmargin (png ? 6.2 : 2.4)
set bmargin 3.6
set label 1 "● small (32 B)" at graph 0, screen (png ? 0.86 : 0.97) textcolor lt 1
set label 2 "□ large" at graph 0.62, screen (png ? 0.86 : 0.97) textcolor lt 2
set rmargin 1
set lmargin 22
set xrange [-1 : 48]
set xtics 10
set xlabel "bits of entropy of the first address"
plot data index "bits" using 2:1:ytic(4) with points lt 1 pt 7 ps 1, \
     data index "bits" using 3:1 with points lt 2 pt 4 ps 1.2, \
     data index "title" every ::0::0 using (-1):(png ? 0.4 : NaN):1 with labels left offset -20, 5.6 font "sans:bold,15" textcolor rgb ink, \
     data index "title" every ::1::1 using (-1):(png ? 0.4 : NaN):1 with labels left offset -20, 4.2 textcolor rgb muted
set label 2 "□ a page (4 KiB)"
set lmargin 3
set rmargin 4
set logscale x
set xrange [0.7 : 16000]
set xtics (1, 10, 100, 1000, "never seen" 10000)
set format y ""
set ytics 1
set xlabel "pairs until a freed block comes again, logarithmic"
plot data index "reuse" using 2:1 with points lt 1 pt 7 ps 1, \
     data index "reuse" using 3:1 with points lt 2 pt 4 ps 1.2
unset multiplot
