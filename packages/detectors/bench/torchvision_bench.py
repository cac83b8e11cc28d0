"""The twin of torchvision.bench.ts, which starts it: torchvision's detection of the same picture with the same weights.

For every line of its input one detection; prints milliseconds of wall time by stage, of CPU, and how much was found. `all`
is the whole call; what the stages leave of it is the postprocessing.

Needs a Python that has torch and torchvision:  python3 torchvision_bench.py ARCHITECTURE THREADS
"""
import json
import pathlib
import sys
import time

here = pathlib.Path(__file__).parent
script = here / "../test/goldens/torchvision_detectors.py"
names = {"__file__": str(script), "__name__": "goldens"}
exec(script.read_text().replace("\nmain()\n", "\n"), names)
torch = names["torch"]
architecture, threads = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(threads)
names["LIMITS"].update({"min_size": 320, "max_size": 640} if "320" in architecture else {"min_size": 800, "max_size": 1333})
build, gains = names["NETS"][architecture]
model = build().eval()
names["seed"](model, gains)
image = names["inputs"]([("bench", 800, 1066)])
times = {}


def watch(module, stage):
    started = []
    module.register_forward_pre_hook(lambda *_: started.append(time.perf_counter()))

    def add(*_):
        times[stage] = times.get(stage, 0) + 1000 * (time.perf_counter() - started.pop())

    module.register_forward_hook(add)


heads = model.roi_heads
watch(model.transform, "transform")
watch(model.backbone, "backbone")
watch(model.rpn, "proposals")
watch(heads.box_roi_pool, "regions")
watch(heads.box_head, "head")
watch(heads.box_predictor, "head")
print(json.dumps({"torch": torch.__version__, "torchvision": names["torchvision"].__version__}), flush=True)
for _ in sys.stdin:
    times.clear()
    start, cpu = time.perf_counter(), time.process_time()
    with torch.no_grad():
        found = model(image)[0]
    whole = 1000 * (time.perf_counter() - start)
    stages = {**times, "postprocess": whole - sum(times.values()), "all": whole}
    print(json.dumps({"stages": stages, "cpu": 1000 * (time.process_time() - cpu), "found": len(found["scores"])}), flush=True)
