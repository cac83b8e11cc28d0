"""Goldens for boxes, IoU, NMS, coder and matcher: torchvision on seeded random input. Writes torchvision.json beside this file.

    python3 torchvision.py        # torch 1.13, torchvision 0.14

Inputs are decimals of a few digits; both sides round them to float32.
"""

import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path = [p for p in sys.path if pathlib.Path(p or ".").resolve() != HERE]  # this file is not the package

import numpy as np
import torch
import torchvision
from torchvision.models.detection import _utils
from torchvision.ops import boxes as ops

rng = np.random.default_rng(5)
f32 = lambda values: torch.tensor(np.asarray(values, dtype=np.float32))


def random_boxes(count, extent, side, digits):
    corner = rng.random((count, 2)) * extent
    size = 2 * side * rng.random((count, 2)) + 10.0**-digits
    return np.round(np.concatenate([corner, corner + size], 1), digits)


def flat(tensor):
    return tensor.reshape(-1).tolist()


def batched(boxes, scores, labels, threshold):
    if np.all(boxes == np.round(boxes)):  # the offset trick adds no rounding to whole pixels
        return ops.batched_nms(f32(boxes), f32(scores), torch.tensor(labels), threshold)
    kept = ops._batched_nms_vanilla(f32(boxes), f32(scores), torch.tensor(labels), threshold)
    kept = kept.sort().values  # its own last sort is not stable: equal scores come in any order
    return kept[f32(scores)[kept].sort(descending=True, stable=True).indices]


def nms_cases():
    cases = []
    for count, extent, side, digits, levels in (
        (400, 100, 12, 2, 1000),
        (400, 40, 5, 0, 10),  # whole pixels: ties, and overlaps exactly at the threshold
        (300, 10, 8, 1, 4),
        (60, 30, 10, 2, 1),
        (300, 4000, 2, 2, 100),
    ):
        boxes = random_boxes(count, extent, side, digits)
        scores = np.round(rng.integers(0, levels + 1, count) / max(levels, 1), 4)
        labels = rng.integers(1, 5, count)
        thresholds = [0.0, 0.1, 0.25, 0.3, 0.5, 0.7, 0.9]
        cases.append(
            {
                "boxes": flat(boxes),
                "scores": scores.tolist(),
                "labels": labels.tolist(),
                "nms": [[t, flat(ops.nms(f32(boxes), f32(scores), t))] for t in thresholds],
                "batched": [[t, flat(batched(boxes, scores, labels, t))] for t in thresholds],
            }
        )
    return cases


def iou_cases():
    cases = []
    for extent, side, digits in ((20, 10, 2), (5, 6, 0), (4000, 900, 3)):
        a, b = random_boxes(13, extent, side, digits), random_boxes(11, extent, side, digits)
        b[:3] = a[:3]  # identical boxes
        cases.append(
            {
                "a": flat(a),
                "b": flat(b),
                # float64 arithmetic on the float32 boxes: torchvision's own formulas without its rounding (so the coder below)
                **{
                    name: flat(getattr(ops, name)(f32(a).double(), f32(b).double()))
                    for name in ("box_iou", "generalized_box_iou", "distance_box_iou", "complete_box_iou")
                },
                "box_iou_float32": flat(ops.box_iou(f32(a), f32(b))),
            }
        )
    return cases


def box_case():
    boxes = random_boxes(40, 60, 5, 2)
    tensor = f32(boxes)
    return {
        "boxes": flat(boxes),
        "area": flat(ops.box_area(tensor)),
        "clipped": flat(ops.clip_boxes_to_image(tensor, (40, 50))),  # height, width
        "small": flat(ops.remove_small_boxes(tensor, 3.3)),
        "convert": {
            f"{source} {target}": flat(ops.box_convert(tensor, source, target))
            for source in ("xyxy", "xywh", "cxcywh")
            for target in ("xyxy", "xywh", "cxcywh")
        },
    }


def coder_cases():
    cases = []
    for weights in ((1.0, 1.0, 1.0, 1.0), (10.0, 10.0, 5.0, 5.0)):
        coder = _utils.BoxCoder(weights)
        references, proposals = random_boxes(20, 60, 20, 2), random_boxes(20, 60, 20, 2)
        codes = np.round(rng.normal(0, 3, (20, 3, 4)) * weights[3], 3)  # 3 classes a box, some beyond the clip
        cases.append(
            {
                "weights": weights,
                "references": flat(references),
                "proposals": flat(proposals),
                "encoded": flat(coder.encode_single(f32(references).double(), f32(proposals).double())),
                "codes": flat(codes),
                "decoded": flat(coder.decode_single(f32(codes).double().reshape(20, 12), f32(proposals).double())),
            }
        )
    return cases


def matcher_cases():
    cases = []
    for high, low, truths, predictions in ((0.5, 0.5, 4, 40), (0.7, 0.3, 5, 60), (0.7, 0.3, 1, 10)):
        quality = rng.integers(0, 11, (truths, predictions)) / 10  # ties, and qualities equal to a threshold
        for low_quality in (False, True):
            matcher = _utils.Matcher(high, low, low_quality)
            cases.append(
                {
                    "high": high,
                    "low": low,
                    "allowLowQualityMatches": low_quality,
                    "quality": flat(quality),
                    "shape": [truths, predictions],
                    "matches": flat(matcher(f32(quality))),
                }
            )
    return cases


golden = {
    "versions": {"torch": torch.__version__, "torchvision": torchvision.__version__},
    "nms": nms_cases(),
    "iou": iou_cases(),
    "boxes": box_case(),
    "coder": coder_cases(),
    "matcher": matcher_cases(),
}
(HERE / "torchvision.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")
