"""Goldens for evaluateCoco: pycocotools on seeded random sets. Writes coco.json beside this file.

    python3 -m venv venv && venv/bin/pip install pycocotools==2.0.11 numpy==2.4.6 && venv/bin/python coco.py

Every coordinate is a multiple of 1/8 below 4,096, so that xyxy in float32 and xywh in float64 are the same numbers, and
so are the areas; scores have few levels, for ties within and across images.
"""

import contextlib
import io
import json
import pathlib
from importlib.metadata import version

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

STATS = ["AP", "AP50", "AP75", "APs", "APm", "APl", "AR1", "AR10", "AR100", "ARs", "ARm", "ARl"]


def score(dataset, results):
    """Runs pycocotools on a COCO dataset and a list of COCO results; returns the COCOeval."""
    with contextlib.redirect_stdout(io.StringIO()):
        gt, dt = COCO(), COCO()
        gt.dataset = dataset
        gt.createIndex()
        dt.dataset = {**dataset, "annotations": []}  # loadRes refuses an empty list
        dt.createIndex()
        run = COCOeval(gt, gt.loadRes(results) if results else dt, "bbox")
        run.evaluate()
        run.accumulate()
        run.summarize()
    return run


def evaluate(truths, detections, num_classes):
    """truths, detections: one list per image of dicts with box (xyxy), label and more. Returns the COCOeval."""
    xywh = lambda b: [b[0], b[1], b[2] - b[0], b[3] - b[1]]
    annotations = [
        {
            "id": 0,
            "image_id": image + 1,
            "category_id": o["label"],
            "bbox": xywh(o["box"]),
            "area": o["area"],
            "iscrowd": o["crowd"],
        }
        for image, objects in enumerate(truths)
        for o in objects
    ]
    for number, annotation in enumerate(annotations):
        annotation["id"] = number + 1  # from 1: COCOeval takes id 0 for unmatched
    results = [
        {"image_id": image + 1, "category_id": d["label"], "bbox": xywh(d["box"]), "score": d["score"]}
        for image, found in enumerate(detections)
        for d in found
    ]
    dataset = {
        "images": [{"id": i + 1} for i in range(len(truths))],
        "categories": [{"id": k + 1} for k in range(num_classes)],
        "annotations": annotations,
    }
    return score(dataset, results)


def eighths(values):
    return np.round(np.asarray(values) * 8) / 8


def random_set(rng, images, classes, most_truths, most_detections, options):
    truths, detections = [], []
    for _ in range(images):
        objects, found = [], []
        if rng.random() > options.get("empty", 0.1):
            for _ in range(rng.integers(0, most_truths + 1)):
                objects.append(random_truth(rng, classes, options))
        if rng.random() > options.get("empty", 0.1):
            for _ in range(rng.integers(0, most_detections + 1)):
                found.append(random_detection(rng, objects, classes, options))
        truths.append(objects)
        detections.append(found)
    return truths, detections


def random_truth(rng, classes, options):
    corner = eighths(rng.random(2) * 300)
    if options.get("limits") and rng.random() < 0.7:
        side = [32.0, 96.0, 31.875, 96.125][rng.integers(4)]  # on and beside COCO's area limits
        size = np.array([side, side])
    else:
        size = eighths(np.exp(rng.uniform(1.5, 5.5, 2)))
    return {
        "box": [*corner, *(corner + size)],
        "label": int(rng.integers(1, classes + 1 - options.get("absent", 0))),
        "crowd": int(rng.random() < options.get("crowd", 0.1)),
        "area": float(size[0] * size[1] * (1 if options.get("limits") else 0.75)),
    }


