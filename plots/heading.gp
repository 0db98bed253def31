# SPDX-License-Identifier: MIT
#
# heading.gp - the title and the rows of names over a picture of panels, drawn last over the whole of it (see panels.gp).

unset logscale; unset object; unset arrow; unset label; unset tics; unset xlabel; unset ylabel; unset grid; unset border
set lmargin at screen 0; set rmargin at screen 1; set bmargin at screen 0; set tmargin at screen 1
set xrange [0 : 860]
set yrange [height : 0]
plot data index "title" every ::0::0 using (30):(24):1 with labels left font ",18" textcolor rgb ink, \
     data index "title" every ::1::1 using (30):(48):1 with labels left font ",12" textcolor rgb muted, \
     data index "legend" using ($1 > 0 ? 38 + 8 * $3 : NaN):(76 + 20 * $2):(mark($1 > 0 ? $1 : 1)):1 with points pt variable ps 1 lc variable, \
     data index "legend" using ($1 > 0 ? 48 + 8 * $3 : NaN):(76 + 20 * $2):4:1 with labels left font ",12" textcolor variable, \
     data index "legend" using ($1 > 0 ? NaN : 30 + 8 * $3):(76 + 20 * $2):4 with labels left font ",11" textcolor rgb muted
unset multiplot
