"""Writes pillow.json: Pillow's resizing of seeded pixels, as every 997th byte and the sum. `python3 pillow.py`."""
import json

import numpy as np
import PIL
from PIL import Image

from seeded import signed

CASES = [(301, 217, 356, 256), (301, 217, 90, 64), (64, 48, 64, 20), (64, 48, 33, 48), (37, 53, 256, 367), (500, 375, 341, 256)]
cases = []
for width, height, to_width, to_height in CASES:
    values = np.floor((signed("pixels", width * height * 3).astype(np.float64) + 1) * 128).astype(np.uint8)
    image = Image.fromarray(values.reshape(height, width, 3))
    for name, method in [("bilinear", Image.BILINEAR), ("bicubic", Image.BICUBIC)]:
        out = np.asarray(image.resize((to_width, to_height), method)).ravel()
        cases.append({"from": [width, height], "to": [to_width, to_height], "interpolation": name, "sum": int(out.sum()), "bytes": out[::997].tolist()})
with open("pillow.json", "w") as file:
    json.dump({"versions": {"Pillow": PIL.__version__}, "cases": cases}, file, separators=(",", ":"))
