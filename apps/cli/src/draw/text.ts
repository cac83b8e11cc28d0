import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
// oxlint-disable-next-line import/default -- Node finds only the default export of this CommonJS file
import opentype, { type Font, type PathCommand } from 'opentype.js';

/** Inter comes cut into alphabets; each is read when a label first needs it. */
const ALPHABETS = ['latin', 'latin-ext', 'greek', 'cyrillic', 'vietnamese'];

const LATIN = fileURLToPath(import.meta.resolve('@fontsource/inter/files/inter-latin-600-normal.woff'));

const fonts = new Map<string, Font>();

export interface TextOutline {
  /** SVG path data, its baseline starting at 0, 0. */
  path: string;
  /** Advance width, pixels. */
  width: number;
}

/**
 * Text as the outlines of its glyphs, so that it draws the same on a machine without any font.
 * Glyphs are looked up one by one: opentype.js's own text layout does not know Inter's contextual substitutions.
 * @param size font size, pixels
 */
export function outlineText(text: string, size: number): TextOutline {
  let x = 0;
  let path = '';
  for (const character of text) {
    const font = fontFor(character);
    const glyph = font.charToGlyph(character);
    path += toPathData(glyph.getPath(x, 0, size).commands);
    x += (glyph.advanceWidth ?? 0) * (size / font.unitsPerEm);
  }
  return { path, width: x };
}

/** The first alphabet that has the character; where none has it, Latin's "missing glyph" box is drawn. */
function fontFor(character: string): Font {
  const alphabet = ALPHABETS.find((name) => loadFont(name).charToGlyphIndex(character) !== 0);
  return loadFont(alphabet ?? 'latin');
}

function loadFont(alphabet: string): Font {
  let font = fonts.get(alphabet);
  if (font === undefined) {
    const bytes = readFileSync(LATIN.replace('inter-latin-', `inter-${alphabet}-`));
    // oxlint-disable-next-line import/no-named-as-default-member -- see the import
    font = opentype.parse(
      bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer,
    );
    fonts.set(alphabet, font);
  }
  return font;
}

/**
 * SVG path data with every contour closed. opentype.js's own `toPathData` leaves contours open, which librsvg paints
 * with holes at some positions, and drops lines shorter than one pixel.
 */
function toPathData(commands: readonly PathCommand[]): string {
  const drawn = commands.filter(({ type }) => type !== 'Z');
  const text = drawn
    .map((c) => (c.type === 'M' ? 'Z' : '') + c.type + coordinates(c).map(round).join(' '))
    .join('');
  return text === '' ? '' : `${text.slice(1)}Z`;
}

/** A twentieth of a pixel off at most. */
function round(value: number): string {
  return value.toFixed(1);
}

function coordinates(command: PathCommand): number[] {
  switch (command.type) {
    case 'Z':
      return [];
    case 'C':
      return [command.x1, command.y1, command.x2, command.y2, command.x, command.y];
    case 'Q':
      return [command.x1, command.y1, command.x, command.y];
    default:
      return [command.x, command.y];
  }
}
