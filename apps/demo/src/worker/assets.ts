let base: string | undefined;

/** Where the page lies; its files are beside it. */
export function setBase(url: string): void {
  base = url;
}

/** Address of a file that the page brings, such as `digits.bin`. */
export function assetUrl(path: string): string {
  return new URL(path, base).href;
}
