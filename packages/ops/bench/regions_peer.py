"""Times torchvision's compiled RoI operation on one thread; the case comes as JSON on the command line, milliseconds go
out as JSON. Called by regions.bench.ts."""
import json
import sys
import time

import torch
import torchvision
from torchvision.ops import roi_align, roi_pool

torch.set_num_threads(1)
case = json.loads(sys.argv[1])
boxes = torch.tensor(json.load(sys.stdin)).view(-1, 4)
rois = torch.cat([torch.zeros(len(boxes), 1), boxes], 1)
features = torch.randn(1, case["channels"], case["height"], case["width"], requires_grad=True)
size, scale = (case["outputSize"],) * 2, case["spatialScale"]


def run():
    if case["op"] == "roiPool":
        return roi_pool(features, rois, size, scale)
    return roi_align(features, rois, size, scale, sampling_ratio=case["samplingRatio"], aligned=case["aligned"])


times = {"forward": [], "backward": []}
for warm in [True, *[False] * case["repeats"]]:
    start = time.perf_counter()
    out = run()
    forward = time.perf_counter() - start
    dy = torch.ones_like(out)
    start = time.perf_counter()
    out.backward(dy)
    backward = time.perf_counter() - start
    features.grad = None
    del out, dy
    if not warm:
        times["forward"].append(forward * 1e3)
        times["backward"].append(backward * 1e3)
print(json.dumps({"version": torchvision.__version__, **times}))
