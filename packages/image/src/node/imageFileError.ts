/** A picture file that can't be read. */
export class ImageFileError extends Error {
  override name = 'ImageFileError';
  /** The file at fault; `image bytes` where bytes were given. */
  readonly file: string;
  /** What is wrong, without the file's name. */
  readonly what: string;
  /** What to do about it. */
  readonly cure: string;
  /** False where there is no such file. */
  readonly exists: boolean;

  /** The message reads `file: what is wrong; what to do`. */
  constructor(
    source: string | Uint8Array,
    { what, cure, exists = true, cause }: { what: string; cure: string; exists?: boolean; cause?: unknown },
  ) {
    const file = typeof source === 'string' ? source : 'image bytes';
    super(`${file}: ${what}; ${cure}`, { cause });
    this.file = file;
    this.what = what;
    this.cure = cure;
    this.exists = exists;
  }
}
