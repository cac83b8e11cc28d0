"""Goldens for parseCocoAnnotations and parseCocoResults: a pair of files as tools leave them, measured by pycocotools.
Writes cocoFiles.json beside this file.

    python3 -m venv venv && venv/bin/pip install pycocotools==2.0.11 numpy==2.4.6 && venv/bin/python cocoFiles.py

Images, categories and annotations lie in no order, ids have gaps, a category has no object, one is found only, areas are
those of masks, and scores have six levels: which image comes first decides between equal ones. "numbers" and "names" are
the same set with image ids of both kinds; "part" is measured on half the images and two of the categories.
"""

import contextlib
import copy
import io
import json
import pathlib
import random

from coco import STATS
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval


def make(image_ids, rng):
    categories = [90, 3, 18, 44, 7]  # 44 has no object, 7 is found only
    annotations, results = [], []
    for image in image_ids:
        for _ in range(rng.randrange(6)):
            x, y, w, h = rng.randrange(3000) / 10, rng.randrange(2000) / 10, rng.randrange(60, 1600) / 10, rng.randrange(60, 1200) / 10
            category = rng.choice([90, 3, 18])
            annotations.append({"id": len(annotations) + 1, "image_id": image, "category_id": category, "bbox": [x, y, w, h],
                                "area": w * h * 0.6, "iscrowd": int(rng.random() < 0.15)})  # fmt: skip
            for _ in range(rng.randrange(3)):
                bbox = [x + rng.uniform(-0.2, 0.2) * w, y + rng.uniform(-0.2, 0.2) * h, w * rng.uniform(0.8, 1.25), h]
                results.append({"image_id": image, "category_id": rng.choice([category, category, category, 7]), "bbox": bbox,
                                "score": rng.randrange(6) / 7})  # fmt: skip
    rng.shuffle(annotations)
    rng.shuffle(results)
    dataset = {
        "images": [{"id": i, "file_name": f"{i}.jpg"} for i in image_ids],
        "categories": [{"id": c, "name": f"class {c}"} for c in categories],
        "annotations": annotations,
    }
    return dataset, results


def score(dataset, results, images=None, categories=None):
    dataset, results = copy.deepcopy(dataset), copy.deepcopy(results)  # loadRes writes into them
    with contextlib.redirect_stdout(io.StringIO()):
        gt = COCO()
        gt.dataset = dataset
        gt.createIndex()
        run = COCOeval(gt, gt.loadRes(results), "bbox")
        if images:
            run.params.imgIds = images
            run.params.catIds = categories
        run.evaluate()
        run.accumulate()
        run.summarize()
    recall = run.eval["recall"].reshape(-1).tolist()
    return {"stats": dict(zip(STATS, run.stats.tolist())), "recall": recall}


def main():
    numbers = [41, 7, 300, 5, 12, 1000000007, 9, 88, 63, 17, 230, 31, 2, 77]
    names = ["b/10", "b/9", "a", "Z", "é", "c d", "a.b", "0", "10", "9", "ä", "q", "m", "A"]
    cases = []
    for name, ids in [("numbers", numbers), ("names", names)]:
        dataset, results = make(ids, random.Random(3))
        cases.append({"name": name, "annotations": dataset, "results": results, **score(dataset, results)})
        if name == "numbers":
            part = {"images": sorted(ids)[::2], "categories": [3, 90]}
            cases.append({"name": "part", "of": name, **part, **score(dataset, results, part["images"], part["categories"])})
    pathlib.Path(__file__).with_name("cocoFiles.json").write_text(json.dumps({"cases": cases}, separators=(",", ":"), ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
