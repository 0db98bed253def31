# SPDX-License-Identifier: MIT
#
# requests.gp - what a trace asks for: left how large the requests are, right how long the objects live, each in octaves.
# A bar is an octave's share; the stairs are all octaves up to there.
#
# Blocks "sizes" and "lifetimes": log2 of the octave's least value (-1: size 0), per cent, per cent so far
#   4 31.5 31.5               from 16 to 31 bytes
# Command (size_first … life_last: the octaves at the ends; died: per cent of the objects that die in the trace, if known):
#   GNUPLOT_LIB=plots gnuplot -e 'size_first=0;size_last=12;life_first=4;life_last=24;died=99' \
#     -c plots/requests.gp x.dat x.svg

data = ARG1; output = ARG2
height = 380
load 'style.gp'
octaves = '("0" -1, "1" 0, "16" 4, "256" 8, "4 Ki" 12, "64 Ki" 16, "1 Mi" 20, "16 Mi" 24, "256 Mi" 28, "4 Gi" 32, "64 Gi" 36)'
set style fill solid 0.35 border
set boxwidth 0.9
set yrange [0 : 105]
set ytics 20
set format y "%g %%"
eval("set xtics " . octaves)
set tmargin 2.4
set bmargin 3.6
set multiplot
set lmargin at screen 0.075; set rmargin at screen 0.49
set xrange [size_first - 0.7 : size_last + 1.2]
set xlabel "bytes asked for, in octaves"
set label 1 "size of a request" at graph 0, 1 offset 0.5, 0.8 left textcolor rgb ink
plot data index "sizes" using ($1 + 0.5):2 with boxes lt 1, \
     data index "sizes" using ($1 + 0.5):3 with histeps lc rgb ink dt 1 lw 1.2
set lmargin at screen 0.565; set rmargin at screen 0.98
set xtics ("0" -1, "256" 8, "64 Ki" 16, "16 Mi" 24, "4 Gi" 32, "1 Ti" 40)
set xrange [life_first - 0.7 : life_last + 1.2]
set xlabel "bytes allocated meanwhile, in octaves"
words = exists("died") ? sprintf("lifetime of the %.4g %% that die in the trace", died) : "lifetime of those that die in the trace"
set label 1 words
plot data index "lifetimes" using ($1 + 0.5):2 with boxes lt 2 dt 1, \
     data index "lifetimes" using ($1 + 0.5):3 with histeps lc rgb ink dt 1 lw 1.2
unset multiplot
