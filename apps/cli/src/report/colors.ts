/** Of the lines and bars of plots, told apart by those who see no red or green (Vega's tableau10). */
const COLORS = ['#4c78a8', '#f58518', '#72b7b2', '#e45756', '#54a24b', '#b279a2', '#9d755d'];
export const colorOf = (index: number) => COLORS[index % COLORS.length] as string;
