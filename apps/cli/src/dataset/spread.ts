/** At most `most` positions of `length`, spread evenly over it: what is there in order shows in a few. */
export function spread(length: number, most: number): number[] {
  const count = Math.min(length, most);
  return Array.from({ length: count }, (_, i) => Math.floor((i * length) / count));
}
