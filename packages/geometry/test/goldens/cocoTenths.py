"""Goldens for evaluateCoco in float64: boxes at tenths of a pixel, where pycocotools' numbers hang on the last bits. Writes
cocoTenths.json beside this file.

    python3 -m venv venv && venv/bin/pip install pycocotools==2.0.11 numpy==2.4.6 && venv/bin/python cocoTenths.py

Both sets are 32 × 32 boxes moved by what makes the IoU a threshold (8 pixels: 3/5). In "sides" the file says 32, in
"corners" it says the difference of the corners, which are tenths themselves.
"""

import copy
import json
import pathlib
import random

from coco import STATS, score


def make(name, seed, to_file):
    rng = random.Random(seed)
    box = lambda x, y: to_file(x / 10, y / 10, (x + 320) / 10, (y + 320) / 10)
    annotations, results = [], []
    for image in range(1, 17):
        for _ in range(4):
            x, y, category = rng.randrange(4000), rng.randrange(3000), rng.choice([3, 8])
            bbox = box(x, y)
            annotations.append({"id": len(annotations) + 1, "image_id": image, "category_id": category, "bbox": bbox,
                                "area": bbox[2] * bbox[3], "iscrowd": int(rng.random() < 0.1)})  # fmt: skip
            for _ in range(3):
                moved = box(x + rng.choice([0, 80, 53, 46]), y + rng.choice([0, 0, 80, 13]))
                found = {"image_id": image, "category_id": category, "bbox": moved, "score": rng.randrange(999) / 999}
                results.append(found)
    dataset = {
        "images": [{"id": i} for i in range(1, 17)],
        "categories": [{"id": 3}, {"id": 8}],
        "annotations": annotations,
    }
    run = score(copy.deepcopy(dataset), copy.deepcopy(results))  # loadRes writes into them
    return {
        "name": name,
        "dataset": dataset,
        "results": results,
        "stats": dict(zip(STATS, run.stats.tolist())),
        "recall": run.eval["recall"].reshape(-1).tolist(),
    }


def main():
    cases = [
        make("sides", 1, lambda x1, y1, x2, y2: [x1, y1, 32, 32]),
        make("corners", 2, lambda x1, y1, x2, y2: [x1, y1, x2 - x1, y2 - y1]),
    ]
    pathlib.Path(__file__).with_name("cocoTenths.json").write_text(json.dumps({"cases": cases}, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