def random_detection(rng, objects, classes, options):
    levels = options.get("levels", 20)
    score = float(np.float32(rng.integers(0, levels) / levels))
    if objects and rng.random() < 0.7:
        near = objects[rng.integers(len(objects))]
        box = np.array(near["box"])
        size = np.tile(box[2:] - box[:2], 2)
        jitter = rng.choice([0.0, 0.03, 0.1, 0.3])
        box = eighths(box + jitter * size * rng.uniform(-1, 1, 4))
        box = np.array([*np.minimum(box[:2], box[2:]), *np.maximum(box[:2], box[2:])])
        label = near["label"] if rng.random() < 0.9 else int(rng.integers(1, classes + 1))
    else:
        corner = eighths(rng.random(2) * 300)
        box = np.array([*corner, *(corner + eighths(np.exp(rng.uniform(1.5, 5.5, 2))))])
        label = int(rng.integers(1, classes + 1))
    return {"box": box.tolist(), "label": label, "score": score}


def limits_set():
    """Overlaps of exactly p / 20, detections of exactly 32 and 96 squared, and one as near to one truth as to another."""
    truth = lambda box: {"box": box, "label": 1, "crowd": 0, "area": (box[2] - box[0]) * (box[3] - box[1])}
    found = lambda box, score: {"box": box, "label": 1, "score": score}
    truths, detections = [], []
    for p in range(9, 21):
        truths.append([truth([0.0, 0.0, 160.0, 8.0 * (p % 3 + 1)])])
        partly = found([0.0, 0.0, 8.0 * p, 8.0 * (p % 3 + 1)], (p * 7 % 12) / 16)
        strange = [found([300.0, 300.0, 300.0 + side, 300.0 + side], (p * side % 13) / 16) for side in (32.0, 96.0)]
        detections.append([partly, *strange])
    truths.append([truth([0.0, 0.0, 10.0, 10.0]), truth([4.0, 0.0, 14.0, 10.0])])
    detections.append([found([2.0, 0.0, 12.0, 10.0], 0.5), found([0.0, 0.0, 10.0, 10.0], 0.25)])
    return truths, detections


def flat(images, key):
    return [[o[key] for o in image] for image in images]


def case(name, truths, detections, classes):
    run = evaluate(truths, detections, classes)
    return {
        "name": name,
        "numClasses": classes,
        "truths": {k: flat(truths, k) for k in ("box", "label", "crowd", "area")},
        "detections": {k: flat(detections, k) for k in ("box", "label", "score")},
        "stats": dict(zip(STATS, run.stats.tolist())),
        "counts": [int(c) for c in run.eval["counts"]],
        # whole tables, the recall axis last, as runs of equal values: [value, length, value, length …]
        "precision": runs(np.moveaxis(run.eval["precision"], 1, -1)),
        "recall": runs(run.eval["recall"]),
        "scores": runs(np.moveaxis(run.eval["scores"], 1, -1)),
    }


def runs(table):
    values = table.reshape(-1)
    starts = np.flatnonzero(np.r_[True, values[1:] != values[:-1]])
    lengths = np.diff(np.r_[starts, len(values)])
    return [x for pair in zip(values[starts].tolist(), lengths.tolist()) for x in pair]


def main():
    rng = np.random.default_rng(3)
    cases = []

    def add(name, images, classes, most_truths, most_detections, **options):
        truths, detections = random_set(rng, images, classes, most_truths, most_detections, options)
        cases.append(case(name, truths, detections, classes))

    add("ties, crowds, empty images", 10, 3, 8, 16, levels=6, crowd=0.25, empty=0.3)
    add("classes without truths", 8, 5, 6, 12, absent=2)
    add("areas at COCO's limits", 10, 2, 8, 12, limits=True, crowd=0.05)
    add("more than 100 detections of a class in an image", 2, 1, 30, 260, empty=0, levels=60)
    add("every score equal", 6, 2, 6, 12, levels=1)
    add("no detections", 3, 2, 4, 0)
    cases.append(case("no truths", [[], []], [[random_detection(rng, [], 2, {}) for _ in range(3)], []], 2))
    cases.append(case("only crowds", *random_set(rng, 5, 2, 5, 9, {"crowd": 1.0}), 2))
    cases.append(case("overlaps at the thresholds", *limits_set(), 1))
    versions = {"pycocotools": version("pycocotools"), "numpy": np.__version__}
    out = pathlib.Path(__file__).with_name("coco.json")
    out.write_text(json.dumps({"versions": versions, "cases": cases}, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
