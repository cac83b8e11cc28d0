"""The twin of torchvision.bench.ts: torchvision's detection of the same picture with the same weights.

One thread: on a busy machine PyTorch's threads wait for each other spinning, which counts as time of the CPU.

Run with a Python that has torch and torchvision:  python3 torchvision_bench.py [architecture …]
"""
import pathlib
import sys
import time

here = pathlib.Path(__file__).parent
script = here / "../test/goldens/torchvision_detectors.py"
names = {"__file__": str(script), "__name__": "goldens"}
exec(script.read_text().replace("\nmain()\n", "\n"), names)
torch = names["torch"]
torch.set_num_threads(1)
names["LIMITS"].update(min_size=800, max_size=1333)
image = names["inputs"]([("bench", 800, 1066)])
for name in sys.argv[1:] or names["NETS"]:
    names["LIMITS"].update({"min_size": 320, "max_size": 640} if "320" in name else {"min_size": 800, "max_size": 1333})
    build, gains = names["NETS"][name]
    model = build().eval()
    names["seed"](model, gains)
    times = []
    with torch.no_grad():
        model(image)
        for _ in range(5):
            start = time.process_time()
            found = model(image)[0]
            times.append(1000 * (time.process_time() - start))
    times.sort()
    print(f"{name}: {times[2]:.0f} ms of CPU ({times[0]:.0f} to {times[-1]:.0f}), {len(found['scores'])} detections", flush=True)
