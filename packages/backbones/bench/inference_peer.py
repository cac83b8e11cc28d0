"""Times of torchvision's networks for inference.bench.ts: takes {names, batches, budgetMs} as JSON, prints JSON."""
import json
import os
import sys
import time

import torch
from torchvision import models

task = json.loads(sys.argv[1])
torch.set_num_threads(os.cpu_count())
torch.manual_seed(1)
result = {}
with torch.inference_mode():
    for name in task["names"]:
        model = models.get_model(name, weights=None).eval()
        for batch in task["batches"]:
            images = torch.rand(batch, 3, 224, 224) * 2 - 1
            model(images)
            times, end = [], time.perf_counter() + task["budgetMs"] / 1000
            while len(times) < 5 or (time.perf_counter() < end and len(times) < 30):
                started = time.perf_counter()
                model(images)
                times.append((time.perf_counter() - started) * 1000)
            times.sort()
            result[f"{name} {batch}"] = {"median": times[len(times) // 2], "low": times[0], "high": times[-1]}
print(json.dumps(result))
