"""Golden for evaluateCoco on COCO128's annotations with made-up detections. Writes coco128.json: the 12 numbers only.

    venv/bin/python coco128.py path/to/coco128/instances.json        # venv as in coco.py

The detections follow from the annotations by a seeded rule that evaluateCoco.coco128.test.ts repeats step by step.
"""

import json
import pathlib
import sys
from importlib.metadata import version

import numpy as np
from coco import STATS, score


def mulberry32(seed):
    state = seed

    def imul(a, b):
        return (a * b) & 0xFFFFFFFF

    def random():
        nonlocal state
        state = (state + 0x6D2B79F5) & 0xFFFFFFFF
        t = imul(state ^ (state >> 15), 1 | state)
        t = ((t + imul(t ^ (t >> 7), 61 | t)) & 0xFFFFFFFF) ^ t
        return (t ^ (t >> 14)) / 4294967296

    return random


def detections(annotations, categories):
    random = mulberry32(128)
    for annotation in annotations:
        x, y, w, h = annotation["bbox"]
        for _ in range(3):
            spread = random() * 0.4
            dx = (random() - 0.5) * spread * w
            dy = (random() - 0.5) * spread * h
            scale = 1 + (random() - 0.5) * spread
            corners = np.array([x + dx, y + dy, x + dx + scale * w, y + dy + scale * h], np.float32).astype(float)
            keeps = random() < 0.9
            other = categories[int(random() * len(categories))]
            yield {
                "image_id": annotation["image_id"],
                "category_id": annotation["category_id"] if keeps else other,
                "bbox": [corners[0], corners[1], corners[2] - corners[0], corners[3] - corners[1]],
                "score": int(random() * 50) / 64,
            }


def main(path):
    dataset = json.loads(pathlib.Path(path).read_text())
    for number, annotation in enumerate(dataset["annotations"]):
        annotation["id"] = number + 1
    categories = sorted(category["id"] for category in dataset["categories"])
    run = score(dataset, list(detections(dataset["annotations"], categories)))
    golden = {"pycocotools": version("pycocotools"), "stats": dict(zip(STATS, run.stats.tolist()))}
    out = pathlib.Path(__file__).with_name("coco128.json")
    out.write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
