import { open, readFile } from 'node:fs/promises';
import sharp, { type Metadata, type Sharp } from 'sharp';
import type { RgbImage, Size } from '../rgbImage';
import { bmpSize, decodeBmp, isBmp } from './decodeBmp';
import { ImageFileError } from './imageFileError';
import { pictureFormat } from './pictureFormat';
import { sourceOf, type PictureSource } from './pictureSource';
import { requireFile } from './requireFile';

/**
 * File endings to look for in folders: what `readImage` takes, and what it refuses by the format's name, so that no
 * picture is passed over in silence.
 */
export const imageExtensions =
  '.jpg .jpeg .jpe .jfif .png .webp .tif .tiff .gif .bmp .dib .avif .heic .heif .jp2 .jxl'.split(' ');

export interface ReadImageOptions {
  /**
   * Pictures with more pixels are refused: each costs 3 bytes, and again in every step after decoding.
   *
   * @default 100_000_000 three times what phones take, 300 MB decoded
   */
  maxPixels?: number;
}

/** Size of a picture as it is seen, and as its file stores it. */
export interface ImageHeader extends Size {
  /** Size before the EXIF orientation is applied. */
  stored: Size;
  /** EXIF orientation, 1 to 8; 1 where there is none. */
  orientation: number;
}

type Source = string | Uint8Array;

const maxPixelsDefault = 100_000_000;

/** The longest header of a BMP, and more than the signature of any format. */
const headBytes = 256;

// 'error' passes what decoders merely warn about (stray bytes between markers, common in real photos) and
// still rejects a truncated file. Colour profiles are passed over, as Pillow's convert('RGB') does.
export const decoding = {
  failOn: 'error',
  autoOrient: true,
  ignoreIcc: true,
  limitInputPixels: false,
} as const;

/**
 * Decodes a picture to 3 bytes a pixel, turned as its EXIF orientation says; of an animated one the first frame.
 * Colour profiles and transparency are dropped, and CMYK is converted, as PIL's `convert('RGB')` does.
 *
 * @param given a path, a `file:` URL, or the bytes of a file.
 * @throws ImageFileError that names the file: missing, not a picture, truncated, too large, of an unreadable format.
 */
export async function readImage(
  given: PictureSource,
  { maxPixels = maxPixelsDefault }: ReadImageOptions = {},
): Promise<RgbImage> {
  const source = sourceOf('readImage', given);
  checkMaxPixels('readImage', maxPixels);
  await requireFile(source);
  try {
    const picture = sharp(source, decoding);
    const metadata = await picture.metadata();
    requireSize(source, { ...metadata, maxPixels });
    return metadata.space === 'cmyk' ? await decodeCmyk(picture) : await decodeRgb(picture);
  } catch (error) {
    const head = await bytesOf(source, headBytes);
    requireSize(source, { ...bmpOr(source, { bytes: head, error, read: bmpSize }), maxPixels });
    return bmpOr(source, { bytes: await bytesOf(source), error, read: decodeBmp });
  }
}

/** Width and height from the header alone, EXIF orientation applied. Rejects as `readImage` does. */
export async function readImageSize(source: PictureSource, options: ReadImageOptions = {}): Promise<Size> {
  const { width, height } = await readImageHeader(source, options);
  return { width, height };
}

/** What a picture's header tells, without decoding it. Rejects as `readImage` does. */
export async function readImageHeader(
  given: PictureSource,
  { maxPixels = maxPixelsDefault }: ReadImageOptions = {},
): Promise<ImageHeader> {
  const source = sourceOf('readImageHeader', given);
  checkMaxPixels('readImageHeader', maxPixels);
  await requireFile(source);
  try {
    const metadata = await sharp(source, decoding).metadata();
    requireSize(source, { ...metadata, maxPixels });
    return headerOf(metadata);
  } catch (error) {
    const size = bmpOr(source, { bytes: await bytesOf(source, headBytes), error, read: bmpSize });
    requireSize(source, { ...size, maxPixels });
    return { ...size, stored: size, orientation: 1 };
  }
}

function headerOf({ width, height, autoOrient, orientation }: Metadata): ImageHeader {
  const valid = orientation !== undefined && orientation >= 1 && orientation <= 8;
  return { ...autoOrient, stored: { width, height }, orientation: valid ? orientation : 1 };
}

