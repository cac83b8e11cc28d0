"""PyTorch's half of backbones.bench.ts: python3 backbones_torch.py BATCH THREADS"""
import statistics, sys, time
import torch, torchvision

batch, threads = int(sys.argv[1]), int(sys.argv[2])
torch.set_num_threads(threads)


def median(f):
    f()
    times = []
    for _ in range(5):
        start = time.perf_counter()
        f()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


for name in ("squeezenet1_1", "resnet50"):
    model = getattr(torchvision.models, name)()
    one, images = torch.randn(1, 3, 224, 224), torch.randn(batch, 3, 224, 224)

    def forward():
        model.eval()
        with torch.no_grad():
            model(one)

    def step():
        model.train()
        model.zero_grad()
        model(images).square().mean().backward()

    print(f"{name} on PyTorch {torch.__version__} ({threads} threads): forward {median(forward):.0f} ms, "
          f"training step of {batch} {median(step):.0f} ms")
