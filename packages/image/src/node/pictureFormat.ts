/** What sharp's prebuilt binary can't read: how a file of it begins, or what its ISO media brand is. */
const signatures: [name: string, offset: number, bytes: string][] = [
  ['JPEG 2000', 4, 'jP  '],
  ['JPEG 2000', 0, '\xff\x4f\xff\x51'],
  ['JPEG XL', 0, '\xff\x0a'],
  ['JPEG XL', 4, 'JXL '],
  ['Photoshop', 0, '8BPS'],
  ['Windows icon', 0, '\0\0\x01\0'],
  ['PDF', 0, '%PDF'],
  ['Radiance HDR', 0, '#?RADIANCE'],
  ['OpenEXR', 0, '\x76\x2f\x31\x01'],
  ['Canon raw', 0, 'II*\0\x10\0\0\0CR'],
  ['Fujifilm raw', 0, 'FUJIFILM'],
  ['PCX', 0, '\x0a\x05\x01'],
  ['QOI', 0, 'qoif'],
  ['PNM', 0, 'P6'],
  ['PNM', 0, 'P5'],
];

const heifBrands = ['heic', 'heix', 'hevc', 'heim', 'heis', 'mif1', 'msf1'];
const avifBrands = ['avif', 'avis'];

/** Name of the format that the first bytes of a file (64 are enough) show; undefined where none is known. */
export function pictureFormat(head: Uint8Array): string | undefined {
  const text = String.fromCharCode(...head.subarray(0, 64));
  if (text.slice(4, 8) === 'ftyp') {
    const brands = [8, 16, 20, 24, 28, 32].map((at) => text.slice(at, at + 4));
    if (brands.some((brand) => avifBrands.includes(brand))) return 'AVIF';
    if (brands.some((brand) => heifBrands.includes(brand))) return 'HEIC';
    return 'video';
  }
  return signatures.find(([, offset, bytes]) => text.startsWith(bytes, offset))?.[0];
}
