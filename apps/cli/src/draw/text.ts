import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
// oxlint-disable-next-line import/default -- Node finds only the default export of this CommonJS file
import opentype, { type Font, type Glyph, type PathCommand } from 'opentype.js';

/** Inter comes cut into alphabets; each is read when a label first needs it. */
const ALPHABETS = ['latin', 'latin-ext', 'greek', 'cyrillic', 'vietnamese'];

const LATIN = fileURLToPath(import.meta.resolve('@fontsource/inter/files/inter-latin-600-normal.woff'));

/** GNU Unifont for what Inter lacks: Hangul, Han, Kana, all of Unicode's first plane in 3 MB; read in .3 s when first needed. */
const EVERYTHING = 'unifontex';
const UNIFONT = fileURLToPath(
  import.meta.resolve('@fontsource/unifontex/files/unifontex-latin-400-normal.woff'),
);

/** Instead of the empty box of a character that no font has. */
const UNKNOWN = '?';

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
    const { font, glyph } = glyphOf(character);
    path += toPathData(glyph.getPath(x, 0, size).commands);
    x += (glyph.advanceWidth ?? 0) * (size / font.unitsPerEm);
  }
  return { path, width: x };
}

/** A character in the first font that has it. */
function glyphOf(character: string): { font: Font; glyph: Glyph } {
  const fonts = [...ALPHABETS, EVERYTHING];
  const name = fonts.find((candidate) => loadFont(candidate).charToGlyphIndex(character) !== 0);
  const font = loadFont(name ?? 'latin');
  return { font, glyph: font.charToGlyph(name === undefined ? UNKNOWN : character) };
}

function loadFont(name: string): Font {
  let font = fonts.get(name);
  if (font === undefined) {
    const file = name === EVERYTHING ? UNIFONT : LATIN.replace('inter-latin-', `inter-${name}-`);
    const { buffer, byteOffset, length } = readFileSync(file);
    const bytes = buffer.slice(byteOffset, byteOffset + length) as ArrayBuffer;
    // Glyph by glyph: all 65,000 of Unifont take a second and 200 MB.
    const options = { lowMemory: name === EVERYTHING };
    // oxlint-disable-next-line import/no-named-as-default-member -- see the import
    font = opentype.parse(bytes, options);
    fonts.set(name, font);
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
