"""pycocotools on the set in this folder; prints its times and numbers. Started by evaluateCoco.bench.ts."""

import contextlib
import io
import json
import time
from importlib.metadata import version

from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

times = []
with contextlib.redirect_stdout(io.StringIO()):
    gt = COCO("truths.json")
    dt = gt.loadRes("results.json")
    for _ in range(3):
        start = time.process_time()
        run = COCOeval(gt, dt, "bbox")
        run.evaluate()
        run.accumulate()
        run.summarize()
        times.append(1000 * (time.process_time() - start))
print(json.dumps({"version": version("pycocotools"), "times": times, "stats": run.stats.tolist()}))
