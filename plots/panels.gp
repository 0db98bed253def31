# SPDX-License-Identifier: MIT
#
# panels.gp - what pictures made of panels share: a grid of them under a title and a row of names.  A script sets `row`
# (height of a panel with its axis), `columns` and `panels` first:
#     data = ARG1; output = ARG2; row = 280; columns = 2; load 'panels.gp'
#
# Block "title": two lines of text
#   "How often to merge, on jq"
# Block "legend": style, row, place in characters from the left, name; style 0 is grey text without a mark
#   1 0 0 "first-fit"
# Block "panels": panel, left, right, low, high, null, bump (times; 0: not known), title, remark
#   1 10 80 0.9 2.4 2.3 3.9 "first-fit" "best every:64; knee every:16"

stats data index "legend" using 2 nooutput
head = 104 + 20 * STATS_max; foot = 40
rows = (panels + columns - 1) / columns
height = head + rows * row + foot
load 'style.gp'
array left[panels]; array right[panels]; array low[panels]; array high[panels]; array null[panels]; array bump[panels]
do for [p = 1 : panels] {
    stats data index "panels" every ::(p - 1)::(p - 1) using 2 nooutput; left[p] = STATS_min
    stats data index "panels" every ::(p - 1)::(p - 1) using 3 nooutput; right[p] = STATS_min
    stats data index "panels" every ::(p - 1)::(p - 1) using 4 nooutput; low[p] = STATS_min
    stats data index "panels" every ::(p - 1)::(p - 1) using 5 nooutput; high[p] = STATS_min
    stats data index "panels" every ::(p - 1)::(p - 1) using 6 nooutput; null[p] = STATS_min
    stats data index "panels" every ::(p - 1)::(p - 1) using 7 nooutput; bump[p] = STATS_min
}
# Where panel p stands, in shares of the picture: for eval.
col_of(p) = (p - 1) % columns
row_of(p) = (p - 1) / columns
place(p) = sprintf('set lmargin at screen %g; set rmargin at screen %g; set tmargin at screen %g; set bmargin at screen %g', \
    col_of(p) / real(columns) + 0.078, (col_of(p) + 1) / real(columns) - 0.018, \
    1 - (head + row_of(p) * row + 40.0) / height, 1 - (head + (row_of(p) + 1) * row - 26.0) / height)
lowest(p) = p > panels - columns
