/** Whether a line is a label's, whatever its numbers: a class and four of them at least. */
export function isLabelRow(line: string): boolean {
  return /^\s*\d+(\.0*)?(\s+[-+]?[\d.]+(e[-+]?\d+)?){4,}\s*$/i.test(line);
}
