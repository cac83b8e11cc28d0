"""torchvision's compiled nms on the boxes in this folder; prints its times and indices. Started by nms.bench.ts."""

import json
import time

import numpy as np
import torch
import torchvision

torch.set_num_threads(1)
out = {"version": torchvision.__version__, "sets": {}}
for job in json.load(open("jobs.json")):
    boxes = torch.from_numpy(np.fromfile(job["name"] + ".boxes", np.float32).reshape(-1, 4))
    scores = torch.from_numpy(np.fromfile(job["name"] + ".scores", np.float32))
    times = []
    for _ in range(job["peerRuns"] + job["peerWarmUp"]):
        start = time.process_time()
        kept = torchvision.ops.nms(boxes, scores, job["iouThreshold"])
        times.append(1000 * (time.process_time() - start))
    out["sets"][job["name"]] = {"times": times[job["peerWarmUp"] :], "kept": kept.tolist()}
print(json.dumps(out))
