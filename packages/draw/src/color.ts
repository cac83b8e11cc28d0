/** Bright enough for dark pictures, saturated enough for light ones; neighbours in the list differ in hue and lightness. */
const PALETTE = '#ff4b5c #2fb4ff #ffd23f #35d07f #c583ff #ff9f1c #00d9c8 #ff8ac4 #b8e64c #8f9bff'.split(' ');

/** Fraction of the hue circle between neighbours: the golden angle never comes back to a hue it has used. */
const GOLDEN_ANGLE = 0.381966;

type Rgb = [number, number, number];

/** Colour of class `label` (1…K) as `#rrggbb`: the same in every picture and plot. */
export function classColor(label: number): string {
  checkWhole('classColor', 'label', label);
  const index = label - 1;
  return PALETTE[index] ?? distinctColor(index);
}

/** Colour number `index` of an endless series of distinct ones, as `#rrggbb`. */
export function distinctColor(index: number): string {
  checkWhole('distinctColor', 'index', index);
  // Lightness alternates too, since about ten hues are all that the eye tells apart.
  return toHex(hslToRgb((index * GOLDEN_ANGLE) % 1, 0.75, index % 2 === 0 ? 0.62 : 0.48));
}

/** Black or white, whichever is read more easily on `color` (`#rrggbb`): WCAG 2.2's contrast ratio. */
export function textColorOn(color: string): '#000000' | '#ffffff' {
  const luminance = relativeLuminance(parseHex(color));
  return (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) ? '#000000' : '#ffffff';
}

/**
 * `#rrggbb` → three bytes.
 *
 * @throws RangeError for anything else, such as a colour's name
 */
export function parseHex(color: string): Rgb {
  if (!/^#[\da-f]{6}$/i.test(color))
    throw new RangeError(`parseHex: color must be #rrggbb, got ${JSON.stringify(color)}`);
  const value = Number.parseInt(color.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

function checkWhole(caller: string, name: string, value: number): void {
  if (!Number.isInteger(value))
    throw new RangeError(`${caller}: ${name} must be a whole number, got ${String(value)}`);
}

function toHex(rgb: Rgb): string {
  return '#' + rgb.map((c) => Math.round(c).toString(16).padStart(2, '0')).join('');
}

/** CSS Color 4 §7.1; hue, saturation and lightness in [0, 1]. */
function hslToRgb(hue: number, saturation: number, lightness: number): Rgb {
  const channel = (n: number) => {
    const k = (n + hue * 12) % 12;
    const amplitude = saturation * Math.min(lightness, 1 - lightness);
    return 255 * (lightness - amplitude * Math.max(-1, Math.min(k - 3, 9 - k, 1)));
  };
  return [channel(0), channel(8), channel(4)];
}

/** WCAG 2.2, "relative luminance". */
function relativeLuminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map((c) =>
    c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4,
  ) as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
