// Counts have no halves: whole numbers on every chart's axis.
Chart.defaults.scales.linear.ticks.precision = 0;
