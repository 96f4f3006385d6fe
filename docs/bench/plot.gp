# plot.gp: one bar chart as SVG.  Variables: data (a header line, then a label and columns 2 to
# `last`, one for each number of connections), output, heading, unit.
# SPDX-License-Identifier: PostgreSQL
set terminal svg size 900,420 font "sans-serif,12" background "#ffffff"
set output output
set title heading
set ylabel unit
set datafile separator tab
set style data histograms
set style histogram clustered gap 1
set style fill solid 0.9 noborder
set boxwidth 0.9
set logscale y
set grid ytics lc "#dddddd"
set key top right title "connections"
set xtics rotate by -12 scale 0
set border 3
set rmargin 14
colours = "#9ecae1 #4292c6 #084594"
plot for [column = 2:last] data using column:xtic(1) title columnheader(column) lc rgb word(colours, column - 1)
