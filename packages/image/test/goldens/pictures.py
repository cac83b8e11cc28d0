"""Pictures of unusual kinds with the RGB bytes that Pillow 13.0 (`convert('RGB')`) reads from them -> pictures.json.

python pictures.py > pictures.json
"""
import base64, io, json, struct
import numpy as np
from PIL import Image

W, H = 13, 7
rng = np.random.default_rng(0)
rgb = rng.integers(0, 256, (H, W, 3), dtype=np.uint8)
palette = b''.join(bytes(rng.integers(0, 256, 3).tolist()) + b'\0' for _ in range(16))
index = rng.integers(0, 16, (H, W))
files = {}


def save(name, image, **options):
    out = io.BytesIO()
    image.save(out, **options)
    files[name] = out.getvalue()


def bmp(bits, compression, pixels, colours=b'', height=H, masks=b'', os2=False):
    header = (
        struct.pack('<IHHHH', 12, W, height, 1, bits)
        if os2
        else struct.pack('<IiiHHIIiiII', 40, W, height, 1, bits, compression, len(pixels), 2835, 2835, len(colours) // 4, 0)
    )
    offset = 14 + len(header) + len(masks) + len(colours)
    return b'BM' + struct.pack('<IHHI', offset + len(pixels), 0, 0, offset) + header + masks + colours + pixels


def rows(lines):
    return b''.join(line + b'\0' * (-len(line) % 4) for line in lines)


def nibbles(values):
    values = [*map(int, values), 0]
    return bytes(values[i] << 4 | values[i + 1] for i in range(0, len(values) - 1, 2))


def run_lengths(bits):
    """A run of 4, then the rest as it is, then the end of the line."""
    out = b''
    for line in index[::-1]:
        rest = bytes(line[4:].tolist()) if bits == 8 else nibbles(line[4:])
        first = int(line[0]) if bits == 8 else int(line[0]) << 4 | int(line[1])
        out += bytes([4, first, 0, W - 4]) + rest + b'\0' * (len(rest) % 2) + b'\0\0'
    return out + b'\0\1'


def words(colour):
    return rows(b''.join(struct.pack('<H', colour(*map(int, p))) for p in line) for line in rgb[::-1])


def swapped_profile():
    """An ICC profile whose red and blue primaries are exchanged: who obeys it sees quite other colours."""
    xyz = lambda *v: b'XYZ \0\0\0\0' + b''.join(struct.pack('>i', round(x * 65536)) for x in v)
    curve = b'curv\0\0\0\0' + struct.pack('>IHH', 1, 0x0233, 0)
    text = b'text\0\0\0\0none'
    desc = b'desc\0\0\0\0' + struct.pack('>I', 5) + b'swap\0' + b'\0' * 78
    tags = {
        b'desc': desc + b'\0' * (-len(desc) % 4), b'cprt': text, b'wtpt': xyz(0.9642, 1, 0.8249),
        b'rXYZ': xyz(0.1431, 0.0606, 0.7141), b'gXYZ': xyz(0.3851, 0.7169, 0.0971), b'bXYZ': xyz(0.4361, 0.2225, 0.0139),
        b'rTRC': curve, b'gTRC': curve, b'bTRC': curve,
    }
    at = 128 + 4 + 12 * len(tags)
    table, data = struct.pack('>I', len(tags)), b''
    for name, value in tags.items():
        table += name + struct.pack('>II', at + len(data), len(value))
        data += value
    size = at + len(data)
    header = struct.pack('>I4sI4s4s4s', size, b'none', 0x02400000, b'mntr', b'RGB ', b'XYZ ') + bytes(12) + b'acsp' + bytes(28)
    header += struct.pack('>iii', round(0.9642 * 65536), 65536, round(0.8249 * 65536))
    return header + b'\0' * (128 - len(header)) + table + data


image = Image.fromarray(rgb)
save('cmyk.jpg', image.convert('CMYK'), format='JPEG', quality=90)
save('cmyk-black.tif', Image.fromarray(rng.integers(0, 256, (H, W, 4), dtype=np.uint8), 'CMYK'), format='TIFF')
save('profile.png', image, format='PNG', icc_profile=swapped_profile())
save('profile.jpg', image, format='JPEG', quality=90, icc_profile=swapped_profile())
save('8-bit-palette.bmp', image.convert('P', palette=Image.Palette.ADAPTIVE), format='BMP')
save('8-bit-grey.bmp', image.convert('L'), format='BMP')
save('1-bit.bmp', image.convert('1'), format='BMP')
save('24-bit.bmp', image, format='BMP')
save('32-bit.bmp', Image.fromarray(np.dstack([rgb, rgb[..., 0]])), format='BMP')
bgr = rgb[..., ::-1]
bgrx = np.dstack([bgr, np.zeros((H, W), np.uint8)])
files['4-bit.bmp'] = bmp(4, 0, rows(nibbles(line) for line in index[::-1]), palette)
files['24-bit-top-down.bmp'] = bmp(24, 0, rows(line.tobytes() for line in bgr), height=-H)
files['24-bit-os2.bmp'] = bmp(24, 0, rows(line.tobytes() for line in bgr[::-1]), os2=True)
files['32-bit-top-down.bmp'] = bmp(32, 0, bgrx.tobytes(), height=-H)
files['32-bit-masks.bmp'] = bmp(32, 3, bgrx[::-1].tobytes(), masks=struct.pack('<III', 0xFF0000, 0xFF00, 0xFF))
files['16-bit-555.bmp'] = bmp(16, 0, words(lambda r, g, b: r >> 3 << 10 | g >> 3 << 5 | b >> 3))
files['16-bit-565.bmp'] = bmp(
    16, 3, words(lambda r, g, b: r >> 3 << 11 | g >> 2 << 5 | b >> 3), masks=struct.pack('<III', 0xF800, 0x7E0, 0x1F)
)
files['8-bit-runs.bmp'] = bmp(8, 1, run_lengths(8), palette)
files['4-bit-runs.bmp'] = bmp(4, 2, run_lengths(4), palette)

text = lambda data: base64.b64encode(data).decode()
golden = {
    name: {'file': text(data), 'rgb': text(np.array(Image.open(io.BytesIO(data)).convert('RGB')).tobytes())}
    for name, data in files.items()
}
print(json.dumps({'width': W, 'height': H, 'pictures': golden}, indent=1))
