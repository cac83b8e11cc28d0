"""Masks as run lengths, both ways to write them, and the box pycocotools finds. Writes rle.json beside this file.

python3 -m venv venv && venv/bin/pip install pycocotools==2.0.11 numpy==2.4.6 && venv/bin/python rle.py
"""

import json
import pathlib

import numpy as np
from pycocotools import mask as masks


def entry(mask):
    run_lengths = masks.encode(np.asfortranarray(mask))
    column_major = mask.flatten(order="F")
    ends = np.flatnonzero(np.diff(column_major)) + 1
    counts = np.diff([0, *ends, mask.size]).tolist()
    return {
        "size": list(mask.shape),
        "text": run_lengths["counts"].decode(),
        "counts": counts if column_major[0] == 0 else [0, *counts],  # zeros come first
        "bbox": [int(value) for value in masks.toBbox(run_lengths)],
    }


def main():
    rng = np.random.RandomState(5)
    cases = []
    for height, width in [(9, 14), (40, 23), (1, 7), (300, 211)]:
        mask = np.zeros((height, width), np.uint8)
        mask[height // 3 : height // 3 + max(1, height // 4), width // 5 : width // 5 + width // 2] = 1
        cases.append(entry(mask))
        mask[-1, -1] = 1
        cases.append(entry(mask))
    cases.append(entry((rng.rand(30, 41) < 0.05).astype(np.uint8)))
    cases.append(entry(np.ones((5, 6), np.uint8)))
    mask = np.zeros((200, 2000), np.uint8)
    mask[150:170, 1500] = 1
    cases.append(entry(mask))
    mask = np.zeros((8, 6), np.uint8)
    mask[7, 1] = mask[0, 2] = 1  # one run over the end of a column
    cases.append(entry(mask))
    pathlib.Path(__file__).with_name("rle.json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
