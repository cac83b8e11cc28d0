"""Writes resize.json: Pillow's resizing of seeded bytes by each filter, and OpenCV's INTER_LINEAR of them in float32.

`pip install pillow==12.0.0 opencv-python-headless numpy`, then `python3 resize.py`. Pillow 13 filters columns first where the width
grows and the height shrinks; all before it, which published accuracies rest on, rows first.
"""
import json

import cv2
import numpy as np
import PIL
from PIL import Image

# Not square, each axis by its own scale: up, down, one of each, one axis as it is.
CASES = [(301, 217, 356, 256), (301, 217, 90, 64), (64, 48, 64, 20), (64, 48, 33, 48), (37, 53, 256, 30), (50, 37, 7, 90), (3, 2, 1, 5)]
FILTERS = ["box", "bilinear", "hamming", "bicubic", "lanczos"]


def seeded(width, height):
    with np.errstate(over="ignore"):
        h = np.arange(width * height * 3, dtype=np.uint32) * np.uint32(0x9E3779B1)
        h = (h ^ (h >> np.uint32(16))) * np.uint32(0x85EBCA6B)
        h = (h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35)
        h ^= h >> np.uint32(16)
    return (h >> np.uint32(24)).astype(np.uint8).reshape(height, width, 3)


def sampled(values):
    """About a hundred of the values, at a step that meets every channel, and the sum of all."""
    step = max(1, values.size // 100)
    return {"step": step + (step % 3 == 0), "sum": float(values.astype(np.float64).sum())}


pillow, opencv = [], []
for width, height, to_width, to_height in CASES:
    pixels = seeded(width, height)
    size = {"from": [width, height], "to": [to_width, to_height]}
    for name in FILTERS:
        out = np.asarray(Image.fromarray(pixels).resize((to_width, to_height), getattr(Image.Resampling, name.upper()))).ravel()
        about = sampled(out)
        pillow.append({**size, "interpolation": name, **about, "bytes": out[:: about["step"]].tolist()})
    out = cv2.resize(pixels.astype(np.float32), (to_width, to_height), interpolation=cv2.INTER_LINEAR).ravel()
    about = sampled(out)
    opencv.append({**size, **about, "values": [round(float(value), 3) for value in out[:: about["step"]]]})

with open("resize.json", "w") as file:
    versions = {"Pillow": PIL.__version__, "OpenCV": cv2.__version__}
    json.dump({"versions": versions, "pillow": pillow, "opencv": opencv}, file, separators=(",", ":"))
    file.write("\n")
