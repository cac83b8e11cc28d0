"""Writes roi_ops.json: torchvision's compiled roi_pool and roi_align, forward and backward, on seeded input.

Run with a Python that has torch and torchvision:  python3 roi_ops.py
Made with torch 1.13.0, torchvision 0.14.1 (Debian). Maps and boxes are rounded so that the file stays small and exact.
"""
import json
import pathlib

import torch
import torchvision
from torchvision.ops import roi_align, roi_pool

torch.manual_seed(0)
N, C, H, W = 2, 3, 9, 12
SCALE = 0.25


def grid(tensor, steps):
    """Rounds to multiples of 1/steps, a power of two: exact in float32 and short in JSON."""
    return (tensor * steps).round() / steps


def boxes():
    corner = torch.rand(12, 2) * torch.tensor([W, H]) / SCALE
    size = torch.rand(12, 2) * torch.tensor([W, H]) / SCALE * 0.7
    random = torch.cat([corner, corner + size], 1)
    special = torch.tensor([
        [0.0, 0, 48, 36],         # the whole map
        [-30, -20, 10, 12],       # partly outside, top left
        [34, 22, 90, 80],         # partly outside, bottom right
        [100, 100, 140, 130],     # outside
        [-80, -60, -40, -20],     # outside
        [9, 9, 9, 9],             # empty
        [20, 16, 21, 17],         # one pixel
        [30, 30, 10, 12],         # corners swapped
        [2, 6, 10, 14],           # halves: rounding away from zero
        [-2, -6, 6, 10],          # halves below zero
        [4.5, 3.25, 17.75, 33.5],
        [0, 0, 0, 35.9],          # one cell wide
    ])
    return grid(torch.cat([random, special]), 8)


def rounded(tensor):
    return [round(v, 6) for v in tensor.flatten().tolist()]


def nhwc(tensor):
    return rounded(tensor.permute(0, 2, 3, 1))


def upstream(shape):
    """dy as the tests make it: element i of the NHWC order is ((37 i) mod 31 − 15) / 16."""
    r, c, h, w = shape
    flat = (torch.arange(r * c * h * w) * 37 % 31 - 15) / 16
    return flat.view(r, h, w, c).permute(0, 3, 1, 2)


def run(op, features, rois, **options):
    features = features.clone().requires_grad_()
    out = op(features, rois, spatial_scale=SCALE, **options)
    out.backward(upstream(out.shape))
    return {"options": options, "output": nhwc(out.detach()), "gradient": nhwc(features.grad)}


features = grid(torch.randn(N, C, H, W), 64)
box = boxes()
indices = torch.arange(len(box)) % N
rois = torch.cat([indices[:, None].float(), box], 1)
cases = {
    "roiPool": [run(roi_pool, features, rois, output_size=size) for size in [(7, 7), (2, 3), (1, 1)]],
    "roiAlign": [
        run(roi_align, features, rois, output_size=size, sampling_ratio=ratio, aligned=aligned)
        for size, ratio, aligned in [
            ((3, 3), 2, False), ((3, 3), 2, True), ((2, 4), 0, False), ((2, 4), 0, True), ((3, 2), 3, True),
        ]
    ],
}

# float32 makes the last of 7 bins one cell longer than the box where its side is 57 cells, 114, 121...
wide = torch.arange(128.0).view(1, 1, 2, 64)  # rising, so that the last cell of a bin shows
wide_rois = torch.tensor([[0.0, 2, 0, 58, 1], [0, 3, 0, 58, 1]])
cases["wide"] = {
    "shape": [1, 2, 64, 1], "features": nhwc(wide), "boxes": rounded(wide_rois[:, 1:]),
    "output": nhwc(roi_pool(wide, wide_rois, (1, 7), 1.0)),
}
golden = {
    "torch": torch.__version__, "torchvision": torchvision.__version__,
    "shape": [N, H, W, C], "spatialScale": SCALE,
    "features": nhwc(features), "boxes": rounded(box), "boxIndices": indices.tolist(), **cases,
}
path = pathlib.Path(__file__).with_name("roi_ops.json")
path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
print(path.stat().st_size, "bytes")
