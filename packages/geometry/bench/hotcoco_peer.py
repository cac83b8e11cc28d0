"""hotcoco, one thread, on the set in this folder; prints its times and numbers. Started by evaluateCoco.bench.ts."""

import contextlib
import io
import json
import os
import time
from importlib.metadata import version

os.environ["RAYON_NUM_THREADS"] = "1"  # before the import, which starts its threads

from hotcoco import COCO, COCOeval

times = []
with contextlib.redirect_stdout(io.StringIO()):
    gt = COCO("truths.json")
    dt = gt.load_res("results.json")
    for _ in range(7):
        start = time.process_time()
        run = COCOeval(gt, dt, "bbox")
        run.evaluate()
        run.accumulate()
        run.summarize()
        times.append(1000 * (time.process_time() - start))
print(json.dumps({"version": version("hotcoco"), "times": times, "stats": list(run.stats)}))
