/** A picture file that can't be read. */
export class ImageFileError extends Error {
  override name = 'ImageFileError';
  /** The file at fault; `image bytes` where bytes were given. */
  readonly file: string;
  /** What is wrong, without the file's name. */
  readonly what: string;
  /** False where there is no such file. */
  readonly exists: boolean;

  /** The message reads `file: what is wrong; what to do`. */
  constructor(source: string | Uint8Array, cause: unknown) {
    const file = typeof source === 'string' ? source : 'image bytes';
    const reason = (cause instanceof Error ? cause.message : String(cause)).split('\n')[0]!;
    const exists = !reason.includes('missing'); // libvips: "Input file is missing"
    const what = exists ? `the picture can't be decoded (${reason})` : 'there is no such file';
    super(`${file}: ${what}; ${exists ? 'replace it' : 'check the path'}`, { cause });
    this.file = file;
    this.what = what;
    this.exists = exists;
  }
}
