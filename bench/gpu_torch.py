"""The twin of gpu.mjs on PyTorch: the same table on the same card, as JSON.   python3 bench/gpu_torch.py [--quick] [--device cpu]

Needs torch and torchvision; on the CPU it is slow but for --quick: sizes an eighth, each time taken once. float32, without TF32, as WebGPU computes. Every
number is the median of calls that are each waited for; queuedMs is what one call takes when ten are waited for together.
"""
import argparse
import json
import statistics
import sys
import time

import torch
import torch.nn.functional as F
import torchvision
from torchvision.ops import roi_pool

torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False
parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--quick", action="store_true", help="sizes an eighth, each time taken once")
parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
options = parser.parse_args()
device, quick = torch.device(options.device), options.quick
table = []


def shrink(size):
    return max(32, round(size / 8)) if quick else size


def settle():
    if device.type == "cuda":
        torch.cuda.synchronize()


def timed(name, run, budget=0.7):
    run()
    settle()
    least, most, queued = (1, 1, 1) if quick else (3, 30, 10)
    times, end = [], time.perf_counter() + budget
    while len(times) < least or (len(times) < most and time.perf_counter() < end):
        start = time.perf_counter()
        run()
        settle()
        times.append((time.perf_counter() - start) * 1000)
    start = time.perf_counter()
    for _ in range(queued):
        run()
    settle()
    queued_ms = (time.perf_counter() - start) * 1000 / queued
    table.append({"name": name, "ms": round(statistics.median(times), 4), "queuedMs": round(queued_ms, 4), "runs": len(times)})
    print(name, table[-1]["ms"], file=sys.stderr)


def rand(*shape):
    return torch.rand(*shape, device=device) * 2 - 1


def random_boxes(count, width, height):
    ends = torch.rand(count, 2, 2, device=device).sort(dim=1).values * torch.tensor([width, height], device=device)
    return ends.reshape(count, 4)


class FastRCNN(torch.nn.Module):
    """SqueezeNet 1.1 to features.12 and features.7, 96 channels on each, 7x7 RoI max pool, fc 512: recipes/bccd.json."""

    def __init__(self, classes=4):
        super().__init__()
        self.features = torchvision.models.squeezenet1_1().features
        self.neck = torch.nn.ModuleList([torch.nn.Conv2d(256, 96, 1), torch.nn.Conv2d(512, 96, 1)])
        self.hidden = torch.nn.Linear(2 * 96 * 49, 512)
        self.scores, self.offsets = torch.nn.Linear(512, classes), torch.nn.Linear(512, 4 * classes)
        for layer in self.features[:6]:
            layer.requires_grad_(False)

    def forward(self, images, boxes):
        pooled, x = [], images
        for i, layer in enumerate(self.features):
            x = layer(x)
            if i in (7, 12):
                neck = self.neck[len(pooled)](x).relu()
                pooled.append(roi_pool(neck, boxes, (7, 7), neck.shape[-1] / images.shape[-1]))
        hidden = F.dropout(self.hidden(torch.cat(pooled, 1).flatten(1)).relu(), 0.5, self.training)
        return self.scores(hidden), self.offsets(hidden)


def time_detector():
    width, height = shrink(640), shrink(480)
    model = FastRCNN().to(device).train()
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=1e-4)
    images = torch.randint(0, 256, (2, 3, height, width), dtype=torch.uint8)

    def step():
        x = images.to(device).float() / 255
        boxes = [random_boxes(64, width, height) for _ in range(2)]
        labels = torch.randint(0, 4, (128,), device=device)
        scores, offsets = model(x, boxes)
        loss = F.cross_entropy(scores, labels) + F.smooth_l1_loss(offsets, torch.zeros_like(offsets))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 10)
        optimizer.step()
        loss.item()

    def detect():
        with torch.no_grad():
            x = images[:1].to(device).float() / 255
            scores, _ = model(x, [random_boxes(shrink(2000), width, height)])
            scores.softmax(1).cpu()

    timed("Fast R-CNN training step", step)
    model.eval()
    timed("detection, 640×480, 2,000 boxes given", detect)


def time_networks():
    for name, create in [("ResNet-50", torchvision.models.resnet50), ("SqueezeNet 1.1", torchvision.models.squeezenet1_1)]:
        model = create().to(device).eval()
        for batch in (1, 8):
            images = rand(batch, 3, shrink(224), shrink(224))
            with torch.no_grad():
                timed(f"{name} fused, batch {batch}", lambda: model(images))


def time_convolution(height, width, inputs, outputs, size, stride):
    x, weights = rand(1, inputs, shrink(height), shrink(width)), rand(outputs, inputs, size, size)
    name = f"conv {size}×{size}/{stride} {height}×{width} {inputs}→{outputs}"
    forward = lambda: F.conv2d(x, weights, None, stride, size // 2)
    dy = forward()
    timed(f"{name} forward", forward)
    args = dict(stride=stride, padding=size // 2)
    timed(f"{name} by filter", lambda: torch.nn.grad.conv2d_weight(x, weights.shape, dy, **args))
    timed(f"{name} by input", lambda: torch.nn.grad.conv2d_input(x.shape, weights, dy, **args))


def time_kernels():
    small = rand(4)
    timed("empty call", lambda: small + small)
    for layer in [(56, 56, 128, 128, 3, 1), (119, 159, 64, 16, 1, 1), (119, 159, 16, 64, 3, 1),
                  (38, 50, 256, 256, 3, 1), (14, 14, 512, 512, 3, 1), (56, 56, 128, 256, 3, 2)]:
        time_convolution(*layer)
    x, weights = rand(1, 128, shrink(56), shrink(56)), rand(128, 128, 3, 3) * 0.02

    def stack():
        y = x
        for _ in range(50):
            y = F.conv2d(y, weights, None, 1, 1)

    timed("50 × conv 3×3 56²×128²", stack)
    maps = rand(2, 64, shrink(239), shrink(319)).requires_grad_()
    pool = lambda: F.max_pool2d(maps, 3, 2, 1)
    timed("max pool 3×3/2 2×239×319×64 forward", pool)
    timed_backward("max pool 3×3/2 2×239×319×64 backward", pool, maps)
    a, b = rand(128, shrink(4704)), rand(shrink(4704), 512)
    dy = a @ b
    timed("dense 128×4704→512 forward", lambda: a @ b)
    timed("dense 128×4704→512 by weights", lambda: a.T @ dy)
    timed("dense 128×4704→512 by input", lambda: dy @ b.T)
    features = rand(1, shrink(512), 38, 63).requires_grad_()
    for count in (2000, 128):
        boxes = [random_boxes(shrink(count), 1008, 608)]
        pool = lambda: roi_pool(features, boxes, (7, 7), 1 / 16)
        name = f"RoI max pool {shrink(count)} boxes 38×63×512"
        timed(f"{name} forward", pool)
        timed_backward(f"{name} backward", pool, features)


def timed_backward(name, forward, inputs):
    y = forward()
    dy = torch.ones_like(y)
    timed(name, lambda: torch.autograd.grad(y, inputs, dy, retain_graph=True))


start = time.perf_counter()
time_detector()
time_networks()
time_kernels()
gpu = torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU"
print(json.dumps({"gpu": gpu, "torch": torch.__version__, "torchvision": torchvision.__version__, "quick": quick,
                  "seconds": round(time.perf_counter() - start), "table": table}, indent=2, ensure_ascii=False))
