/** 4941984 → `4.9 MB`; of small files with the kilobytes. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 100_000 ? 3 : 1)} MB`;
}
