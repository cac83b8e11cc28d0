"""torchvision's compiled RoI operations on one thread: reads a case from the command line, prints milliseconds as JSON."""
import json
import sys
import time

import numpy
import torch
from torchvision.ops import roi_align, roi_pool

torch.set_num_threads(1)
op, boxes_file, height, width, channels, size, scale, repeats = sys.argv[1:9]
boxes = torch.from_numpy(numpy.fromfile(boxes_file, dtype=numpy.float32).reshape(-1, 4))
rois = torch.cat([torch.zeros(len(boxes), 1), boxes], 1)
features = torch.randn(1, int(channels), int(height), int(width), requires_grad=True)
options = {"sampling_ratio": 2, "aligned": True} if op == "roiAlign" else {}
run = roi_align if op == "roiAlign" else roi_pool
times = {"forward": [], "backward": []}
for _ in range(int(repeats) + 1):
    start = time.perf_counter()
    out = run(features, rois, int(size), float(scale), **options)
    middle = time.perf_counter()
    dy = torch.ones_like(out)
    before = time.perf_counter()
    out.backward(dy)
    features.grad = None
    times["forward"].append((middle - start) * 1e3)
    times["backward"].append((time.perf_counter() - before) * 1e3)
    del out, dy
print(json.dumps({key: value[1:] for key, value in times.items()}))