/** The pixels of a sharp pipeline, 3 bytes each. */
export async function decodeRgb(picture: Sharp): Promise<RgbImage> {
  const pipeline = picture.toColourspace('srgb').removeAlpha().raw({ depth: 'uchar' });
  const { data, info } = await pipeline.toBuffer({ resolveWithObject: true });
  // A plain view: a Buffer's `slice` would share memory where Uint8Array's copies.
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { data: bytes, width: info.width, height: info.height };
}

/** libvips converts CMYK through a press profile; Pillow multiplies (its `cmyk2rgb`), and so does this. */
async function decodeCmyk(picture: Sharp): Promise<RgbImage> {
  const pipeline = picture.pipelineColourspace('cmyk').toColourspace('cmyk').raw({ depth: 'uchar' });
  const { data: cmyk, info } = await pipeline.toBuffer({ resolveWithObject: true });
  const data = new Uint8Array(info.width * info.height * 3);
  for (let from = 0, to = 0; to < data.length; from += info.channels) {
    const white = 255 - cmyk[from + 3]!;
    for (let c = 0; c < 3; c++) {
      // Rounded division by 255 (Pillow's MULDIV255).
      const product = cmyk[from + c]! * white + 128;
      data[to++] = Math.max(0, white - (((product >> 8) + product) >> 8));
    }
  }
  return { data, width: info.width, height: info.height };
}

/** What `read` makes of a BMP, which sharp doesn't know; else the error that says what the file is. */
function bmpOr<T>(
  source: Source,
  { bytes, error, read }: { bytes: Uint8Array; error: unknown; read: (bytes: Uint8Array) => T },
): T {
  if (error instanceof ImageFileError) throw error;
  if (!isBmp(bytes)) throw unreadable(source, { cause: error, head: bytes });
  try {
    return read(bytes);
  } catch (cause) {
    throw unreadable(source, { cause, head: bytes });
  }
}

/** The file's first bytes, or all. Throws the ImageFileError of a file that can't be read. */
async function bytesOf(source: Source, count?: number): Promise<Uint8Array> {
  if (typeof source !== 'string') return source.subarray(0, count);
  try {
    return count === undefined ? await readFile(source) : await headOf(source, count);
  } catch (error) {
    throw notRead(source, error as NodeJS.ErrnoException);
  }
}

async function headOf(path: string, count: number): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(count), 0, count, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function notRead(path: string, cause: NodeJS.ErrnoException): ImageFileError {
  if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR')
    return new ImageFileError(path, {
      what: 'there is no such file',
      cure: 'check the path',
      exists: false,
      cause,
    });
  const what = `the file can't be read (${cause.message})`;
  return new ImageFileError(path, { what, cure: 'check its permissions', cause });
}

function checkMaxPixels(caller: string, maxPixels: number): void {
  if (typeof maxPixels === 'number' && maxPixels > 0) return;
  throw new RangeError(`${caller}: maxPixels must be a positive number, got ${String(maxPixels)}`);
}

function requireSize(source: Source, { width, height, maxPixels }: Size & { maxPixels: number }): void {
  if (width * height <= maxPixels) return;
  throw new ImageFileError(source, {
    what: `the picture has ${width}×${height} pixels (${megapixels(width * height)}), the limit is ${megapixels(maxPixels)}`,
    cure: 'make it smaller, or raise maxPixels',
  });
}

function megapixels(pixels: number): string {
  return `${Number((pixels / 1e6).toPrecision(3))} megapixels`;
}

/** The error for a frame that can't be decoded in a picture whose first one can. */
export function frameError(
  source: Source,
  { cause, index, count }: { cause: unknown; index: number; count: number },
): ImageFileError {
  return new ImageFileError(source, {
    what: `frame ${index + 1} of ${count} can't be decoded (${firstLine(cause)})`,
    cure: 'replace the file',
    cause,
  });
}

function firstLine(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).split('\n')[0]!;
}

function unreadable(source: Source, { cause, head }: { cause: unknown; head: Uint8Array }): ImageFileError {
  const reason = firstLine(cause);
  const format = pictureFormat(head);
  if (format !== undefined) {
    const what = `${format} files can't be read here (${reason})`;
    return new ImageFileError(source, { what, cure: 'convert it to JPEG or PNG', cause });
  }
  const why = head.length === 0 && reason.includes('unsupported') ? 'the file is empty' : reason;
  return new ImageFileError(source, {
    what: `the picture can't be decoded (${why})`,
    cure: 'replace it',
    cause,
  });
}
